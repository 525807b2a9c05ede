//! Visitors over TLS, with HTTP/1.1 and HTTP/2.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName};

use super::harness::{Edge, free_port};

/// A certificate for one hostname, in files as operators have it.
fn certificate(directory: &Path) -> CertificateDer<'static> {
    let made =
        rcgen::generate_simple_self_signed(vec!["inspect.test".into()]).expect("a certificate");
    std::fs::write(directory.join("cert.pem"), made.cert.pem()).expect("a file");
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).expect("a file");
    made.cert.der().clone()
}

/// A visitor who speaks TLS.
pub(crate) struct Tls {
    port: u16,
    config: rustls::ClientConfig,
}

/// What a visitor got.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) version: Version,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Tls {
    /// Trusts one authority.
    pub(crate) fn trusting(port: u16, ca: &CertificateDer<'static>) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca.clone()).expect("a certificate");
        Self::speaking(
            port,
            roots,
            &[&rustls::version::TLS13, &rustls::version::TLS12],
        )
    }

    fn speaking(
        port: u16,
        roots: rustls::RootCertStore,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { port, config }
    }

    /// The same, speaking these versions alone.
    pub(crate) fn only(
        &self,
        ca: &CertificateDer<'static>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca.clone()).expect("a certificate");
        Self::speaking(self.port, roots, &[version])
    }

    async fn connect(
        &self,
        sni: &str,
        alpn: &str,
    ) -> Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>, String> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        let address: SocketAddr = ([127, 0, 0, 1], self.port).into();
        let stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("the edge listens");
        let name = ServerName::try_from(sni.to_owned()).expect("a name");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let connected = connector.connect(name, stream).await;
        connected.map_err(|error| format!("{error} {error:?}"))
    }

    /// A handshake alone.
    pub(crate) async fn handshake(
        &self,
        sni: &str,
    ) -> Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>, String> {
        self.connect(sni, "http/1.1").await
    }

    /// A GET to a hostname, over a connection for it.
    pub(crate) async fn get(&self, host: &str, alpn: &str, path: &str) -> Result<Answer, String> {
        self.get_over(host, host, alpn, path).await
    }

    /// A GET to a hostname, over a connection for another.
    pub(crate) async fn get_over(
        &self,
        sni: &str,
        host: &str,
        alpn: &str,
        path: &str,
    ) -> Result<Answer, String> {
        let stream = TokioIo::new(self.connect(sni, alpn).await?);
        let request = Request::builder().header("x-cirque-forged", "1");
        let empty = Full::new(Bytes::new());
        let response = match alpn {
            "h2" => {
                let (mut sender, connection) =
                    hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                        .await
                        .map_err(|e| e.to_string())?;
                tokio::spawn(connection);
                let request = request.uri(format!("https://{host}{path}")).body(empty);
                sender.send_request(request.expect("a request")).await
            }
            _ => {
                let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
                    .await
                    .map_err(|e| e.to_string())?;
                tokio::spawn(connection);
                let request = request.uri(path).header("host", host).body(empty);
                sender.send_request(request.expect("a request")).await
            }
        };
        let response = response.map_err(|e| format!("{e} {e:?}"))?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            version: parts.version,
            headers: parts.headers,
            body: body.collect().await.map_err(|e| e.to_string())?.to_bytes(),
        })
    }
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
    let tls = Tls::trusting(port, &ca);
    for (alpn, version) in [("http/1.1", Version::HTTP_11), ("h2", Version::HTTP_2)] {
        let answer = tls
            .get("inspect.test", alpn, "/tls?a=b")
            .await
            .expect("TLS");
        assert_eq!((answer.status, answer.version), (200, version));
        let seen: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
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
