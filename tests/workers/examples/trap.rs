//! Traps at once.

use worker::{Guest, IncomingRequest, ResponseOutparam};

struct Trap;
wasip2::http::proxy::export!(Trap);

impl Guest for Trap {
    fn handle(_request: IncomingRequest, _out: ResponseOutparam) {
        core::arch::wasm32::unreachable()
    }
}
