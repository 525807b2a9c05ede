//! Panics as Rust code does: "deliberate" on stderr, then a trap.

use worker::{Guest, IncomingRequest, ResponseOutparam};

struct Panic;
wasip2::http::proxy::export!(Panic);

impl Guest for Panic {
    fn handle(_request: IncomingRequest, _out: ResponseOutparam) {
        panic!("deliberate")
    }
}
