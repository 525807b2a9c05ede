//! Sends the head at once and then the request's body back as it arrives, never holding more than
//! one chunk of 64 KiB; content-type is copied.

use worker::{Answer, Fields, Guest, IncomingRequest, ResponseOutparam, copy};

struct Echo;
wasip2::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let fields = Fields::new();
        let content_type = request.headers().get("content-type");
        fields
            .set("content-type", &content_type)
            .expect("it was a header before");
        let answer = Answer::start(out, 200, fields);
        let body = request.consume().expect("the body is taken once");
        if copy(&body, &answer.stream).is_ok() {
            answer.finish(None);
        }
    }
}
