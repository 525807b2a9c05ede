//! Sends the head and the beginning of a body, and traps before the end: the visitor must see a
//! broken response, not a short one.

use worker::{Answer, Fields, Guest, IncomingRequest, ResponseOutparam};

struct Partial;
wasip2::http::proxy::export!(Partial);

impl Guest for Partial {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let answer = Answer::start(out, 200, Fields::new());
        // Returns when the host has taken the bytes.
        let _ = answer.stream.blocking_write_and_flush(b"partial");
        core::arch::wasm32::unreachable()
    }
}
