//! Visitors over TLS, with HTTP/1.1 and HTTP/2.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::harness::redis::Redis;
use super::harness::{Builder, Edge, free_port, until};

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

    async fn connect(&self, sni: &str, alpn: &str) -> Result<TlsStream<TcpStream>, String> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        self.dial(sni, config, &[]).await
    }

    /// A handshake that offers what was configured.
    async fn offered(&self, sni: &str) -> Result<TlsStream<TcpStream>, String> {
        self.dial(sni, self.config.clone(), &[]).await
    }

    /// What a worker that shows its request answers behind a load balancer's header.
    async fn introduced(&self, header: &[u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let config = self.config.clone();
        let mut stream = self
            .dial("inspect.test", config, header)
            .await
            .expect("TLS");
        let request = b"GET / HTTP/1.1\r\nhost: inspect.test\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.expect("the edge reads");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn dial(
        &self,
        sni: &str,
        config: rustls::ClientConfig,
        before: &[u8],
    ) -> Result<TlsStream<TcpStream>, String> {
        use tokio::io::AsyncWriteExt;
        let address: SocketAddr = ([127, 0, 0, 1], self.port).into();
        let mut stream = TcpStream::connect(address).await.expect("the edge listens");
        stream.write_all(before).await.expect("the edge reads");
        let name = ServerName::try_from(sni.to_owned()).expect("a name");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let connected = connector.connect(name, stream).await;
        connected.map_err(|error| format!("{error} {error:?}"))
    }

    /// A handshake alone.
    pub(crate) async fn handshake(&self, sni: &str) -> Result<TlsStream<TcpStream>, String> {
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

/// The key that secrets are sealed with in these tests.
const SEALING_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Certificates in a store, and the authority that made them.
struct Certified {
    redis: Redis,
    ca: CertificateDer<'static>,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    https: u16,
}

impl Certified {
    async fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let ca = params
            .self_signed(&key)
            .expect("a certificate")
            .der()
            .clone();
        Self {
            redis: Redis::start().await,
            ca,
            issuer: rcgen::Issuer::new(params, key),
            https: free_port(),
        }
    }

    fn builder(&self, settings: &[&str]) -> Builder {
        Builder::new(settings)
            .with(&self.redis.setting())
            .with(&format!("secrets.key={SEALING_KEY}"))
            .with(&format!("listen.https=127.0.0.1:{}", self.https))
    }

    fn tls(&self) -> Tls {
        Tls::trusting(self.https, &self.ca)
    }

    /// A certificate for these names, with its key.
    fn sign(&self, names: &[&str]) -> (String, String) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(names.clone()).expect("names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationName, names[0].clone());
        let made = params.signed_by(&key, &self.issuer).expect("a certificate");
        (made.pem(), key.serialize_pem())
    }

    /// Has a certificate for these names served for a hostname or wildcard.
    async fn serve(&self, pattern: &str, names: &[&str], settings: serde_json::Value) {
        let (certificate, key) = self.sign(names);
        self.put(pattern, &[(certificate, key)], settings).await;
    }

    async fn put(&self, pattern: &str, chains: &[(String, String)], settings: serde_json::Value) {
        let mut conf = cirque::conf::Conf::default();
        conf.secrets.key = SEALING_KEY.into();
        let keyring = cirque::secrets::Keyring::open(&conf).expect("a key");
        let place = cirque::model::HostnamePattern::parse(pattern).expect("a hostname");
        let place = cirque::tls::place(&place);
        let chains = chains.iter().map(|(certificate, key)| {
            let key = keyring.seal(&place, key).expect("randomness");
            serde_json::json!({ "certificate": certificate, "key": key })
        });
        let record = serde_json::json!({
            "chains": chains.collect::<Vec<_>>(), "settings": settings,
        });
        let key = format!("cirque:certificate:{pattern}");
        self.redis.set(&key, record.to_string()).await;
    }
}

/// Whom the certificate was made for first.
fn organization(stream: &TlsStream<TcpStream>) -> String {
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates().expect("a certificate");
    let (_, parsed) = x509_parser::parse_x509_certificate(&shown[0]).expect("X.509");
    let mut organizations = parsed.subject().iter_organization();
    let found = organizations.next().expect("an organization");
    found.as_str().expect("text").to_owned()
}

fn none() -> serde_json::Value {
    serde_json::json!({})
}

#[tokio::test]
async fn the_nearest_certificate_is_shown() {
    let certified = Certified::new().await;
    let directory = tempfile::tempdir().expect("a directory");
    let (certificate, key) = certified.sign(&["default.test", "*.unserved.test", "known.test"]);
    let file = |name: &str| directory.path().join(name);
    std::fs::write(file("cert.pem"), certificate).expect("a file");
    std::fs::write(file("key.pem"), key).expect("a file");
    let edge = certified
        .builder(&[
            &format!("tls.certificate_file={}", file("cert.pem").display()),
            &format!("tls.key_file={}", file("key.pem").display()),
        ])
        .start()
        .await;
    edge.deploy("hello", "hello");
    edge.cirque(&["route", "known.test", "hello"]);
    edge.cirque(&["route", "*.unserved.test", "hello"]);
    edge.until_routed("known.test").await;
    let all = ["a.example.test", "*.example.test", "example.test"];
    certified
        .serve("a.example.test", &["a.example.test"], none())
        .await;
    certified
        .serve(
            "*.example.test",
            &["*.example.test", "*.x.example.test"],
            none(),
        )
        .await;
    let tls = certified.tls();
    for (sni, expected) in [
        ("a.example.test", all[0]),
        ("A.Example.Test", all[0]),
        ("b.example.test", all[1]),
        // Its own certificate it has not, but it leads somewhere.
        ("known.test", "default.test"),
        ("deep.unserved.test", "default.test"),
    ] {
        let stream = tls.handshake(sni).await.expect(sni);
        assert_eq!(organization(&stream), expected, "{sni}");
    }
    for sni in [
        "example.test",
        // A certificate's star stands for one label, and another's names are not this hostname's.
        "b.x.example.test",
        "unknown.test",
        "default.test",
    ] {
        let refused = tls.handshake(sni).await;
        assert!(
            refused.is_err_and(|e| e.contains("UnrecognisedName")),
            "{sni}"
        );
    }
    // One that is written counts at once, and so does one that is removed.
    certified
        .serve("b.example.test", &["b.example.test"], none())
        .await;
    until("its own certificate is shown", async || {
        let stream = tls.handshake("b.example.test").await.expect("TLS");
        organization(&stream) == "b.example.test"
    })
    .await;
    certified
        .redis
        .run(&["DEL", "cirque:certificate:b.example.test"])
        .await;
    until("the wildcard's certificate is shown", async || {
        let stream = tls.handshake("b.example.test").await.expect("TLS");
        organization(&stream) == "*.example.test"
    })
    .await;
    // One that cannot be opened is none.
    let record = certified
        .redis
        .get("cirque:certificate:a.example.test")
        .await;
    certified
        .redis
        .set("cirque:certificate:c.example.test", record)
        .await;
    let stream = tls.handshake("c.example.test").await.expect("TLS");
    assert_eq!(organization(&stream), "*.example.test");
    edge.until_logged(&["c.example.test", "cannot be used"])
        .await;
}

#[tokio::test]
async fn known_names_are_served_without_the_store() {
    let mut certified = Certified::new().await;
    certified.serve("shop.test", &["shop.test"], none()).await;
    let edge = certified.builder(&[]).start().await;
    edge.serve("shop", "hello").await;
    let tls = certified.tls();
    assert_eq!(
        tls.get("shop.test", "h2", "/").await.expect("TLS").status,
        200
    );
    certified.redis.kill();
    assert_eq!(
        tls.get("shop.test", "h2", "/").await.expect("TLS").status,
        200
    );
    assert!(tls.handshake("other.test").await.is_err());
    // Also by a process that has never met the store.
    let (https, data) = (free_port(), edge.stop().await);
    certified.https = https;
    let edge = data
        .with(&format!("listen.https=127.0.0.1:{https}"))
        .spawn(&[])
        .await;
    let tls = certified.tls();
    until("it listens there too", async || {
        super::harness::client::try_dial(https).await.is_ok()
    })
    .await;
    assert_eq!(
        tls.get("shop.test", "h2", "/").await.expect("TLS").status,
        200
    );
    drop(edge);
}

#[tokio::test]
async fn each_kind_of_visitor_is_shown_a_certificate_of_his_kind() {
    let certified = Certified::new().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let made = std::process::Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/O=rsa", "-addext", "subjectAltName=DNS:both.test"])
        .args(["-keyout", &path("key.pem"), "-out", &path("cert.pem")])
        .output()
        .expect("openssl is installed");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("a file");
    let rsa = (read("cert.pem"), read("key.pem"));
    let ecdsa = certified.sign(&["both.test"]);
    let edge = certified.builder(&[]).start().await;
    certified.put("both.test", &[rsa, ecdsa], none()).await;
    for (ciphers, kind) in [
        ("ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "id-ecPublicKey"),
    ] {
        let output = std::process::Command::new("openssl")
            .args([
                "s_client",
                "-connect",
                &format!("127.0.0.1:{}", certified.https),
            ])
            .args(["-servername", "both.test", "-tls1_2", "-cipher", ciphers])
            .stdin(std::process::Stdio::null())
            .output()
            .expect("openssl is installed");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(
            shown.contains(&format!("Cipher is {ciphers}")),
            "{kind}: {shown}"
        );
    }
    drop(edge);
}

#[tokio::test]
async fn a_hostname_has_settings_of_its_own() {
    use serde_json::json;
    let certified = Certified::new().await;
    let edge = certified.builder(&[]).start().await;
    for (name, settings) in [
        ("plain.test", none()),
        ("new.test", json!({ "min_tls_version": "1.3" })),
        ("old.test", json!({ "tls_1_3": "off" })),
        ("h1.test", json!({ "http2": "off" })),
        (
            "strict.test",
            json!({ "ciphers": ["ECDHE-ECDSA-AES256-GCM-SHA384"], "tls_1_3": "off" }),
        ),
    ] {
        certified.serve(name, &[name], settings).await;
    }
    let tls = certified.tls();
    let (only_12, only_13) = (
        tls.only(&certified.ca, &rustls::version::TLS12),
        tls.only(&certified.ca, &rustls::version::TLS13),
    );
    for (name, with_12, with_13) in [
        ("plain.test", true, true),
        ("new.test", false, true),
        ("old.test", true, false),
        ("h1.test", true, true),
    ] {
        assert_eq!(only_12.handshake(name).await.is_ok(), with_12, "{name}");
        assert_eq!(only_13.handshake(name).await.is_ok(), with_13, "{name}");
    }
    for (name, expected) in [("plain.test", &b"h2"[..]), ("h1.test", b"http/1.1")] {
        let mut config = tls.config.clone();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let both = Tls {
            port: tls.port,
            config,
        };
        let stream = both.offered(name).await.expect("TLS");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(expected), "{name}");
    }
    let stream = only_12.handshake("strict.test").await.expect("TLS");
    let suite = stream
        .get_ref()
        .1
        .negotiated_cipher_suite()
        .expect("a suite");
    assert_eq!(
        suite.suite(),
        rustls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    );
    drop(edge);
}

#[tokio::test]
async fn a_connection_is_for_hostnames_of_its_certificate() {
    let certified = Certified::new().await;
    certified
        .serve("one.test", &["one.test", "also.test"], none())
        .await;
    certified.serve("other.test", &["other.test"], none()).await;
    let edge = certified.builder(&[]).start().await;
    edge.deploy("hello", "hello");
    for name in ["one.test", "also.test", "other.test"] {
        edge.cirque(&["route", name, "hello"]);
        edge.until_routed(name).await;
    }
    let tls = certified.tls();
    for alpn in ["http/1.1", "h2"] {
        for (sni, host, expected) in [
            ("one.test", "one.test", 200),
            ("one.test", "ONE.test", 200),
            ("one.test", "also.test", 200),
            ("one.test", "other.test", 421),
            ("other.test", "one.test", 421),
        ] {
            let answer = tls.get_over(sni, host, alpn, "/").await.expect("TLS");
            assert_eq!(answer.status, expected, "{alpn}: {sni} {host}");
        }
    }
}

#[tokio::test]
async fn plain_http_is_sent_to_https_and_told_to_stay_there() {
    let certified = Certified::new().await;
    certified.serve("shop.test", &["shop.test"], none()).await;
    let edge = certified
        .builder(&["tls.redirect=true", "tls.hsts_max_age_s=31536000"])
        .start()
        .await;
    edge.deploy("hello", "hello");
    edge.cirque(&["route", "shop.test", "hello"]);
    let answer = edge.get("shop.test", "/a/b?c=d%20e").await;
    assert_eq!(answer.status, 308);
    assert_eq!(answer.header("location"), "https://shop.test/a/b?c=d%20e");
    assert_eq!(
        answer.header("strict-transport-security"),
        "",
        "RFC 6797 §7.2"
    );
    // What a customer's own server shows to prove control is asked for over plain HTTP.
    let path = "/.well-known/cf-custom-hostname-challenge/0";
    until("it is routed", async || {
        edge.get("shop.test", path).await.status == 200
    })
    .await;
    let tls = certified.tls();
    for path in ["/", "/status?code=404"] {
        let answer = tls.get("shop.test", "h2", path).await.expect("TLS");
        assert_eq!(
            answer.headers["strict-transport-security"],
            "max-age=31536000"
        );
    }
    let answer = tls
        .get_over("shop.test", "x.test", "h2", "/")
        .await
        .expect("TLS");
    assert_eq!(answer.status, 421);
}

#[tokio::test]
async fn a_session_goes_on_with_its_ticket() {
    let certified = Certified::new().await;
    certified.serve("shop.test", &["shop.test"], none()).await;
    let edge = certified.builder(&[]).start().await;
    edge.serve("shop", "hello").await;
    let tls = certified.tls();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let tls = tls.only(&certified.ca, version);
        for _ in 0..3 {
            // Tickets of TLS 1.3 come after the handshake, with the first answer.
            assert_eq!(
                tls.get("shop.test", "http/1.1", "/")
                    .await
                    .expect("TLS")
                    .status,
                200
            );
        }
    }
    let of = async |result: &str| {
        edge.metric(&format!(
            "cirque_tls_handshakes_total{{result=\"{result}\"}}"
        ))
        .await
    };
    assert_eq!((of("full").await, of("resumed").await), (2.0, 4.0));
}

#[tokio::test]
async fn visitors_show_a_certificate_where_one_is_asked_for() {
    let certified = Certified::new().await;
    certified.serve("shop.test", &["shop.test"], none()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ca.pem");
    let ca = pem(&certified.ca);
    std::fs::write(&path, ca).expect("a file");
    let edge = certified
        .builder(&[&format!("tls.client_ca_file={}", path.display())])
        .start()
        .await;
    edge.serve("shop", "hello").await;
    let tls = certified.tls();
    assert!(tls.get("shop.test", "h2", "/").await.is_err());
    use rustls::pki_types::pem::PemObject;
    let (certificate, key) = certified.sign(&["visitor.test"]);
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM")];
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certified.ca.clone()).expect("a certificate");
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("versions")
    .with_root_certificates(roots)
    .with_client_auth_cert(chain, key)
    .expect("a certificate");
    let known = Tls {
        port: tls.port,
        config,
    };
    assert_eq!(
        known.get("shop.test", "h2", "/").await.expect("TLS").status,
        200
    );
}

fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<String> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// A header of PROXY protocol, version 2, for a visitor at this address.
fn introduction(command: u8, source: [u8; 4]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend([0x20 | command, 0x11, 0, 12]);
    header.extend(source);
    header.extend([127, 0, 0, 1, 0x12, 0x34, 0, 80]);
    header
}

#[tokio::test]
async fn a_load_balancer_says_who_the_visitor_is() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let certified = Certified::new().await;
    certified
        .serve("inspect.test", &["inspect.test"], none())
        .await;
    let edge = certified
        .builder(&[
            r#"listen.proxy_protocol=["http","https"]"#,
            "tls.handshake_timeout_ms=2000",
        ])
        .start()
        .await;
    edge.deploy("inspect", "inspect");
    edge.cirque(&["route", "inspect.test", "inspect"]);
    let ask = async |before: Vec<u8>| -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", edge.port))
            .await
            .expect("the edge listens");
        let request = b"GET / HTTP/1.1\r\nhost: inspect.test\r\nconnection: close\r\n\r\n";
        // An edge that has had enough closes before everything is written.
        let _ = stream.write_all(&[&before[..], request].concat()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    until("it is routed", async || {
        ask(introduction(1, [192, 0, 2, 7]))
            .await
            .contains("192.0.2.7")
    })
    .await;
    assert!(
        ask(introduction(0, [192, 0, 2, 7]))
            .await
            .contains("127.0.0.1")
    );
    for bad in [
        Vec::new(),
        b"PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n".to_vec(),
        introduction(1, [192, 0, 2, 7])[..14].to_vec(),
        introduction(7, [192, 0, 2, 7]),
        [
            b"\r\n\r\n\0\r\nQUIT\n".to_vec(),
            vec![0x21, 0x11, 0xff, 0xff],
        ]
        .concat(),
        [
            b"\r\n\r\n\0\r\nQUIT\n".to_vec(),
            vec![0x21, 0x11, 0, 2, 1, 2],
        ]
        .concat(),
    ] {
        let answer = ask(bad.clone()).await;
        assert_eq!(answer, "", "{bad:?}");
    }
    let tls = certified.tls();
    assert!(tls.handshake("inspect.test").await.is_err());
    let introduced = tls.introduced(&introduction(1, [198, 51, 100, 9])).await;
    assert!(introduced.contains("198.51.100.9"), "{introduced}");
}
