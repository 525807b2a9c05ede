//! `Cache-Control` and its kin, read (RFC 9111 §5, RFC 5861, RFC 9213).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::model::message::items;

/// The most that a number of seconds counts for (RFC 9111 §1.2.2).
const SECONDS_MAX: u64 = 1 << 31;
/// Fields that are for caches like this one and say more than `Cache-Control`, the most important first.
///
/// Source: RFC 9213; Cloudflare, "CDN-Cache-Control"; W3C Note "Edge Architecture Specification".
pub(super) static TARGETED: [HeaderName; 3] = [
    HeaderName::from_static("cloudflare-cdn-cache-control"),
    HeaderName::from_static("cdn-cache-control"),
    HeaderName::from_static("surrogate-control"),
];

/// The directives of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub no_store: bool,
    pub no_cache: bool,
    pub private: bool,
    /// Nothing is private but its cookies, which are left out: it can be kept without them.
    pub private_cookies: bool,
    pub public: bool,
    pub must_revalidate: bool,
    pub proxy_revalidate: bool,
    pub must_understand: bool,
    pub only_if_cached: bool,
    /// Seconds, as all of these.
    pub max_age: Option<u64>,
    pub s_maxage: Option<u64>,
    pub stale_while_revalidate: Option<u64>,
    pub stale_if_error: Option<u64>,
    pub min_fresh: Option<u64>,
    /// Any staleness when there is no number.
    pub max_stale: Option<u64>,
}

impl Directives {
    /// What a field of this name says; `None` when there is none.
    pub(super) fn of(fields: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let mut values = fields.get_all(name).iter().peekable();
        values.peek()?;
        let mut all = Self::default();
        for value in values {
            all.read(value);
        }
        Some(all)
    }

    fn read(&mut self, value: &HeaderValue) {
        for item in items(value.as_bytes()) {
            let (name, argument) = match item.iter().position(|b| *b == b'=') {
                Some(at) => (&item[..at], Some(&item[at + 1..])),
                None => (item, None),
            };
            let Ok(name) = std::str::from_utf8(name) else {
                continue;
            };
            let is = |word: &str| name.eq_ignore_ascii_case(word);
            match () {
                () if is("no-store") => self.no_store = true,
                () if is("no-cache") => self.no_cache = true,
                () if is("private") => match argument.map(unquoted) {
                    Some(only) if only.eq_ignore_ascii_case(b"set-cookie") => {
                        self.private_cookies = true;
                    }
                    _ => self.private = true,
                },
                () if is("public") => self.public = true,
                () if is("must-revalidate") => self.must_revalidate = true,
                () if is("proxy-revalidate") => self.proxy_revalidate = true,
                () if is("must-understand") => self.must_understand = true,
                () if is("only-if-cached") => self.only_if_cached = true,
                () if is("max-age") => least(&mut self.max_age, argument),
                () if is("s-maxage") => least(&mut self.s_maxage, argument),
                () if is("stale-while-revalidate") => {
                    least(&mut self.stale_while_revalidate, argument);
                }
                () if is("stale-if-error") => least(&mut self.stale_if_error, argument),
                () if is("min-fresh") => least(&mut self.min_fresh, argument),
                () if is("max-stale") => match argument {
                    None => self.max_stale = Some(SECONDS_MAX),
                    argument => least(&mut self.max_stale, argument),
                },
                () => {}
            }
        }
    }
}

/// Of several values the least counts, and what is no number counts as none: too fresh is the worse mistake.
fn least(value: &mut Option<u64>, argument: Option<&[u8]>) {
    let seconds = argument.and_then(seconds).unwrap_or(0);
    *value = Some(value.map_or(seconds, |before| before.min(seconds)));
}

fn unquoted(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\""));
    inner.unwrap_or(text)
}

/// A number of seconds; it may stand in quotation marks.
fn seconds(text: &[u8]) -> Option<u64> {
    let digits = unquoted(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let text = std::str::from_utf8(digits).ok()?;
    // More digits than fit are more seconds than count.
    Some(text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX))
}

/// The seconds of `Age`; `None` without one, and an age beyond everything when it is not one number.
pub(super) fn age(fields: &HeaderMap) -> Option<u64> {
    let mut values = fields.get_all(header::AGE).iter();
    let first = values.next()?;
    let one = values.next().is_none().then(|| first.as_bytes());
    let digits = one.filter(|age| age.iter().all(u8::is_ascii_digit));
    Some(digits.and_then(seconds).unwrap_or(SECONDS_MAX))
}

/// A date; the obsolete formats too (RFC 9110 §5.6.7).
pub(super) fn date(fields: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    let value = fields.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(value).ok()
}

/// From one moment to a later one; nothing when it is not later.
pub(super) fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}

/// The tags of `Cache-Tag`, in lower case as Cloudflare compares them.
pub(super) fn tags(fields: &HeaderMap) -> Vec<Box<str>> {
    let values = fields.get_all("cache-tag").iter();
    values
        .flat_map(|value| items(value.as_bytes()))
        .filter_map(|tag| std::str::from_utf8(tag).ok())
        .map(|tag| tag.to_ascii_lowercase().into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Directives {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append("cache-control", HeaderValue::from_static(line));
        }
        Directives::of(&fields, &header::CACHE_CONTROL).unwrap_or_default()
    }

    #[test]
    fn ages_are_numbers_and_all_else_is_none() {
        for (lines, max_age) in [
            (&["max-age=10"][..], Some(10)),
            (&["MaX-AgE=0010"], Some(10)),
            (&["max-age=\"10\""], Some(10)),
            (&["max-age=99999999999999999999999"], Some(SECONDS_MAX)),
            (&["max-age='10'"], Some(0)),
            (&["max-age=-1"], Some(0)),
            (&["max-age=1.5"], Some(0)),
            (&["max-age"], Some(0)),
            (&["max-age=", "max-age=5"], Some(0)),
            (&["max-age=9, max-age=5"], Some(5)),
            (&["a=\"max-age=5\""], None),
            (&["a=\"b, max-age=5\", max-age=9"], Some(9)),
            (&["a=\"\\\", max-age=5\""], None),
            (&["a=\", max-age=5"], None),
            (&[",, ,"], None),
        ] {
            assert_eq!(read(lines).max_age, max_age, "{lines:?}");
        }
    }

    #[test]
    fn directives_have_no_case_and_may_have_arguments() {
        let all = read(&["No-Store, NO-CACHE=\"a, b\"", "private=x,max-stale"]);
        assert!(all.no_store && all.no_cache && all.private && !all.public);
        assert_eq!(all.max_stale, Some(SECONDS_MAX));
    }

    #[test]
    fn an_age_that_is_no_number_is_beyond_everything() {
        for (lines, expected) in [
            (&["7"][..], Some(7)),
            (&[], None),
            (&["7", "7"], Some(SECONDS_MAX)),
            (&["0, 0"], Some(SECONDS_MAX)),
            (&["-1"], Some(SECONDS_MAX)),
            (&["7;a=b"], Some(SECONDS_MAX)),
            (&["\"7\""], Some(SECONDS_MAX)),
            (&[""], Some(SECONDS_MAX)),
        ] {
            let mut fields = HeaderMap::new();
            for line in lines {
                fields.append("age", HeaderValue::from_static(line));
            }
            assert_eq!(age(&fields), expected, "{lines:?}");
        }
    }
}
