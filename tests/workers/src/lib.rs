//! What several guests share: reading the request, answering, streaming without holding more than
//! a chunk, waiting and fetching. Only the calls of `wasi:http` and `wasi:io` themselves, so that a
//! test of the host sees exactly what the guest's file says it does.

pub use wasip2::exports::http::incoming_handler::Guest;
pub use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
pub use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;

/// The largest piece that a guest reads or writes at once.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// The number that `name` has in the query string, as in `?ms=20&bytes=5`.
pub fn parameter(request: &IncomingRequest, name: &str) -> Option<u64> {
    let path = request.path_with_query()?;
    let (_, query) = path.split_once('?')?;
    let (_, value) = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)?;
    value.parse().ok()
}

/// Every value of a request header, in order; bytes that are not UTF-8 are replaced.
pub fn header_values(request: &IncomingRequest, name: &str) -> Vec<String> {
    let values = request.headers().get(name);
    values
        .iter()
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .collect()
}

/// The first value of a request header.
pub fn header(request: &IncomingRequest, name: &str) -> Option<String> {
    header_values(request, name).into_iter().next()
}

/// A response whose head is already on its way.
pub struct Answer {
    // Declared before `body`: a stream must be gone before the body it belongs to.
    pub stream: OutputStream,
    body: OutgoingBody,
}

impl Answer {
    /// Sends the head.
    pub fn start(out: ResponseOutparam, status: u16, fields: Fields) -> Answer {
        let response = OutgoingResponse::new(fields);
        response
            .set_status_code(status)
            .expect("a status that HTTP knows");
        let body = response.body().expect("the body is taken once");
        let stream = body.write().expect("the stream is taken once");
        ResponseOutparam::set(out, Ok(response));
        Answer { stream, body }
    }

    /// Ends the body as complete. An `Answer` that is only dropped ends it as incomplete.
    pub fn finish(self, trailers: Option<Fields>) {
        drop(self.stream);
        // An error here says that the visitor has gone or that content-length was wrong; the
        // host knows both already.
        let _ = OutgoingBody::finish(self.body, trailers);
    }
}

/// Answers with plain text, whole.
pub fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let fields = Fields::new();
    fields
        .set("content-type", &[b"text/plain; charset=utf-8".to_vec()])
        .expect("a valid header");
    let answer = Answer::start(out, status, fields);
    if write(&answer.stream, text.as_bytes()).is_ok() {
        answer.finish(None);
    }
}

/// Writes all of `bytes` as fast as the reader makes room.
pub fn write(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(room.min(bytes.len()).min(CHUNK_BYTES));
        stream.write(now)?;
        bytes = later;
    }
    Ok(())
}

/// Hands every chunk of `stream` to `each` as it arrives, until the end.
pub fn read(
    stream: &InputStream,
    mut each: impl FnMut(&[u8]) -> Result<(), StreamError>,
) -> Result<(), StreamError> {
    loop {
        match stream.read(CHUNK_BYTES as u64) {
            Ok(chunk) if chunk.is_empty() => stream.subscribe().block(),
            Ok(chunk) => each(&chunk)?,
            Err(StreamError::Closed) => return Ok(()),
            Err(failed) => return Err(failed),
        }
    }
}

/// Copies a body to its end, one chunk in memory at a time.
pub fn copy(from: &IncomingBody, to: &OutputStream) -> Result<(), StreamError> {
    let stream = from.stream().expect("the stream is taken once");
    read(&stream, |chunk| write(to, chunk))
}

/// Waits on the monotonic clock.
pub fn sleep(ms: u64) {
    monotonic_clock::subscribe_duration(ms.saturating_mul(1_000_000)).block();
}

/// The method of that name.
pub fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

/// Asks for `url` and waits for the head of the response. The body of the request, when there is
/// one, is streamed from `body`.
pub fn fetch(
    method: &Method,
    url: &str,
    fields: Fields,
    body: Option<&IncomingBody>,
) -> Result<IncomingResponse, ErrorCode> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };

    let request = OutgoingRequest::new(fields);
    request
        .set_method(method)
        .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    request
        .set_scheme(Some(&scheme))
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    request
        .set_authority(Some(authority))
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    request
        .set_path_with_query(Some(&path))
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;

    let sent = request.body().expect("the body is taken once");
    let future = outgoing_handler::handle(request, None)?;
    if let Some(body) = body {
        let stream = sent.write().expect("the stream is taken once");
        // When the origin stops reading, its response says more than this error.
        let copied = copy(body, &stream);
        drop(stream);
        if copied.is_ok() {
            OutgoingBody::finish(sent, None)?;
        }
    } else {
        OutgoingBody::finish(sent, None)?;
    }
    future.subscribe().block();
    future
        .get()
        .expect("ready after the wait")
        .expect("taken once")
}

/// `text` as a JSON string, quotes included.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Pairs as a JSON list of two-element lists: names may repeat, their order matters.
pub fn json_pairs(pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("[{},{}]", json(key), json(value)))
        .collect();
    format!("[{}]", pairs.join(","))
}
