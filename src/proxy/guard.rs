//! Strict checks before anything else looks at a request.
//!
//! Two parsers that read one request differently are the root of request smuggling, so what can be read
//! in two ways is refused rather than repaired. What a filter cannot see: Pingora re-encodes a space or tab
//! inside the target (all that follows sees the encoded one), and it reads chunk sizes more leniently than
//! RFC 9112, which is why a connection is closed after any chunked request.

use http::{HeaderMap, HeaderName, Method, Version, header};
use pingora::proxy::Session;

use super::errors::Failure;
use crate::conf::LimitsConf;
use crate::model::Hostname;
use crate::runtime::VIA;

/// Checks requests against these bounds.
pub(super) struct Guard {
    header_bytes: usize,
    header_fields: usize,
    uri_bytes: usize,
}

/// A request that passed.
pub(super) struct Admitted {
    /// Its hostname, in the one canonical form.
    pub hostname: Hostname,
    /// The length of its body, if it said.
    pub content_length: Option<u64>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A bare line feed or carriage return, or a NUL.
    LineEnds,
    /// No Host, two, or one that is no hostname.
    Host,
    /// A target of another form than the method allows, or one that names another host.
    Target,
    /// A method that is not served.
    Method,
    /// Transfer-Encoding or Content-Length that can be read in two ways.
    Framing,
    /// A Connection field that would have the next hop drop what it needs.
    Connection,
    /// An expectation other than 100-continue.
    Expectation,
    /// A target that is too long.
    TargetTooLong,
    /// A header section that is too large, or has too many fields.
    HeaderTooLarge,
}

impl Refusal {
    /// The metric's label.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::LineEnds => "line_ends",
            Self::Host => "host",
            Self::Target => "target",
            Self::Method => "method",
            Self::Framing => "framing",
            Self::Connection => "connection",
            Self::Expectation => "expectation",
            Self::TargetTooLong => "target_too_long",
            Self::HeaderTooLarge => "header_too_large",
        }
    }
}

impl Guard {
    /// A guard with these bounds.
    pub(super) fn new(conf: &LimitsConf) -> Self {
        Self {
            header_bytes: conf.header_bytes,
            header_fields: conf.header_fields,
            uri_bytes: conf.uri_bytes,
        }
    }

    /// Passes a request, or refuses it; drops header fields that nobody behind the edge may see.
    pub(super) fn check(&self, session: &mut Session) -> Result<Admitted, Refusal> {
        let raw = session
            .as_downstream()
            .as_http1()
            .map(|http1| http1.get_headers_raw_bytes());
        if let Some(raw) = &raw {
            self.check_raw(raw)?;
        }
        let request = session.req_header();
        let is_http1 = raw.is_some();
        let host = host(&request.headers, &request.uri, is_http1)?;
        let hostname = Hostname::from_host(host).map_err(|_| Refusal::Host)?;
        check_method(&request.method)?;
        // The URI type drops a fragment and takes an absolute form for a path, so the bytes are looked at.
        let target = raw.as_deref().map_or(request.raw_path(), raw_target);
        let target = self.check_target(target, &request.method)?;
        let path = match target {
            Target::Path => None,
            Target::Absolute { authority, path } => {
                let named = Hostname::from_host(authority).map_err(|_| Refusal::Target)?;
                if named != hostname {
                    return Err(Refusal::Target);
                }
                Some(path)
            }
        };
        if request.headers.len() > self.header_fields {
            return Err(Refusal::HeaderTooLarge);
        }
        let content_length = framing(&request.headers, request.version, raw.as_deref())?;
        if nominated(&request.headers).any(is_needed) {
            return Err(Refusal::Connection);
        }
        let expectation = request.headers.get(header::EXPECT);
        if expectation.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
        {
            return Err(Refusal::Expectation);
        }
        let is_chunked = request.headers.contains_key(header::TRANSFER_ENCODING);
        if let Some(path) = path {
            session.req_header_mut().set_uri(path);
        }
        drop_private(session);
        if is_chunked && is_http1 {
            session.set_keepalive(None);
        }
        Ok(Admitted {
            hostname,
            content_length,
        })
    }

    /// What only the bytes show.
    fn check_raw(&self, raw: &[u8]) -> Result<(), Refusal> {
        if raw.len() > self.header_bytes {
            return Err(Refusal::HeaderTooLarge);
        }
        let is_bare_lf = |at: usize| at == 0 || raw[at - 1] != b'\r';
        let is_bare_cr = |at: usize| raw.get(at + 1) != Some(&b'\n');
        let bad_line = memchr::memchr_iter(b'\n', raw).any(is_bare_lf)
            || memchr::memchr_iter(b'\r', raw).any(is_bare_cr);
        match bad_line || memchr::memchr(0, raw).is_some() {
            true => Err(Refusal::LineEnds),
            false => Ok(()),
        }
    }

    fn check_target<'a>(&self, target: &'a [u8], method: &Method) -> Result<Target<'a>, Refusal> {
        if target.len() > self.uri_bytes {
            return Err(Refusal::TargetTooLong);
        }
        // A fragment never leaves a browser; a NUL ends the name of a file in half of all programs.
        if memchr::memchr(b'#', target).is_some() || memchr::memmem::find(target, b"%00").is_some()
        {
            return Err(Refusal::Target);
        }
        match target {
            [b'/', ..] => Ok(Target::Path),
            b"*" if method == Method::OPTIONS => Ok(Target::Path),
            _ => absolute(target).ok_or(Refusal::Target),
        }
    }
}

/// A request's target (RFC 9112 §3.2).
enum Target<'a> {
    /// A path and query, or the asterisk.
    Path,
    /// A whole URL.
    Absolute {
        /// The host that it names.
        authority: &'a [u8],
        /// The path and query in it.
        path: http::Uri,
    },
}

fn absolute(target: &[u8]) -> Option<Target<'_>> {
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        target.len() > scheme.len() && target[..scheme.len()].eq_ignore_ascii_case(scheme)
    })?;
    let rest = &target[scheme.len()..];
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?'))
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = match path {
        [b'/', ..] => path.to_vec(),
        _ => [b"/", path].concat(),
    };
    Some(Target::Absolute {
        authority,
        path: http::Uri::try_from(path).ok()?,
    })
}

/// The target as it stands in the request's first line.
fn raw_target(raw: &[u8]) -> &[u8] {
    // RFC 9112 §2.2: an empty line before it is passed over.
    let begin = raw
        .iter()
        .position(|b| !matches!(b, b'\r' | b'\n'))
        .unwrap_or(0);
    let raw = &raw[begin..];
    let line = raw.split(|b| *b == b'\r').next().unwrap_or(raw);
    let begin = memchr::memchr(b' ', line).map_or(line.len(), |at| at + 1);
    let end = memchr::memrchr(b' ', line).unwrap_or(line.len());
    line.get(begin..end).unwrap_or_default()
}

/// The one Host; in HTTP/2 the authority may stand for it, and has to agree with one that is there.
fn host<'a>(
    headers: &'a HeaderMap,
    uri: &'a http::Uri,
    is_http1: bool,
) -> Result<&'a [u8], Refusal> {
    let mut values = headers.get_all(header::HOST).iter();
    let (first, second) = (values.next().map(|value| value.as_bytes()), values.next());
    let authority = uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    match (first, authority) {
        _ if second.is_some() => Err(Refusal::Host),
        (Some(host), Some(authority)) if !host.eq_ignore_ascii_case(authority) => {
            Err(Refusal::Host)
        }
        (Some(host), _) => Ok(host),
        (None, Some(authority)) if !is_http1 => Ok(authority),
        (None, _) => Err(Refusal::Host),
    }
}

/// Methods are upper-case tokens; CONNECT would make a tunnel, and TRACE would show cookies to scripts.
fn check_method(method: &Method) -> Result<(), Refusal> {
    let is_token = method
        .as_str()
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b == b'-')
        && method.as_str().len() <= 32;
    match is_token && method != Method::CONNECT && method != Method::TRACE {
        true => Ok(()),
        false => Err(Refusal::Method),
    }
}

/// The body's length, where the request leaves no doubt about it (RFC 9112 §6).
fn framing(
    headers: &HeaderMap,
    version: Version,
    raw: Option<&[u8]>,
) -> Result<Option<u64>, Refusal> {
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let encoding = encodings.next();
    if let Some(encoding) = encoding {
        let is_plain =
            encoding.as_bytes().eq_ignore_ascii_case(b"chunked") && encodings.next().is_none();
        // Pingora has already dropped a Content-Length beside it; only the bytes still show one.
        let has_length =
            headers.contains_key(header::CONTENT_LENGTH) || raw.is_some_and(names_content_length);
        return match is_plain && version == Version::HTTP_11 && !has_length {
            true => Ok(None),
            false => Err(Refusal::Framing),
        };
    }
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return Ok(None);
    };
    let digits = length.as_bytes();
    let is_canonical = matches!(digits, [b'0'] | [b'1'..=b'9', ..])
        && digits.len() <= 19
        && digits.iter().all(u8::is_ascii_digit)
        && lengths.next().is_none();
    match is_canonical {
        true => Ok(Some(
            digits
                .iter()
                .fold(0, |n, digit| n * 10 + u64::from(digit - b'0')),
        )),
        false => Err(Refusal::Framing),
    }
}

/// The fields that `Connection` names as meant for this hop only.
pub(super) fn nominated(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(header::CONNECTION).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|b| *b == b','))
        .map(<[u8]>::trim_ascii)
}

/// Whether every hop needs this field: one that drops it reads another request than its neighbours.
fn is_needed(name: &[u8]) -> bool {
    let needed: [&[u8]; 4] = [b"host", b"content-length", b"transfer-encoding", b"expect"];
    let is_ours = |prefix: &[u8]| {
        name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    needed
        .iter()
        .any(|needed| name.eq_ignore_ascii_case(needed))
        || is_ours(b"x-forwarded-")
        || is_ours(b"x-cirque-")
}

fn names_content_length(raw: &[u8]) -> bool {
    let lines = raw.split(|b| *b == b'\n').skip(1);
    lines
        .filter_map(|line| line.split(|b| *b == b':').next())
        .any(|name| name.eq_ignore_ascii_case(b"content-length"))
}

/// Drops fields that only the edge may write, and those with an underscore: programs that turn names into
/// variables (CGI) take `X_Name` for `X-Name`.
fn drop_private(session: &mut Session) {
    // What is signed is judged by who wrote it, and not here.
    let is_private = |name: &HeaderName| {
        let is_ours = name.as_str().starts_with("x-cirque-") && name != VIA;
        is_ours || name.as_str().contains('_')
    };
    let headers = &session.req_header().headers;
    if !headers.keys().any(is_private) {
        return;
    }
    let private: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_private(name))
        .cloned()
        .collect();
    for name in private {
        session.req_header_mut().remove_header(&name);
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
