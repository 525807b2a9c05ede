//! Calls itself until the stack ends (or ?depth= calls deep), and then answers "returned".

use std::hint::black_box;

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, parameter};

struct Recurse;
wasip2::http::proxy::export!(Recurse);

impl Guest for Recurse {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        black_box(deeper(parameter(&request, "depth").unwrap_or(u64::MAX)));
        answer(out, 200, "returned\n");
    }
}

/// The value is needed after the call, so no optimiser makes a loop of this.
#[inline(never)]
fn deeper(depth: u64) -> u64 {
    if depth == 0 {
        return 0;
    }
    black_box(deeper(black_box(depth) - 1)).wrapping_mul(31) ^ depth
}
