//! The files of one worker with their rules, in memory.

use std::collections::HashMap;

use http::HeaderValue;

use super::InvalidRules;
use super::headers::HeaderRules;
use super::pattern::PATTERN_BYTES;
use super::redirects::RedirectRules;
use crate::model::CodeHash;
use crate::model::assets::{self, HtmlHandling};

/// What a file holds beside its path.
const FILE_BYTES: usize = 160;

/// The files of one worker with their rules.
pub(super) struct Site {
    files: HashMap<Box<str>, File>,
    pub(super) headers: HeaderRules,
    pub(super) redirects: RedirectRules,
}

/// One file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) content: CodeHash,
    pub(super) size: u64,
    pub(super) content_type: Option<HeaderValue>,
}

impl Site {
    /// Makes the rules ready.
    ///
    /// # Errors
    /// [`InvalidRules`] when the store's text of them is not what an upload would have passed.
    pub(super) fn new(site: assets::Site) -> Result<Self, InvalidRules> {
        // There are few content types and many files.
        let mut types: HashMap<String, HeaderValue> = HashMap::new();
        let mut type_of = |text: String| {
            let known = types.get(&text).cloned();
            known.or_else(|| {
                let value = HeaderValue::from_str(&text).ok()?;
                types.insert(text, value.clone());
                Some(value)
            })
        };
        let file = |(path, file): (String, assets::AssetFile)| {
            let file = File {
                content: file.content,
                size: file.size,
                content_type: file.content_type.and_then(&mut type_of),
            };
            (path.into_boxed_str(), file)
        };
        Ok(Self {
            files: site.files.into_iter().map(file).collect(),
            headers: HeaderRules::parse(&site.headers)?,
            // Whether a rule leads back to itself was asked when it was uploaded.
            redirects: RedirectRules::parse(&site.redirects, HtmlHandling::None)?,
        })
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// About how many bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        let paths: usize = self.files.keys().map(|path| path.len() + FILE_BYTES).sum();
        let patterns = self.headers.len() + self.redirects.patterns();
        paths + patterns * 2 * PATTERN_BYTES + self.redirects.bytes()
    }
}
