//! Answers a page of about 1 KB of HTML made from the request, the way code from common toolchains
//! does it: std, a HashMap, string formatting, blocking writes. The benchmarks' everyday component.

use std::collections::HashMap;
use std::fmt::Write as _;

use worker::{Fields, Guest, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Realistic;
wasip2::http::proxy::export!(Realistic);

impl Guest for Realistic {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mut headers: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in request.headers().entries() {
            let value = String::from_utf8_lossy(&value).into_owned();
            headers
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push(value);
        }
        let page = page(&request.path_with_query().unwrap_or_default(), &headers);

        let fields = Fields::new();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", &page.len().to_string()),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ] {
            fields
                .append(name, value.as_bytes())
                .expect("a valid header");
        }
        let response = OutgoingResponse::new(fields);
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(out, Ok(response));

        let stream = body.write().expect("the stream is taken once");
        for piece in page.as_bytes().chunks(4096) {
            stream.blocking_write_and_flush(piece).expect("a reader");
        }
        drop(stream);
        OutgoingBody::finish(body, None).expect("a whole body");
    }
}

fn page(path: &str, headers: &HashMap<String, Vec<String>>) -> String {
    let mut names: Vec<_> = headers.keys().collect();
    names.sort();
    let mut rows = String::new();
    for name in names {
        let values = headers[name].join(", ");
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td></tr>",
            escape(name),
            escape(&values)
        );
    }
    let items: String = (1..=12)
        .map(|n| {
            format!(
                "<li id=\"item-{n}\">Item {n}, {}.{:02} euros</li>\n",
                n * 3,
                n * 7
            )
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Shop: {path}</title>\n</head>\n<body>\n<h1>What we have</h1>\n\
         <p>You asked for <code>{path}</code>, and this is everything there is today. Prices \
         include taxes; delivery takes two days, three when it snows.</p>\n\
         <ul>\n{items}</ul>\n<h2>What your browser said</h2>\n<table>\n{rows}</table>\n\
         <footer>Made for this request alone.</footer>\n</body>\n</html>\n",
        path = escape(path),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
