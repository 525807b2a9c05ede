//! Sentinel and Cluster: the same records, behind other doors.

use std::process::{Child, Command, Stdio};

use cirque::conf::Conf;
use cirque::model::usage::Day;
use cirque::usage::sums;
use serde_json::json;

use super::harness::api::{Api, shared_key};
use super::harness::{Builder, Edge, PATIENCE, free_port, host, until};
use super::tail::{Tail, open, tails};

/// Redis processes in a directory of their own; they end with their test.
struct Servers {
    processes: Vec<Child>,
    directory: tempfile::TempDir,
}

impl Servers {
    fn new() -> Self {
        Self {
            processes: Vec::new(),
            directory: tempfile::tempdir().expect("a directory"),
        }
    }

    /// Starts a server, and waits until it listens.
    async fn start(&mut self, port: u16, arguments: &[&str]) {
        let directory = self.directory.path().join(port.to_string());
        std::fs::create_dir_all(&directory).expect("a directory");
        let process = Command::new("redis-server")
            .args(arguments)
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
            ])
            .arg("--dir")
            .arg(&directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.processes.push(process);
        until("the server listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
        })
        .await;
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Runs a command on a server.
async fn ask(port: u16, command: &[&str]) -> redis::Value {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).expect("a URL");
    let mut connection = client
        .get_multiplexed_async_connection()
        .await
        .expect("Redis runs");
    redis::cmd(command[0])
        .arg(&command[1..])
        .query_async(&mut connection)
        .await
        .expect("Redis answers")
}

/// A hostname is led to a worker, then elsewhere, then nowhere; each is seen.
async fn records_are_live(edge: &Edge) {
    edge.serve("production/shop", "hello").await;
    assert_eq!(edge.get("shop.test", "/").await.text(), "Hello, World!\n");
    edge.deploy("production/shop", "count");
    until("the new version answers", async || {
        edge.get("shop.test", "/").await.text().trim() == "1"
    })
    .await;
    assert!(
        edge.cirque(&["list"])
            .contains("hostname  shop.test  production/shop")
    );
    edge.cirque(&["delete", "hostname", "shop.test"]);
    until("the hostname is gone", async || {
        edge.get("shop.test", "/").await.status == 404
    })
    .await;
}

/// Two namespaces, which lie on servers of their own: written, listed, read, deleted.
async fn values_are_kept(edge: &Edge, ports: &[u16]) {
    let api = edge.api().await;
    for title in ["one", "other"] {
        let id = api.kv_namespace(title).await;
        let at = |rest: &str| api.kv(&format!("/{id}{rest}"));
        let pairs: Vec<_> = (0..300)
            .map(|n| json!({ "key": format!("k{n:03}"), "value": title }))
            .collect();
        api.json("PUT", &at("/bulk"), pairs.into()).await.result();
        let large = vec![7; 200_000];
        api.send("PUT", &at("/values/large"), &[], large.clone())
            .await
            .result();
        assert_eq!(api.get(&at("/values/large")).await.body[..], large);
        assert_eq!(
            api.get(&at("/values/k299")).await.body[..],
            *title.as_bytes()
        );
        let listed = api.get(&at("/keys?prefix=k01")).await.result();
        assert_eq!(listed.as_array().expect("a list").len(), 10);
        api.delete(&at("")).await.result();
        until("nothing is left of it", async || {
            let mut left = 0;
            for port in ports {
                let found = ask(*port, &["KEYS", &format!("*{id}*")]).await;
                let found: Vec<String> = redis::from_redis_value(found).expect("keys");
                left += found.len();
            }
            left == 0
        })
        .await;
    }
}

/// Workers of several namespaces, whose reports lie on servers of their own: counted, put together, and counted on.
async fn usage_is_written(edge: &Edge, store: &str) {
    let workers = ["one/a", "other/b", "third/c"];
    for worker in workers {
        edge.serve(worker, "hello").await;
        edge.until_used(worker, 1, |_| true).await;
    }
    let mut conf = Conf::default();
    conf.store.url = store.to_owned();
    let url = conf.parsed().expect("settings").store;
    let store = cirque::store::open(&conf, &url).expect("a store");
    let today = Day::today();
    let done = sums::sweep(&*store, today.after(2), today.before(9)).await;
    done.expect("the reports are put together");
    for worker in workers {
        edge.until_used(worker, 1, |_| true).await;
        edge.get(&host(worker), "/").await;
        edge.until_used(worker, 2, |_| true).await;
    }
}

/// A tail that is read at one node shows what happens at the other, until it is closed.
async fn tails_are_relayed(here: &Edge, there: &Edge) {
    here.serve("watched", "log").await;
    there.until_routed("watched.test").await;
    let api = here.api().await;
    let opened = open(&api, "watched", json!([])).await;
    let url = opened["url"].as_str().expect("a URL");
    let mut tail = Tail::at(&api, url).await.expect("a tail");
    until("the other node hears of the tail", async || {
        there.get("watched.test", "/?lines=1").await;
        let relayed = "cirque_tail_events_total{result=\"relayed\"}";
        there.metric(relayed).await > 0.0
    })
    .await;
    assert_eq!(tail.event().await["scriptName"], "watched");
    let id = opened["id"].as_str().expect("an id");
    let one = format!("{}/{id}", tails(&api, "watched"));
    let there = Api {
        port: there.api_port,
        ..api
    };
    there.delete(&one).await.result();
    assert_eq!(tail.end().await, 1000);
}

#[tokio::test]
async fn a_cluster_is_followed_on_all_its_servers() {
    let mut servers = Servers::new();
    let (mut ports, mut buses) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        // By itself the bus listens 10,000 above, where the system's own choices for outgoing connections lie.
        let (port, bus) = (free_port(), free_port());
        let bus_port = bus.to_string();
        let arguments = ["--cluster-enabled", "yes", "--cluster-port", &bus_port];
        servers.start(port, &arguments).await;
        ports.push(port);
        buses.push(bus);
    }
    for (index, port) in ports.iter().enumerate() {
        let first = index * 5_462;
        let last = (first + 5_461).min(16_383);
        ask(
            *port,
            &[
                "CLUSTER",
                "ADDSLOTSRANGE",
                &first.to_string(),
                &last.to_string(),
            ],
        )
        .await;
        let (port, bus) = (port.to_string(), buses[index].to_string());
        ask(ports[0], &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]).await;
    }
    for port in &ports {
        until("the cluster is whole", async || {
            matches!(ask(*port, &["CLUSTER", "INFO"]).await, redis::Value::VerbatimString { text, .. } if text.contains("cluster_state:ok"))
                || matches!(ask(*port, &["CLUSTER", "INFO"]).await, redis::Value::BulkString(text) if String::from_utf8_lossy(&text).contains("cluster_state:ok"))
        })
        .await;
    }
    let store = format!("redis+cluster://127.0.0.1:{}", ports[0]);
    let key = shared_key(servers.directory.path());
    let settings = [&*format!("store.url={store}"), "usage.interval_s=1", &key];
    let edge = Builder::new(&settings).with_api().start().await;
    records_are_live(&edge).await;
    values_are_kept(&edge, &ports).await;
    usage_is_written(&edge, &store).await;
    let other = Builder::new(&settings).with_api().start().await;
    tails_are_relayed(&edge, &other).await;
}

#[tokio::test]
async fn the_server_that_sentinels_name_is_followed_through_a_failover() {
    let mut servers = Servers::new();
    let (first, second, sentinel) = (free_port(), free_port(), free_port());
    servers.start(first, &[]).await;
    servers
        .start(second, &["--replicaof", "127.0.0.1", &first.to_string()])
        .await;
    let conf = servers.directory.path().join("sentinel.conf");
    let text = format!(
        "sentinel monitor main 127.0.0.1 {first} 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
    );
    std::fs::write(&conf, text).expect("a file");
    servers
        .start(sentinel, &[&conf.to_string_lossy(), "--sentinel"])
        .await;
    until("the sentinel knows the replica", async || {
        let answer = ask(sentinel, &["SENTINEL", "REPLICAS", "main"]).await;
        format!("{answer:?}").contains(&second.to_string())
    })
    .await;

    let edge = Edge::with(&[&format!(
        "store.url=redis+sentinel://127.0.0.1:{sentinel}/main"
    )])
    .await;
    records_are_live(&edge).await;
    edge.serve("kept", "hello").await;
    until("the replica has it", async || {
        ask(second, &["EXISTS", "cirque:hostname:kept.test"]).await == redis::Value::Int(1)
    })
    .await;

    let mut master = servers.processes.remove(0);
    master.kill().expect("it runs");
    master.wait().expect("it ends");
    // Known names are served throughout, and the new master's changes are seen.
    let began = std::time::Instant::now();
    loop {
        assert_eq!(edge.get("kept.test", "/").await.status, 200);
        assert!(
            began.elapsed() < PATIENCE,
            "the failover was not followed\n{}",
            edge.log()
        );
        let answer = ask(second, &["ROLE"]).await;
        if format!("{answer:?}").contains("109, 97, 115, 116, 101, 114")
            || format!("{answer:?}").contains("master")
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    ask(
        second,
        &["SET", "cirque:hostname:new.test", r#"{"worker":"kept"}"#],
    )
    .await;
    until("a key on the new master is seen", async || {
        edge.get("new.test", "/").await.status == 200
    })
    .await;
}
