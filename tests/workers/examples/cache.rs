//! Does with the cache `test` what `x-do` says to the URL in `x-url`: `match`, `put` (the body of the request, with the status in
//! `x-status` and `x-cache-control`), `delete`. Answers with what came of it.

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, header, read};

wit_bindgen::generate!({
    path: "wit",
    world: "cirque:workers/workers",
    with: {
        "wasi:http/types@0.2.12": wasip2::http::types,
        "wasi:io/error@0.2.12": wasip2::io::error,
        "wasi:io/poll@0.2.12": wasip2::io::poll,
        "wasi:io/streams@0.2.12": wasip2::io::streams,
        "wasi:clocks/monotonic-clock@0.2.12": wasip2::clocks::monotonic_clock,
    },
});

use cirque::workers::cache;

struct Keeper;
wasip2::http::proxy::export!(Keeper);

impl Guest for Keeper {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let url = header(&request, "x-url").unwrap_or_default();
        let range = header(&request, "range").map(|range| ("range".to_owned(), range.into_bytes()));
        let fields: Vec<_> = range.into_iter().collect();
        let said = match header(&request, "x-do").as_deref() {
            Some("put") => {
                let told = header(&request, "x-cache-control");
                let told = told.map(|told| ("cache-control".to_owned(), told.into_bytes()));
                let response = cache::Response {
                    status: header(&request, "x-status").and_then(|status| status.parse().ok()).unwrap_or(200),
                    fields: told.into_iter().collect(),
                    body: body(&request),
                };
                cache::put("test", &url, &fields, &response).map(|kept| format!("kept {kept}"))
            }
            Some("delete") => cache::delete("test", &url).map(|gone| format!("gone {gone}")),
            _ => cache::match_("test", &url, &fields).map(|found| match found {
                Some(found) => format!("{} {}", found.status, String::from_utf8_lossy(&found.body)),
                None => "nothing".to_owned(),
            }),
        };
        match said {
            Ok(said) => answer(out, 200, &said),
            Err(error) => answer(out, 500, &error),
        }
    }
}

fn body(request: &IncomingRequest) -> Vec<u8> {
    let body = request.consume().expect("the body is taken once");
    let stream = body.stream().expect("the stream is taken once");
    let mut whole = Vec::new();
    let read = read(&stream, |chunk| {
        whole.extend_from_slice(chunk);
        Ok(())
    });
    read.expect("a whole body");
    whole
}
