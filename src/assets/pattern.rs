//! The paths that rules are for: `/blog/:year/*`, and the globs of `run_worker_first`.
//!
//! Source: Cloudflare docs, "Static assets: headers" and "redirects", placeholders and splats.

use regex::bytes::{Captures, Regex, RegexBuilder};

/// Bytes that one compiled pattern may take, and again what it may keep while it is matched.
pub(super) const PATTERN_BYTES: usize = 32 << 10;

/// A path, or a host with a path, in which `*` stands for anything and `:name` for what is between two slashes.
pub(super) struct Pattern(Regex);

/// Why a text is no pattern.
pub(super) type Reason = String;

impl Pattern {
    /// Reads a path pattern, or the pattern of a host and a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        let mut source = String::from("^");
        let mut rest = text;
        let mut has_splat = false;
        let mut is_host = !text.starts_with('/');
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '*' if has_splat => return Err("has more than one `*`".into()),
                '*' => {
                    has_splat = true;
                    source.push_str("(?P<splat>.*)");
                }
                ':' if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    let name = placeholder(rest);
                    rest = &rest[name.len()..];
                    // Of a host it stands for one label.
                    let one = if is_host { "[^/.]+" } else { "[^/]+" };
                    source.push_str(&format!("(?P<{name}>{one})"));
                }
                c => {
                    is_host &= c != '/';
                    source.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                }
            }
        }
        source.push('$');
        let pattern = RegexBuilder::new(&source)
            .unicode(false)
            .dot_matches_new_line(true)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        // What is left to go wrong: two placeholders of one name, or too many of them.
        pattern.map(Self).map_err(|_| {
            "cannot be used: give each placeholder a name of its own, and write a shorter one"
                .to_owned()
        })
    }

    /// What the pattern's placeholders stand for in this text, if it matches.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.captures(text.as_bytes())
    }
}

/// Whether a text has a placeholder or a splat.
pub(super) fn is_dynamic(text: &str) -> bool {
    let has_placeholder = text
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b':' && pair[1].is_ascii_alphabetic());
    text.contains('*') || has_placeholder
}

/// Writes what placeholders stand for into a text; what is no placeholder of the pattern stays.
pub(super) fn fill(template: &str, captures: &Captures<'_>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(':') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = placeholder(rest);
        match captures.name(name).filter(|_| !name.is_empty()) {
            Some(found) => {
                filled.push_str(&String::from_utf8_lossy(found.as_bytes()));
                rest = &rest[name.len()..];
            }
            None => filled.push(':'),
        }
    }
    filled.push_str(rest);
    filled
}

/// The name at the beginning of a text.
fn placeholder(text: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    &text[..end]
}

/// Whether a glob, in which `*` stands for anything, covers a text. Takes time in proportion to both lengths.
pub(super) fn covers(glob: &str, text: &str) -> bool {
    let (mut parts, mut rest) = (glob.split('*'), text);
    let Some(after) = parts.next().and_then(|first| rest.strip_prefix(first)) else {
        return false;
    };
    rest = after;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        // The leftmost place leaves the most for what follows.
        match memchr::memmem::find(rest.as_bytes(), part.as_bytes()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_what_it_stands_for() {
        for (pattern, text, template, filled) in [
            (
                "/blog/*",
                "/blog/2024/a",
                "/news/:splat",
                Some("/news/2024/a"),
            ),
            ("/blog/*", "/blog/", "/news/:splat", Some("/news/")),
            ("/blog/*", "/blog", "", None),
            ("/:a/:b", "/x/y", "/:b/:a/:c", Some("/y/x/:c")),
            ("/:a", "/x/y", "", None),
            ("/a.b", "/aXb", "", None),
            ("/:a-:b", "/1-2", ":b:a", Some("21")),
            (
                ":sub.example.com/*",
                "x.example.com/y",
                "https://:sub/:splat",
                Some("https://x/y"),
            ),
            (":sub.example.com/*", "x.y.example.com/y", "", None),
            ("/é", "/é", "é", Some("é")),
        ] {
            let parsed = Pattern::parse(pattern).expect(pattern);
            let found = parsed.captures(text).map(|found| fill(template, &found));
            assert_eq!(found.as_deref(), filled, "{pattern} {text}");
        }
        for wrong in ["/*/*", "/:a/:a", "/:splat/*"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_glob_covers_what_its_stars_stand_for() {
        for (glob, text, is_covered) in [
            ("/api/*", "/api/", true),
            ("/api/*", "/api/a/b", true),
            ("/api/*", "/api", false),
            ("/api", "/api", true),
            ("/api", "/api/", false),
            ("/*.json", "/a/b.json", true),
            ("/*.json", "/a/b.jsonx", false),
            ("/a*b*c", "/aXbYbZc", true),
            ("/a*b*c", "/aXc", false),
            ("/ab*ba", "/aba", false),
            ("*", "/x", true),
        ] {
            assert_eq!(covers(glob, text), is_covered, "{glob} {text}");
        }
    }
}
