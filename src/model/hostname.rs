//! Hostnames in their one canonical spelling, and the patterns that records are written for.

use std::fmt;
use std::net::Ipv6Addr;

use thiserror::Error;

/// RFC 1035 §2.3.4: a name is at most 253 characters as text.
const HOSTNAME_BYTES_MAX: usize = 253;
/// RFC 1035 §2.3.4.
const LABEL_BYTES_MAX: usize = 63;
/// How many labels may follow the star of a wildcard. It bounds the candidates a visitor's
/// hostname is looked up under, and with it the work a made-up name can cause.
pub const WILDCARD_LABELS_MAX: usize = 8;

/// A hostname in canonical form: lower case, A-labels, no port, no trailing dot.
///
/// An IPv6 literal keeps its brackets and has the spelling of RFC 5952.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hostname(Box<str>);

/// What a hostname record is written for: one hostname, or a wildcard `*.example.com`.
///
/// A wildcard stands for one or more labels; it does not match the name after its star itself. `*` alone stands for
/// every hostname.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum HostnamePattern {
    /// This hostname and no other.
    Exact(Hostname),
    /// Every hostname below this one.
    Below(Hostname),
    /// Every hostname that nothing else covers.
    Any,
}

/// Text that is no hostname; says what is wrong with it.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum InvalidHostname {
    /// Nothing is there.
    #[error("a hostname is missing")]
    Empty,
    /// Longer than DNS allows.
    #[error("a hostname has at most {HOSTNAME_BYTES_MAX} characters")]
    TooLong,
    /// A label that DNS does not allow.
    #[error("each part of a hostname has 1 to {LABEL_BYTES_MAX} characters")]
    Label,
    /// A character no hostname has.
    #[error("a hostname has only letters, digits, `-`, `_` and `.`")]
    Character,
    /// A part begins or ends with a hyphen.
    #[error("no part of a hostname begins or ends with `-`")]
    Hyphen,
    /// An internationalised name that IDNA (UTS #46) refuses.
    #[error("the internationalised name is not valid under IDNA")]
    Idna,
    /// What stands behind the colon is no port.
    #[error("the port is not a number from 0 to 65535")]
    Port,
    /// `[...]` without an IPv6 address in it.
    #[error("what stands in brackets is no IPv6 address")]
    Ipv6,
    /// A star elsewhere than alone in the first place.
    #[error(
        "a wildcard is written `*.example.com`: one star, as the first part, with 1 to {WILDCARD_LABELS_MAX} parts after it"
    )]
    Wildcard,
}

impl Hostname {
    /// Reads what an operator writes: any case, a trailing dot, Unicode.
    ///
    /// # Errors
    /// [`InvalidHostname`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidHostname> {
        if text.is_ascii() {
            return Self::canonical(text.as_bytes());
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| InvalidHostname::Idna)?;
        Self::canonical(ascii.as_bytes())
    }

    /// Reads a `Host` header or `:authority`: `hostname [":" port]` (RFC 9110 §7.2).
    ///
    /// Stricter than [`Hostname::parse`]: bytes outside ASCII are refused, not repaired, so that two
    /// spellings never lead to two tenants.
    ///
    /// # Errors
    /// [`InvalidHostname`], which says what is wrong.
    pub fn from_host(host: &[u8]) -> Result<Self, InvalidHostname> {
        let end = match host {
            [b'[', ..] => memchr::memchr(b']', host).ok_or(InvalidHostname::Ipv6)? + 1,
            _ => memchr::memchr(b':', host).unwrap_or(host.len()),
        };
        let (name, port) = host.split_at(end);
        if !is_port(port) {
            return Err(InvalidHostname::Port);
        }
        Self::canonical(name)
    }

    fn canonical(name: &[u8]) -> Result<Self, InvalidHostname> {
        if let [b'[', inner @ .., b']'] = name {
            let text = std::str::from_utf8(inner).map_err(|_| InvalidHostname::Ipv6)?;
            let address: Ipv6Addr = text.parse().map_err(|_| InvalidHostname::Ipv6)?;
            return Ok(Self(format!("[{address}]").into()));
        }
        let name = name.strip_suffix(b".").unwrap_or(name);
        if name.is_empty() {
            return Err(InvalidHostname::Empty);
        }
        if name.len() > HOSTNAME_BYTES_MAX {
            return Err(InvalidHostname::TooLong);
        }
        let mut international = false;
        for label in name.split(|b| *b == b'.') {
            check_label(label)?;
            international |= label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--");
        }
        let text = std::str::from_utf8(name).map_err(|_| InvalidHostname::Character)?;
        let lower = text.to_ascii_lowercase();
        // An A-label must be one that IDNA itself would write, or two spellings would mean one name.
        if international && !idna::domain_to_ascii_strict(&lower).is_ok_and(|name| name == lower) {
            return Err(InvalidHostname::Idna);
        }
        Ok(Self(lower.into()))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The wildcards that cover this hostname, longest first, each as the name after its star.
    pub fn wildcards(&self) -> impl Iterator<Item = &str> {
        let labels = self.0.bytes().filter(|b| *b == b'.').count() + 1;
        let skip = labels.saturating_sub(1 + WILDCARD_LABELS_MAX);
        let literal = self.0.starts_with('[');
        self.0
            .match_indices('.')
            .map(|(dot, _)| &self.0[dot + 1..])
            .skip(skip)
            .filter(move |_| !literal)
    }
}

impl HostnamePattern {
    /// Reads a hostname or a wildcard as an operator writes it.
    ///
    /// # Errors
    /// [`InvalidHostname`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidHostname> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let Some(below) = text.strip_prefix("*.") else {
            return match text.contains('*') {
                true => Err(InvalidHostname::Wildcard),
                false => Hostname::parse(text).map(Self::Exact),
            };
        };
        if below.contains('*') || below.starts_with('[') {
            return Err(InvalidHostname::Wildcard);
        }
        let name = Hostname::parse(below)?;
        if name.0.split('.').count() > WILDCARD_LABELS_MAX {
            return Err(InvalidHostname::Wildcard);
        }
        Ok(Self::Below(name))
    }
}

impl fmt::Display for HostnamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name.as_str()),
            Self::Below(name) => write!(f, "*.{}", name.as_str()),
            Self::Any => f.write_str("*"),
        }
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

fn check_label(label: &[u8]) -> Result<(), InvalidHostname> {
    if label.is_empty() || label.len() > LABEL_BYTES_MAX {
        return Err(InvalidHostname::Label);
    }
    if !label
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    {
        return Err(InvalidHostname::Character);
    }
    if label.starts_with(b"-") || label.ends_with(b"-") {
        return Err(InvalidHostname::Hyphen);
    }
    Ok(())
}

/// Nothing, or `:` and a decimal port; RFC 3986 §3.2.3 lets the digits be absent.
fn is_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => {
            digits.is_empty()
                || (digits.len() <= 5
                    && digits.iter().all(u8::is_ascii_digit)
                    && digits
                        .iter()
                        .fold(0u32, |n, d| n * 10 + u32::from(d - b'0'))
                        <= 65_535)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_host_header_has_one_canonical_form() {
        for (host, expected) in [
            ("shop.example.com", "shop.example.com"),
            ("SHOP.Example.COM", "shop.example.com"),
            ("shop.example.com.", "shop.example.com"),
            ("shop.example.com:8080", "shop.example.com"),
            ("shop.example.com.:443", "shop.example.com"),
            ("shop.example.com:", "shop.example.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("my_shop.example.com", "my_shop.example.com"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ] {
            let found = Hostname::from_host(host.as_bytes());
            assert_eq!(
                found.as_ref().map(Hostname::as_str),
                Ok(expected),
                "{host:?}"
            );
        }
    }

    #[test]
    fn a_host_header_that_is_no_hostname_is_refused() {
        for host in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a b",
            "a,b",
            "a/b",
            "a:b",
            "a:99999",
            "a:-1",
            "a:8 ",
            "a:80:80",
            "user@a",
            "bücher.example",
            "a\0b",
            "[::1",
            "[::g]",
            "[::1]x",
            "::1",
            "-a.b",
            "a-.b",
            "*.example.com",
            "xn--a.example",
            "a\tb",
            "a#b",
            "a?b",
            "%61",
            "xn--bcher-kv\u{e4}",
        ] {
            assert!(Hostname::from_host(host.as_bytes()).is_err(), "{host:?}");
        }
        assert!(Hostname::from_host("a".repeat(64).as_bytes()).is_err());
        assert!(Hostname::from_host(format!("{}.com", "a.".repeat(130)).as_bytes()).is_err());
    }

    #[test]
    fn an_operator_may_write_unicode() {
        assert_eq!(
            Hostname::parse("Bücher.example").map(|h| h.to_string()),
            Ok("xn--bcher-kva.example".into())
        );
    }

    #[test]
    fn wildcards_come_longest_first_and_never_the_name_itself() {
        let name = Hostname::parse("a.b.example.com").expect("valid");
        assert_eq!(
            name.wildcards().collect::<Vec<_>>(),
            ["b.example.com", "example.com", "com"]
        );
        let many = Hostname::parse("l1.l2.l3.l4.l5.l6.l7.l8.l9.l10.l11").expect("valid");
        let found: Vec<_> = many.wildcards().collect();
        assert_eq!(found.len(), WILDCARD_LABELS_MAX);
        assert_eq!(found[0], "l4.l5.l6.l7.l8.l9.l10.l11");
    }

    #[test]
    fn patterns_are_written_as_they_are_read() {
        for text in ["example.com", "*.example.com", "*.com", "*"] {
            assert_eq!(
                HostnamePattern::parse(text).map(|p| p.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "*.",
            "a.*.com",
            "*.*.com",
            "*a.com",
            "**.com",
            "*.[::1]",
            "*.1.2.3.4.5.6.7.8.9",
        ] {
            assert!(HostnamePattern::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn canonical_means_canonical(host in ".{0,80}") {
            if let Ok(name) = Hostname::from_host(host.as_bytes()) {
                prop_assert_eq!(Hostname::from_host(name.as_str().as_bytes()), Ok(name.clone()));
                prop_assert!(!name.as_str().bytes().any(|b| b.is_ascii_uppercase()));
            }
        }
    }
}
