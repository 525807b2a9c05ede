//! Reads /etc/passwd with std and answers the error that it got, "not read: ...": it imports
//! `wasi:filesystem`, and there must be no file behind it.

use worker::{Guest, IncomingRequest, ResponseOutparam, answer};

struct Filesystem;
wasip2::http::proxy::export!(Filesystem);

impl Guest for Filesystem {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        match std::fs::read_to_string("/etc/passwd") {
            Ok(text) => answer(out, 200, &format!("read: {} bytes\n", text.len())),
            Err(error) => answer(out, 200, &format!("not read: {error}\n")),
        }
    }
}
