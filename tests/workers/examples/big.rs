//! Streams a body of ?bytes= bytes (the alphabet and a line end, over and over) in chunks of 64
//! KiB, as fast as the visitor reads.

use worker::{
    Answer, CHUNK_BYTES, Fields, Guest, IncomingRequest, ResponseOutparam, parameter, write,
};

struct Big;
wasip2::http::proxy::export!(Big);

const PATTERN: &[u8] = b"abcdefghijklmnopqrstuvwxyz\n";

impl Guest for Big {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let bytes = parameter(&request, "bytes").unwrap_or(0);
        let fields = Fields::new();
        fields
            .append("content-type", b"text/plain")
            .expect("a valid header");
        let answer = Answer::start(out, 200, fields);

        // Two more patterns than a chunk: each chunk starts where the one before broke off.
        let pattern = PATTERN.repeat(CHUNK_BYTES / PATTERN.len() + 2);
        let mut sent: u64 = 0;
        while sent < bytes {
            let length = (bytes - sent).min(CHUNK_BYTES as u64) as usize;
            let start = (sent % PATTERN.len() as u64) as usize;
            if write(&answer.stream, &pattern[start..start + length]).is_err() {
                return;
            }
            sent += length as u64;
        }
        answer.finish(None);
    }
}
