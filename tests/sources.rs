//! Each committed component belongs to the committed source; `make guests` writes the list.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::harness::repository;

/// The files that a guest is made of, in the order in which they are hashed, and the component.
fn inputs(name: &str) -> (Vec<PathBuf>, PathBuf) {
    let workers = repository().join("tests/workers");
    if let Some(sample) = name.strip_prefix("sample/") {
        let folder = repository().join("samples").join(sample);
        let files = ["src/lib.rs", "Cargo.toml", "Cargo.lock"].map(|file| folder.join(file));
        return (files.to_vec(), folder.join(format!("{sample}.wasm")));
    }
    let built = |name: &str| {
        let plain = workers.join(format!("built/{name}.wasm"));
        if plain.exists() {
            plain
        } else {
            plain.with_extension("wasm.gz")
        }
    };
    if let Some(language) = name.strip_prefix("language/") {
        let folder = std::fs::read_dir(workers.join("languages").join(language)).expect("a folder");
        let mut files: Vec<PathBuf> = folder
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        return (files, built(language));
    }
    let example = workers.join(format!("examples/{name}.rs"));
    let shared = ["Cargo.toml", "Cargo.lock", "src/lib.rs"].map(|file| workers.join(file));
    ([vec![example], shared.to_vec()].concat(), built(name))
}

fn digest(files: &[PathBuf]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display())));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn list() -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(repository().join("tests/workers/built/SOURCES.sha256"))
        .expect("the list");
    let fields = |line: &str| -> [String; 3] {
        let parts: Vec<String> = line.split("  ").map(str::to_owned).collect();
        parts
            .try_into()
            .unwrap_or_else(|_| panic!("{line:?} has not three fields"))
    };
    text.lines().map(fields).collect()
}

#[test]
fn each_component_belongs_to_its_source() {
    let list = list();
    assert!(list.len() > 25, "the list is whole");
    for [source, component, name] in list {
        let (files, built) = inputs(&name);
        assert_eq!(
            digest(&files),
            source,
            "{name}: its source has changed; run `make guests`"
        );
        assert_eq!(
            digest(&[built]),
            component,
            "{name}: its component is another; run `make guests`"
        );
    }
}

#[test]
fn each_source_has_its_component() {
    let listed: Vec<String> = list().into_iter().map(|[_, _, name]| name).collect();
    let stems = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        entries
            .filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()))
            .collect()
    };
    for example in stems(&repository().join("tests/workers/examples")) {
        assert!(
            listed.contains(&example),
            "{example} was never built; run `make guests`"
        );
    }
}
