//! `Intl` for workers that name it: what V8 gives for American English and UTC.

use super::harness::Edge;

/// Expressions, and the texts that Node 20 gives for them (its narrow no-break spaces as spaces); an exception counts as its name.
const CASES: &str = include_str!("javascript/intl.json");

#[tokio::test]
async fn texts_for_people_are_those_of_v8() {
    let edge = Edge::javascript_with(&["limits.cpu_ms=5000", "limits.cpu_ms_max=5000"]).await;
    let cases: Vec<(String, String)> = serde_json::from_str(CASES).expect("pairs");
    let functions: Vec<String> = cases
        .iter()
        .map(|(expression, _)| format!("() => {expression}"))
        .collect();
    let code = format!(
        "const cases = [{}];
         export default {{ fetch() {{ return Response.json(cases.map((it) => {{
           try {{ return String(it()).replaceAll('\\u202f', ' ') }} catch (e) {{ return e.name }}
         }})) }} }}",
        functions.join(",\n")
    );
    edge.serve_script("intl", &code).await;
    let answers: Vec<String> =
        serde_json::from_slice(&edge.get("intl.test", "/").await.body).expect("texts");
    assert_eq!(answers.len(), cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .zip(answers)
        .filter(|((_, expected), found)| found != expected)
        .map(|((expression, expected), found)| {
            format!("{expression}\n  gives    {found}\n  expected {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn who_names_nothing_of_it_has_nothing_of_it() {
    let edge = Edge::javascript().await;
    // Put together, so that the word stands nowhere.
    edge.serve_script(
        "none",
        "export default { fetch: () => new Response(typeof globalThis['In' + 'tl']) }",
    )
    .await;
    assert_eq!(edge.get("none.test", "/").await.text(), "undefined");
}
