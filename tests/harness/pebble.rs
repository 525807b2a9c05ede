//! A real certificate authority for tests, Let's Encrypt's `pebble`, and a name server that says what a test says.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use tempfile::TempDir;

use super::{free_port, request, until};

/// A name server; it ends with its test. Nothing resolves that the test has not named.
pub(crate) struct Names {
    process: Child,
    /// Where questions are answered, over UDP and TCP.
    pub(crate) port: u16,
    management: u16,
}

impl Names {
    pub(crate) async fn start() -> Self {
        let (port, management) = (free_port(), free_port());
        let process = Command::new("pebble-challtestsrv")
            .args(["-dns01", &format!("127.0.0.1:{port}")])
            .args(["-management", &format!("127.0.0.1:{management}")])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-defaultIPv4", "", "-defaultIPv6", ""])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble-challtestsrv is installed: `make setup-test`");
        let names = Self {
            process,
            port,
            management,
        };
        until("the name server is there", async || {
            super::client::try_dial(names.management).await.is_ok()
        })
        .await;
        names
    }

    /// The setting that has an edge ask this server for proofs.
    pub(crate) fn setting(&self) -> String {
        format!("dns.resolver=127.0.0.1:{}", self.port)
    }

    /// Gives a name an address.
    pub(crate) async fn address(&self, name: &str) {
        let body = json!({ "host": absolute(name), "addresses": ["127.0.0.1"] });
        self.manage("add-a", &body).await;
    }

    /// Points a name at another.
    pub(crate) async fn alias(&self, name: &str, target: &str) {
        let body = json!({ "host": absolute(name), "target": absolute(target) });
        self.manage("set-cname", &body).await;
    }

    /// Gives a name a TXT record.
    pub(crate) async fn text(&self, name: &str, value: &str) {
        let body = json!({ "host": absolute(name), "value": value });
        self.manage("set-txt", &body).await;
    }

    /// Answers SERVFAIL for a name.
    pub(crate) async fn fail(&self, name: &str) {
        self.manage("set-servfail", &json!({ "host": absolute(name) }))
            .await;
    }

    /// Takes back what a call of `set` has said of a name.
    pub(crate) async fn clear(&self, what: &str, name: &str) {
        self.manage(what, &json!({ "host": absolute(name) })).await;
    }

    async fn manage(&self, path: &str, body: &serde_json::Value) {
        let path = format!("/{path}");
        let body = body.to_string().into_bytes();
        let answer = request(self.management, "POST", "127.0.0.1", &path, &[], body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

fn absolute(name: &str) -> String {
    format!("{name}.")
}

impl Drop for Names {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A certificate authority; it ends with its test.
pub(crate) struct Pebble {
    process: Option<Child>,
    directory: TempDir,
    port: u16,
    management: u16,
    environment: Vec<(&'static str, String)>,
}

impl Pebble {
    /// An authority that is not there yet, so that an edge can be told of it first.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = params.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(params, key);
        let own = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".into()]).expect("a name");
        let certificate = params.signed_by(&own, &issuer).expect("a certificate");
        for (name, text) in [
            ("ca.pem", ca.pem()),
            ("cert.pem", certificate.pem()),
            ("key.pem", own.serialize_pem()),
        ] {
            std::fs::write(directory.path().join(name), text).expect("a file");
        }
        Self {
            process: None,
            directory,
            port: free_port(),
            management: free_port(),
            environment: vec![
                ("PEBBLE_VA_NOSLEEP", "1".into()),
                // No authorization is ever taken from an earlier order.
                ("PEBBLE_AUTHZREUSE", "0".into()),
            ],
        }
    }

    /// The same, with one of pebble's fault settings.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.retain(|(there, _)| *there != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    /// The file with the authority of its own certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The settings that have an edge ask this authority.
    pub(crate) fn settings(&self) -> [String; 2] {
        [
            format!("acme.directory={}", self.url()),
            format!("acme.ca_file={}", self.file("ca.pem").display()),
        ]
    }

    /// Its directory.
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// Starts it; it looks for what proves control at these ports.
    pub(crate) async fn start(&mut self, names: &Names, http: u16, https: u16) {
        let conf = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": self.file("cert.pem"),
            "privateKey": self.file("key.pem"),
            "httpPort": http,
            "tlsPort": https,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        } });
        let path = self.file("pebble.json");
        std::fs::write(&path, conf.to_string()).expect("a file");
        let log = std::fs::File::create(self.file("log")).expect("a file");
        let process = Command::new("pebble")
            .arg("-config")
            .arg(path)
            .args(["-dnsserver", &format!("127.0.0.1:{}", names.port)])
            .envs(self.environment.iter().map(|(n, v)| (*n, v.as_str())))
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble is installed: `make setup-test`");
        self.process = Some(process);
        until("the authority is there", async || {
            super::client::try_dial(self.management).await.is_ok()
        })
        .await;
    }

    /// Ends it at once; what it knew is lost.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// The certificate that all of its own lead up to.
    pub(crate) async fn root(&self) -> CertificateDer<'static> {
        let output = Command::new("curl")
            .args(["--silent", "--insecure"])
            .arg(format!("https://127.0.0.1:{}/roots/0", self.management))
            .output()
            .expect("curl is installed");
        CertificateDer::from_pem_slice(&output.stdout).expect("a certificate")
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the authority's log:\n{}", self.log());
        }
    }
}
