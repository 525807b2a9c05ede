//! Allocates ?mb= MiB and writes to every page of them, and then answers "allocated"; aborts when
//! the memory cannot be had.

use std::hint::black_box;

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, parameter};

struct Allocate;
wasip2::http::proxy::export!(Allocate);

impl Guest for Allocate {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mb = parameter(&request, "mb").unwrap_or(0);
        // By the MiB: one block of more than 2 GiB would be a capacity overflow, not a full memory.
        let mut blocks = Vec::new();
        for _ in 0..mb {
            let mut block: Vec<u8> = Vec::with_capacity(1024 * 1024);
            block.resize(1024 * 1024, 0xa5);
            blocks.push(black_box(block));
        }
        answer(out, 200, "allocated\n");
    }
}
