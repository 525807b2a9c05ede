//! Starting, stopping, replacing.

use rustix::process::Signal;

use super::harness::{Builder, CIRQUE, Edge, free_port, until};

#[tokio::test]
async fn sigterm_finishes_what_runs_refuses_what_is_new_and_ends_as_soon_as_it_is_drained() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=600"]).await;
    edge.serve("sleep", "sleep").await;
    let port = edge.port;
    let slow = tokio::spawn(async move {
        super::harness::request(port, "GET", "sleep.test", "/?ms=1500", &[], Vec::new()).await
    });
    until("it runs", async || {
        edge.metric("cirque_invocations").await == 1.0
    })
    .await;
    edge.signal(Signal::TERM);
    until("the door is closed", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
    })
    .await;
    let answer = slow.await.expect("it was answered");
    assert_eq!((answer.status, answer.text().as_str()), (200, "slept\n"));
    assert!(edge.ended().await.success(), "{}", edge.log());
}

#[tokio::test]
async fn a_drain_that_lasts_too_long_is_ended() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=1", "limits.wall_ms=300000"]).await;
    edge.serve("sleep", "sleep").await;
    let mut endless = tokio::net::TcpStream::connect(("127.0.0.1", edge.port))
        .await
        .expect("the edge listens");
    let request = b"GET /?ms=200000 HTTP/1.1\r\nhost: sleep.test\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut endless, request)
        .await
        .expect("the edge reads");
    until("it runs", async || {
        edge.metric("cirque_invocations").await >= 1.0
    })
    .await;
    edge.signal(Signal::TERM);
    edge.ended().await;
    drop(endless);
}

#[tokio::test]
async fn sigint_ends_at_once_and_a_restart_finds_everything() {
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    let edge = edge.restart().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), "Hello, World!\n");
}

#[tokio::test]
async fn an_upgrade_loses_no_request() {
    let mut old = Edge::with(&["runtime.drain_timeout_s=20"]).await;
    old.serve("hello", "hello").await;
    let data = format!(
        "store.data_dir={}",
        old.directory.path().join("data").display()
    );
    let listen = [
        format!("listen.http=127.0.0.1:{}", old.port),
        format!("listen.ops=127.0.0.1:{}", old.ops_port),
    ];
    let log = std::fs::File::create(old.directory.path().join("successor")).expect("a file");
    let mut successor = std::process::Command::new(CIRQUE)
        .args([
            "run",
            "--upgrade",
            "--set",
            &data,
            "--set",
            &listen[0],
            "--set",
            &listen[1],
        ])
        .stdout(std::process::Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the binary under test runs");
    let mut answered = 0;
    while old.is_running() {
        let answer = old.get("hello.test", "/").await;
        assert_eq!(answer.status, 200);
        answered += 1;
    }
    for _ in 0..20 {
        assert_eq!(old.get("hello.test", "/").await.status, 200);
    }
    let said = std::fs::read_to_string(old.directory.path().join("successor")).unwrap_or_default();
    assert!(
        successor.try_wait().expect("it can be asked").is_none(),
        "the successor has ended: {said}"
    );
    assert!(answered > 0);
    successor.kill().expect("it runs");
    successor.wait().expect("it ends");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named_with_its_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let directory = tempfile::tempdir().expect("a directory");
    let output = std::process::Command::new(CIRQUE)
        .args([
            "run",
            "--set",
            &format!("listen.http={address}"),
            "--set",
            "listen.ops=",
        ])
        .args([
            "--set",
            &format!("store.data_dir={}", directory.path().display()),
        ])
        .output()
        .expect("the binary under test runs");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && message.contains(&format!("listen.http {address}")),
        "{message}"
    );
}

#[tokio::test]
async fn an_edge_is_ready_once_it_knows_where_hostnames_lead() {
    let setting = format!("store.url=redis://127.0.0.1:{}/", free_port());
    let edge = Builder::new(&[&setting]).spawn(&[]).await;
    let answer = edge.ops("/readyz").await;
    assert_eq!(
        (answer.status, answer.text().lines().next()),
        (503, Some("not ready"))
    );
    assert_eq!(edge.ops("/healthz").await.status, 200);
    assert_eq!(edge.ops("/nothing").await.status, 404);
    assert_eq!(edge.get("any.test", "/").await.status, 503);
}
