//! Asks for the URL in `x-fetch` (method `x-fetch-method`, headers from each `x-fetch-header: name:
//! value`; a method other than GET and HEAD passes the request's body on) and streams status,
//! content-type and body back, or answers 502 with the error. With `x-fetch-count: N` it asks N
//! times in turn and answers a line for each.

use worker::{
    Answer, ErrorCode, Fields, Guest, IncomingRequest, Method, ResponseOutparam, answer, copy,
    fetch, header, header_values, method, write,
};

struct Fetch;
wasip2::http::proxy::export!(Fetch);

impl Guest for Fetch {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let Some(url) = header(&request, "x-fetch") else {
            return answer(out, 400, "x-fetch says which URL\n");
        };
        let method = method(
            header(&request, "x-fetch-method")
                .as_deref()
                .unwrap_or("GET"),
        );
        if let Some(count) = header(&request, "x-fetch-count").and_then(|text| text.parse().ok()) {
            return many(&request, &method, &url, count, out);
        }
        let body = match method {
            Method::Get | Method::Head => None,
            _ => Some(request.consume().expect("the body is taken once")),
        };
        let fetched =
            fields(&request).and_then(|fields| fetch(&method, &url, fields, body.as_ref()));
        let response = match fetched {
            Ok(response) => response,
            Err(error) => return answer(out, 502, &format!("fetch failed: {error:?}\n")),
        };
        let fields = Fields::new();
        let content_type = response.headers().get("content-type");
        fields
            .set("content-type", &content_type)
            .expect("it was a header before");
        let answer = Answer::start(out, response.status(), fields);
        let body = response.consume().expect("the body is taken once");
        // A body that the origin broke off must not look whole to the visitor.
        if copy(&body, &answer.stream).is_ok() {
            answer.finish(None);
        }
    }
}

fn many(request: &IncomingRequest, method: &Method, url: &str, count: u32, out: ResponseOutparam) {
    let answer = Answer::start(out, 200, Fields::new());
    for i in 1..=count {
        let line = match fields(request).and_then(|fields| fetch(method, url, fields, None)) {
            Ok(response) => format!("{i} {}\n", response.status()),
            Err(error) => format!("{i} {error:?}\n"),
        };
        if write(&answer.stream, line.as_bytes()).is_err() {
            return;
        }
    }
    answer.finish(None);
}

fn fields(request: &IncomingRequest) -> Result<Fields, ErrorCode> {
    let fields = Fields::new();
    for line in header_values(request, "x-fetch-header") {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        fields
            .append(name.trim(), value.trim().as_bytes())
            .map_err(|refused| {
                ErrorCode::InternalError(Some(format!("header {name}: {refused:?}")))
            })?;
    }
    Ok(fields)
}
