//! A worker in front of another server: it asks for the URL in the variable ORIGIN, adds a header
//! of its own, and passes the answer on as it arrives.
//!
//! ```text
//! python3 -m http.server 8090        # an origin to ask, for a try
//! cargo build --release --target wasm32-wasip2
//! ```

use std::io;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme,
};

struct Fetch;

wasip2::http::proxy::export!(Fetch);

impl Guest for Fetch {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let url = std::env::var("ORIGIN").unwrap_or("http://127.0.0.1:8090/".to_owned());
        match fetch(&url) {
            Ok(response) => pass_on(response, out),
            // The proxy turns an error into a page for the visitor.
            Err(error) => ResponseOutparam::set(out, Err(error)),
        }
    }
}

/// Asks for `url` and waits for the head of the response.
fn fetch(url: &str) -> Result<IncomingResponse, ErrorCode> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let scheme = if scheme == "https" {
        Scheme::Https
    } else {
        Scheme::Http
    };

    // A new request is a GET.
    let request = OutgoingRequest::new(Fields::new());
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request
        .set_path_with_query(Some(&format!("/{path}")))
        .map_err(invalid)?;

    let response = outgoing_handler::handle(request, None)?;
    response.subscribe().block();
    response
        .get()
        .expect("it is there after the wait")
        .expect("it is taken once")
}

/// Answers with the response of the origin: its status, its kind of content, its body.
fn pass_on(fetched: IncomingResponse, out: ResponseOutparam) {
    let headers = Fields::new();
    headers
        .set("content-type", &fetched.headers().get("content-type"))
        .unwrap();
    headers.append("x-fetched-by", b"cirque-sample").unwrap();

    let response = OutgoingResponse::new(headers);
    response.set_status_code(fetched.status()).unwrap();
    let outgoing = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));

    let incoming = fetched.consume().unwrap();
    let mut from = incoming.stream().unwrap();
    let mut to = outgoing.write().unwrap();
    let copied = io::copy(&mut from, &mut to);
    drop(to);

    // An answer that broke off on its way here must break off for the visitor too.
    if copied.is_ok() {
        OutgoingBody::finish(outgoing, None).unwrap();
    }
}
