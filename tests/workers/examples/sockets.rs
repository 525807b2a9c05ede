//! Opens a TCP connection past `wasi:http`, so it imports `wasi:sockets`: a deployment must be
//! refused and the interface named. Answers how the connection went, should it ever run.

use std::net::TcpStream;

use worker::{Guest, IncomingRequest, ResponseOutparam, answer};

struct Sockets;
wasip2::http::proxy::export!(Sockets);

impl Guest for Sockets {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        match TcpStream::connect("127.0.0.1:80") {
            Ok(_) => answer(out, 200, "connected\n"),
            Err(error) => answer(out, 200, &format!("not connected: {error}\n")),
        }
    }
}
