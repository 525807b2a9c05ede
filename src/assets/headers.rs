//! `_headers`: which header fields assets are served with.
//!
//! Source: Cloudflare docs, "Static assets: headers".

use http::{HeaderMap, HeaderName, HeaderValue};

use super::InvalidRules;
use super::pattern::{Pattern, fill, is_dynamic};

/// Rules of one file.
const RULES_MAX: usize = 100;
/// Bytes of one line.
const LINE_BYTES_MAX: usize = 2_000;
/// What the edge writes itself, or what is for one connection alone (RFC 9110 §7.6.1).
const OURS: &[&str] = &[
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The rules of a `_headers` file.
#[derive(Default)]
pub struct HeaderRules(Vec<Rule>);

struct Rule {
    /// A host and a path, not a path alone.
    has_host: bool,
    pattern: Pattern,
    /// Fields with values, which may have placeholders.
    set: Vec<(HeaderName, String)>,
    unset: Vec<HeaderName>,
}

impl HeaderRules {
    /// Reads the text of a `_headers` file.
    ///
    /// # Errors
    /// [`InvalidRules`] with the line.
    pub fn parse(text: &str) -> Result<Self, InvalidRules> {
        let mut rules: Vec<Rule> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: &str| InvalidRules {
                file: "_headers",
                line: index + 1,
                reason: reason.to_owned(),
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.len() > LINE_BYTES_MAX {
                return Err(wrong("is longer than 2000 bytes"));
            }
            let is_url = line.starts_with("https://") || line.starts_with("http://");
            if is_url || line.starts_with('/') {
                if rules.len() == RULES_MAX {
                    return Err(wrong("is the 101st path; a file has at most 100"));
                }
                rules.push(Rule::parse(line).map_err(|reason| wrong(&reason))?);
                continue;
            }
            let Some(rule) = rules.last_mut() else {
                return Err(wrong("has a header, but no path stands before it"));
            };
            rule.add(line).map_err(|reason| wrong(&reason))?;
        }
        Ok(Self(rules))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Changes the fields of an answer to a request for this host and path.
    pub(super) fn apply(&self, host: &str, path: &str, headers: &mut HeaderMap) {
        // What one rule has set, a further one adds to; what the edge has set, a rule replaces.
        let mut ours: Vec<HeaderName> = Vec::new();
        let mut whole = String::new();
        for rule in &self.0 {
            if rule.has_host && whole.is_empty() {
                whole = format!("{}{path}", host.to_ascii_lowercase());
            }
            let text = if rule.has_host { &whole } else { path };
            let Some(captures) = rule.pattern.captures(text) else {
                continue;
            };
            for name in &rule.unset {
                headers.remove(name);
            }
            for (name, value) in &rule.set {
                // A placeholder may stand for what no field can hold.
                let Ok(value) = HeaderValue::from_str(&fill(value, &captures)) else {
                    continue;
                };
                if ours.contains(name) {
                    headers.append(name, value);
                } else {
                    headers.insert(name, value);
                    ours.push(name.clone());
                }
            }
        }
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Self, String> {
        let url = line
            .strip_prefix("https://")
            .or_else(|| line.strip_prefix("http://"));
        let pattern = match url {
            None => line.to_owned(),
            Some(url) => {
                let (host, path) = url.split_at(url.find('/').unwrap_or(url.len()));
                // A port is passed over, as there; a placeholder begins with a colon, too.
                let port = host.rfind(':').filter(|&at| !is_dynamic(&host[at..]));
                let host = &host[..port.unwrap_or(host.len())];
                let path = if path.is_empty() { "/" } else { path };
                format!("{}{path}", host.to_ascii_lowercase())
            }
        };
        Ok(Self {
            has_host: url.is_some(),
            pattern: Pattern::parse(&pattern)?,
            set: Vec::new(),
            unset: Vec::new(),
        })
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let name = |text: &str| {
            let name = HeaderName::from_bytes(text.trim().as_bytes());
            let name = name.map_err(|_| format!("{:?} is no name of a header", text.trim()))?;
            match OURS.contains(&name.as_str()) {
                true => Err(format!("sets {name}, which the edge writes itself")),
                false => Ok(name),
            }
        };
        if let Some(unset) = line.strip_prefix('!') {
            self.unset.push(name(unset)?);
            return Ok(());
        }
        let (field, value) = line
            .split_once(':')
            .ok_or("has no colon; write `Name: value`")?;
        let value = value.trim();
        if value.is_empty() {
            return Err("has no value; `! Name` takes a header away".into());
        }
        if HeaderValue::from_str(value).is_err() {
            return Err("has a value that no header can hold".into());
        }
        self.set.push((name(field)?, value.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(rules: &str, host: &str, path: &str) -> String {
        let rules = HeaderRules::parse(rules).expect("rules");
        let mut headers = HeaderMap::new();
        headers.insert("cache-control", HeaderValue::from_static("default"));
        rules.apply(host, path, &mut headers);
        let mut lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}={}", value.to_str().expect("text")))
            .collect();
        lines.sort();
        lines.join(" ")
    }

    #[test]
    fn rules_add_replace_and_take_away() {
        let rules = "# all\n/*\n  X-A: 1\n  Cache-Control: public\n\n/secret/*\n  X-A: 2\n  ! Cache-Control\n\
                     https://:sub.example.com/s/:what\n  X-Sub: :sub of :what\n";
        for (host, path, expected) in [
            ("x.test", "/a", "cache-control=public x-a=1"),
            ("x.test", "/secret/a", "x-a=1 x-a=2"),
            (
                "A.example.com",
                "/s/b",
                "cache-control=public x-a=1 x-sub=a of b",
            ),
        ] {
            assert_eq!(applied(rules, host, path), expected, "{host}{path}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_line() {
        for (rules, line) in [
            ("X-A: 1", 1),
            ("/*\n  X-A", 2),
            ("/*\n  X-A:", 2),
            ("/*\n\n  X A: 1", 3),
            ("/*/*\n X-A: 1", 1),
            ("/*\n Transfer-Encoding: chunked", 2),
            ("/*\n ! Content-Length", 2),
        ] {
            let error = HeaderRules::parse(rules).err().expect(rules);
            assert_eq!(error.line, line, "{rules:?}: {error}");
        }
        let many = "/a\n X: 1\n".repeat(101);
        assert_eq!(HeaderRules::parse(&many).err().expect("too many").line, 201);
    }
}
