//! Data points that workers write: `env.AE.writeDataPoint({ indexes, blobs, doubles })`.

use serde_json::{Value, json};

use super::harness::kv::edge;
use super::harness::{Edge, host, until};

/// Serves the shell under a label, with a dataset that has a name and one that has not.
async fn serve(edge: &Edge, script: &str, label: &str) {
    let api = edge.api().await;
    if let Some((namespace, _)) = script.split_once('/') {
        api.namespace(namespace).await;
    }
    let bindings = json!([
        { "type": "analytics_engine", "name": "AE", "dataset": "visits" },
        { "type": "analytics_engine", "name": "PLAIN" },
    ]);
    api.try_shell(script, bindings).await.result();
    edge.cirque(&["route", &host(label), script]);
    until("the shell answers", async || {
        edge.get(&host(label), "/").await.text() == "ready"
    })
    .await;
}

/// What was written to a file so far, but for the times.
fn written(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines();
    lines
        .map(|line| {
            let mut point: Value = serde_json::from_str(line).expect("each point is JSON");
            let when = point.as_object_mut().expect("an object").remove("when");
            assert!(when.is_some_and(|when| when.as_u64() > Some(1_700_000_000_000)));
            point
        })
        .collect()
}

#[tokio::test]
async fn data_points_are_written_as_lines_of_json() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("points");
    let edge = edge(&[&format!("log.analytics_file={}", file.display())]).await;
    serve(&edge, "customers/shop", "shop").await;
    let write = async |binding: &str, args: Value| {
        let answer = edge.ask("shop", binding, "writeDataPoint", args).await;
        assert_eq!(answer, json!({ "result": { "$undefined": true } }));
    };
    let all = json!({ "indexes": ["customer-7"], "blobs": ["GET", "ü", { "$view": [104, 105] }, null, 5], "doubles": [1, 2.5, -3, "4"] });
    write("AE", json!([all])).await;
    write(
        "AE",
        json!([{ "blobs": [{ "$buffer": [255, 0] }], "doubles": ["no number"] }]),
    )
    .await;
    write("PLAIN", json!([])).await;
    let longest = json!({ "indexes": ["i".repeat(96)], "blobs": vec!["b".repeat(819); 20], "doubles": vec![0; 20] });
    write("AE", json!([longest])).await;
    let line = |dataset: &str, index: Value, blobs: Value, doubles: Value| json!({ "tenant": "customers/shop", "dataset": dataset, "index": index, "blobs": blobs, "doubles": doubles });
    let expected = [
        line(
            "visits",
            "customer-7".into(),
            json!(["GET", "ü", "hi", null, "5"]),
            json!([1.0, 2.5, -3.0, 4.0]),
        ),
        line(
            "visits",
            Value::Null,
            json!([{ "base64": "/wA=" }]),
            json!([null]),
        ),
        line("PLAIN", Value::Null, json!([]), json!([])),
        line(
            "visits",
            "i".repeat(96).into(),
            json!(vec!["b".repeat(819); 20]),
            json!(vec![0.0; 20]),
        ),
    ];
    until("all points are written", async || {
        written(&file).len() == expected.len()
    })
    .await;
    assert_eq!(written(&file), expected);
    let dropped = edge.metric("cirque_analytics_points_dropped_total").await;
    assert_eq!(dropped, 0.0);
}

#[tokio::test]
async fn without_a_file_data_points_stand_beside_the_access_records() {
    let edge = edge(&[]).await;
    serve(&edge, "shop", "shop").await;
    edge.ask(
        "shop",
        "AE",
        "writeDataPoint",
        json!([{ "blobs": ["here"] }]),
    )
    .await;
    until("the point is written", async || {
        let records = edge.access();
        let mut points = records
            .iter()
            .filter(|record| record["dataset"] == "visits");
        points.any(|point| point["blobs"] == json!(["here"]) && point["tenant"] == "shop")
    })
    .await;
}

#[tokio::test]
async fn a_data_point_that_cannot_be_is_refused_in_cloudflares_words() {
    let edge = edge(&["limits.subrequests=1"]).await;
    serve(&edge, "shop", "shop").await;
    for (point, says) in [
        (
            json!({ "indexes": ["a", "b"] }),
            "Maximum of 1 indexes supported.",
        ),
        (
            json!({ "indexes": ["i".repeat(97)] }),
            "Size of indexes[0] exceeds 96 bytes.",
        ),
        (
            json!({ "blobs": vec!["b"; 21] }),
            "Maximum of 20 blobs supported.",
        ),
        (
            json!({ "blobs": [{ "$text": 16_385 }] }),
            "Cumulative size of blobs exceeds 16384 bytes.",
        ),
        (
            json!({ "doubles": vec![1; 21] }),
            "Maximum of 20 doubles supported.",
        ),
        (
            json!({ "blobs": "text" }),
            "`blobs` is an array, as in { blobs: [value] }",
        ),
    ] {
        let answer = edge
            .ask("shop", "AE", "writeDataPoint", json!([point]))
            .await;
        let expected = format!("TypeError: writeDataPoint(): {says}");
        assert_eq!(answer, json!({ "error": expected }), "{point}");
    }
    // None of them is a request of the worker's, and each invocation has 250.
    let args = json!([{ "doubles": [1] }]);
    for (times, expected) in [
        (250, json!({ "result": { "$undefined": true } })),
        (
            251,
            json!({ "error": "TypeError: writeDataPoint(): Maximum of 250 data points per invocation supported." }),
        ),
    ] {
        let answer = edge
            .ask_times("shop", "AE", "writeDataPoint", args.clone(), times)
            .await;
        assert_eq!(answer, expected);
    }
}

/// Nobody waits for a log that cannot be written; what is lost is counted.
#[tokio::test]
async fn points_that_cannot_be_written_are_counted_and_hold_nobody_up() {
    let edge = edge(&["log.analytics_file=/dev/full"]).await;
    serve(&edge, "shop", "shop").await;
    let args = json!([{ "blobs": ["lost"] }]);
    let answer = edge
        .ask_times("shop", "AE", "writeDataPoint", args, 100)
        .await;
    assert_eq!(answer, json!({ "result": { "$undefined": true } }));
    until("all are counted", async || {
        edge.metric("cirque_analytics_points_dropped_total").await == 100.0
    })
    .await;
}
