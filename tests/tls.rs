//! Visitors over TLS, with HTTP/1.1 and HTTP/2.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;

use super::harness::{Edge, free_port};

/// A certificate for one hostname, in files as operators have it.
fn certificate(directory: &Path) -> rustls::pki_types::CertificateDer<'static> {
    let made =
        rcgen::generate_simple_self_signed(vec!["inspect.test".into()]).expect("a certificate");
    std::fs::write(directory.join("cert.pem"), made.cert.pem()).expect("a file");
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).expect("a file");
    made.cert.der().clone()
}

/// One request over TLS; the protocol is the one that ALPN chose.
async fn get(
    port: u16,
    ca: &rustls::pki_types::CertificateDer<'static>,
    alpn: &str,
    host: &str,
) -> (Version, Bytes) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let address: SocketAddr = ([127, 0, 0, 1], port).into();
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("the edge listens");
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TokioIo::new(connector.connect(name, stream).await.expect("TLS"));
    let request = Request::builder()
        .uri(format!("https://{host}/tls?a=b"))
        .header("x-cirque-forged", "1");
    let response = match alpn {
        "h2" => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                    .await
                    .expect("HTTP/2");
            tokio::spawn(connection);
            sender
                .send_request(request.body(Full::new(Bytes::new())).expect("a request"))
                .await
        }
        _ => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
                .await
                .expect("HTTP/1.1");
            tokio::spawn(connection);
            let request = request.uri("/tls?a=b").header("host", host);
            sender
                .send_request(request.body(Full::new(Bytes::new())).expect("a request"))
                .await
        }
    };
    let response = response.expect("an answer");
    assert_eq!(response.status(), 200);
    (
        response.version(),
        response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes(),
    )
}

#[tokio::test]
async fn a_worker_sees_the_same_request_over_both_protocols() {
    let directory = tempfile::tempdir().expect("a directory");
    let ca = certificate(directory.path());
    let port = free_port();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let edge = Edge::with(&[
        &format!("listen.https=127.0.0.1:{port}"),
        &format!("tls.certificate_file={}", file("cert.pem")),
        &format!("tls.key_file={}", file("key.pem")),
    ])
    .await;
    edge.serve("inspect", "inspect").await;
    for (alpn, version) in [("http/1.1", Version::HTTP_11), ("h2", Version::HTTP_2)] {
        let (spoken, body) = get(port, &ca, alpn, "inspect.test").await;
        assert_eq!(spoken, version);
        let seen: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(seen["authority"], "inspect.test", "{alpn}: {seen}");
        assert_eq!(seen["path_with_query"], "/tls?a=b", "{alpn}: {seen}");
        assert!(
            seen["scheme"].to_string().to_lowercase().contains("https"),
            "{alpn}: {seen}"
        );
        let headers = seen["headers"].to_string();
        assert!(!headers.contains("x-cirque-forged"), "{alpn}: {headers}");
        assert!(
            headers.contains(r#"["x-forwarded-proto","https"]"#),
            "{alpn}: {headers}"
        );
    }
}
