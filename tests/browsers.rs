//! What a browser and a scanner of TLS make of a custom hostname: headless Chromium and testssl.sh, both Debian's.

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::harness::platform::{Platform, is_certified};

/// What testssl.sh may say of a listener that is as it should be. It warns of what it could not ask: some of its
/// questions have no server name in them, and no answer.
const FINE: [&str; 4] = ["OK", "INFO", "LOW", "WARN"];
/// What it must have asked, and found in order.
const ASKED: [&str; 9] = [
    "cipherlist_NULL",
    "cipherlist_aNULL",
    "cipherlist_EXPORT",
    "cipherlist_LOW",
    "heartbleed",
    "CCS",
    "POODLE_SSL",
    "FREAK",
    "RC4",
];
/// What it says of the authority and of the test's own network.
const OF_THE_TEST: [&str; 7] = [
    "cert_trust",
    "cert_chain_of_trust",
    "cert_notAfter",
    "cert_validityPeriod",
    "cert_extlifeSpan",
    "cert_revocation",
    "DNS_CAArecord",
];

/// A home for Chromium in which an authority is trusted.
fn home(authority: &[u8]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let store = home.path().join(".pki/nssdb");
    std::fs::create_dir_all(&store).expect("a directory");
    let pem = home.path().join("authority.pem");
    let text = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(authority)
    );
    std::fs::write(&pem, text).expect("a file");
    let place = format!("sql:{}", store.display());
    for arguments in [
        &["-N", "--empty-password"][..],
        &[
            "-A",
            "-n",
            "test",
            "-t",
            "C,,",
            "-i",
            &pem.to_string_lossy(),
        ],
    ] {
        let done = Command::new("certutil")
            .args(["-d", &place])
            .args(arguments)
            .status()
            .expect("libnss3-tools is installed: `make setup-test`");
        assert!(done.success(), "{arguments:?}");
    }
    home
}

/// The page at an address as Chromium has it in the end, and what it said meanwhile.
async fn page(home: &Path, resolve: &str, url: &str) -> (String, String) {
    let mut chromium = tokio::process::Command::new("chromium");
    chromium
        .env("HOME", home)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--disable-dev-shm-usage", "--disable-background-networking"])
        .arg("--enable-logging=stderr")
        .arg(format!(
            "--user-data-dir={}",
            home.join("profile").display()
        ))
        .arg(format!("--host-resolver-rules={resolve}"))
        .args(["--timeout=30000", "--dump-dom", url])
        .kill_on_drop(true);
    let output = chromium
        .output()
        .await
        .expect("chromium is installed: `make setup-test`");
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[tokio::test]
async fn chromium_trusts_a_custom_hostname_and_shows_its_status_page() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    platform.until(name, is_certified).await;
    let home = home(&platform.pebble.root().await);
    let everything = format!("MAP * 127.0.0.1:{}", platform.https);
    let (shown, said) = page(home.path(), &everything, &format!("https://{name}/")).await;
    assert!(shown.contains("Hello"), "{shown}\n{said}");
    // Nothing is shown of a name that nobody has.
    let (shown, said) = page(home.path(), &everything, "https://other.customer.test/").await;
    assert!(!shown.contains("Hello"), "{shown}\n{said}");

    let api = platform.edge.api().await;
    let hostnames = "/client/v4/zones/default/custom_hostnames";
    let body = json!({ "hostname": "app.customer.test" });
    let made = api.json("POST", hostnames, body).await.json["result"].clone();
    let address = made["status_page"].as_str().expect("an address");
    let (shown, said) = page(home.path(), "", address).await;
    assert!(shown.contains("You must act"), "{shown}\n{said}");
    assert!(shown.contains("edge.platform.test"), "{shown}\n{said}");
    // Its own policy forbids nothing that it has.
    assert!(!said.contains("Content Security Policy"), "{said}");
}

#[tokio::test]
async fn testssl_finds_nothing_that_is_weak() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    platform.until(name, is_certified).await;
    let directory = tempfile::tempdir().expect("a directory");
    let report = directory.path().join("report.json");
    let output = tokio::process::Command::new("testssl")
        .args(["--quiet", "--color", "0", "--warnings", "off"])
        .args(["--ip", "127.0.0.1", "--nodns", "none"])
        .arg("--jsonfile")
        .arg(&report)
        // Protocols, ciphers by their strength, forward secrecy, what the server says of itself, known attacks.
        .args(["-p", "-s", "-f", "-S", "-U"])
        .arg(format!("{name}:{}", platform.https))
        .kill_on_drop(true)
        .output()
        .await
        .expect("testssl.sh is installed: `make setup-test`");
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    let Ok(Value::Array(findings)) = serde_json::from_str(&text) else {
        panic!("{text}\n{}", String::from_utf8_lossy(&output.stdout));
    };
    let of = |id: &str| {
        let found = findings.iter().find(|finding| finding["id"] == id);
        found.unwrap_or_else(|| panic!("{id} was not looked at: {text}"))["finding"]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    for (id, expected) in [
        ("SSLv3", "not offered"),
        ("TLS1", "not offered"),
        ("TLS1_1", "not offered"),
        ("TLS1_2", "offered"),
        ("TLS1_3", "offered"),
    ] {
        assert!(of(id).starts_with(expected), "{id}: {}", of(id));
    }
    for id in ASKED {
        let found = findings.iter().find(|finding| finding["id"] == id);
        assert!(found.is_some_and(|f| f["severity"] == "OK"), "{id}: {text}");
    }
    let weak: Vec<&Value> = findings
        .iter()
        .filter(|finding| {
            let (id, severity) = (finding["id"].as_str(), finding["severity"].as_str());
            let is_of_the_test =
                id.is_some_and(|id| OF_THE_TEST.iter().any(|of| id.starts_with(of)));
            !is_of_the_test && !severity.is_some_and(|severity| FINE.contains(&severity))
        })
        .collect();
    assert_eq!(weak, Vec::<&Value>::new());
    let said = tokio::process::Command::new("openssl")
        .args(["s_client", "-tls1_2", "-servername", name])
        .args(["-connect", &format!("127.0.0.1:{}", platform.https)])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("openssl is installed: `make setup-test`");
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("Secure Renegotiation IS supported"), "{said}");
}
