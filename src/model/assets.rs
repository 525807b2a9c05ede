//! Static assets of a worker: what its record says of them, and the list of files behind that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::script::CodeHash;

/// What a script's record says of its assets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// The [`Site`], by content.
    pub site: CodeHash,
    /// How they are served.
    #[serde(default, skip_serializing_if = "AssetsConfig::is_default")]
    pub config: AssetsConfig,
}

/// How a worker's assets are served.
///
/// Source: Cloudflare docs, "Static assets: configuration and bindings".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetsConfig {
    /// Under which paths HTML is served.
    pub html_handling: HtmlHandling,
    /// What answers when there is no such file.
    pub not_found_handling: NotFoundHandling,
    /// Which requests the worker gets before its assets are looked at.
    pub run_worker_first: RunWorkerFirst,
    /// The path below which assets are served, without a slash at its end; empty for all paths.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub base_path: String,
}

impl AssetsConfig {
    /// Whether nobody has said anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Under which paths HTML is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HtmlHandling {
    /// `/a.html` at `/a`, `/b/index.html` at `/b/`.
    #[default]
    AutoTrailingSlash,
    /// `/a.html` at `/a/`, `/b/index.html` at `/b/`.
    ForceTrailingSlash,
    /// `/a.html` at `/a`, `/b/index.html` at `/b`.
    DropTrailingSlash,
    /// Under the files' own paths alone.
    None,
}

/// What answers when there is no such file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotFoundHandling {
    /// The worker, or an empty 404.
    #[default]
    None,
    /// The nearest `404.html`, with status 404.
    #[serde(rename = "404-page")]
    Page,
    /// `/index.html`, with status 200.
    SinglePageApplication,
}

/// Which requests the worker gets before its assets are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RunWorkerFirst {
    /// All of them, or none.
    All(bool),
    /// Those whose path one of these globs covers, unless one that begins with `!` does.
    Paths(Vec<String>),
}

impl Default for RunWorkerFirst {
    fn default() -> Self {
        Self::All(false)
    }
}

/// The files of a worker, and the rules that came with them; kept in the store by content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The files by path, as a URL has it once it is decoded.
    pub files: BTreeMap<String, AssetFile>,
    /// The text of `_headers`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub headers: String,
    /// The text of `_redirects`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub redirects: String,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// Its bytes, by content.
    pub content: CodeHash,
    /// How many they are.
    pub size: u64,
    /// Its content type; without one it is served without.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_written_in_cloudflares_words() {
        let json = r#"{"html_handling":"drop-trailing-slash","not_found_handling":"404-page","run_worker_first":["/api/*"],"base_path":"/docs"}"#;
        let config: AssetsConfig = serde_json::from_str(json).expect("a config");
        assert_eq!(config.not_found_handling, NotFoundHandling::Page);
        assert_eq!(serde_json::to_string(&config).expect("JSON"), json);
        let none: AssetsConfig = serde_json::from_str("{}").expect("a config");
        assert!(none.is_default());
    }
}
