//! Compiled code: made once, checked each time it is loaded, and made anew when it is not what it was.

use std::path::PathBuf;

use super::harness::redis::Redis;
use super::harness::{Edge, until};

const HELLO: &str = "Hello, World!\n";
const COMPILED: &str = r#"cirque_compilations_total{result="ok"}"#;
const REFUSED: &str = r#"cirque_compilations_total{result="refused"}"#;
const DAMAGED: &str = "cirque_artifacts_damaged_total";

/// The files of compiled code that an edge keeps.
fn artifacts(edge: &Edge) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(edge.directory.path().join("data/artifacts"));
    let paths = folder
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "cwasm")
        })
        .collect()
}

#[tokio::test]
async fn an_artifact_that_was_damaged_is_made_anew() {
    let mut edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    let damages: [fn(&mut Vec<u8>); 7] = [
        |bytes| bytes[0] ^= 1,
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
        |bytes| {
            let last = bytes.len() - 1;
            bytes[last] ^= 0x80;
        },
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.clear(),
        |bytes| bytes.push(0),
        |bytes| bytes.fill(0),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let path = artifacts(&edge).pop().expect("an artifact");
        let mut bytes = std::fs::read(&path).expect("a file");
        damage(&mut bytes);
        // In a new file: the running edge has mapped the old one.
        std::fs::remove_file(&path).expect("a file");
        std::fs::write(&path, bytes).expect("a file");
        edge = edge.restart().await;
        assert_eq!(
            edge.get("hello.test", "/").await.text(),
            HELLO,
            "damage {number}"
        );
        assert_eq!(edge.metric(DAMAGED).await, 1.0, "damage {number}");
        assert_eq!(edge.metric(COMPILED).await, 1.0, "damage {number}");
        edge.until_logged(&["WARN", "an artifact on disk is damaged"])
            .await;
    }
    let edge = edge.restart().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
    assert_eq!(
        (edge.metric(DAMAGED).await, edge.metric(COMPILED).await),
        (0.0, 0.0)
    );
}

#[tokio::test]
async fn an_artifact_that_is_gone_is_made_anew() {
    let mut edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    for extensions in [&["cwasm"][..], &["mac"], &["cwasm", "mac"]] {
        let path = artifacts(&edge).pop().expect("an artifact");
        for extension in extensions {
            std::fs::remove_file(path.with_extension(extension)).expect("a file");
        }
        edge = edge.restart().await;
        assert_eq!(
            edge.get("hello.test", "/").await.text(),
            HELLO,
            "{extensions:?}"
        );
        assert_eq!(edge.metric(COMPILED).await, 1.0, "{extensions:?}");
    }
    let path = edge.directory.path().join("data/artifacts");
    std::fs::remove_dir_all(path).expect("a folder");
    let edge = edge.restart().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn an_artifact_in_anothers_place_is_not_run() {
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    let hello = artifacts(&edge).pop().expect("an artifact");
    edge.serve("count", "count").await;
    let is_other = |path: &PathBuf| *path != hello;
    let count = artifacts(&edge)
        .into_iter()
        .find(is_other)
        .expect("an artifact");
    // With its own hash beside it, which is right for the bytes.
    for extension in ["cwasm", "mac"] {
        let target = hello.with_extension(extension);
        std::fs::remove_file(&target).expect("a file");
        std::fs::copy(count.with_extension(extension), target).expect("a file");
    }
    let edge = edge.restart().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
    assert_eq!(edge.get("count.test", "/").await.text(), "1\n");
    assert_eq!(edge.metric(DAMAGED).await, 1.0);
}

#[tokio::test]
async fn what_was_deployed_elsewhere_is_compiled_once_for_all_who_wait() {
    let redis = Redis::start().await;
    let (here, there) = (
        Edge::with(&[&redis.setting()]).await,
        Edge::with(&[&redis.setting()]).await,
    );
    there.deploy("go", "go");
    there.cirque(&["route", "go.test", "go"]);
    assert_eq!(artifacts(&here).len(), 0);
    let visits = (0..50).map(|_| here.get("go.test", "/"));
    for answer in futures::future::join_all(visits).await {
        assert_eq!(answer.text(), "Hello from Go!\n");
    }
    assert_eq!(here.metric(COMPILED).await, 1.0);
    assert_eq!(artifacts(&here).len(), 1);
    // The node it was deployed on has it already.
    assert_eq!(there.get("go.test", "/").await.text(), "Hello from Go!\n");
    assert_eq!(there.metric(COMPILED).await, 0.0);
}

#[tokio::test]
async fn code_that_cannot_be_compiled_is_tried_once_and_harms_nobody() {
    let redis = Redis::start().await;
    let edge = Edge::with(&[&redis.setting()]).await;
    edge.serve("hello", "hello").await;
    // As anyone who may write to the store could put it there.
    let hash = sha256(b"junk\n");
    redis.set(&format!("cirque:code:{hash}"), "junk\n").await;
    redis
        .set("cirque:script:{_}:junk", format!(r#"{{"code":"{hash}"}}"#))
        .await;
    redis
        .set("cirque:hostname:junk.test", r#"{"worker":"junk"}"#)
        .await;
    until("the new hostname is routed", async || {
        edge.get("junk.test", "/").await.status == 500
    })
    .await;
    let visits = (0..20).map(|_| edge.get("junk.test", "/"));
    for answer in futures::future::join_all(visits).await {
        assert_eq!(answer.status, 500);
        let text = answer.text();
        assert!(
            text.starts_with("error code: 1101\nThe worker could not be loaded."),
            "{text}"
        );
    }
    assert_eq!(edge.metric(REFUSED).await, 1.0);
    edge.until_logged(&["a worker could not be run", "is not WebAssembly"])
        .await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn code_that_is_needed_while_the_store_is_away_is_there_when_it_is_back() {
    let mut redis = Redis::durable().await;
    let edge = Edge::with(&[&redis.setting(), "store.timeout_ms=200"]).await;
    edge.serve("hello", "hello").await;
    let folder = edge.directory.path().join("data/artifacts");
    std::fs::remove_dir_all(folder).expect("a folder");
    let stopped = edge.stop().await;
    redis.kill();
    let edge = stopped.start().await;
    assert_eq!(edge.get("hello.test", "/").await.status, 503);
    redis.resume_process().await;
    until("the worker answers", async || {
        edge.get("hello.test", "/").await.text() == HELLO
    })
    .await;
}
