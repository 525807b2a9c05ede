//! Requests and responses made anew from their parts: nothing that is meant for one hop, or for us, passes.

use http::header::{self, HeaderMap, HeaderName};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Request, Uri, Version};
use http_body::Body;
use url::Host;

use super::EgressError;

/// Fields that concern one connection only (RFC 9110 §7.6.1), those that `Connection` names aside.
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
/// More of them, which have no name in `http`.
const HOP_BY_HOP_TEXT: [&str; 2] = ["keep-alive", "http2-settings"];
/// Beginnings of names that are for one hop, or the edge's own.
const PREFIXES: [&str; 3] = ["proxy-", "x-cirque-", "cirque-"];

/// RFC 1035 §2.3.4, and a trailing dot.
const HOST_BYTES_MAX: usize = 254;

/// Fields in the edge's own name, as an extension of a request: what a guest wrote under such names is taken off.
#[derive(Clone, Debug, Default)]
pub struct OwnFields(pub HeaderMap);

/// Where a request goes.
#[derive(Debug)]
pub(super) struct Target {
    pub host: Host,
    pub port: u16,
}

/// Makes a request anew; host, port and framing come from its URL and body, never from its fields.
pub(super) fn rebuild<B: Body>(request: &mut Request<B>) -> Result<Target, EgressError> {
    // Neither is a request for a resource: one asks for a tunnel, the other for what proxies on the way have added.
    if [Method::CONNECT, Method::TRACE].contains(request.method()) {
        return Err(EgressError::Method(request.method().clone()));
    }
    let target = retarget(request.uri_mut())?;
    // What the connection then speaks is for the host and us to agree.
    *request.version_mut() = Version::HTTP_11;
    let is_whole = request.body().size_hint().exact().is_some();
    let own = request.extensions_mut().remove::<OwnFields>();
    let headers = request.headers_mut();
    strip(headers);
    headers.remove(header::HOST);
    // A body whose length is known says it itself; for another, a plain number is what the guest promises.
    if is_whole || !is_one_number(headers) {
        headers.remove(header::CONTENT_LENGTH);
    }
    headers.extend(own.unwrap_or_default().0);
    Ok(target)
}

/// Takes off what is not for the receiver.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|b| *b == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP_TEXT {
        headers.remove(name);
    }
    let is_ours = |name: &HeaderName| PREFIXES.iter().any(|p| name.as_str().starts_with(p));
    let ours: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_ours(name))
        .cloned()
        .collect();
    for name in ours {
        headers.remove(name);
    }
}

/// Writes a URL's host in its one spelling, so that what is checked, dialled, verified and sent is the same.
fn retarget(uri: &mut Uri) -> Result<Target, EgressError> {
    let is_tls = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => false,
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        _ => return Err(EgressError::Host),
    };
    let authority = uri.authority().ok_or(EgressError::Host)?;
    let host = Host::parse(authority.host()).map_err(|_| EgressError::Host)?;
    if matches!(&host, Host::Domain(name) if name.len() > HOST_BYTES_MAX) {
        return Err(EgressError::Host);
    }
    let default = if is_tls { 443 } else { 80 };
    let port = match after_host(authority) {
        "" | ":" => default,
        text => text[1..].parse().map_err(|_| EgressError::Host)?,
    };
    let text = match port == default {
        true => host.to_string(),
        false => format!("{host}:{port}"),
    };
    let mut parts = std::mem::take(uri).into_parts();
    parts.authority = Some(Authority::try_from(text).map_err(|_| EgressError::Host)?);
    parts.path_and_query = parts
        .path_and_query
        .or_else(|| Some(PathAndQuery::from_static("/")));
    *uri = Uri::from_parts(parts).map_err(|_| EgressError::Host)?;
    Ok(Target { host, port })
}

/// The colon and port of an authority, as they stand there: `Authority::port` leaves out one that is no number.
fn after_host(authority: &Authority) -> &str {
    let text = authority.as_str();
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    &host[authority.host().len()..]
}

fn is_one_number(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let is_number = |value: &http::HeaderValue| {
        let bytes = value.as_bytes();
        bytes.iter().all(u8::is_ascii_digit)
            && value.to_str().is_ok_and(|t| t.parse::<u64>().is_ok())
    };
    values.next().is_some_and(is_number) && values.next().is_none()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::{Empty, StreamBody};

    use super::*;

    fn rebuilt(request: http::request::Builder) -> Result<(Target, http::request::Parts), String> {
        let frames = futures::stream::empty::<Result<http_body::Frame<Bytes>, String>>();
        let mut request = request.body(StreamBody::new(frames)).expect("a request");
        let target = rebuild(&mut request).map_err(|e| e.to_string())?;
        Ok((target, request.into_parts().0))
    }

    #[test]
    fn hosts_have_one_spelling() {
        for (url, expected) in [
            ("http://EXAMPLE.com", "http://example.com/"),
            ("http://example.com:80/a?b", "http://example.com/a?b"),
            ("https://example.com:443/", "https://example.com/"),
            ("https://example.com:80/", "https://example.com:80/"),
            ("http://example.com:/", "http://example.com/"),
            ("http://example.com./", "http://example.com./"),
            ("http://user:password@example.com/", "http://example.com/"),
            ("http://1.1.1.1@127.0.0.1/", "http://127.0.0.1/"),
            ("http://2130706433/", "http://127.0.0.1/"),
            ("http://017700000001/", "http://127.0.0.1/"),
            ("http://0x7f000001/", "http://127.0.0.1/"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://0177.0.0.01/", "http://127.0.0.1/"),
            ("http://127.1/", "http://127.0.0.1/"),
            ("http://127.0.1/", "http://127.0.0.1/"),
            ("http://127.0.0.1./", "http://127.0.0.1/"),
            ("http://0/", "http://0.0.0.0/"),
            ("http://0xA9FEA9FE/", "http://169.254.169.254/"),
            ("http://2852039166/", "http://169.254.169.254/"),
            ("http://0251.0376.0251.0376/", "http://169.254.169.254/"),
            ("http://169.254.43518/", "http://169.254.169.254/"),
            ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
            ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ] {
            let (_, parts) = rebuilt(Request::get(url)).expect(url);
            assert_eq!(parts.uri.to_string(), expected, "{url}");
        }
        for url in [
            "/only/a/path",
            "ftp://example.com/",
            "http://256.256.256.256/",
            "http://1.2.3.4.5/",
            "http://0x1ffffffff/",
            "http://127.0.0.1:99999/",
            "http://[::1%25lo]/",
            &format!("http://{}test/", "a.".repeat(130)),
        ] {
            // Some are no URI at all, which is as good.
            let Ok(uri) = url.parse::<Uri>() else {
                continue;
            };
            assert!(rebuilt(Request::get(uri)).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_for_one_hop_or_for_us_does_not_pass() {
        let request = Request::post("http://example.com/")
            .header("host", "other.example")
            .header("connection", "x-one, keep-alive,X-Two , ,close")
            .header("connection", "authorization")
            .header("authorization", "named")
            .header("x-one", "1")
            .header("x-two", "2")
            .header("keep-alive", "timeout=5")
            .header("te", "trailers")
            .header("trailer", "x-late")
            .header("transfer-encoding", "gzip, chunked")
            .header("upgrade", "h2c")
            .header("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA")
            .header("proxy-authorization", "secret")
            .header("proxy-connection", "keep-alive")
            .header("x-cirque-request-id", "forged")
            .header("cirque-loop", "forged")
            .header("content-length", "5")
            .header("content-length", "6")
            .header("x-mine", "stays");
        let own = [(
            HeaderName::from_static("x-cirque-via"),
            "ours".parse().expect("a value"),
        )];
        let request = request
            .header("x-cirque-via", "forged")
            .extension(OwnFields(own.into_iter().collect()));
        let (_, parts) = rebuilt(request).expect("a request");
        let names: Vec<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-mine", "x-cirque-via"]);
        assert_eq!(parts.headers["x-cirque-via"], "ours");
    }

    #[test]
    fn a_length_stays_where_the_body_does_not_tell_it() {
        for (values, stays) in [
            (&["5"][..], true),
            (&["5", "5"], false),
            (&["+5"], false),
            (&["5, 5"], false),
            (&["-1"], false),
            (&[""], false),
            (&["99999999999999999999"], false),
        ] {
            let mut request = Request::post("http://example.com/");
            for value in values {
                request = request.header("content-length", *value);
            }
            let (_, parts) = rebuilt(request).expect("a request");
            assert_eq!(
                parts.headers.contains_key("content-length"),
                stays,
                "{values:?}"
            );
        }
        let mut request = Request::post("http://example.com/")
            .header("content-length", "5")
            .body(Empty::<Bytes>::new())
            .expect("a request");
        rebuild(&mut request).expect("a request");
        assert!(request.headers().is_empty());
        for method in ["CONNECT", "TRACE"] {
            let request = Request::builder().method(method).uri("http://example.com/");
            assert!(rebuilt(request).is_err(), "{method}");
        }
    }
}
