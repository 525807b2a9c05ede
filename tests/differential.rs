//! Small programs as authors write them, compared with what workerd answered to the same requests.
//!
//! `javascript/differential/generate.mjs` writes the programs, `record.sh` records workerd's answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::harness::{Edge, Response, host, request};
use super::prepared;

/// What belongs to a connection or a moment, not to the program.
const PASSING: &[&str] = &[
    "date",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
];

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the pass rate, for who runs it")]
async fn programs_answer_as_in_workerd() {
    let recording = read("recording.json");
    let programs = recording["programs"].as_array().expect("programs");
    let edge = Edge::javascript().await;
    deploy(&edge, &recording["about"], programs).await;
    let accepted = accepted();
    let (mut wrong, mut differing) = (Vec::new(), BTreeSet::new());
    for program in programs {
        let name = text(&program["name"]);
        for (number, asked) in list(&program["requests"]).iter().enumerate() {
            let answer = ask(&edge, asked).await;
            let recorded = &program["answers"][number];
            let differences = differences(&answer, recorded, program["statusOnly"] == true);
            if differences.is_empty() {
                continue;
            }
            differing.insert(name.to_owned());
            if !accepted.contains(name) {
                wrong.push(format!(
                    "{name}, {}, request {number}:\n{differences}",
                    text(&program["template"])
                ));
            }
        }
    }
    println!(
        "{} of {} programs answer as in workerd, {} differ as accepted",
        programs.len() - differing.len(),
        programs.len(),
        accepted.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<_> = accepted.difference(&differing).collect();
    assert!(
        unused.is_empty(),
        "these answer as in workerd now; remove them from accepted.json: {unused:?}"
    );
}

async fn deploy(edge: &Edge, about: &Value, programs: &[Value]) {
    let mut files = vec![("main.js".to_owned(), text(&about["dispatcher"]))];
    for program in programs {
        let file = format!("{}.js", text(&program["name"]));
        files.push((file, text(&program["code"])));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, code)| (&**name, *code)).collect();
    let metadata = serde_json::json!({ "compatibility_date": about["compatibility_date"] });
    edge.serve_modules("differential", &files, &metadata.to_string())
        .await;
}

async fn ask(edge: &Edge, asked: &Value) -> Response {
    let headers: Vec<(&str, &str)> = asked["headers"]
        .as_object()
        .expect("headers")
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let body = asked["body"].as_str().unwrap_or_default();
    request(
        edge.port,
        text(&asked["method"]),
        &host("differential"),
        text(&asked["path"]),
        &headers,
        body.as_bytes().to_vec(),
    )
    .await
}

/// What is not as recorded, a line each.
fn differences(answer: &Response, recorded: &Value, is_status_only: bool) -> String {
    let mut found = String::new();
    let mut compare = |what: &str, here: String, there: String| {
        if here != there {
            found += &format!("  {what}\n    here    {here}\n    workerd {there}\n");
        }
    };
    compare(
        "status",
        answer.status.to_string(),
        recorded["status"].to_string(),
    );
    // What a visitor sees of an exception is each runtime's own page.
    if !is_status_only {
        compare(
            "headers",
            headers(answer).to_string(),
            recorded["headers"].to_string(),
        );
        compare("body", answer.text(), text(&recorded["body"]).to_owned());
    }
    found
}

/// The headers as the recording has them: names and values, by name.
fn headers(answer: &Response) -> Value {
    let mut pairs: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !PASSING.contains(&name.as_str()))
        .map(|(name, value)| {
            let text = value.as_bytes().iter().map(|byte| char::from(*byte));
            (name.to_string(), text.collect())
        })
        .collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    serde_json::json!(pairs)
}

/// The programs that may answer otherwise; `accepted.json` says why.
fn accepted() -> BTreeSet<String> {
    let accepted = read("accepted.json");
    let programs = list(&accepted).iter().flat_map(|group| {
        assert!(!text(&group["reason"]).is_empty(), "a reason");
        list(&group["programs"])
    });
    programs.map(|name| text(name).to_owned()).collect()
}

fn read(name: &str) -> Value {
    let path = prepared::javascript().join("differential").join(name);
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
