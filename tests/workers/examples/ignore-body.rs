//! Answers "ignored" without touching the request's body.

use worker::{Guest, IncomingRequest, ResponseOutparam, answer};

struct IgnoreBody;
wasip2::http::proxy::export!(IgnoreBody);

impl Guest for IgnoreBody {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        answer(out, 200, "ignored\n");
    }
}
