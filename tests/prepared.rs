//! What `tests/javascript/fetch.sh` makes ready, because the repository does not hold it.

use std::path::PathBuf;

use super::harness::repository;

/// A folder that the script has made of these files of `tests/javascript`. Fails the test when it is not there, or
/// was made of other files than today's.
pub(crate) fn folder(name: &str, sources: &[PathBuf]) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("cirque-javascript").join(name);
    let mut stamp = Vec::new();
    for source in sources {
        stamp.extend(std::fs::read(javascript().join(source)).expect("a file of the repository"));
    }
    assert!(
        std::fs::read(folder.join("stamp")).is_ok_and(|made_of| made_of == stamp),
        "{} is missing or out of date: run tests/javascript/fetch.sh, as `make test` does",
        folder.display()
    );
    folder
}

/// The folder of the JavaScript tests' own files.
pub(crate) fn javascript() -> PathBuf {
    repository().join("tests/javascript")
}
