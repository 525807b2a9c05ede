//! `cirque bench`: the load it puts on an edge, and what it says of it.

use std::time::Duration;

use serde_json::Value;

use super::harness::origin::Origin;
use super::harness::{Edge, free_port};

/// What a load says of itself.
fn load(edge: &Edge, arguments: &[&str]) -> Value {
    let said = edge.cirque(&[&["bench", "--json"], arguments].concat());
    serde_json::from_str(&said).expect("JSON")
}

/// What the command says when it refuses or fails.
fn failure(edge: &Edge, arguments: &[&str]) -> String {
    let done = edge.try_cirque(&[&["bench"], arguments].concat());
    assert!(!done.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[tokio::test]
async fn hostnames_are_asked_for_as_often_as_their_file_says() {
    let edge = Edge::start().await;
    edge.serve("shop", "hello").await;
    edge.serve("cart", "hello").await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("names.txt");
    let lines = "shop.test 3 /a  # most come here\ncart.test 1\nnobody.test 1\n";
    std::fs::write(&file, lines).expect("a file");
    let (url, file) = (
        format!("http://127.0.0.1:{}/", edge.port),
        file.display().to_string(),
    );
    let said = load(
        &edge,
        &[&url, "--tenants", &file, "--rate", "200", "--duration", "3"],
    );
    let (found, missed) = (
        number(&said["statuses"]["200"]),
        number(&said["statuses"]["404"]),
    );
    let sent = number(&said["sent"]);
    assert_eq!((found + missed, number(&said["failed"])), (sent, 0.0));
    // 600 due at random times: five standard deviations to each side.
    assert!((480.0..720.0).contains(&sent), "{said}");
    assert!((0.1..0.32).contains(&(missed / sent)), "{said}");
    // Not more than was due; less where the machine is slow.
    assert!(
        number(&said["achieved_rate"]) <= sent / 3.0 + 10.0,
        "{said}"
    );
    assert!(
        (1.0..=64.0).contains(&number(&said["connections_opened"])),
        "{said}"
    );
    let waits = &said["waits_ms"];
    let shares = ["p50", "p90", "p99", "p99.9", "max"].map(|share| number(&waits[share]));
    assert!(shares[0] > 0.0 && shares.is_sorted(), "{waits}");
    // The edge has counted the same.
    let of = async |tenant: &str| {
        let name = format!("cirque_requests_total{{status=\"2xx\",tenant=\"{tenant}\"}}");
        edge.metric(&name).await
    };
    let (shop, cart) = (of("shop").await, of("cart").await);
    assert!(shop > 2.0 * cart && cart > 0.0, "{shop} {cart}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_queue_is_counted_from_when_he_was_due() {
    let edge = Edge::start().await;
    let slow = Origin::handling(|mut wire| async move {
        while wire.request().await.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec();
            if wire.try_send(answer).await.is_err() {
                return;
            }
        }
    })
    .await;
    // Asked one after the other each takes 50 ms; 40 a second are twice as many as can be answered.
    let arguments = ["--rate", "40", "--duration", "2", "--connections", "1"];
    let said = load(&edge, &[&[slow.url().as_str()], &arguments[..]].concat());
    assert!(number(&said["sent"]) > 40.0, "{said}");
    assert_eq!(said["statuses"]["200"], said["sent"], "{said}");
    assert!(number(&said["waits_ms"]["max"]) > 500.0, "{said}");
    assert_eq!(slow.connections(), 1);
}

#[tokio::test]
async fn a_load_speaks_tls_in_both_protocols() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec!["shop.test".into()]).expect("a certificate");
    std::fs::write(file("cert.pem"), made.cert.pem()).expect("a file");
    std::fs::write(file("key.pem"), made.signing_key.serialize_pem()).expect("a file");
    std::fs::write(file("names.txt"), "shop.test\n").expect("a file");
    let port = free_port();
    let edge = Edge::with(&[
        &format!("listen.https=127.0.0.1:{port}"),
        &format!("tls.certificate_file={}", file("cert.pem")),
        &format!("tls.key_file={}", file("key.pem")),
    ])
    .await;
    edge.serve("shop", "hello").await;
    let url = format!("https://127.0.0.1:{port}/");
    let names = file("names.txt");
    let always = [&url, "--tenants", &names, "--rate", "50", "--duration", "1"];
    let ca = file("cert.pem");
    for more in [
        &["--ca", &ca][..],
        &["--insecure"],
        &["--ca", &ca, "--http2", "--connections", "2"],
    ] {
        let said = load(&edge, &[&always[..], more].concat());
        assert_eq!(said["statuses"]["200"], said["sent"], "{more:?}: {said}");
        let most = if more.contains(&"2") { 2.0 } else { 64.0 };
        assert!(number(&said["connections_opened"]) <= most, "{said}");
    }
    // Nobody vouches for the certificate.
    let message = failure(&edge, &always);
    assert!(message.contains("nobody was answered"), "{message}");
}

#[tokio::test]
async fn another_machine_is_not_loaded_by_mistake() {
    let edge = Edge::start().await;
    for url in ["http://192.0.2.1/", "http://[2001:db8::1]:8080/"] {
        let message = failure(&edge, &[url]);
        assert!(message.contains("--i-may-load-this-host"), "{message}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_before_anything_is() {
    let edge = Edge::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("names.txt");
    std::fs::write(&file, "shop.test\nshop.test often\n").expect("a file");
    let file = file.display().to_string();
    let url = format!("http://127.0.0.1:{}/", edge.port);
    for (arguments, said) in [
        (&[url.as_str(), "--http2"][..], "HTTP/2 needs an https URL"),
        (&["ftp://127.0.0.1/"], "there is no load over ftp"),
        (&[&url, "--tenants", &file], "line 2: `often` is neither"),
        (&[&url, "--tenants", "/nowhere"], "/nowhere: "),
        (&[&url, "--rate", "0"], "a rate is from"),
        (
            &[
                &format!("http://127.0.0.1:{}/", free_port()),
                "--duration",
                "1",
            ],
            "nobody was answered",
        ),
    ] {
        let message = failure(&edge, arguments);
        assert!(message.contains(said), "{arguments:?}: {message}");
    }
    assert_eq!(edge.access().len(), 0);
}
