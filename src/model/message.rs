//! What several layers read of HTTP: lists, what a visitor has already, and which part he asks for (RFC 9110 §5.6.1,
//! §13.1.2, §14).

use std::ops::Range;

use http::{HeaderMap, HeaderValue, Method, header};

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it, or so much that it may as well be all.
    Whole,
    /// This part, which is not empty.
    Part(Range<usize>),
    /// A part that is not there.
    Nothing,
}

/// Whether the visitor has this very file: `If-None-Match` names it, weakly or not.
pub fn is_known(fields: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag| <[u8]>::strip_prefix(tag, b"W/").unwrap_or(tag);
    let ours = opaque(tag.as_bytes());
    let lists = fields.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists.flat_map(|list| items(list.as_bytes()));
    tags.any(|theirs| theirs == b"*" || opaque(theirs) == ours)
}

/// The items of a list, without the white space around them; a comma in quotation marks separates nothing.
pub fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let list = rest?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = list.iter().position(|byte| {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                b',' => return !is_quoted,
                _ => {}
            }
            false
        });
        rest = end.map(|end| &list[end + 1..]);
        Some(list[..end.unwrap_or(list.len())].trim_ascii())
    })
    .filter(|item| !item.is_empty())
}

/// The part of a file of `size` bytes that a request asks for. Several parts at once are answered with the whole, as a server may.
pub fn asked(method: &Method, fields: &HeaderMap, size: usize, tag: Option<&HeaderValue>) -> Asked {
    let range = fields.get(header::RANGE).filter(|_| *method == Method::GET);
    let Some(range) = range.and_then(|range| range.to_str().ok()) else {
        return Asked::Whole;
    };
    // What the visitor has a part of must be this very file.
    if let Some(condition) = fields.get(header::IF_RANGE)
        && (Some(condition) != tag || condition.as_bytes().starts_with(b"W/"))
    {
        return Asked::Whole;
    }
    let spec = range.trim().strip_prefix("bytes=").map(str::trim);
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
        return Asked::Whole;
    };
    let number = |text: &str| match text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        // More digits than fit lie behind every end.
        true => Some(text.parse().unwrap_or(usize::MAX)),
        false => None,
    };
    let (start, end) = match (number(first), number(last), last) {
        (Some(first), Some(last), _) if first <= last => (first, last.saturating_add(1).min(size)),
        (Some(first), None, "") => (first, size),
        (None, Some(count), _) if first.is_empty() => (size - count.min(size), size),
        _ => return Asked::Whole,
    };
    match start < end {
        true => Asked::Part(start..end),
        false => Asked::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_all_else_is_the_whole() {
        for (range, expected) in [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=4-", Asked::Part(4..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=8-99999999999999999999999", Asked::Part(8..10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=--1", Asked::Whole),
            ("lines=0-3", Asked::Whole),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert("range", HeaderValue::from_str(range).expect("a value"));
            assert_eq!(asked(&Method::GET, &fields, 10, None), expected, "{range}");
            assert_eq!(asked(&Method::HEAD, &fields, 10, None), Asked::Whole);
            let tag = HeaderValue::from_static("\"a\"");
            fields.insert("if-range", HeaderValue::from_static("\"b\""));
            assert_eq!(asked(&Method::GET, &fields, 10, Some(&tag)), Asked::Whole);
        }
    }

    #[test]
    fn a_file_is_known_by_its_tag() {
        let tag = HeaderValue::from_static("\"a\"");
        for (list, is) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("\"b,\\\"a\", \"a\"", true),
            ("\"b, \\\"a\\\"\"", false),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert("if-none-match", HeaderValue::from_static(list));
            assert_eq!(is_known(&fields, &tag), is, "{list}");
        }
    }
}
