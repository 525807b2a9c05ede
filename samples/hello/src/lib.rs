//! The smallest useful worker: it greets, and says which path was asked for.
//!
//! Build it with
//!
//! ```text
//! cargo build --release --target wasm32-wasip2
//! ```
//!
//! and upload `target/wasm32-wasip2/release/hello.wasm`. The same file answers requests under
//! `wasmtime serve -S cli hello.wasm`. Give the worker a variable named GREETING and it says that
//! instead of "Hello".

use std::io::Write;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Hello;

// Makes `Hello` the component's `wasi:http/incoming-handler`.
wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    /// Called once for each request, in a fresh instance: nothing is left of the one before.
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        // Variables of the worker arrive as environment variables.
        let greeting = std::env::var("GREETING").unwrap_or("Hello".to_owned());
        let path = request.path_with_query().unwrap_or("/".to_owned());

        // First the head of the response ...
        let headers = Fields::new();
        headers
            .append("content-type", b"text/plain; charset=utf-8")
            .unwrap();
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));

        // ... then the body, and a word that it is complete.
        let mut stream = body.write().unwrap();
        writeln!(stream, "{greeting}! You asked for {path}").unwrap();
        drop(stream);
        OutgoingBody::finish(body, None).unwrap();
    }
}
