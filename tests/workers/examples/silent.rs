//! Returns in good order without having set a response.

use worker::{Guest, IncomingRequest, ResponseOutparam};

struct Silent;
wasip2::http::proxy::export!(Silent);

impl Guest for Silent {
    fn handle(_request: IncomingRequest, _out: ResponseOutparam) {}
}
