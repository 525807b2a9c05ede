//! The cache beside what others expect of one: the HTTP cache tests, <https://cache-tests.fyi>.

use std::collections::BTreeSet;
use std::process::Command;

use serde::Deserialize;

use super::clients::{clients, node};
use super::harness::{Builder, free_port, repository};

/// `caching/expected.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    fails: Vec<Fails>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fails {
    #[serde(rename = "reason")]
    _reason: String,
    tests: Vec<String>,
}

/// What became of a test.
#[derive(Deserialize)]
struct Outcome {
    id: String,
    kind: String,
    passes: bool,
    says: String,
}

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "how many pass, for who updates the figures"
)]
async fn the_cache_passes_the_http_cache_tests() {
    let text = std::fs::read_to_string(repository().join("tests/caching/expected.toml"));
    let expected: Expected = toml::from_str(&text.expect("a file")).expect("TOML");
    let expected: BTreeSet<String> = expected.fails.into_iter().flat_map(|f| f.tests).collect();

    let edge = Builder::new(&["cache.origins=true"]).start().await;
    let origin = free_port();
    edge.cirque(&["route", "localhost", &format!("http://127.0.0.1:{origin}")]);
    edge.until_routed("localhost").await;
    let folder = clients("caching").join("node_modules/http-cache-tests");
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new(node())
        .arg("--dns-result-order=ipv4first")
        .arg(repository().join("tests/caching/run.mjs"))
        .arg(folder)
        .arg(format!("http://localhost:{}", edge.port))
        .arg(origin.to_string())
        .current_dir(home.path())
        .output()
        .expect("node");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let outcomes: Vec<Outcome> = serde_json::from_slice(&output.stdout).expect("JSON");
    for kind in ["required", "optimal", "check"] {
        let of_kind = || outcomes.iter().filter(|outcome| outcome.kind == kind);
        let passing = of_kind().filter(|outcome| outcome.passes).count();
        println!("{kind}: {passing} of {}", of_kind().count());
    }
    let counted = outcomes.iter().filter(|outcome| outcome.kind != "check");
    let wrong: Vec<String> = counted
        .filter(|outcome| outcome.passes == expected.contains(&outcome.id))
        .map(|outcome| format!("{}: {}", outcome.id, outcome.says))
        .collect();
    assert!(
        wrong.is_empty(),
        "otherwise than in expected.toml: {wrong:#?}"
    );
}
