//! Tags: the labels an operator gives to scripts, and filters over them.

use std::str::FromStr;

use thiserror::Error;

/// Tags of one script.
///
/// Source: Cloudflare docs, Workers for Platforms, "Tags".
pub const TAGS_MAX: usize = 8;
/// The longest tag, in bytes; Cloudflare publishes no number.
pub const TAG_BYTES_MAX: usize = 1_024;

/// Tags that a script cannot have.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidTag {
    /// Longer than a tag may be.
    #[error("the tag {0:?}… is longer than {TAG_BYTES_MAX} bytes")]
    TooLong(String),
    /// More than a script may have.
    #[error("a script has at most {TAGS_MAX} tags; this would make {0}")]
    TooMany(usize),
    /// A character that filters and queries are made of.
    #[error(
        "the tag {0:?} has a character that no tag may have: a comma, an ampersand or a control character"
    )]
    Character(String),
    /// No text at all.
    #[error("a tag is not empty")]
    Empty,
}

/// These tags as a script keeps them: each once, in the order given.
///
/// # Errors
/// [`InvalidTag`], which names the first that cannot be.
pub fn check(tags: Vec<String>) -> Result<Vec<String>, InvalidTag> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        if tag.is_empty() {
            return Err(InvalidTag::Empty);
        }
        if tag.len() > TAG_BYTES_MAX {
            return Err(InvalidTag::TooLong(tag.chars().take(32).collect()));
        }
        if tag.contains([',', '&']) || tag.chars().any(char::is_control) {
            return Err(InvalidTag::Character(tag.chars().take(64).collect()));
        }
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    match kept.len() {
        0..=TAGS_MAX => Ok(kept),
        n => Err(InvalidTag::TooMany(n)),
    }
}

/// `tag:yes,other:no`: the scripts that have every tag said yes to, and none said no to.
///
/// Source: Cloudflare docs, Workers for Platforms, "Tags"; a tag may itself have colons, so the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// Tags a script must have.
    pub with: Vec<String>,
    /// Tags it must not have.
    pub without: Vec<String>,
}

/// A filter that says nothing that can be meant.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0:?} is no tag filter: write <tag>:yes or <tag>:no, several separated by commas")]
pub struct InvalidFilter(String);

impl TagFilter {
    /// Whether a script with these tags passes.
    pub fn passes(&self, tags: &[String]) -> bool {
        self.with.iter().all(|tag| tags.contains(tag))
            && !self.without.iter().any(|tag| tags.contains(tag))
    }
}

impl FromStr for TagFilter {
    type Err = InvalidFilter;

    fn from_str(text: &str) -> Result<Self, InvalidFilter> {
        // Cloudflare's older pages write placeholders as `tags=:<FILTER>`, and people keep the colon.
        let pairs = text.strip_prefix(':').unwrap_or(text);
        let invalid = || InvalidFilter(text.chars().take(64).collect());
        let mut filter = Self::default();
        for pair in pairs.split(',') {
            match pair.rsplit_once(':') {
                Some((tag, "yes")) if !tag.is_empty() => filter.with.push(tag.to_owned()),
                Some((tag, "no")) if !tag.is_empty() => filter.without.push(tag.to_owned()),
                _ => return Err(invalid()),
            }
        }
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[test]
    fn a_filter_splits_at_the_last_colon() {
        let filter: TagFilter = "cf:service=a:yes,free:no".parse().expect("a filter");
        assert_eq!(filter.with, ["cf:service=a"]);
        assert_eq!(filter.without, ["free"]);
        assert!(filter.passes(&tags(&["cf:service=a", "b"])));
        assert!(!filter.passes(&tags(&["cf:service=a", "free"])));
        assert!(!filter.passes(&tags(&["free"])));
        assert_eq!(":a:yes".parse::<TagFilter>(), "a:yes".parse());
    }

    #[test]
    fn what_is_no_filter_matches_nothing_by_accident() {
        for text in [
            "",
            ":",
            "a",
            "a:maybe",
            "a:yes,",
            ",a:yes",
            ":yes",
            "a:YES",
            "a:yes,,b:no",
        ] {
            assert!(text.parse::<TagFilter>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn tags_have_bounds() {
        let nine: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        assert_eq!(check(nine), Err(InvalidTag::TooMany(9)));
        assert_eq!(check(tags(&["a", "a", "b"])), Ok(tags(&["a", "b"])));
        assert!(matches!(
            check(vec!["x".repeat(1_025)]),
            Err(InvalidTag::TooLong(_))
        ));
        for tag in ["a,b", "a&b", "a\nb"] {
            assert!(
                matches!(check(tags(&[tag])), Err(InvalidTag::Character(_))),
                "{tag:?}"
            );
        }
        assert_eq!(check(tags(&[""])), Err(InvalidTag::Empty));
    }
}
