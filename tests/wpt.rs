//! The Web Platform Tests that concern a runtime without pages, each file as a worker of its own.
//!
//! `javascript/wpt/areas.json` says which files; `expected.txt` beside it lists the subtests that fail, and why. That
//! list may only shrink: a test that fails without standing there fails here, and so does one that stands there and
//! passes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::harness::{Edge, host, request};
use super::prepared;

/// Many subtests in one file take their time, and some hold a lot of data.
const LIMITS: &[&str] = &[
    "limits.cpu_ms=30000",
    "limits.memory_mb=256",
    "limits.wall_ms=60000",
];

/// What a line has in place of a subtest when the whole file did not come to its end.
const WHOLE_FILE: &str = "*";

#[tokio::test]
async fn urls() {
    run("url").await;
}

#[tokio::test]
async fn streams() {
    run("streams").await;
}

#[tokio::test]
async fn encodings() {
    run("encoding").await;
}

#[tokio::test]
async fn blobs_and_files() {
    run("file").await;
}

#[tokio::test]
async fn events_and_aborting() {
    run("dom").await;
}

#[tokio::test]
async fn base64_timers_and_structured_clones() {
    run("html").await;
}

#[tokio::test]
async fn keys_are_made_and_moved() {
    run("crypto-keys").await;
}

#[tokio::test]
async fn keys_are_used() {
    run("crypto-use").await;
}

#[tokio::test]
async fn bits_are_derived() {
    run("crypto-derive").await;
}

#[tokio::test]
async fn console_clock_and_exceptions() {
    run("misc").await;
}

#[test]
fn each_expected_failure_is_of_a_test_that_runs() {
    let tests: BTreeSet<String> = index().into_iter().map(|entry| entry.test).collect();
    let unknown: Vec<String> = expected()
        .into_iter()
        .map(|(test, _)| test)
        .filter(|test| !tests.contains(test))
        .collect();
    assert!(unknown.is_empty(), "remove from expected.txt: {unknown:#?}");
}

/// A file of the suite, as one variant of it.
struct Entry {
    area: String,
    test: String,
    script: PathBuf,
}

/// A subtest's name in its file; [`WHOLE_FILE`] for the file itself.
type Subtest = (String, String);

/// Runs an area's tests and compares what fails with what is expected to.
#[expect(clippy::print_stdout, reason = "the pass rate, for who runs it")]
async fn run(area: &str) {
    let entries: Vec<Entry> = index().into_iter().filter(|e| e.area == area).collect();
    assert!(!entries.is_empty(), "no test is in the area {area}");
    let edge = Edge::javascript_with(LIMITS).await;
    let mut total = 0;
    let mut failures: BTreeMap<Subtest, String> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let results = answer(&edge, &format!("test-{number}"), entry).await;
        for (name, message) in results {
            total += usize::from(name != WHOLE_FILE);
            if let Some(message) = message {
                failures.insert((entry.test.clone(), name), message);
            }
        }
    }
    let passed = total - failures.keys().filter(|(_, n)| n != WHOLE_FILE).count();
    println!("{area}: {passed} of {total} subtests pass");
    let mut expected = expected();
    expected.retain(|(test, _)| entries.iter().any(|entry| entry.test == *test));
    compare(area, &failures, &expected);
    let at_least = areas()["at_least"][area].as_u64().unwrap_or(0) as usize;
    assert!(total >= at_least, "only {total} of {at_least} subtests ran");
}

/// A file's subtests, with a message where one failed.
async fn answer(edge: &Edge, name: &str, entry: &Entry) -> Vec<(String, Option<String>)> {
    let whole = |message: String| vec![(WHOLE_FILE.to_owned(), Some(message))];
    let deployed = edge.try_cirque(&["deploy", name, &entry.script.to_string_lossy()]);
    if !deployed.status.success() {
        return whole(String::from_utf8_lossy(&deployed.stderr).into_owned());
    }
    edge.cirque(&["route", &host(name), name]);
    edge.until_routed(&host(name)).await;
    let answer = request(edge.port, "GET", &host(name), "/", &[], Vec::new()).await;
    let Ok(report) = serde_json::from_slice::<Value>(&answer.body) else {
        return whole(format!("status {}: {}", answer.status, answer.text()));
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut results = Vec::new();
    if report["status"] != 0 {
        results.push((
            WHOLE_FILE.to_owned(),
            Some(format!(
                "{}: {}",
                report["status"],
                text(&report["message"])
            )),
        ));
    }
    for result in report["results"].as_array().expect("a list") {
        let failed = (result[1] != 0).then(|| text(&result[2]));
        results.push((text(&result[0]), failed));
    }
    results
}

fn compare(area: &str, failures: &BTreeMap<Subtest, String>, expected: &BTreeSet<Subtest>) {
    let line = |(test, name): &Subtest| format!("{test} {}", Value::from(name.as_str()));
    let mut all = String::new();
    let mut wrong = String::new();
    for (subtest, message) in failures {
        writeln!(all, "{}", line(subtest)).expect("memory");
        if !expected.contains(subtest) {
            writeln!(wrong, "fails: {}\n       {message}", line(subtest)).expect("memory");
        }
    }
    for subtest in expected.iter().filter(|e| !failures.contains_key(*e)) {
        writeln!(wrong, "passes, remove its line: {}", line(subtest)).expect("memory");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wpt");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{area}.txt")), all).expect("a file");
    assert!(
        wrong.is_empty(),
        "not as tests/javascript/wpt/expected.txt says (all failures: {}):\n{wrong}",
        folder.join(format!("{area}.txt")).display()
    );
}

fn index() -> Vec<Entry> {
    let folder = prepared::folder(
        "wpt",
        &["areas.json", "compose.mjs", "shim.js"].map(|name| PathBuf::from("wpt").join(name)),
    );
    let text = std::fs::read_to_string(folder.join("index.json")).expect("a list of tests");
    let list: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    list.iter()
        .map(|entry| Entry {
            area: entry["area"].as_str().expect("an area").to_owned(),
            test: entry["test"].as_str().expect("a test").to_owned(),
            script: folder.join(entry["script"].as_str().expect("a script")),
        })
        .collect()
}

fn areas() -> Value {
    let text = std::fs::read(prepared::javascript().join("wpt/areas.json")).expect("a file");
    serde_json::from_slice(&text).expect("JSON")
}

/// The subtests of `expected.txt`: a file's path and the subtest's name as JSON a line, after the reason as a comment.
fn expected() -> BTreeSet<Subtest> {
    let path = prepared::javascript().join("wpt/expected.txt");
    let text = std::fs::read_to_string(path).expect("a file");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (test, name) = line.split_once(' ').expect("a test and a subtest");
            let name = serde_json::from_str(name).expect("the subtest's name as JSON");
            (test.to_owned(), name)
        })
        .collect()
}
