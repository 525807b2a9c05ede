//! What origins may do to workers, and workers to origins: everything has an end, and leaves nothing open.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::harness::dns::Dns;
use super::harness::origin::Origin;
use super::harness::wire::Wire;
use super::harness::{Edge, until};

const OUTWARD: &str = "egress.allow_addresses=127.0.0.0/8";

/// Fetches `x-url` with what `x-init` says, and tells everything about the answer.
const FETCH: &str = "export default { async fetch(request) {
    const url = request.headers.get('x-url');
    if (!url) return new Response('ready');
    const init = JSON.parse(request.headers.get('x-init') ?? '{}');
    if (init.endless) init.body = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)) } });
    if (init.silent) init.body = new ReadableStream({ pull() { return new Promise(() => {}) } });
    try {
        const answer = await fetch(url, init);
        const head = { status: answer.status, headers: Object.fromEntries(answer.headers) };
        try { return Response.json({ ...head, text: await answer.text() }) }
        catch (error) { return Response.json({ ...head, broken: String(error) }) }
    } catch (error) { return Response.json({ failed: String(error) }) } } }";

/// An edge with a worker that fetches.
async fn edge_with(settings: &[&str]) -> Edge {
    let edge = Edge::javascript_with(&[&[OUTWARD], settings].concat()).await;
    edge.serve_script("fetch", FETCH).await;
    edge
}

async fn fetch(edge: &Edge, url: &str, init: &str) -> serde_json::Value {
    let headers = [("x-url", url), ("x-init", init)];
    edge.get_with("fetch.test", "/", &headers).await.json()
}

async fn until_nothing_is_open(edge: &Edge) {
    until("no connection is open", async || {
        edge.metric("cirque_egress_connections").await == 0.0
    })
    .await;
}

/// An origin that answers with these pieces, a moment between them, the last one without end when it is to repeat.
async fn piecewise(pieces: &[&str], repeats: bool) -> Origin {
    let pieces: Arc<[String]> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
    Origin::handling(move |mut wire: Wire| {
        let pieces = pieces.clone();
        async move {
            if wire.request().await.is_none() {
                return;
            }
            for piece in pieces.iter() {
                if wire.try_send(piece).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let last = pieces.last().expect("a piece");
            while repeats && wire.try_send(last).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            wire.until_closed().await;
        }
    })
    .await
}

#[tokio::test]
async fn an_origin_that_never_comes_to_an_end_is_left() {
    let edge = edge_with(&[
        "egress.first_byte_timeout_ms=700",
        "egress.body_idle_timeout_ms=300",
        "egress.total_timeout_ms=1500",
        "egress.response_bytes=100000",
        "egress.idle_per_host=0",
    ])
    .await;
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    let long = "x".repeat(1000);
    let field = format!("x-{long}: {long}\r\n");
    let many = "a: b\r\n".repeat(101);
    let chunked = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    let chunk = format!("3e8\r\n{long}\r\n");
    let trailer = format!("{chunked}0\r\n");
    for (what, pieces, repeats, key, expected) in [
        (
            "silence",
            &[][..],
            false,
            "failed",
            "no response within 700 ms",
        ),
        (
            "head, silence",
            &[&*chunked, &chunk],
            false,
            "broken",
            "read timeout",
        ),
        ("drip", &[&*chunked, "1\r\nx\r\n"], true, "broken", ""),
        ("flood", &[&*chunked, &chunk.repeat(60)], true, "broken", ""),
        (
            "length",
            &[OK, "content-length: 100001\r\n\r\n"],
            false,
            "failed",
            "`egress.response_bytes`",
        ),
        (
            "header without end",
            &[OK, &field],
            true,
            "failed",
            "exchange failed",
        ),
        (
            "too many fields",
            &[OK, &many, "\r\n"],
            false,
            "failed",
            "exchange failed",
        ),
        (
            "informational",
            &["HTTP/1.1 103 Early Hints\r\n\r\n"],
            true,
            "failed",
            "no response within",
        ),
        (
            "switching",
            &["HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
            false,
            "failed",
            "switched protocols",
        ),
        ("trailers", &[&*trailer, &field], true, "broken", ""),
        ("chunk size", &[&*chunked, "1"], true, "broken", ""),
        ("chunk extension", &[&*chunked, "1;a"], true, "broken", ""),
        (
            "two lengths",
            &[OK, "content-length: 1\r\ncontent-length: 2\r\n\r\nxx"],
            false,
            "failed",
            "exchange failed",
        ),
        (
            "no HTTP",
            &["220 mail.test ESMTP\r\n"],
            true,
            "failed",
            "exchange failed",
        ),
    ] {
        let origin = match pieces {
            [] => Origin::handling(|mut wire| async move { wire.until_closed().await }).await,
            _ => piecewise(pieces, repeats).await,
        };
        let answer = fetch(&edge, &origin.url(), "{}").await;
        let text = answer[key].as_str().unwrap_or_default();
        assert!(
            !text.is_empty() && text.contains(expected),
            "{what}: {answer}"
        );
        until_nothing_is_open(&edge).await;
    }
    for reason in [
        "first_byte_timeout",
        "body_timeout",
        "total_timeout",
        "response_bytes",
        "exchange",
    ] {
        let name = format!("cirque_egress_failed_total{{reason=\"{reason}\"}}");
        assert!(edge.metric(&name).await > 0.0, "{reason}");
    }
    edge.until_idle().await;
}

#[tokio::test]
async fn a_body_that_does_not_move_ends_the_request() {
    let edge = edge_with(&[
        "egress.first_byte_timeout_ms=1000",
        "egress.body_idle_timeout_ms=300",
        "limits.cpu_ms_max=20000",
        "limits.cpu_ms=20000",
    ])
    .await;
    let deaf = Origin::handling(|mut wire: Wire| async move {
        wire.read().await;
        std::future::pending::<()>().await;
    })
    .await;
    for body in ["endless", "silent"] {
        let init = format!(r#"{{"method":"POST","{body}":true}}"#);
        let answer = fetch(&edge, &deaf.url(), &init).await;
        assert!(answer["failed"].is_string(), "{body}: {answer}");
        until_nothing_is_open(&edge).await;
    }
    // What the origin has answered already does not keep a connection that it does not read from.
    let hasty = Origin::handling(|mut wire: Wire| async move {
        wire.read().await;
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await;
        std::future::pending::<()>().await;
    })
    .await;
    let init = r#"{"method":"POST","endless":true}"#;
    let answer = fetch(&edge, &hasty.url(), init).await;
    assert!(
        answer["text"] == "ok" || answer["failed"].is_string(),
        "{answer}"
    );
    until_nothing_is_open(&edge).await;
}

#[tokio::test]
async fn what_is_for_one_hop_or_the_edge_passes_neither_way() {
    let origin = Origin::answering(|request| {
        let head = "HTTP/1.1 200 OK\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\nkeep-alive: timeout=9\r\n\
            proxy-authenticate: Basic\r\ntrailer: x-late\r\nx-cirque-request-id: forged\r\ncirque-loop: 1\r\n\
            x-own: stays\r\n";
        let length = request.len();
        [format!("{head}content-length: {length}\r\n\r\n").as_bytes(), request].concat()
    })
    .await;
    let edge = edge_with(&[]).await;
    let init =
        r#"{"headers": {"x-mine": "1", "cirque-loop": "1", "x-cirque-via": "1", "proxy-x": "1",
        "proxy-authorization": "x", "te": "trailers", "http2-settings": "x", "host": "other.test",
        "connection": "x-mine", "keep-alive": "1"}}"#
            .replace('\n', "");
    let answer = fetch(&edge, &origin.url(), &init).await;
    let seen = answer["text"].as_str().expect("text").to_lowercase();
    let mut names: Vec<&str> = seen
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    names.sort_unstable();
    // The edge's own word for where the request comes from is there, not what the worker wrote in its place.
    assert_eq!(names, ["host", "x-cirque-via", "x-mine"], "{seen}");
    assert!(!seen.contains("x-cirque-via: 1\r\n"), "{seen}");
    assert!(
        seen.contains(&format!("host: 127.0.0.1:{}", origin.port)),
        "{seen}"
    );
    let headers = answer["headers"].as_object().expect("headers");
    let names: Vec<&str> = headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["cf-cache-status", "content-length", "x-own"]);
}

#[tokio::test]
async fn what_an_origin_sends_beyond_its_answer_is_no_other_answer() {
    let origin = Origin::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nmineHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged".to_vec()
    })
    .await;
    let short = Origin::handling(|mut wire: Wire| async move {
        wire.request().await;
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort")
            .await;
    })
    .await;
    let edge = edge_with(&[]).await;
    for _ in 0..20 {
        let answer = fetch(&edge, &origin.url(), "{}").await;
        assert_eq!(answer["text"], "mine", "{answer}");
    }
    let answer = fetch(&edge, &short.url(), "{}").await;
    assert!(answer["broken"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_host_is_reached_at_any_address_that_takes_connections() {
    let origin = Origin::echo().await;
    // A listener whose queue is full swallows what comes.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let full = std::net::SocketAddr::from(([127, 0, 0, 3], origin.port));
    socket.bind(full).expect("an address");
    let _listener = socket.listen(1).expect("a listener");
    let mut waiting = Vec::new();
    loop {
        let dialled = tokio::net::TcpStream::connect(full);
        match tokio::time::timeout(Duration::from_millis(300), dialled).await {
            Ok(stream) => waiting.push(stream.expect("a connection")),
            Err(_) => break,
        }
    }
    let dns = Dns::answering(|name, _| {
        let texts: &[&str] = match name {
            "refused.test" => &["127.0.0.2", "127.0.0.1"],
            "swallowed.test" => &["127.0.0.3", "127.0.0.1"],
            "nobody.test" => &["127.0.0.2", "127.0.0.3"],
            _ => &[],
        };
        texts
            .iter()
            .map(|text| text.parse::<IpAddr>().expect(text))
            .collect()
    })
    .await;
    let edge = edge_with(&[&dns.setting(), "egress.connect_timeout_ms=2000"]).await;
    for name in ["refused", "swallowed"] {
        let url = format!("http://{name}.test:{}/", origin.port);
        let answer = fetch(&edge, &url, "{}").await;
        assert_eq!(answer["status"], 200, "{name}: {answer}");
    }
    let answer = fetch(&edge, &format!("http://nobody.test:{}/", origin.port), "{}").await;
    assert!(answer["failed"].is_string(), "{answer}");
}

#[tokio::test]
async fn idle_connections_make_room_for_those_that_are_wanted() {
    let origins = [
        Origin::echo().await,
        Origin::echo().await,
        Origin::echo().await,
    ];
    for settings in [
        &["egress.connections_per_worker=1"][..],
        &["egress.connections=1"],
    ] {
        let edge = edge_with(settings).await;
        edge.serve_script("again", FETCH).await;
        for round in 0..3 {
            for origin in &origins {
                for host in ["fetch.test", "again.test"] {
                    let url = origin.url();
                    let answer = edge.get_with(host, "/", &[("x-url", url.as_str())]).await;
                    let answer = answer.json();
                    assert_eq!(
                        answer["status"], 200,
                        "{settings:?} {round} {host}: {answer}"
                    );
                }
            }
        }
        until("at most two are open", async || {
            edge.metric("cirque_egress_connections").await <= 2.0
        })
        .await;
    }
}

#[tokio::test]
async fn a_worker_holds_no_more_connections_than_it_may() {
    let (now, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (count, highest) = (now.clone(), most.clone());
    let origin = Origin::handling(move |mut wire: Wire| {
        let (count, highest) = (count.clone(), highest.clone());
        async move {
            highest.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            while wire.request().await.is_some() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                if wire.try_send(answer).await.is_err() {
                    break;
                }
            }
            count.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let edge = edge_with(&["egress.connections_per_worker=3"]).await;
    let code = "export default { async fetch(request) {
        const url = request.headers.get('x-url');
        if (!url) return new Response('ready');
        const all = await Promise.all(Array.from({ length: 12 }, async () => (await fetch(url)).text()));
        return new Response(all.join('')) } }";
    edge.serve_script("many", code).await;
    let url = origin.url();
    let answer = edge
        .get_with("many.test", "/", &[("x-url", url.as_str())])
        .await;
    assert_eq!(answer.text(), "ok".repeat(12));
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?} at a time");
    until_nothing_is_open(&edge).await;

    let silent = Origin::handling(|mut wire| async move { wire.until_closed().await }).await;
    let edge = edge_with(&[
        "egress.connections_per_worker=1",
        "egress.connect_timeout_ms=500",
        "egress.first_byte_timeout_ms=5000",
    ])
    .await;
    let code = "export default { async fetch(request) {
        const url = request.headers.get('x-url');
        if (!url) return new Response('ready');
        const both = await Promise.allSettled([fetch(url + '/a'), fetch(url + '/b')]);
        return new Response(both.map((one) => one.reason).join(', ')) } }";
    edge.serve_script("two", code).await;
    let url = silent.url();
    let text = edge
        .get_with("two.test", "/", &[("x-url", url.as_str())])
        .await
        .text();
    assert!(
        text.contains("no connection was free within 500 ms")
            && text.contains("no response within 5000 ms"),
        "{text}"
    );
}

/// An origin over TLS that answers with the version of HTTP it was spoken to in, and the file of its certificate.
async fn tls_origin(directory: &Path, protocols: &[&str]) -> (Origin, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).expect("a certificate");
    let path = directory.join("ca.pem");
    std::fs::write(&path, made.cert.pem()).expect("a file");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.expect("a key"))
        .expect("a certificate");
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let origin = Origin::handling_streams(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let service = hyper::service::service_fn(async |request: http::Request<_>| {
                let text = format!("{:?} {}", request.version(), request.uri().path());
                let _: &hyper::body::Incoming = request.body();
                Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(Bytes::from(text))))
            });
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        }
    })
    .await;
    (origin, path.to_string_lossy().into_owned())
}

#[tokio::test]
async fn the_version_is_what_both_sides_speak() {
    for (protocols, expected) in [
        (&["h2", "http/1.1"][..], "HTTP/2.0 /path"),
        (&["http/1.1"], "HTTP/1.1 /path"),
        (&[], "HTTP/1.1 /path"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        let (origin, file) = tls_origin(directory.path(), protocols).await;
        let edge = edge_with(&[&format!("egress.ca_file={file}")]).await;
        let url = format!("https://127.0.0.1:{}/path", origin.port);
        for _ in 0..5 {
            let answer = fetch(&edge, &url, "{}").await;
            assert_eq!(answer["text"], expected, "{protocols:?}: {answer}");
        }
        // One that was just read to its end may not be back when the next request asks for it.
        let connections = origin.connections();
        assert!(
            connections <= 3,
            "{protocols:?}: five requests took {connections} connections"
        );
        // Trusted is the one authority, for the one name.
        let other = edge_with(&[]).await;
        let answer = fetch(&other, &url, "{}").await;
        let text = answer["failed"].as_str().unwrap_or_default();
        assert!(text.contains("TLS with the host failed"), "{answer}");
    }
}
