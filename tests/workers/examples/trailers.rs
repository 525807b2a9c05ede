//! Answers "with trailers" and ends the body with the trailer `x-trailer: at the end`.

use worker::{Answer, Fields, Guest, IncomingRequest, ResponseOutparam, write};

struct Trailers;
wasip2::http::proxy::export!(Trailers);

impl Guest for Trailers {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let fields = Fields::new();
        fields
            .append("trailer", b"x-trailer")
            .expect("a valid header");
        let answer = Answer::start(out, 200, fields);
        let _ = write(&answer.stream, b"with trailers\n");
        let trailers = Fields::new();
        trailers
            .append("x-trailer", b"at the end")
            .expect("a valid header");
        answer.finish(Some(trailers));
    }
}
