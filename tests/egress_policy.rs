//! Where guests may go: the operator's lists, names that lead astray, and the edge's own places.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::harness::dns::Dns;
use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge};

/// Fetches what `x-url` says and tells what came of it.
const FETCH: &str = "export default { async fetch(request) {
    const url = request.headers.get('x-url');
    if (!url) return new Response('ready');
    try { const answer = await fetch(url); return new Response(await answer.text()) }
    catch (error) { return new Response(`${error.name}: ${error.message}`) } } }";

/// An edge with a worker that fetches, for what one fetch comes to.
struct Worker(Edge);

impl Worker {
    async fn with(settings: &[&str]) -> Self {
        let edge = Edge::javascript_with(settings).await;
        edge.serve_script("fetch", FETCH).await;
        Self(edge)
    }

    async fn fetch(&self, url: &str) -> String {
        let headers = [("x-url", url)];
        self.0.get_with("fetch.test", "/", &headers).await.text()
    }

    async fn failed(&self, reason: &str) -> f64 {
        let name = format!("cirque_egress_failed_total{{reason=\"{reason}\"}}");
        self.0.metric(&name).await
    }
}

/// An origin that counts its visitors.
async fn counting() -> (Origin, Arc<AtomicUsize>) {
    let seen = Arc::<AtomicUsize>::default();
    let count = seen.clone();
    let origin = Origin::answering(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nreached".to_vec()
    });
    (origin.await, seen)
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().expect(text)).collect()
}

#[tokio::test]
async fn a_name_reaches_no_private_address_whatever_it_resolves_to() {
    let (origin, seen) = counting().await;
    let dns = Dns::answering(|name, _| {
        addresses(match name {
            "loopback.test" => &["127.0.0.1"],
            "metadata.test" => &["169.254.169.254", "fd00:ec2::254"],
            "unspecified.test" => &["0.0.0.0"],
            "mixed.test" => &["8.8.8.8", "10.0.0.1"],
            "families.test" => &["8.8.8.8", "::1"],
            "mapped.test" => &["::ffff:127.0.0.1"],
            "translated.test" => &["64:ff9b::7f00:1"],
            "tunnelled.test" => &["2002:7f00:1::1"],
            "multicast.test" => &["224.0.0.1"],
            _ => &[],
        })
    })
    .await;
    let worker = Worker::with(&[&dns.setting()]).await;
    let names = [
        "loopback",
        "metadata",
        "unspecified",
        "mixed",
        "families",
        "mapped",
        "translated",
        "tunnelled",
        "multicast",
    ];
    for name in names {
        for host in [format!("{name}.test"), format!("{name}.TEST.")] {
            let text = worker
                .fetch(&format!("http://{host}:{}/", origin.port))
                .await;
            assert!(
                text.contains("not a public address") && text.contains("1024"),
                "{host}: {text}"
            );
        }
    }
    let unknown = worker.fetch("http://nowhere.test/").await;
    assert!(unknown.contains("does not resolve"), "{unknown}");
    assert_eq!(seen.load(Ordering::SeqCst), 0, "something got through");
    assert_eq!(worker.failed("address_private").await, 18.0);
    assert_eq!(worker.failed("dns").await, 1.0);
}

#[tokio::test]
async fn a_name_that_turns_private_is_refused_from_then_on() {
    let (origin, seen) = counting().await;
    let dns = Dns::answering(|name, times| {
        addresses(match (name, times) {
            ("turn.test", 0) => &["127.0.0.1"],
            ("turn.test", _) => &["10.255.255.1"],
            _ => &[],
        })
    })
    .await;
    // Without idle connections each request dials anew.
    let allowed = "egress.allow_addresses=127.0.0.1";
    let worker = Worker::with(&[&dns.setting(), allowed, "egress.idle_per_host=0"]).await;
    let url = format!("http://turn.test:{}/", origin.port);
    assert_eq!(worker.fetch(&url).await, "reached");
    for _ in 0..3 {
        let text = worker.fetch(&url).await;
        assert!(text.contains("10.255.255.1 is not a public"), "{text}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn each_hop_of_a_redirect_is_held_against_the_rules() {
    let (goal, seen) = counting().await;
    let port = goal.port;
    let origin = Origin::answering(move |request| {
        let text = String::from_utf8_lossy(request);
        let target = text.split(' ').nth(1).expect("a target").trim_matches('/');
        let target = target.replace("PORT", &port.to_string());
        format!("HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n")
            .into_bytes()
    })
    .await;
    let dns = Dns::answering(|name, _| {
        addresses(match name {
            "metadata.test" => &["169.254.169.254"],
            _ => &["127.0.0.1"],
        })
    })
    .await;
    let worker = Worker::with(&[
        &dns.setting(),
        "egress.allow_addresses=127.0.0.1",
        "egress.deny_hosts=denied.test,*.denied.test,2130706433",
    ])
    .await;
    let through = async |target: &str| {
        let url = format!("http://127.0.0.1:{}/{target}", origin.port);
        worker.fetch(&url).await
    };
    assert_eq!(through("fine.test:PORT").await, "reached");
    for (target, expected) in [
        ("169.254.169.254", "1024"),
        ("2852039166", "169.254.169.254 is not a public address"),
        ("0xa9fea9fe", "169.254.169.254 is not a public address"),
        (
            "0251.0376.0251.0376",
            "169.254.169.254 is not a public address",
        ),
        ("[::ffff:169.254.169.254]", "1024"),
        ("[fd00:ec2::254]", "fd00:ec2::254 is not a public address"),
        ("metadata.test", "169.254.169.254 is not a public address"),
        ("127.0.0.2:PORT", "127.0.0.2 is not a public address"),
        ("0.0.0.0:PORT", "0.0.0.0 is not a public address"),
        (
            "denied.test:PORT",
            "`egress.deny_hosts` does not allow denied.test (error code: 1021)",
        ),
        ("a.b.DENIED.test.:PORT", "does not allow a.b.denied.test"),
        ("127.0.0.1:25", "port 25 is not among `egress.allow_ports`"),
    ] {
        let text = through(target).await;
        assert!(text.contains(expected), "{target}: {text}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 1, "something got through");
}

#[tokio::test]
async fn the_operators_lists_hold_for_every_worker() {
    let (origin, _) = counting().await;
    let port = origin.port;
    let dns = Dns::answering(|_, _| addresses(&["127.0.0.1"])).await;
    let ports = format!("egress.allow_ports=80,{port}-{port}");
    let worker = Worker::with(&[
        &dns.setting(),
        &ports,
        "egress.allow_addresses=127.0.0.0/8",
        "egress.deny_addresses=127.0.1.0/24,9.9.9.9",
        "egress.allow_hosts=*.good.test,127.0.0.1,127.0.1.1,9.9.9.9",
        "egress.deny_hosts=worse.good.test",
    ])
    .await;
    worker.0.serve_script("again", FETCH).await;
    for (url, expected) in [
        (format!("http://api.good.test:{port}/"), "reached"),
        (format!("http://127.0.0.1:{port}/"), "reached"),
        (
            format!("http://good.test:{port}/"),
            "good.test is not among `egress.allow_hosts` (error code: 1021)",
        ),
        (
            format!("http://worse.good.test:{port}/"),
            "`egress.deny_hosts` does not allow worse.good.test (error code: 1021)",
        ),
        (
            format!("http://127.0.1.1:{port}/"),
            "`egress.deny_addresses` does not allow 127.0.1.1 (error code: 1024)",
        ),
        (
            "http://9.9.9.9/".to_owned(),
            "`egress.deny_addresses` does not allow 9.9.9.9 (error code: 1024)",
        ),
        (
            "https://127.0.0.1/".to_owned(),
            "port 443 is not among `egress.allow_ports` (error code: 1021)",
        ),
    ] {
        for host in ["fetch.test", "again.test"] {
            let answer = worker.0.get_with(host, "/", &[("x-url", &url)]).await;
            let text = answer.text();
            assert!(text.contains(expected), "{host} {url}: {text}");
        }
    }
    assert_eq!(worker.failed("host").await, 4.0);
    assert_eq!(worker.failed("address_denied").await, 4.0);
    assert_eq!(worker.failed("port").await, 2.0);
}

#[tokio::test]
async fn the_edges_own_places_are_out_of_reach_even_where_their_addresses_are_allowed() {
    let redis = Redis::start().await;
    let dns = Dns::answering(|_, _| addresses(&["127.0.0.1"])).await;
    let store = format!("store.url=redis://localhost:{}", redis.port);
    let dns_setting = dns.setting();
    let settings = [
        store.as_str(),
        &dns_setting,
        "limits.cpu_ms=1000",
        "egress.allow_addresses=127.0.0.0/8,::1,0.0.0.0/0",
    ];
    let edge = Builder::new(&settings).with_javascript().with_api();
    let worker = Worker(edge.start().await);
    worker.0.serve_script("fetch", FETCH).await;
    let ports = [worker.0.ops_port, worker.0.api_port, redis.port];
    for port in ports {
        for host in [
            "127.0.0.1",
            "any.test",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "2130706433",
        ] {
            let text = worker.fetch(&format!("http://{host}:{port}/metrics")).await;
            assert!(text.contains("(error code: 1024)"), "{host}:{port}: {text}");
        }
    }
    assert_eq!(worker.failed("address_own").await, 12.0);
    // The visitors' door is for everyone, and its port beside it is nobody's.
    let text = worker
        .fetch(&format!("http://127.0.0.1:{}/", worker.0.port))
        .await;
    assert!(text.contains("No site is configured"), "{text}");
}
