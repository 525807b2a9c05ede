//! A module uses the layers below it only.

use std::path::Path;

/// The layers, lowest first; modules of one row do not know each other.
const LAYERS: &[&[&str]] = &[
    &["model"],
    &["conf", "ledger"],
    &["metrics"],
    &["logs", "tail"],
    &["secrets", "pki"],
    &["store"],
    &[
        "router", "limiter", "egress", "assets", "cache", "kv", "rates", "relay", "tls", "usage",
    ],
    &["traces"],
    &["bindings"],
    &["runtime"],
    &["proxy", "control", "schedules", "hostnames"],
    &["api"],
    &["app"],
    &["cli"],
];

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|row| row.contains(&module))
        .unwrap_or_else(|| {
            panic!("{module} has no layer: name it in tests/layers.rs and ARCHITECTURE.md")
        })
}

fn sources(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => sources(&path, found),
            path if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            _ => {}
        }
    }
}

fn room(path: &Path) -> String {
    let relative = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .expect("below src");
    let first = relative
        .components()
        .next()
        .expect("a name")
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Every name that follows `crate::` in this text, also inside a group.
fn used(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let group = rest
            .strip_prefix('{')
            .map(|group| group.split('}').next().unwrap_or(""));
        let parts: Vec<&str> = group.map_or_else(|| vec![rest], |group| group.split(',').collect());
        for part in parts {
            let name: String = part
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            names.push(name);
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn layers_point_down() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 20, "the sources were found");
    for path in files {
        let room = room(&path);
        if room == "lib" || room == "main" {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        for used in used(&text) {
            let is_down = used == room || layer(&used) < layer(&room);
            assert!(
                is_down,
                "{} uses crate::{used}, which is not below {room}",
                path.display()
            );
        }
    }
}

#[test]
fn foreign_types_stay_in_their_rooms() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    for path in files {
        let room = room(&path);
        let text = std::fs::read_to_string(&path).expect("a file");
        let names = |word: &str| text.contains(&format!("{word}::"));
        let is_in = |rooms: &[&str]| rooms.contains(&room.as_str());
        assert!(
            !names("pingora") || is_in(&["proxy", "app"]),
            "{} names Pingora",
            path.display()
        );
        assert!(
            !names("wasmtime") || is_in(&["runtime", "bindings"]),
            "{} names wasmtime",
            path.display()
        );
        let is_redis = path.ends_with("store/redis.rs");
        assert!(
            !text.contains("use redis::") || is_redis,
            "{} holds a Redis connection",
            path.display()
        );
        let spells_key = text.match_indices("\"cirque:").any(|(at, found)| {
            let rest = &text[at + found.len()..];
            // The package of interfaces for components (wit/) has the same first word.
            rest.starts_with(|c: char| c.is_ascii_lowercase()) && !rest.starts_with("workers/")
        });
        assert!(
            !spells_key || path.ends_with("store/keys.rs"),
            "{} spells a store key",
            path.display()
        );
    }
}
