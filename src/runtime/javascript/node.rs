//! Node's modules, for workers that ask for them by a compatibility flag (Cloudflare docs, "Node.js compatibility"). They are
//! no part of the engine: a worker's bundle gets those that it names, and what these import in turn.

use std::fmt::Write;

use crate::model::Bundle;
use crate::model::bundle::Content;

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../engine/built/node/", $name, ".js")))),*]
    };
}

/// By the names that follow `node:`.
pub(super) static MODULES: &[(&str, &str)] = modules![
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "crypto",
    "diagnostics_channel",
    "events",
    "internal/intl",
    "internal/intl/base",
    "internal/intl/dates",
    "internal/intl/numbers",
    "internal/intl/text",
    "internal/intl/words",
    "os",
    "path",
    "path/posix",
    "process",
    "querystring",
    "stream",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "timers",
    "timers/promises",
    "url",
    "util",
    "util/types",
];

/// What the second changes on Cloudflare is done by its bundler.
const FLAGS: [&str; 2] = ["nodejs_compat", "nodejs_compat_v2"];

/// Not Node's, but brought in the same way: it makes a global, and changes methods, that most workers never use.
const INTL: &str = "internal/intl";
/// What stands for it in a source.
const INTL_WORDS: [&str; 5] = [
    "Intl",
    "localeCompare",
    "toLocaleString",
    "toLocaleDateString",
    "toLocaleTimeString",
];

/// The modules that the engine runs before a worker's own, by name and source: the first one makes globals of some. Without the
/// flag none are Node's.
pub(super) fn modules(bundle: &Bundle) -> Vec<(String, String)> {
    let flags = &bundle.compatibility_flags;
    let has_node = flags.iter().any(|flag| FLAGS.contains(&flag.as_str()));
    let has_intl = texts(bundle).any(|text| INTL_WORDS.iter().any(|word| has_word(text, word)));
    if !has_node && !has_intl {
        return Vec::new();
    }
    let named = |name: &str, global: &str| {
        texts(bundle).any(|text| is_named(text, name) || has_word(text, global))
    };
    let mut wanted: Vec<usize> = (0..MODULES.len())
        .filter(|index| match MODULES[*index].0 {
            INTL => has_intl,
            _ if !has_node => false,
            "buffer" => named("buffer", "Buffer"),
            "process" => named("process", "process"),
            name => texts(bundle).any(|text| is_named(text, name)),
        })
        .collect();
    let first = first(&wanted, has_node);
    let mut next = 0;
    while let Some(index) = wanted.get(next) {
        let source = MODULES[*index].1;
        next += 1;
        for (other, (name, _)) in MODULES.iter().enumerate() {
            if !wanted.contains(&other) && is_named(source, name) {
                wanted.push(other);
            }
        }
    }
    let found = wanted.iter().map(|index| MODULES[*index]);
    let found = found.map(|(name, source)| (format!("node:{name}"), source.to_owned()));
    std::iter::once(("node:first".to_owned(), first))
        .chain(found)
        .collect()
}

/// Imports the modules that the worker names, and gives Node's to the engine.
fn first(wanted: &[usize], has_node: bool) -> String {
    let mut text = String::new();
    let mut list = String::new();
    for index in wanted {
        let name = MODULES[*index].0;
        if name == INTL {
            let _ = writeln!(text, "import \"node:{name}\";");
            continue;
        }
        let _ = writeln!(text, "import * as m{index} from \"node:{name}\";");
        let _ = write!(list, "\"node:{name}\": m{index}, ");
    }
    if has_node {
        let _ = writeln!(
            text,
            "import node from 'cirque:node';\nnode.start({{ {list}}});"
        );
    }
    text
}

fn texts(bundle: &Bundle) -> impl Iterator<Item = &str> {
    bundle
        .modules
        .iter()
        .filter_map(|module| match &module.content {
            Content::Module(text) | Content::CommonJs(text) => Some(text.as_str()),
            Content::Text(_)
            | Content::Data(_)
            | Content::Json(_)
            | Content::SourceMap(_)
            | Content::Wasm(_) => None,
        })
}

/// Whether the name stands there in quotes. What has it for another reason only gets a larger image.
fn is_named(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].strip_suffix("node:").unwrap_or(&text[..at]);
        let (before, after) = (
            before.chars().next_back(),
            text[at + name.len()..].chars().next(),
        );
        before == after && matches!(after, Some('"' | '\'' | '`'))
    })
}

/// Whether the word stands there and is no part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::Syntax;

    fn names(code: &str, flags: &[&str]) -> Vec<String> {
        let mut bundle =
            Bundle::single(Syntax::Modules, "worker.js", code.into()).expect("a bundle");
        bundle.compatibility_flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        modules(&bundle).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_worker_gets_what_it_names_and_what_that_imports() {
        let table: &[(&str, &[&str])] = &[
            ("import 'node:path'", &["node:first", "node:path"]),
            ("import a from \"path\"", &["node:first", "node:path"]),
            ("require(`path`)", &["node:first", "node:path"]),
            ("const path = 1; 'paths' + 'path\"'", &["node:first"]),
            ("new ArrayBuffer(1); a.Buffers", &["node:first"]),
            ("Buffer.from('')", &["node:first", "node:buffer"]),
            ("globalThis.process?.env", &["node:first", "node:process"]),
            (
                "import 'node:timers'",
                &["node:first", "node:timers", "node:timers/promises"],
            ),
        ];
        for (code, expected) in table {
            assert_eq!(names(code, &["nodejs_compat"]), *expected, "{code}");
        }
        assert!(names("import 'node:path'", &["other"]).is_empty());
        for code in ["new Intl.NumberFormat()", "a.localeCompare(b)"] {
            let found = names(code, &[]);
            assert_eq!(found[..2], ["node:first", "node:internal/intl"], "{code}");
            assert_eq!(found.len(), 7, "{code}");
        }
    }

    #[test]
    fn what_a_module_imports_is_there() {
        for (name, source) in MODULES {
            for part in source.split("\"node:").skip(1) {
                let wanted = part.split('"').next().unwrap_or_default();
                assert!(
                    MODULES.iter().any(|(other, _)| *other == wanted),
                    "{name} imports {wanted}"
                );
            }
        }
    }
}
