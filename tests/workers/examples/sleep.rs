//! Waits ?ms= on a pollable of the monotonic clock, using no CPU, and then answers "slept".

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, parameter};

struct Sleep;
wasip2::http::proxy::export!(Sleep);

impl Guest for Sleep {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        worker::sleep(parameter(&request, "ms").unwrap_or(0));
        answer(out, 200, "slept\n");
    }
}
