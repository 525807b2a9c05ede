//! What guests see of the world, and what the world sees of them.

use super::harness::wire::Wire;
use super::harness::{Edge, until};

#[tokio::test]
async fn a_body_streams_through_a_worker_both_ways() {
    let edge = Edge::start().await;
    edge.serve("echo", "echo").await;
    let body: Vec<u8> = (0..5_000_000u32).map(|n| n as u8).collect();
    let answer = edge.post("echo.test", "/", body.clone()).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body == body,
        "{} of {} bytes came back",
        answer.body.len(),
        body.len()
    );
}

#[tokio::test]
async fn each_request_has_a_sandbox_of_its_own() {
    let edge = Edge::start().await;
    edge.serve("count", "count").await;
    for _ in 0..20 {
        assert_eq!(edge.get("count.test", "/").await.text().trim(), "1");
    }
}

#[tokio::test]
async fn a_worker_sees_the_request_as_it_was_sent() {
    let edge = Edge::start().await;
    edge.serve("inspect", "inspect").await;
    for (method, target) in [
        ("GET", "/"),
        ("DELETE", "/a/b?c=d&e"),
        ("PUT", "//a/../b/./%2e%2e/%2F;x=y"),
        ("PATCH", "/?"),
        ("OPTIONS", "/?q=a%20b+c"),
        ("PURGE", "/%ff%01"),
        ("GET", "/a?b?c"),
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: INSPECT.test:8080\r\n\r\n"
        ))
        .await;
        let seen = wire.response().await.json();
        assert_eq!(seen["method"], method);
        assert_eq!(seen["path_with_query"], target);
        assert_eq!(seen["authority"], "INSPECT.test:8080");
        assert_eq!(seen["scheme"], "http");
        assert_eq!(seen["arguments"], serde_json::json!([]));
        assert_eq!(seen["environment"], serde_json::json!([]));
    }
}

/// Names and values of one header that the guest saw.
fn values<'a>(seen: &'a serde_json::Value, name: &str) -> Vec<&'a str> {
    let pairs = seen["headers"].as_array().expect("headers");
    let of_name = pairs.iter().filter(|pair| pair[0] == name);
    of_name
        .map(|pair| pair[1].as_str().expect("text"))
        .collect()
}

#[tokio::test]
async fn a_worker_sees_the_visitors_header_less_what_is_not_for_it() {
    let edge = Edge::start().await;
    edge.serve("inspect", "inspect").await;
    let mut wire = Wire::open(edge.port).await;
    wire.send(
        "GET / HTTP/1.1\r\n\
         host: inspect.test\r\n\
         accept: a\r\n\
         Accept: b\r\n\
         x-empty:\r\n\
         x-bytes: caf\u{e9}\r\n\
         cookie: c=1\r\n\
         x-forwarded-for: 1.2.3.4\r\n\
         x-forwarded-for: 5.6.7.8\r\n\
         x-forwarded-proto: https\r\n\
         x-cirque-tenant: other\r\n\
         X-Cirque-Request-Id: forged\r\n\
         x_tenant: other\r\n\
         content_length: 5\r\n\
         connection: x-hop, keep-alive\r\n\
         x-hop: 1\r\n\
         keep-alive: timeout=5\r\n\
         te: trailers\r\n\
         proxy-authorization: secret\r\n\
         upgrade: h2c\r\n\r\n",
    )
    .await;
    let seen = wire.response().await.json();
    assert_eq!(values(&seen, "accept"), ["a", "b"]);
    assert_eq!(values(&seen, "x-empty"), [""]);
    assert_eq!(values(&seen, "x-bytes"), ["caf\u{e9}"]);
    assert_eq!(values(&seen, "cookie"), ["c=1"]);
    assert_eq!(values(&seen, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(values(&seen, "x-forwarded-proto"), ["http"]);
    for name in [
        "x-cirque-tenant",
        "x-cirque-request-id",
        "x_tenant",
        "content_length",
        "connection",
        "x-hop",
        "keep-alive",
        "te",
        "proxy-authorization",
        "upgrade",
    ] {
        assert_eq!(values(&seen, name), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_visitor_cannot_make_the_edge_drop_its_own_header() {
    let edge = Edge::start().await;
    edge.serve("inspect", "inspect").await;
    let named = "x-forwarded-for, x-forwarded-proto, host, cookie";
    let headers = [("connection", named), ("cookie", "c=1")];
    let answer = edge.get_with("inspect.test", "/", &headers).await;
    // Refused as a whole, or what the edge says is there all the same.
    if answer.status == 200 {
        let seen = answer.json();
        assert_eq!(values(&seen, "x-forwarded-for"), ["127.0.0.1"]);
        assert_eq!(values(&seen, "x-forwarded-proto"), ["http"]);
        assert_eq!(seen["authority"], "inspect.test");
    } else {
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn a_worker_reads_its_bindings_as_variables_and_as_configuration() {
    let edge = Edge::start().await;
    let metadata = r#"{"bindings": [
        {"type": "plain_text", "name": "GREETING", "text": "Hello, \"you\"\nthere"},
        {"type": "secret_text", "name": "TOKEN", "text": "s3cret"},
        {"type": "json", "name": "NESTED", "json": {"a": [1, null]}},
        {"type": "plain_text", "name": "EMPTY", "text": ""}
    ], "main_module": "ignored.wasm", "compatibility_date": "2026-01-01"}"#;
    edge.serve_with("config", "config", metadata).await;
    edge.serve_with("inspect", "inspect", metadata).await;
    let expected = [
        ("EMPTY", ""),
        ("GREETING", "Hello, \"you\"\nthere"),
        ("NESTED", r#"{"a":[1,null]}"#),
        ("TOKEN", "s3cret"),
    ];
    let configuration = edge.get("config.test", "/").await.json();
    let object: serde_json::Map<_, _> = expected
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).into()))
        .collect();
    assert_eq!(configuration, serde_json::Value::Object(object));

    let seen = edge.get("inspect.test", "/").await.json();
    let mut variables: Vec<(&str, &str)> = seen["environment"]
        .as_array()
        .expect("variables")
        .iter()
        .map(|pair| {
            (
                pair[0].as_str().expect("text"),
                pair[1].as_str().expect("text"),
            )
        })
        .collect();
    variables.sort_unstable();
    assert_eq!(variables, expected);

    edge.deploy("config", "config");
    until("the bindings are gone", async || {
        edge.get("config.test", "/").await.text() == "{}\n"
    })
    .await;
    assert!(!edge.log().contains("s3cret"), "a secret is in the log");
    assert!(
        !edge.cirque(&["list"]).contains("s3cret"),
        "a secret is shown"
    );
}

#[tokio::test]
async fn what_a_worker_prints_is_in_the_log_under_its_name() {
    let edge = Edge::with(&["limits.log_bytes=2000"]).await;
    edge.serve("production/log", "log").await;
    let answer = edge.get("log.test", "/?lines=2").await;
    assert_eq!(answer.text(), "logged\n");
    for stream in ["stdout", "stderr"] {
        for line in 1..=2 {
            edge.until_logged(&[
                &format!("{stream} line {line} "),
                "INFO cirque::worker",
                "tenant=\"production/log\"",
                &format!("stream=\"{stream}\""),
            ])
            .await;
        }
    }
    let before = edge.log().len();
    assert_eq!(edge.get("log.test", "/?lines=500").await.status, 200);
    edge.until_logged(&["the log of this request is full", "production/log"])
        .await;
    let log = edge.log();
    let printed: usize = log[before..]
        .lines()
        .filter_map(|line| {
            line.split("cirque::worker: ")
                .nth(1)?
                .split(" tenant=")
                .next()
        })
        .filter(|line| line.starts_with("std"))
        .map(|line| line.len() + 1)
        .sum();
    assert!((1_900..=2_002).contains(&printed), "{printed} bytes");
    let exceeded = r#"cirque_limits_exceeded_total{limit="log",tenant="production/log"}"#;
    assert_eq!(edge.metric(exceeded).await, 1.0);
}

#[tokio::test]
async fn a_worker_finds_no_files() {
    let edge = Edge::start().await;
    edge.serve("filesystem", "filesystem").await;
    let text = edge.get("filesystem.test", "/").await.text();
    assert!(text.starts_with("not read: "), "{text}");
}

#[tokio::test]
async fn a_worker_writes_only_its_own_part_of_the_response_header() {
    let edge = Edge::start().await;
    edge.serve("headers", "headers").await;
    let headers = [
        ("x-set", "x-mine: 1"),
        ("x-set", "x-mine: 2"),
        ("x-set", "set-cookie: a=1"),
        ("x-set", "set-cookie: b=2"),
        ("x-set", "connection: close"),
        ("x-set", "keep-alive: timeout=5"),
        ("x-set", "transfer-encoding: gzip"),
        ("x-set", "upgrade: websocket"),
        ("x-set", "te: trailers"),
        ("x-set", "host: other.test"),
        ("x-set", "x-cirque-request-id: forged"),
        ("x-set", "proxy-authenticate: Basic"),
        ("x-status", "418"),
        ("x-body", "tea"),
    ];
    let answer = edge.get_with("headers.test", "/", &headers).await;
    assert_eq!(answer.status, 418);
    let mine: Vec<_> = answer.headers.get_all("x-mine").iter().collect();
    assert_eq!(mine, ["1", "2"]);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    let text = answer.text();
    for name in [
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "te",
        "host",
        "x-cirque-request-id",
        "proxy-authenticate",
    ] {
        assert!(
            text.contains(&format!("refused: {name}: ")),
            "{name}: {text}"
        );
        let is_ours = name == "transfer-encoding" || name == "connection";
        assert!(is_ours || !answer.headers.contains_key(name), "{name}");
    }
    assert!(text.ends_with("tea"), "{text}");
}

#[tokio::test]
async fn a_response_without_a_body_has_none_on_the_wire() {
    let edge = Edge::start().await;
    edge.serve("headers", "headers").await;
    edge.serve("hello", "hello").await;
    let mut wire = Wire::open(edge.port).await;
    for (request, status) in [
        (
            "HEAD / HTTP/1.1\r\nhost: headers.test\r\nx-body: hidden",
            "200",
        ),
        ("HEAD / HTTP/1.1\r\nhost: hello.test", "200"),
        (
            "GET / HTTP/1.1\r\nhost: headers.test\r\nx-status: 204",
            "204",
        ),
        (
            "GET / HTTP/1.1\r\nhost: headers.test\r\nx-status: 304",
            "304",
        ),
        (
            "GET / HTTP/1.1\r\nhost: headers.test\r\nx-status: 204\r\nx-body: hidden",
            "204",
        ),
        (
            "GET / HTTP/1.1\r\nhost: headers.test\r\nx-status: 304\r\nx-body: hidden",
            "304",
        ),
    ] {
        // The next answer begins right after this one, or the connection is closed.
        wire.send(format!(
            "{request}\r\n\r\nGET / HTTP/1.1\r\nhost: hello.test\r\n\r\n"
        ))
        .await;
        let head = wire.read_until("\r\n\r\n").await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{request:?}: {head}"
        );
        if wire.is_closed().await {
            wire = Wire::open(edge.port).await;
            continue;
        }
        let next = wire.response().await;
        assert_eq!(next.text(), "Hello, World!\n", "after {request:?}");
    }
    edge.until_idle().await;
}

#[tokio::test]
async fn a_204_says_no_length() {
    let edge = Edge::start().await;
    edge.serve("headers", "headers").await;
    let headers = [
        ("x-status", "204"),
        ("x-set", "content-length: 5"),
        ("x-body", "hello"),
    ];
    let answer = edge.get_with("headers.test", "/", &headers).await;
    assert!(matches!(answer.status, 204 | 500), "{}", answer.status);
    assert!(answer.status != 204 || answer.header("content-length").is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_says_never_reaches_the_next_request() {
    let edge = Edge::start().await;
    edge.serve("headers", "headers").await;
    edge.serve("hello", "hello").await;
    for (length, body) in [
        (3, "hello"),
        (10, "hello"),
        (0, "hello"),
        (5, ""),
        (5, "hello"),
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "GET / HTTP/1.1\r\nhost: headers.test\r\nx-set: content-length: {length}\r\nx-body: {body}\r\n\r\n\
             GET / HTTP/1.1\r\nhost: hello.test\r\nconnection: close\r\n\r\n"
        ))
        .await;
        let head = wire.read_until("\r\n\r\n").await;
        let rest = wire.read_to_end().await;
        let (own, next) = rest.split_at(rest.find("HTTP/1.1 ").unwrap_or(rest.len()));
        if head.starts_with("HTTP/1.1 200 ") && own.len() == length {
            assert_eq!(own, body);
        } else if head.starts_with("HTTP/1.1 200 ") {
            // Fewer bytes than it said, and the end of the connection: nobody takes that for whole.
            assert!(
                own.len() < length && next.is_empty(),
                "{length}: {head}{rest}"
            );
        } else {
            assert!(head.starts_with("HTTP/1.1 500 "), "{length}: {head}{rest}");
        }
        assert!(
            next.is_empty() || next.contains("Hello, World!\n"),
            "{next}"
        );
    }
}

#[tokio::test]
async fn a_worker_that_sets_nonsense_gets_an_error_and_the_edge_answers_on() {
    let edge = Edge::start().await;
    edge.serve("headers", "headers").await;
    for header in [
        ("x-status", "0"),
        ("x-status", "99"),
        ("x-status", "100"),
        ("x-status", "101"),
        ("x-status", "1000"),
        ("x-set", "bad name: 1"),
        ("x-set", ": 1"),
    ] {
        let answer = edge.get_with("headers.test", "/", &[header]).await;
        let is_refused = answer.text().starts_with("refused: ");
        assert!(
            answer.status == 500 || answer.status == 200 && is_refused,
            "{header:?}: {} {}",
            answer.status,
            answer.text()
        );
    }
    let twice = [
        ("x-set", "content-length: 5"),
        ("x-set", "content-length: 6"),
        ("x-body", "hello"),
    ];
    let answer = edge.get_with("headers.test", "/", &twice).await;
    assert!(answer.headers.get_all("content-length").iter().count() <= 1 || answer.is_broken);
}

#[tokio::test]
async fn trailers_do_no_harm() {
    let edge = Edge::start().await;
    edge.serve("trailers", "trailers").await;
    let answer = edge.get("trailers.test", "/").await;
    assert_eq!(answer.text(), "with trailers\n");
    assert!(!answer.is_broken);
}
