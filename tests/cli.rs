//! The command line.

use super::harness::Edge;

#[tokio::test]
async fn what_is_deployed_is_listed_and_what_is_deleted_is_gone() {
    let edge = Edge::start().await;
    edge.serve("production/shop", "hello").await;
    let listed = edge.cirque(&["list"]);
    assert!(
        listed.contains("hostname  shop.test  production/shop"),
        "{listed}"
    );
    assert!(listed.contains("worker    production/shop  "), "{listed}");
    edge.cirque(&["delete", "hostname", "shop.test"]);
    edge.cirque(&["delete", "worker", "production/shop"]);
    assert_eq!(edge.cirque(&["list"]), "");
    let again = edge.try_cirque(&["delete", "worker", "production/shop"]);
    assert!(!again.status.success());
    let message = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(
        message.contains("there is no worker production/shop"),
        "{message}"
    );
}
