//! A worker that sends back what it is sent, while it is still arriving. A body of any size passes
//! through in small pieces; the worker never holds more than one of them.
//!
//! ```text
//! cargo build --release --target wasm32-wasip2
//! curl --upload-file film.mp4 http://echo.example/ > same-film.mp4
//! ```

use std::io;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Echo;

wasip2::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        // The same kind of content goes back.
        let headers = Fields::new();
        headers
            .set("content-type", &request.headers().get("content-type"))
            .unwrap();

        // The head of the response is on its way before the first byte of the body is read.
        let response = OutgoingResponse::new(headers);
        let outgoing = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));

        let incoming = request.consume().unwrap();
        let mut from = incoming.stream().unwrap();
        let mut to = outgoing.write().unwrap();
        // Waits for the sender when there is nothing to read, and for the reader when there is no
        // room to write.
        let copied = io::copy(&mut from, &mut to);
        drop(to);

        // If either side has gone, the body is dropped unfinished: the visitor sees a broken
        // response, not one that looks complete.
        if copied.is_ok() {
            OutgoingBody::finish(outgoing, None).unwrap();
        }
    }
}
