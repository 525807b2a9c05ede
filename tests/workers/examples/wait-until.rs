//! Answers "done" completely, then goes on running: sleeps ?ms= and asks for the URL in `x-after`.
//! What a guest does to work after its response.

use worker::{
    Fields, Guest, IncomingRequest, Method, ResponseOutparam, answer, fetch, header, parameter,
    sleep,
};

struct WaitUntil;
wasip2::http::proxy::export!(WaitUntil);

impl Guest for WaitUntil {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        answer(out, 200, "done\n");
        sleep(parameter(&request, "ms").unwrap_or(0));
        if let Some(url) = header(&request, "x-after") {
            let _ = fetch(&Method::Get, &url, Fields::new(), None);
        }
    }
}
