//! Plain origins: what passes through unchanged, whatever its size, protocol or fate.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::wire::Wire;
use super::harness::{Builder, Edge, request, until};

async fn edge_to(url: &str, settings: &[&str]) -> Edge {
    let edge = Edge::with(settings).await;
    edge.cirque(&["route", "plain.test", url]);
    edge.until_routed("plain.test").await;
    edge
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_pass_both_ways_however_they_are_framed() {
    let origin = Origin::answering(|request| {
        let end = request.windows(4).position(|end| end == b"\r\n\r\n");
        let body = &request[end.expect("a header") + 4..];
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    })
    .await;
    let edge = edge_to(&origin.url(), &[]).await;
    for bytes in [0, 1, 65_536, 5_000_001] {
        let body: Vec<u8> = (0..bytes as u32).map(|n| (n % 251) as u8).collect();
        let answer = request(edge.port, "PUT", "plain.test", "/", &[], body.clone()).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.body == body,
            "{} of {bytes} bytes",
            answer.body.len()
        );

        let mut wire = Wire::open(edge.port).await;
        wire.send("PUT / HTTP/1.1\r\nhost: plain.test\r\ntransfer-encoding: chunked\r\n\r\n")
            .await;
        for chunk in body.chunks(70_000) {
            wire.send([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
                .await;
        }
        wire.send("0\r\n\r\n").await;
        let answer = wire.response().await;
        assert!(
            answer.body == body,
            "{} of {bytes} bytes, in chunks",
            answer.body.len()
        );
    }
}

#[tokio::test]
async fn what_an_origin_says_reaches_the_visitor() {
    let origin = Origin::answering(|request| {
        let path = String::from_utf8_lossy(request).split(' ').nth(1).expect("a target").to_owned();
        let answer = match path.as_str() {
            "/204" => "HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n",
            "/304" => "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n",
            "/301" => "HTTP/1.1 301 Moved\r\nlocation: http://other.test/\r\ncontent-length: 0\r\n\r\n",
            "/500" => "HTTP/1.1 500 Broken\r\ncontent-length: 6\r\n\r\nbroken",
            "/chunks" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "/cookies" => "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n",
            _ => "HTTP/1.1 200 OK\r\nalt-svc: h3=\":443\"\r\ncontent-length: 0\r\n\r\n",
        };
        answer.as_bytes().to_vec()
    })
    .await;
    let edge = edge_to(&origin.url(), &[]).await;
    for (path, status, body) in [
        ("/204", 204, ""),
        ("/304", 304, ""),
        ("/301", 301, ""),
        ("/500", 500, "broken"),
        ("/chunks", 200, "abcde"),
        ("/cookies", 200, ""),
        ("/", 200, ""),
    ] {
        let answer = edge.get("plain.test", path).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, body),
            "{path}"
        );
        assert!(!answer.is_broken, "{path}");
        match path {
            "/301" => assert_eq!(answer.header("location"), "http://other.test/"),
            "/304" => assert_eq!(answer.header("etag"), "\"x\""),
            "/cookies" => assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2),
            _ => assert_eq!(answer.header("alt-svc"), "", "{path}"),
        }
    }
}

#[tokio::test]
async fn an_origin_that_misbehaves_costs_one_answer_only() {
    let origin = Origin::handling(|mut wire| async move {
        while let Some(request) = wire.request().await {
            let text = String::from_utf8_lossy(&request).into_owned();
            let answer = match text.split(' ').nth(1).expect("a target") {
                "/nonsense" => "nonsense\r\n\r\n",
                "/closed" => "",
                "/cut" => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
                "/cut-chunks" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nshort",
                "/two-lengths" => {
                    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\nhello"
                }
                _ => {
                    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood")
                        .await;
                    continue;
                }
            };
            wire.send(answer).await;
            return;
        }
    })
    .await;
    let edge = edge_to(&origin.url(), &[]).await;
    for (path, statuses) in [
        ("/nonsense", &[502][..]),
        ("/closed", &[502]),
        ("/cut", &[200]),
        ("/cut-chunks", &[200]),
        ("/two-lengths", &[502]),
    ] {
        let answer = edge.get("plain.test", path).await;
        assert!(
            statuses.contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
        assert_eq!(
            answer.is_broken,
            answer.status == 200,
            "{path}: {}",
            answer.text()
        );
        assert_eq!(
            edge.get("plain.test", "/").await.text(),
            "good",
            "after {path}"
        );
    }
}

#[tokio::test]
async fn surplus_bytes_of_an_origin_reach_nobody() {
    let origin = Origin::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood\
          HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"
            .to_vec()
    })
    .await;
    let edge = edge_to(&origin.url(), &["runtime.threads=1"]).await;
    for _ in 0..20 {
        assert_eq!(edge.get("plain.test", "/").await.text(), "good");
    }
}

#[tokio::test]
async fn an_upgraded_connection_passes_bytes_both_ways() {
    let origin = Origin::handling(|mut wire| async move {
        let head = wire.request().await.expect("a request");
        let head = String::from_utf8_lossy(&head).to_lowercase();
        // Readiness is asked for without an upgrade.
        if !head.contains("upgrade: websocket\r\n") {
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            return;
        }
        wire.send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello\n")
            .await;
        while !wire.is_closed().await {
            let line = wire.read_until("\n").await;
            wire.send(line.to_uppercase()).await;
        }
    })
    .await;
    let edge = edge_to(&origin.url(), &[]).await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /chat HTTP/1.1\r\nhost: plain.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        .await;
    let head = wire.read_until("\r\n\r\n").await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("upgrade: websocket\r\n"), "{head}");
    assert_eq!(wire.read_until("\n").await, "hello\n");
    for n in 0..100 {
        wire.send(format!("line {n}\n")).await;
        assert_eq!(wire.read_until("\n").await, format!("LINE {n}\n"));
    }
    drop(wire);
    until("the connection is given up", async || {
        edge.metric("cirque_connections").await == 0.0
    })
    .await;
}

#[tokio::test]
async fn a_visitor_who_leaves_an_origin_leaves_nothing_open() {
    let origin = Origin::handling(|mut wire| async move {
        wire.request().await;
        wire.until_closed().await;
    })
    .await;
    let edge = Edge::start().await;
    edge.cirque(&["route", "silent.test", &origin.url()]);
    for _ in 0..10 {
        let mut wire = Wire::open(edge.port).await;
        wire.send("GET / HTTP/1.1\r\nhost: silent.test\r\n\r\n")
            .await;
        until("the origin was asked", async || {
            edge.metric("cirque_connections").await == 1.0
        })
        .await;
        drop(wire);
        until("the connection is closed", async || {
            edge.metric("cirque_connections").await == 0.0
        })
        .await;
    }
    assert!(!edge.log().contains("ERROR"), "nobody has to act");
}

/// An origin over TLS, and the file of its certificate, which is for this name or address.
async fn tls_origin(directory: &Path, name: &str) -> (Origin, String) {
    tls_origin_for(directory, name, None).await
}

/// The same, which lets nobody in who has no certificate of this authority.
async fn tls_origin_for(
    directory: &Path,
    name: &str,
    visitors: Option<rustls::RootCertStore>,
) -> (Origin, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.into()]).expect("a certificate");
    let path = directory.join("ca.pem");
    std::fs::write(&path, made.cert.pem()).expect("a file");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match visitors {
        None => builder.with_no_client_auth(),
        Some(roots) => {
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
                Arc::new(roots),
                provider,
            );
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let config = builder
        .with_single_cert(vec![made.cert.der().clone()], key.expect("a key"))
        .expect("a certificate");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let origin = Origin::handling_streams(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut wire = Wire::over(stream);
            while wire.request().await.is_some() {
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nsafe")
                    .await;
            }
        }
    })
    .await;
    (origin, path.to_string_lossy().into_owned())
}

#[tokio::test]
async fn an_origin_over_tls_is_trusted_only_when_its_certificate_is() {
    let directories = [(); 3].map(|()| tempfile::tempdir().expect("a directory"));
    let (origin, ca) = tls_origin(directories[0].path(), "127.0.0.1").await;
    let (_, other_ca) = tls_origin(directories[1].path(), "127.0.0.1").await;
    let (misnamed, misnamed_ca) = tls_origin(directories[2].path(), "other.test").await;
    let url = |origin: &Origin| format!("https://127.0.0.1:{}", origin.port);
    let edge = edge_to(&url(&origin), &[&format!("origins.ca_file={ca}")]).await;
    for _ in 0..3 {
        assert_eq!(edge.get("plain.test", "/").await.text(), "safe");
    }
    // Another authority, the system's, and a certificate for another name.
    for (origin, ca) in [
        (&origin, other_ca.as_str()),
        (&origin, ""),
        (&misnamed, &misnamed_ca),
    ] {
        let edge = edge_to(&url(origin), &[&format!("origins.ca_file={ca}")]).await;
        let answer = edge.get("plain.test", "/").await;
        assert_eq!(answer.status, 502, "{ca:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_origin_is_reached_at_any_of_its_addresses() {
    // `localhost` is 127.0.0.1 and, on most machines, ::1 too, where this origin does not listen.
    let origin = Origin::echo().await;
    let edge = edge_to(&format!("http://localhost:{}", origin.port), &[]).await;
    assert_eq!(edge.get("plain.test", "/").await.status, 200);
}

#[tokio::test]
async fn an_origin_has_a_name_in_tls_and_authorities_of_its_own() {
    let directories = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let (origin, ca) = tls_origin(directories[0].path(), "inner.test").await;
    let (_, other_ca) = tls_origin(directories[1].path(), "inner.test").await;
    let read = |path: &str| std::fs::read_to_string(path).expect("a file");
    let redis = Redis::start().await;
    let edge = Builder::new(&[]).with(&redis.setting()).start().await;
    let url = format!("https://127.0.0.1:{}", origin.port);
    let write = async |hostname: &str, more: serde_json::Value| {
        let mut record = json!({ "origin": url });
        for (field, value) in more.as_object().expect("fields") {
            record[field] = value.clone();
        }
        redis
            .set(&format!("cirque:hostname:{hostname}"), record.to_string())
            .await;
    };
    let named = json!({ "origin_sni": "inner.test", "origin_ca": read(&ca) });
    write("named.test", named).await;
    let asked = json!({ "origin_sni": ":request_host_header:", "origin_ca": read(&ca) });
    write("inner.test", asked.clone()).await;
    write("outer.test", asked).await;
    write("unnamed.test", json!({ "origin_ca": read(&ca) })).await;
    write("system.test", json!({ "origin_sni": "inner.test" })).await;
    let other = json!({ "origin_sni": "inner.test", "origin_ca": read(&other_ca) });
    write("other.test", other).await;
    let bad = json!({ "origin_sni": "inner.test", "origin_ca": "nothing" });
    write("bad.test", bad).await;
    for _ in 0..2 {
        for (hostname, expected) in [
            ("named.test", 200),
            ("inner.test", 200),
            // No connection that was checked for one is another's.
            ("outer.test", 502),
            ("unnamed.test", 502),
            ("system.test", 502),
            ("other.test", 502),
            ("bad.test", 502),
        ] {
            let answer = edge.get(hostname, "/").await;
            assert_eq!(answer.status, expected, "{hostname}: {}", answer.text());
        }
    }
    write("none.test", json!({ "origin_sni": "a b" })).await;
    assert_eq!(edge.get("none.test", "/").await.status, 500);
}

#[tokio::test]
async fn an_origin_is_shown_a_certificate_if_it_asks_for_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let shown = rcgen::generate_simple_self_signed(vec!["edge.test".into()]).expect("one");
    let file = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(file("shown.pem"), shown.cert.pem()).expect("a file");
    std::fs::write(file("shown.key"), shown.signing_key.serialize_pem()).expect("a file");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(shown.cert.der().clone()).expect("a certificate");
    let (origin, ca) = tls_origin_for(directory.path(), "127.0.0.1", Some(roots)).await;
    let url = format!("https://127.0.0.1:{}", origin.port);
    let ca = format!("origins.ca_file={ca}");
    let certificate = format!("origins.client_certificate_file={}", file("shown.pem"));
    let key = format!("origins.client_key_file={}", file("shown.key"));
    for cached in ["cache.origins=false", "cache.origins=true"] {
        let edge = edge_to(&url, &[&ca, &certificate, &key, cached]).await;
        assert_eq!(edge.get("plain.test", "/").await.text(), "safe", "{cached}");
        let edge = edge_to(&url, &[&ca, cached]).await;
        assert_eq!(edge.get("plain.test", "/").await.status, 502, "{cached}");
    }
}
