//! Components of other toolchains than Rust's.

use super::harness::Edge;

async fn says_hello(guest: &str, language: &str) {
    let edge = Edge::with(&["limits.cpu_ms=5000"]).await;
    edge.serve(guest, guest).await;
    let answer = edge.get(&format!("{guest}.test"), "/").await;
    assert_eq!(answer.text(), format!("Hello from {language}!\n"));
}

#[tokio::test]
async fn a_component_made_of_c_answers() {
    says_hello("c", "C").await;
}

#[tokio::test]
async fn a_component_made_of_go_answers() {
    says_hello("go", "Go").await;
}

#[tokio::test]
async fn a_component_made_of_javascript_answers() {
    says_hello("javascript", "JavaScript").await;
}

#[tokio::test]
async fn a_component_made_of_python_answers() {
    says_hello("python", "Python").await;
}
