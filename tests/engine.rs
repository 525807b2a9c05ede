//! The committed JavaScript engine belongs to the committed sources; `make engine` rebuilds it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::harness::repository;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path => found.push(path),
        }
    }
}

#[test]
fn the_engine_belongs_to_its_sources() {
    let engine = repository().join("engine");
    let listed = std::fs::read_to_string(engine.join("built/SOURCES.sha256")).expect("the list");
    assert_eq!(listed.lines().count(), 5, "the list is whole");
    let named = [
        "Cargo.lock",
        "Cargo.toml",
        "build.sh",
        "package-lock.json",
        "package.json",
    ];
    let mut sources: Vec<PathBuf> = named.iter().map(|name| engine.join(name)).collect();
    for folder in ["c", "classes", "js", "node", "src", "transform"] {
        files(&engine.join(folder), &mut sources);
    }
    sources.sort_by_key(|path| path.as_os_str().as_encoded_bytes().to_vec());
    for line in listed.lines() {
        let (expected, name) = line.split_once("  ").expect("a hash and a name");
        let content: Vec<PathBuf> = match name {
            "sources" => sources.clone(),
            "node" => {
                let mut built = Vec::new();
                files(&engine.join("built/node"), &mut built);
                built.sort_by_key(|path| path.as_os_str().as_encoded_bytes().to_vec());
                built
            }
            built => vec![engine.join("built").join(built)],
        };
        let mut hasher = Sha256::new();
        for path in content {
            hasher
                .update(std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
        }
        let found: String = hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(found, expected, "{name} has changed; run `make engine`");
    }
}
