//! Source maps: from places in what was uploaded to places in what its author wrote.
//!
//! They are looked at only when something went wrong: when an upload is refused, and when a text that holds stack frames is
//! logged. The first such text of a worker has its maps read from the store; they are then kept for a while.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::FutureExt;
use moka::future::Cache;
use sourcemap::{DecodedMap, SourceMap};

use crate::model::{Bundle, CodeHash};
use crate::store::{KeyValue, records};

/// The longest map; the largest seen in practice (a bundle of 10 MB with its sources) is about this long.
const MAP_BYTES_MAX: usize = 16 << 20;
/// Commas and semicolons in a map. Each may become a place of 28 bytes in memory.
const PLACES_MAX: usize = 2 << 20;
/// What parsed maps of all workers may hold in memory.
const KEPT_BYTES_MAX: u64 = 64 << 20;
const PLACE_BYTES: u32 = 32;
/// Frames of one text that are mapped; stacks have at most 64.
const FRAMES_MAX: usize = 200;
/// The longest name of a source that is written out.
const NAME_CHARS_MAX: usize = 300;

/// Checks a map, so that its author hears of damage when he deploys.
///
/// # Errors
/// What is wrong with it.
pub fn check(json: &str) -> Result<(), String> {
    parse(json).map(drop)
}

/// The maps of one worker.
pub(in crate::runtime) struct Maps(HashMap<String, SourceMap>);

/// A place in a source as its author wrote it.
pub(super) struct Original {
    pub file: String,
    /// From 1, as the column.
    pub line: u32,
    pub column: u32,
    /// The line itself, when the map has the source in it.
    pub text: Option<String>,
}

impl Maps {
    /// Those that can be read; the others are as if they were not there.
    pub(super) fn of(bundle: &Bundle) -> Self {
        let found = bundle.modules.iter().filter_map(|module| {
            let map = parse(bundle.source_map(module)?).ok()?;
            Some((module.name.clone(), map))
        });
        Self(found.collect())
    }

    /// Where a place in a module comes from.
    pub(super) fn original(&self, file: &str, line: u32, column: u32) -> Option<Original> {
        let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        let token = self.0.get(file)?.lookup_token(line, column)?;
        if token.get_dst_line() != line {
            return None;
        }
        let source = token.get_source()?;
        let text = token
            .get_source_view()
            .and_then(|view| view.get_line(token.get_src_line()));
        Some(Original {
            file: source
                .chars()
                .filter(|c| !c.is_control())
                .take(NAME_CHARS_MAX)
                .collect(),
            line: token.get_src_line().saturating_add(1),
            column: token.get_src_col().saturating_add(1),
            text: text.map(str::to_owned),
        })
    }

    /// A text with the places of its stack frames mapped.
    pub(super) fn text(&self, text: &str) -> String {
        let mut frames = 0;
        let lines = text.split('\n').map(|line| {
            let mapped = match frames < FRAMES_MAX {
                true => self.frame(line),
                false => None,
            };
            frames += usize::from(mapped.is_some());
            mapped.unwrap_or_else(|| line.to_owned())
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// `    at name (file:line:column)` or `    at file:line:column`
    fn frame(&self, line: &str) -> Option<String> {
        let at = line.len() - line.trim_start().len();
        let rest = line.get(at..)?.strip_prefix("at ")?;
        let (name, place) = match rest.strip_suffix(')').and_then(|it| it.rsplit_once(" (")) {
            Some((name, place)) => (Some(name), place),
            None => (None, rest),
        };
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        let Original {
            file, line, column, ..
        } = {
            let file = parts.next()?;
            self.original(file, number, column)?
        };
        let indent = " ".repeat(at);
        Some(match name {
            Some(name) => format!("{indent}at {name} ({file}:{line}:{column})"),
            None => format!("{indent}at {file}:{line}:{column}"),
        })
    }

    fn forget_sources(&mut self) {
        for map in self.0.values_mut() {
            for index in 0..map.get_source_count() {
                map.set_source_contents(index, None);
            }
        }
    }

    fn weight(&self) -> u32 {
        let places = self.0.values().map(SourceMap::get_token_count).sum::<u32>();
        places.saturating_mul(PLACE_BYTES).saturating_add(1 << 10)
    }
}

fn parse(json: &str) -> Result<SourceMap, String> {
    if json.len() > MAP_BYTES_MAX {
        return Err(format!("it is longer than {} MiB", MAP_BYTES_MAX >> 20));
    }
    if memchr::memchr2_iter(b',', b';', json.as_bytes()).count() > PLACES_MAX {
        return Err("it has too many places".into());
    }
    // It comes from outside, and what it damages must be no more than itself.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        match sourcemap::decode_slice(json.as_bytes()) {
            Ok(DecodedMap::Regular(map)) => Ok(map),
            Ok(DecodedMap::Index(index)) => index.flatten(),
            Ok(DecodedMap::Hermes(_)) => Err(sourcemap::Error::IncompatibleSourceMap),
            Err(error) => Err(error),
        }
    }));
    match parsed {
        Ok(map) => map.map_err(|error| error.to_string()),
        Err(_) => Err("it is damaged".into()),
    }
}

/// The maps of workers that something went wrong in.
pub(in crate::runtime) struct SourceMaps {
    store: Arc<dyn KeyValue>,
    kept: Cache<CodeHash, Arc<Maps>>,
}

impl SourceMaps {
    pub(in crate::runtime) fn new(store: Arc<dyn KeyValue>) -> Self {
        let kept = Cache::builder()
            .max_capacity(KEPT_BYTES_MAX)
            .weigher(|_, maps: &Arc<Maps>| maps.weight())
            .build();
        Self { store, kept }
    }

    /// A worker's maps, if they are here already.
    pub(super) fn here(&self, code: &CodeHash) -> Option<Arc<Maps>> {
        self.kept.get(code).now_or_never().flatten()
    }

    /// A worker's maps, from the store; none when it cannot be asked.
    pub(super) async fn get(&self, code: CodeHash) -> Option<Arc<Maps>> {
        let read = async {
            let bytes = records::code(&*self.store, &code)
                .await
                .map_err(|e| e.to_string())?;
            let parsed = tokio::task::spawn_blocking(move || {
                let bundle: Bundle = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
                let mut maps = Maps::of(&bundle);
                maps.forget_sources();
                Ok(Arc::new(maps))
            });
            parsed.await.map_err(|e| e.to_string())?
        };
        let found: Result<_, Arc<String>> = self.kept.try_get_with(code, read).await;
        found.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::{Content, Module, Syntax};

    /// Line 1, column 1 is line 3, column 5 of `src/shop.ts`; line 1, column 11 is line 7, column 1.
    const MAP: &str = r#"{"version":3,"sources":["src/shop.ts"],"sourcesContent":["one\ntwo\n    throw x"],"names":[],"mappings":"AAEI,UAIJ"}"#;

    fn maps(map: &str) -> Maps {
        let module = |name: &str, content| Module {
            name: name.into(),
            content,
        };
        let modules = vec![
            module(
                "worker.js",
                Content::Module("x\n//# sourceMappingURL=maps/worker.map\n".into()),
            ),
            module("maps/worker.map", Content::SourceMap(map.into())),
        ];
        Maps::of(&Bundle::new(Syntax::Modules, "worker.js", modules).expect("a bundle"))
    }

    #[test]
    fn frames_are_mapped_and_nothing_else_is() {
        let table = [
            ("    at f (worker.js:1:3)", "    at f (src/shop.ts:3:5)"),
            ("    at worker.js:1:12", "    at src/shop.ts:7:1"),
            ("    at f (other.js:1:3)", "    at f (other.js:1:3)"),
            ("    at f (worker.js:9:3)", "    at f (worker.js:9:3)"),
            ("    at f (worker.js:0:0)", "    at f (worker.js:0:0)"),
            ("    at map (<anonymous>)", "    at map (<anonymous>)"),
            ("Error: worker.js:1:3", "Error: worker.js:1:3"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(maps(MAP).text(text), expected);
        }
        let original = maps(MAP).original("worker.js", 1, 3).expect("a place");
        assert_eq!(original.text.as_deref(), Some("    throw x"));
    }

    #[test]
    fn what_is_damaged_maps_nothing() {
        for map in [
            "",
            "{}",
            "[1]",
            r#"{"version":3,"sources":["a"],"names":[],"mappings":"!!!!"}"#,
            r#"{"version":3,"sources":["a"],"names":[],"mappings":"AAAA99999999999999AAAA"}"#,
            r#"{"version":3,"sources":[],"names":[],"mappings":"AAAAA"}"#,
            &MAP[..MAP.len() - 9],
        ] {
            assert_eq!(
                maps(map).text("    at f (worker.js:1:3)"),
                "    at f (worker.js:1:3)",
                "{map}"
            );
        }
        let long = format!("{MAP}{}", " ".repeat(MAP_BYTES_MAX));
        assert!(check(&long).is_err());
        assert!(check(&",".repeat(PLACES_MAX + 1)).is_err());
        assert!(check(MAP).is_ok());
    }
}
