//! What is kept, as an answer: whole, a part of it, or that the visitor has it already.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};

use super::body::Stored;
use super::storage::Object;
use super::{Body, CacheStatus, STATUS, fields};
use crate::model::message::{self, Asked};

/// The fields by which a visitor asks whether what he has is good.
pub(super) const CONDITIONS: [header::HeaderName; 5] = [
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
];

impl Object {
    /// Makes a request ask whether this is still good.
    pub(super) fn ask(&self, fields: &mut HeaderMap) {
        for name in CONDITIONS.iter().chain([&header::RANGE]) {
            fields.remove(name);
        }
        for (name, condition) in [
            (header::ETAG, header::IF_NONE_MATCH),
            (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE),
        ] {
            if let Some(value) = self.fields.get(&name) {
                fields.insert(condition, value.clone());
            }
        }
    }

    /// The response to a request, with its age at this moment; `None` when its body is half gone.
    pub(super) fn response(
        &self,
        method: &Method,
        request: &HeaderMap,
        now: Option<Instant>,
    ) -> Option<Response<Body>> {
        let mut response = Response::new(empty());
        let mut fields = self.fields.clone();
        if let Some(now) = now {
            fields.insert(header::AGE, self.freshness.age(now).as_secs().into());
        }
        *response.status_mut() = self.status;
        let is_success = self.status.is_success();
        if is_success && self.is_known(request) {
            for name in [
                header::CONTENT_LENGTH,
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
            ] {
                fields.remove(name);
            }
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = fields;
            return Some(response);
        }
        let size = self.body.length();
        if let Some(size) = size
            && self.status != StatusCode::NO_CONTENT
        {
            fields.insert(header::CONTENT_LENGTH, size.into());
        }
        let whole = matches!(self.body, Stored::Whole(_));
        let size = size.and_then(|size| usize::try_from(size).ok());
        if let Some(size) = size.filter(|_| whole && self.status == StatusCode::OK) {
            match message::asked(method, request, size, fields.get(header::ETAG)) {
                Asked::Whole => {}
                Asked::Part(range) => {
                    let what = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                    let what = HeaderValue::from_str(&what).ok()?;
                    fields.insert(header::CONTENT_RANGE, what);
                    fields.insert(header::CONTENT_LENGTH, range.len().into());
                    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                    let range = range.start as u64..range.end as u64;
                    *response.body_mut() = self.body.read_part(range)?;
                    *response.headers_mut() = fields;
                    return Some(response);
                }
                Asked::Nothing => {
                    let what = format!("bytes */{size}");
                    fields.insert(header::CONTENT_RANGE, HeaderValue::from_str(&what).ok()?);
                    fields.remove(header::CONTENT_LENGTH);
                    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                    *response.headers_mut() = fields;
                    return Some(response);
                }
            }
        }
        if *method != Method::HEAD {
            *response.body_mut() = self.body.read_all()?;
        }
        *response.headers_mut() = fields;
        Some(response)
    }

    /// Whether the visitor has this very response (RFC 9110 §13.2.2).
    fn is_known(&self, request: &HeaderMap) -> bool {
        if request.contains_key(header::IF_NONE_MATCH) {
            let tag = self.fields.get(header::ETAG);
            return tag.is_some_and(|tag| message::is_known(request, tag));
        }
        let Some(since) = fields::date(request, header::IF_MODIFIED_SINCE) else {
            return false;
        };
        let changed = fields::date(&self.fields, header::LAST_MODIFIED);
        let changed = changed.or_else(|| fields::date(&self.fields, header::DATE));
        changed.is_some_and(|changed| changed <= since)
    }
}

pub(super) fn empty() -> Body {
    Empty::<Bytes>::new()
        .map_err(|never| match never {})
        .boxed_unsync()
}

pub(super) fn told(mut response: Response<Body>, status: CacheStatus) -> Response<Body> {
    let word = HeaderValue::from_static(status.word());
    response.headers_mut().insert(STATUS, word);
    response
}

/// The answer to who wants nothing but what is there (RFC 9111 §5.2.1.7).
pub(super) fn missing() -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    response
}
