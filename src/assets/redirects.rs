//! `_redirects`: which paths lead elsewhere before any asset is looked at.
//!
//! Source: Cloudflare docs, "Static assets: redirects".

use std::collections::HashMap;

use http::StatusCode;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::InvalidRules;
use super::pattern::{Pattern, fill, is_dynamic};
use crate::model::assets::HtmlHandling;

/// Rules for one path, and rules with placeholders or a splat.
const STATIC_MAX: usize = 2_000;
const DYNAMIC_MAX: usize = 100;
/// Bytes of one line.
const LINE_BYTES_MAX: usize = 1_000;
/// What a `Location` may not hold as it is; all that is not ASCII is encoded, too.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// The rules of a `_redirects` file.
#[derive(Default)]
pub struct RedirectRules {
    exact: HashMap<String, (usize, Target)>,
    dynamic: Vec<(usize, Pattern, Target)>,
}

struct Target {
    status: StatusCode,
    to: String,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Led {
    /// The visitor is sent there.
    Away(StatusCode, String),
    /// What lies under this path is served instead.
    Within(String),
}

impl RedirectRules {
    /// Reads the text of a `_redirects` file.
    ///
    /// # Errors
    /// [`InvalidRules`] with the line.
    pub fn parse(text: &str, html: HtmlHandling) -> Result<Self, InvalidRules> {
        let mut rules = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let added = rules.add(index, line, html);
                added.map_err(|reason| InvalidRules {
                    file: "_redirects",
                    line: index + 1,
                    reason,
                })?;
            }
        }
        Ok(rules)
    }

    fn add(&mut self, index: usize, line: &str, html: HtmlHandling) -> Result<(), String> {
        if line.len() > LINE_BYTES_MAX {
            return Err("is longer than 1000 bytes".into());
        }
        let words: Vec<&str> = line
            .split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .collect();
        let (from, to, status) = match words[..] {
            [from, to] => (from, to, "302"),
            [from, to, status] => (from, to, status),
            _ => return Err("is no rule; write `/from /to`, and a status if it is not 302".into()),
        };
        if !from.starts_with('/') {
            return Err(format!(
                "begins with {from:?}, which is no path: only paths of the worker's own hostnames can lead elsewhere"
            ));
        }
        let is_path = to.starts_with('/');
        if !is_path && !to.starts_with("https://") && !to.starts_with("http://") {
            return Err(format!(
                "leads to {to:?}, which is neither a path nor a URL"
            ));
        }
        let status = match status {
            "200" if is_path => StatusCode::OK,
            "200" => return Err("serves another site's content (200); only a path can be".into()),
            "301" => StatusCode::MOVED_PERMANENTLY,
            "302" => StatusCode::FOUND,
            "303" => StatusCode::SEE_OTHER,
            "307" => StatusCode::TEMPORARY_REDIRECT,
            "308" => StatusCode::PERMANENT_REDIRECT,
            other => {
                return Err(format!(
                    "has the status {other:?}; there are 200, 301, 302, 303, 307 and 308"
                ));
            }
        };
        // HTML handling would send the visitor from the page back to the path that the rule is for.
        let is_index = to.ends_with("/index") || to.ends_with("/index.html");
        let covers_index = from.ends_with('/') || from.ends_with("/*");
        if from == to || (is_path && is_index && covers_index && html != HtmlHandling::None) {
            return Err(
                "leads back to itself without end; for a single-page application set `not_found_handling`"
                    .into(),
            );
        }
        let target = Target {
            status,
            to: to.to_owned(),
        };
        if is_dynamic(from) {
            if self.dynamic.len() == DYNAMIC_MAX {
                return Err("is the 101st rule with `*` or `:name`; a file has at most 100".into());
            }
            self.dynamic.push((index, Pattern::parse(from)?, target));
        } else {
            if self.exact.len() == STATIC_MAX {
                return Err("is the 2001st rule for one path; a file has at most 2000".into());
            }
            // The first one counts.
            let entry = self.exact.entry(from.to_owned());
            entry.or_insert((index, target));
        }
        Ok(())
    }

    /// How many patterns there are.
    pub(super) fn patterns(&self) -> usize {
        self.dynamic.len()
    }

    /// Bytes that the rules for one path hold.
    pub(super) fn bytes(&self) -> usize {
        self.exact
            .iter()
            .map(|(from, (_, target))| from.len() + target.to.len() + 96)
            .sum()
    }

    /// Where a path leads by the first rule that is for it.
    pub(super) fn lead(&self, path: &str, query: Option<&str>) -> Option<Led> {
        let exact = self.exact.get(path);
        let before = exact.map_or(usize::MAX, |(index, _)| *index);
        let dynamic = self
            .dynamic
            .iter()
            .take_while(|(index, ..)| *index < before)
            .find_map(|(_, pattern, target)| Some((pattern.captures(path)?, target)));
        let (target, to) = match (dynamic, exact) {
            (Some((captures, target)), _) => (target, fill(&target.to, &captures)),
            (None, Some((_, target))) => (target, target.to.clone()),
            (None, None) => return None,
        };
        let to = match to.strip_prefix('/') {
            // `//host` and `/\host` are other hosts to a browser.
            Some(rest) => format!("/{}", rest.trim_start_matches(['/', '\\'])),
            None => to,
        };
        if target.status == StatusCode::OK {
            let end = to.find(['?', '#']).unwrap_or(to.len());
            return Some(Led::Within(to[..end].to_owned()));
        }
        Some(Led::Away(target.status, location(&to, query)))
    }
}

/// A redirect's target with the request's query, unless it has one of its own.
pub(super) fn location(to: &str, query: Option<&str>) -> String {
    let (plain, fragment) = to.split_at(to.find('#').unwrap_or(to.len()));
    let query = query.filter(|_| !plain.contains('?'));
    let encoded = utf8_percent_encode(plain, UNSAFE);
    match query {
        Some(query) => format!("{encoded}?{query}{}", utf8_percent_encode(fragment, UNSAFE)),
        None => format!("{encoded}{}", utf8_percent_encode(fragment, UNSAFE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_for_a_path_leads() {
        let rules = "/a /b\n/a /c 301\n/b/* /x/:splat 308\n/b/y /never\n/c /d?q=1#f 301 # why\n\
                     /u/:id https://example.com/:id 307\n/p/* /:splat 302\n/r/* /s/:splat 200\n";
        let rules = RedirectRules::parse(rules, HtmlHandling::default()).expect("rules");
        let away = |status, to: &str| {
            let status = StatusCode::from_u16(status).expect("a status");
            Some(Led::Away(status, to.to_owned()))
        };
        for (path, query, expected) in [
            ("/a", None, away(302, "/b")),
            ("/a", Some("q=2"), away(302, "/b?q=2")),
            ("/b/y", None, away(308, "/x/y")),
            ("/c", Some("q=2"), away(301, "/d?q=1#f")),
            ("/u/7", Some("a"), away(307, "https://example.com/7?a")),
            ("/p//evil.test", None, away(302, "/evil.test")),
            ("/p/\\evil.test", None, away(302, "/evil.test")),
            ("/r/a/b", None, Some(Led::Within("/s/a/b".into()))),
            ("/nothing", None, None),
        ] {
            assert_eq!(rules.lead(path, query), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_line() {
        for rules in [
            "/a",
            "/a /b 302 x",
            "a /b",
            "https://x.test/a /b",
            "/a b",
            "/a //[ 404",
            "/a /b 404",
            "/a https://x.test/ 200",
            "/a /a",
            "/* /index.html 200",
            "/*/* /b",
        ] {
            let rules = format!("# first\n{rules}");
            let error = RedirectRules::parse(&rules, HtmlHandling::default());
            assert_eq!(error.err().expect(&rules).line, 2, "{rules}");
        }
        let spa = RedirectRules::parse("/* /index.html 200", HtmlHandling::None);
        assert!(
            spa.is_ok(),
            "nothing leads back when HTML is served as it lies"
        );
    }
}
