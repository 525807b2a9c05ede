//! W3C Trace Context: what of a trace travels with a request.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Names the trace and the span that a request comes from.
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What others keep beside it.
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// A longer state is not passed on (W3C Trace Context §3.3.1.5: at least 512 bytes).
const STATE_BYTES_MAX: usize = 512;
/// Bytes of version 00; later versions only add to it.
const BYTES: usize = 55;

/// A trace's number, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(pub(super) u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A span's number, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId(pub(super) u64);

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A span, as those name it that are not in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanContext {
    /// Its trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// Whether the trace is sent to the collector.
    pub is_sampled: bool,
}

impl SpanContext {
    /// Reads the value of `traceparent` (W3C Trace Context §3.2).
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, more) = text.split_at_checked(BYTES)?;
        let version = hex(&head[..2])?;
        let is_whole = match version {
            0 => more.is_empty(),
            0xff => false,
            _ => more.is_empty() || more[0] == b'-',
        };
        let has_dashes = [2, 35, 52].iter().all(|at| head[*at] == b'-');
        if !is_whole || !has_dashes {
            return None;
        }
        let (trace, span) = (hex(&head[3..35])?, hex(&head[36..52])?);
        let flags = hex(&head[53..])?;
        (trace != 0 && span != 0).then_some(Self {
            trace: TraceId(trace),
            span: SpanId(u64::try_from(span).ok()?),
            is_sampled: flags & 1 == 1,
        })
    }

    /// The value of `traceparent`.
    pub fn value(&self) -> HeaderValue {
        HeaderValue::try_from(self.to_string()).expect("digits and dashes are a header's value")
    }

    /// What a request says of where it comes from; two values say nothing.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next()?;
        match values.next() {
            Some(_) => None,
            None => Self::parse(value.as_bytes()),
        }
    }
}

impl fmt::Display for SpanContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.is_sampled);
        write!(f, "00-{}-{}-{flags:02x}", self.trace, self.span)
    }
}

/// What others keep beside a trace that goes on.
pub(super) fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(TRACESTATE).iter();
    let first = values.next()?;
    let all = match values.next() {
        None => first.clone(),
        Some(second) => {
            let all = [first, second].into_iter().chain(values);
            let all: Vec<_> = all.map(HeaderValue::as_bytes).collect();
            HeaderValue::from_bytes(&all.join(&b","[..])).ok()?
        }
    };
    (!all.is_empty() && all.len() <= STATE_BYTES_MAX).then_some(all)
}

/// Lower-case digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_allows_is_read() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for (text, is_sampled) in [
            (format!("00-{trace}-{span}-01"), Some(true)),
            (format!("00-{trace}-{span}-00"), Some(false)),
            // Other flags are not ours to know.
            (format!("00-{trace}-{span}-03"), Some(true)),
            (format!("00-{trace}-{span}-fe"), Some(false)),
            // A later version may say more.
            (format!("cc-{trace}-{span}-01"), Some(true)),
            (format!("cc-{trace}-{span}-01-what"), Some(true)),
            (format!("cc-{trace}-{span}-01.what"), None),
            (format!("00-{trace}-{span}-01-what"), None),
            (format!("ff-{trace}-{span}-01"), None),
            (format!("00-{}-{span}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-{span}-01", trace.to_uppercase()), None),
            (format!("00-{trace}-{span}-1"), None),
            (format!("00-{trace}-{span}"), None),
            (format!("00_{trace}_{span}_01"), None),
            (format!(" 00-{trace}-{span}-01"), None),
            (String::new(), None),
        ] {
            let read = SpanContext::parse(text.as_bytes());
            assert_eq!(read.map(|read| read.is_sampled), is_sampled, "{text}");
            if let Some(read) = read {
                assert_eq!(read.trace.to_string(), trace);
                let again = read.to_string();
                assert_eq!(SpanContext::parse(again.as_bytes()), Some(read));
            }
        }
    }

    #[test]
    fn several_states_are_one_and_a_long_one_is_none() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(TRACESTATE, value.parse().expect("a value"));
            }
            state(&headers)
        };
        assert_eq!(of(&["a=1", "b=2"]).expect("a state"), "a=1,b=2");
        assert_eq!(of(&["a=1"]).expect("a state"), "a=1");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[&"a".repeat(STATE_BYTES_MAX + 1)]), None);
    }
}
