//! What a tail shows of a request: nothing that would let its reader in elsewhere.
//!
//! Source: Cloudflare docs, "Tail Handler: TraceRequest", on redacted headers and URLs.

use std::borrow::Cow;

/// What stands in the place of what is not shown.
const REDACTED: &str = "REDACTED";
/// A header or parameter with one of these in its name is not shown.
const SENSITIVE: [&str; 6] = ["auth", "cookie", "jwt", "key", "secret", "token"];
/// Hex digits of an identifier, and characters of one in Base64.
const HEX_DIGITS_MIN: usize = 32;
const BASE64_CHARS_MIN: usize = 21;

/// Whether what has this name is not shown.
fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SENSITIVE.iter().any(|word| name.contains(word))
}

/// The value of a header as it is shown.
pub(super) fn header<'a>(name: &str, value: &'a [u8]) -> Cow<'a, str> {
    match is_sensitive(name) {
        true => REDACTED.into(),
        false => String::from_utf8_lossy(value),
    }
}

/// A URL as it is shown: without what looks like an identifier, and without the values of sensitive parameters.
pub(super) fn url(url: &str) -> String {
    let (place, query) = match url.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (url, None),
    };
    let mut shown = ids(place);
    for (index, pair) in query.into_iter().flat_map(|q| q.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if is_sensitive(name) => {
                shown.push_str(&ids(name));
                shown.push('=');
                shown.push_str(REDACTED);
            }
            _ => shown.push_str(&ids(pair)),
        }
    }
    shown
}

/// A text whose identifiers are replaced.
fn ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        shown.push_str(if is_id(word) { REDACTED } else { word });
        let next = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        shown.push_str(between);
        rest = after;
    }
    shown
}

fn is_id(word: &str) -> bool {
    let count = |is_it: fn(&u8) -> bool| word.bytes().filter(is_it).count();
    let is_hex = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'+' | b'-' | b'_');
    if word.bytes().all(is_hex) && count(u8::is_ascii_hexdigit) >= HEX_DIGITS_MIN {
        return true;
    }
    word.len() >= BASE64_CHARS_MIN
        && count(u8::is_ascii_uppercase) >= 2
        && count(u8::is_ascii_lowercase) >= 2
        && count(u8::is_ascii_digit) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_identifier_is_not_shown() {
        for (given, shown) in [
            ("http://a.test/", "http://a.test/"),
            (
                "http://a.test/shop/shoes?size=44",
                "http://a.test/shop/shoes?size=44",
            ),
            (
                "http://a.test/s/0123456789abcdef0123456789ABCDEF/x",
                "http://a.test/s/REDACTED/x",
            ),
            (
                "http://a.test/0123456789abcdef0123456789abcde",
                "http://a.test/0123456789abcdef0123456789abcde",
            ),
            (
                "http://a.test/01234567-89ab-cdef-0123-456789abcdef",
                "http://a.test/REDACTED",
            ),
            (
                "http://a.test/?s=aB3dE5gH7jK9mN1pQ3sT5&b=c",
                "http://a.test/?s=REDACTED&b=c",
            ),
            (
                "http://a.test/?api_key=x&ACCESS_TOKEN=&q=1",
                "http://a.test/?api_key=REDACTED&ACCESS_TOKEN=REDACTED&q=1",
            ),
            (
                "http://a.test/a-long-name-without-any-digit",
                "http://a.test/a-long-name-without-any-digit",
            ),
            ("/?", "/?"),
        ] {
            assert_eq!(url(given), shown, "{given}");
        }
        for (name, value, shown) in [
            ("authorization", "Bearer x", "REDACTED"),
            ("Set-Cookie", "a=b", "REDACTED"),
            ("x-api-key", "k", "REDACTED"),
            ("accept", "*/*", "*/*"),
        ] {
            assert_eq!(header(name, value.as_bytes()), shown);
        }
    }
}
