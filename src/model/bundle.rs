//! A JavaScript worker as it is stored: its modules, and what the engine must know to evaluate them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Modules of one worker; bundlers make one of all, hand-written workers have a few.
const MODULES_MAX: usize = 1_000;
/// The longest name of a module, in bytes.
const NAME_BYTES_MAX: usize = 1_024;

/// What `cirque:code:<hash>` holds for a JavaScript worker, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// How the worker names its handlers.
    pub syntax: Syntax,
    /// The name of the module to begin with.
    pub main: String,
    /// All of them.
    pub modules: Vec<Module>,
    /// The day whose behaviour the worker was written for, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compatibility_date: String,
    /// Single behaviours that are turned on or off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compatibility_flags: Vec<String>,
    /// What the worker finds in `env` from its top level on: a binding's name, and the module that it is the value of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bound: Vec<(String, String)>,
}

/// How a worker names its handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Syntax {
    /// `export default { fetch }`.
    Modules,
    /// `addEventListener('fetch', …)`; bindings are globals.
    ServiceWorker,
}

/// One module of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// The name that imports resolve to, without a leading `./`.
    pub name: String,
    /// What it is, and its content.
    #[serde(flatten)]
    pub content: Content,
}

/// A module's content.
///
/// Source: Cloudflare docs, "Multipart upload metadata": the content types of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content", rename_all = "snake_case")]
pub enum Content {
    /// An ECMAScript module, or a service worker's script.
    Module(String),
    /// A CommonJS module.
    CommonJs(String),
    /// A text, which is the default export.
    Text(String),
    /// A JSON value, which is the default export.
    Json(String),
    /// Bytes, an `ArrayBuffer` as the default export; base64 here.
    Data(#[serde(with = "base64")] Vec<u8>),
    /// A source map of another module (`application/source-map`); no worker sees it.
    SourceMap(String),
    /// A WebAssembly module, whose compiled form is the default export; base64 here.
    Wasm(#[serde(with = "base64")] Vec<u8>),
}

impl Content {
    /// The content type that an upload gives it.
    pub fn content_type(&self, syntax: Syntax) -> &'static str {
        match self {
            Self::Module(_) if syntax == Syntax::Modules => "application/javascript+module",
            Self::Module(_) | Self::CommonJs(_) => "application/javascript",
            Self::Text(_) => "text/plain",
            Self::Json(_) => "application/json",
            Self::Data(_) => "application/octet-stream",
            Self::SourceMap(_) => "application/source-map",
            Self::Wasm(_) => "application/wasm",
        }
    }

    /// Its bytes, as they were uploaded.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Module(text)
            | Self::CommonJs(text)
            | Self::Text(text)
            | Self::Json(text)
            | Self::SourceMap(text) => text.into_bytes(),
            Self::Data(bytes) | Self::Wasm(bytes) => bytes,
        }
    }
}

/// Modules that make no worker.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidBundle {
    /// The main module is not there.
    #[error("there is no module {0:?}, which is to be the main one; the modules are {1}")]
    NoMain(String, String),
    /// The main module is no code.
    #[error("the main module {0:?} is not JavaScript")]
    MainIsData(String),
    /// Two under one name.
    #[error("two modules are named {0:?}")]
    Twice(String),
    /// A name that none can import.
    #[error("{0:?} is no name for a module: it must have 1 to {NAME_BYTES_MAX} bytes")]
    Name(String),
    /// Too many of them.
    #[error("a worker has at most {MODULES_MAX} modules")]
    TooMany,
}

impl Bundle {
    /// A worker of a single module.
    ///
    /// # Errors
    /// [`InvalidBundle`] when the name cannot be used.
    pub fn single(syntax: Syntax, name: &str, code: String) -> Result<Self, InvalidBundle> {
        let module = Module {
            name: name.to_owned(),
            content: Content::Module(code),
        };
        Self::new(syntax, name, vec![module])
    }

    /// A worker of these modules.
    ///
    /// # Errors
    /// [`InvalidBundle`] when they cannot be told apart, or the main one is missing.
    pub fn new(
        syntax: Syntax,
        main: &str,
        mut modules: Vec<Module>,
    ) -> Result<Self, InvalidBundle> {
        if modules.len() > MODULES_MAX {
            return Err(InvalidBundle::TooMany);
        }
        let mut names = HashSet::new();
        for module in &mut modules {
            module.name = plain(&module.name).to_owned();
            let name = &module.name;
            if name.is_empty() || name.len() > NAME_BYTES_MAX {
                return Err(InvalidBundle::Name(name.chars().take(64).collect()));
            }
            if !names.insert(name.clone()) {
                return Err(InvalidBundle::Twice(name.clone()));
            }
        }
        let main = plain(main).to_owned();
        match modules.iter().find(|module| module.name == main) {
            Some(Module {
                content: Content::Module(_) | Content::CommonJs(_),
                ..
            }) => {}
            Some(_) => return Err(InvalidBundle::MainIsData(main)),
            None => {
                let names: Vec<String> = modules
                    .iter()
                    .map(|module| format!("{:?}", module.name))
                    .collect();
                return Err(InvalidBundle::NoMain(main, names.join(", ")));
            }
        }
        Ok(Self {
            syntax,
            main,
            modules,
            compatibility_date: String::new(),
            compatibility_flags: Vec::new(),
            bound: Vec::new(),
        })
    }

    /// A module's source map: the part that its last comment names, else the one with `.map` behind the module's name.
    pub fn source_map(&self, module: &Module) -> Option<&str> {
        let (Content::Module(text) | Content::CommonJs(text)) = &module.content else {
            return None;
        };
        let named = source_map_url(text).map(|url| match module.name.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}", plain(url)),
            None => plain(url).to_owned(),
        });
        let beside = format!("{}.map", module.name);
        let part = |name: &str| {
            let found = self.modules.iter().find(|part| part.name == name);
            found.and_then(|part| match &part.content {
                Content::SourceMap(map) => Some(map.as_str()),
                _ => None,
            })
        };
        named.and_then(|name| part(&name)).or_else(|| part(&beside))
    }

    /// The WebAssembly modules, by name.
    pub fn wasm(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.modules
            .iter()
            .filter_map(|module| match &module.content {
                Content::Wasm(code) => Some((module.name.as_str(), code.as_slice())),
                _ => None,
            })
    }

    /// The bytes that are stored; the same modules give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a bundle has text keys and plain values")
    }
}

/// Where a script says that its source map is: a comment near its end (ECMA-426 §11.1.2.1).
pub fn source_map_url(text: &str) -> Option<&str> {
    const COMMENT: &str = "//# sourceMappingURL=";
    let at = text.rfind(COMMENT)? + COMMENT.len();
    let rest = text.get(at..)?;
    let url = rest.split_whitespace().next()?;
    // Anything behind it is more of the script, and the text only looks like the comment.
    rest.get(url.len()..)?.trim().is_empty().then_some(url)
}

/// A module's name without the `./` that uploads may put before it.
fn plain(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("./") {
        name = rest;
    }
    name
}

/// Bytes as base64 text.
mod base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        STANDARD.decode(&*text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(name: &str) -> Module {
        Module {
            name: name.into(),
            content: Content::Module("export default {}".into()),
        }
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let data = Module {
            name: "logo".into(),
            content: Content::Data(vec![0, 255, 7]),
        };
        let bundle = Bundle::new(Syntax::Modules, "./a.js", vec![module("./a.js"), data]);
        let bundle = bundle.expect("a bundle");
        assert_eq!(bundle.main, "a.js");
        let read: Bundle = serde_json::from_slice(&bundle.to_bytes()).expect("JSON");
        assert_eq!(read, bundle);
    }

    #[test]
    fn modules_that_make_no_worker_are_refused() {
        let new = |main: &str, modules| Bundle::new(Syntax::Modules, main, modules).err();
        let no_main = InvalidBundle::NoMain("b.js".into(), "\"a.js\"".into());
        assert_eq!(new("b.js", vec![module("a.js")]), Some(no_main));
        let twice = InvalidBundle::Twice("a.js".into());
        assert_eq!(
            new("a.js", vec![module("a.js"), module("./a.js")]),
            Some(twice)
        );
        let text = Module {
            name: "a".into(),
            content: Content::Text(String::new()),
        };
        assert_eq!(
            new("a", vec![text]),
            Some(InvalidBundle::MainIsData("a".into()))
        );
        assert_eq!(
            new("", vec![module("")]),
            Some(InvalidBundle::Name(String::new()))
        );
    }
}
