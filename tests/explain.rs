//! `cirque explain`: what it says is what an edge does.

use serde_json::{Value, json};

use super::harness::api::Api;
use super::harness::origin::Origin;
use super::harness::{Builder, Edge};
use super::hostnames_api::{PRIVATE, path_in};

const ZONE: &str = "023e105f4ecef8ad9ca31a8372d0c353";

async fn edge() -> (Edge, Api) {
    let settings = [PRIVATE, "hostnames.target=edge.platform.test"];
    let edge = Builder::new(&settings).with_api().start().await;
    let api = edge.api().await;
    (edge, api)
}

/// What the command line says, as JSON.
fn explained(edge: &Edge, arguments: &[&str]) -> Value {
    explained_with(edge, &[], arguments)
}

/// The same with settings beside the edge's.
fn explained_with(edge: &Edge, settings: &[&str], arguments: &[&str]) -> Value {
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    let mut all: Vec<&str> = settings.collect();
    all.extend_from_slice(&["explain", "--json"]);
    all.extend_from_slice(arguments);
    serde_json::from_str(&edge.cirque(&all)).expect("JSON")
}

/// The texts of the facts about something, with where they come from.
fn facts(explained: &Value, about: &str) -> Vec<String> {
    let facts = explained["facts"].as_array().expect("facts").iter();
    let facts = facts.filter(|fact| fact["about"] == about);
    facts
        .map(|fact| {
            let text = |field: &str| fact[field].as_str().expect("text").to_owned();
            assert!(
                !text("text").is_empty() && !text("from").is_empty(),
                "{fact}"
            );
            format!("{} [{}]", text("text"), text("from"))
        })
        .collect()
}

/// Whether one of the facts about something has all of these words.
fn has(explained: &Value, about: &str, words: &[&str]) -> bool {
    let facts = facts(explained, about);
    facts
        .iter()
        .any(|fact| words.iter().all(|word| fact.contains(word)))
}

#[tokio::test]
async fn what_is_explained_is_what_happens() {
    let (edge, api) = edge().await;
    let origin = Origin::echo().await;
    edge.serve("production/shop", "hello").await;
    edge.serve("production/stopped", "hello").await;
    edge.serve("halted/worker", "hello").await;
    edge.cirque(&["suspend", "production/stopped"]);
    edge.cirque(&["suspend", "halted/"]);
    edge.cirque(&["route", "*.wild.test", "production/shop"]);
    edge.cirque(&["route", "origin.test", &origin.url()]);
    for (name, record) in [
        (
            "missing.test",
            json!({ "namespace": "production", "worker": "nobody" }),
        ),
        ("broken.test", json!({ "worker": 5 })),
        (
            "ambiguous.wild.test",
            json!({ "worker": "a", "origin": "http://b" }),
        ),
    ] {
        edge.put_record(&format!("cirque:hostname:{name}"), &record.to_string());
    }
    for name in ["pending.test", "fallback.test"] {
        let body = json!({ "hostname": name, "ssl": { "method": "http", "type": "dv" } });
        let made = api.json("POST", &path_in(ZONE, ""), body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    for (hostname, status, about, words) in [
        (
            "shop.test",
            200,
            "worker",
            &["a component", "cirque:script:{production}:shop"][..],
        ),
        (
            "a.wild.test",
            200,
            "hostname",
            &[
                "a wildcard's record",
                "production/shop",
                "cirque:hostname:*.wild.test",
            ],
        ),
        (
            "a.b.wild.test",
            200,
            "route",
            &["production/shop", "cirque:hostname:*.wild.test"],
        ),
        (
            "origin.test",
            200,
            "hostname",
            &["the origin http://127.0.0.1", "cirque:hostname:origin.test"],
        ),
        (
            "unknown.test",
            404,
            "hostname",
            &[
                "no record covers",
                "cirque:hostname:unknown.test, cirque:hostname:*.test",
            ],
        ),
        (
            "missing.test",
            404,
            "worker",
            &[
                "there is no worker production/nobody",
                "cirque:script:{production}:nobody",
            ],
        ),
        (
            "stopped.test",
            403,
            "worker",
            &["it is suspended", "cirque:script:{production}:stopped"],
        ),
        (
            "worker.test",
            403,
            "namespace",
            &["it is suspended", "cirque:namespace:{halted}"],
        ),
        (
            "broken.test",
            500,
            "hostname",
            &["cannot be read", "cirque:hostname:broken.test"],
        ),
        (
            "ambiguous.wild.test",
            500,
            "hostname",
            &["cannot be read", "both"],
        ),
        (
            "pending.test",
            530,
            "custom hostname",
            &[
                "the customer must act",
                "TXT _cf-custom-hostname.pending.test",
                "CNAME pending.test edge.platform.test",
            ],
        ),
    ] {
        super::harness::until(&format!("{hostname} is known"), async || {
            edge.get(hostname, "/").await.status == status
        })
        .await;
        let explained = explained(&edge, &[hostname]);
        match status {
            200 => assert_eq!(explained["status"], Value::Null, "{explained}"),
            status => assert_eq!(explained["status"], status, "{explained}"),
        }
        assert!(has(&explained, about, words), "{hostname}: {explained:#}");
        let facts = explained["facts"].as_array().expect("facts");
        let has_problem = facts.iter().any(|fact| fact["is_problem"] == true);
        assert_eq!(has_problem, status != 200, "{hostname}: {explained:#}");
    }
    // The same over the API, where a node adds what it has seen.
    let account = format!("/client/v4/accounts/{}/workers/explain", api.account);
    for (hostname, seen) in [("shop.test", true), ("unknown.test", false)] {
        let mut over_api = api.get(&format!("{account}?url={hostname}")).await.result();
        assert_eq!(
            has(&over_api, "node", &["2xx", "cirque_requests_total"]),
            seen,
            "{over_api}"
        );
        let facts = over_api["facts"].as_array_mut().expect("facts");
        facts.retain(|fact| fact["about"] != "node");
        assert_eq!(over_api, explained(&edge, &[hostname]));
    }
}

#[tokio::test]
async fn limits_say_who_set_them() {
    let (edge, api) = edge().await;
    api.namespace("production").await;
    let path = api.dispatch("/production");
    let limits = json!({ "limits": { "cpu_ms": 20, "subrequests": 3 }, "outbound": { "service": "policy" } });
    api.json("PATCH", &path, limits).await.result();
    let metadata = json!({ "limits": { "cpu_ms": 7, "wall_ms": 999_999_999 } });
    edge.serve_with("production/shop", "hello", &metadata.to_string())
        .await;
    let explained = explained(&edge, &["shop.test"]);
    for words in [
        ["cpu_ms: 7 ", "[cirque:script:{production}:shop]"],
        ["subrequests: 3 ", "[cirque:namespace:{production}]"],
        [
            "wall_ms: ",
            "lowered from 999999999 [cirque:script:{production}:shop; limits.wall_ms_max]",
        ],
        ["memory_mb: ", "[limits.memory_mb]"],
        ["request_bytes: ", "[limits.request_bytes]"],
    ] {
        assert!(has(&explained, "limit", &words), "{words:?}: {explained:#}");
    }
    assert_eq!(facts(&explained, "limit").len(), 12);
    assert!(has(
        &explained,
        "outbound",
        &["pass the worker policy", "cirque:namespace:{production}"]
    ));
    assert!(has(
        &explained,
        "outbound",
        &["there is no worker policy", "cirque:script:{_}:policy"]
    ));
    assert!(has(&explained, "cache", &["cache.owner_mb"]));
}

#[tokio::test]
async fn certificates_and_assets_are_looked_up_for_the_request() {
    let (edge, api) = edge().await;
    api.namespace("production").await;
    let script = api.dispatch("/production/scripts/site");
    let files = [("/index.html", "text/html", &b"hello"[..])];
    let jwt = super::assets::upload(&api, &script, &files).await;
    let metadata = json!({ "assets": { "jwt": jwt } });
    api.upload(&script, metadata, &[]).await.result();
    edge.cirque(&["route", "site.test", "production/site"]);
    edge.until_routed("site.test").await;
    for (target, method, status) in [
        ("http://site.test/", "GET", 200),
        ("http://site.test/index.html", "GET", 307),
        ("http://site.test/nothing", "GET", 404),
        ("http://site.test/", "POST", 405),
    ] {
        let explained = explained(&edge, &[target, "--method", method]);
        assert_eq!(explained["status"], status, "{target}: {explained:#}");
        let path = &target["http://site.test".len()..];
        let answered =
            super::harness::request(edge.port, method, "site.test", path, &[], Vec::new()).await;
        assert_eq!(answered.status, status, "{target}");
    }
    // Without TLS there is nothing to show; with it the record counts, else the edge's own.
    let explained_tls = explained(&edge, &["https://site.test/"]);
    assert!(has(
        &explained_tls,
        "certificate",
        &["no TLS is spoken", "listen.https"]
    ));
    let https = "listen.https=127.0.0.1:443";
    let with = || explained_with(&edge, &[https], &["site.test"]);
    let none = with();
    assert!(
        has(
            &none,
            "certificate",
            &[
                "handshakes are refused",
                "cirque:certificate:site.test, cirque:certificate:*.test"
            ]
        ),
        "{none:#}"
    );
    let made = rcgen::generate_simple_self_signed(["*.test".to_owned()]).expect("a certificate");
    let chain = json!({ "certificate": made.cert.pem(), "key": "" });
    edge.put_record(
        "cirque:certificate:*.test",
        &json!({ "chains": [chain] }).to_string(),
    );
    let wildcard = with();
    assert!(
        has(
            &wildcard,
            "certificate",
            &["*.test by", "until", "[cirque:certificate:*.test]"]
        ),
        "{wildcard:#}"
    );
    let settings = [https, "tls.redirect=true"];
    let redirected = explained_with(&edge, &settings, &["http://site.test/"]);
    assert_eq!(redirected["status"], 308);
    assert!(
        has(&redirected, "redirect", &["tls.redirect"]),
        "{redirected:#}"
    );
}

#[tokio::test]
async fn what_cannot_be_explained_is_refused() {
    let (edge, api) = edge().await;
    for (arguments, why) in [
        (&["a b"][..], "neither a hostname nor a URL"),
        (&["ftp://a.test"], "ftp is not spoken here"),
        (&["a..test"], "neither a hostname nor a URL"),
        (&["a.test", "--method", "G T"], "is no method"),
        (&["a.test", "--header", "accept"], "is no header field"),
    ] {
        let mut all = vec!["explain"];
        all.extend_from_slice(arguments);
        let refused = edge.try_cirque(&all);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && said.contains(why),
            "{arguments:?}: {said}"
        );
    }
    let path = format!("/client/v4/accounts/{}/workers/explain", api.account);
    for query in [
        "",
        "?url=",
        "?url=a%20b",
        "?url=a.test&method=G%20T",
        "?url=a.test&header=x",
    ] {
        let refused = api.get(&format!("{path}{query}")).await;
        assert_eq!(refused.failure(), (400, 10026), "{query}");
    }
    // It tells of all hostnames and workers: a token of one namespace may not ask.
    edge.deploy("production/shop", "hello");
    let mut scoped = edge
        .api_with(&["token", "create", "scoped", "--namespace", "production"])
        .await;
    scoped.account.clone_from(&api.account);
    assert_eq!(
        scoped.get(&format!("{path}?url=a.test")).await.failure().0,
        403
    );
    let reader = edge
        .api_with(&["token", "create", "reader", "--access", "read"])
        .await;
    reader.get(&format!("{path}?url=a.test")).await.result();
}

#[tokio::test]
async fn people_read_it_as_lines() {
    let (edge, api) = edge().await;
    edge.serve("production/shop", "hello").await;
    let base = format!("http://127.0.0.1:{}", api.port);
    let remote = ["--api", &base, "--token", &api.token];
    for (more, seen) in [(&[][..], false), (&remote[..], true)] {
        let arguments = [
            &[
                "explain",
                "http://shop.test/cart",
                "--method",
                "POST",
                "--header",
                "x: y",
            ][..],
            more,
        ]
        .concat();
        let text = edge.cirque(&arguments);
        assert!(
            text.starts_with("POST http://shop.test/cart\nthe worker production/shop answers\n"),
            "{text}"
        );
        assert!(text.contains("  route           the request goes to the worker production/shop  [cirque:hostname:shop.test]\n"), "{text}");
        assert_eq!(
            text.contains("requests since this node started"),
            seen,
            "{text}"
        );
    }
    let text = edge.cirque(&["explain", "unknown.test"]);
    assert!(
        text.contains("(404)\n") && text.contains("\n! hostname        no record covers"),
        "{text}"
    );
}
