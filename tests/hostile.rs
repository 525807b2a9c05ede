//! Guests that mean harm, all at once and again and again, while their visitors leave at any moment.
//!
//! `workers/hostile/` holds what they do, its `table.toml` what each must end with. `HOSTILE_CALLS=200000` makes it a
//! long run, `HOSTILE_SEED` another order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;

use super::harness::client::try_request;
use super::harness::origin::Origin;
use super::harness::steady::Steady;
use super::harness::wire::Wire;
use super::harness::{Builder, Edge, Response, host, repository, request, until};

/// Calls of a normal run.
const CALLS: usize = 20_000;
/// Calls under way at a time.
const SIDE_BY_SIDE: usize = 64;
/// Calls before memory and files are looked at for the first time: by then everything was loaded.
const WARM: usize = 2_000;
/// What the process may hold beyond that once everything is over.
const MEMORY_BYTES: u64 = 192 << 20;
/// Files beside those that it had open before; connections that just closed are among them.
const FILES: usize = 32;
/// Workers deployed at a time.
const DEPLOYERS: usize = 3;
/// What a neighbour's worker says.
const HERE: &str = "here";

type Endings = Vec<String>;

/// `table.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    javascript: BTreeMap<String, Endings>,
    text: BTreeMap<String, Endings>,
    built: BTreeMap<String, Endings>,
}

/// One behaviour, ready to be called.
struct Behaviour {
    name: String,
    hostname: String,
    path: String,
    endings: Endings,
    /// Calls that were neither cancelled nor refused.
    ended: AtomicUsize,
}

fn folder() -> std::path::PathBuf {
    repository().join("tests/workers/hostile")
}

fn table() -> Table {
    let text = std::fs::read_to_string(folder().join("table.toml")).expect("the table");
    toml::from_str(&text).expect("TOML")
}

#[test]
fn every_hostile_worker_has_a_row_and_every_row_a_worker() {
    let table = table();
    for (extension, rows) in [("js", &table.javascript), ("wat", &table.text)] {
        let files: BTreeSet<String> = std::fs::read_dir(folder())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        let rows: BTreeSet<String> = rows.keys().cloned().collect();
        assert_eq!(files, rows, "files .{extension} and rows");
    }
    let source = repository().join("tests/workers/examples/hostile.rs");
    let source = std::fs::read_to_string(source).expect("the guest's source");
    for row in table.built.keys() {
        if let Some(act) = row.strip_prefix("hostile/?do=") {
            assert!(source.contains(&format!("\"{act}\"")), "{row}");
        }
    }
    let count = table.javascript.len() + table.text.len() + table.built.len();
    assert!(count >= 60, "{count} behaviours");
}

/// SplitMix64: the same order from the same seed, anywhere.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }
}

/// An edge that ends everything soon.
async fn edge() -> Edge {
    Builder::new(&[
        "log.level=warn",
        "log.access=false",
        "limits.cpu_ms=5",
        "limits.cpu_ms_max=1000",
        "limits.wall_ms=300",
        "limits.wall_ms_max=20000",
        "limits.memory_mb=32",
        "limits.memory_mb_max=128",
        "limits.log_bytes=4096",
        "limits.concurrency=1000",
        // What computes longest must not starve beside the rest, however busy the machine: it would meet its wall time.
        "runtime.heavy_threads=2",
        "runtime.heavy_nice=0",
        "runtime.instances=256",
        "runtime.keep_resident_kb=256",
        "egress.allow_addresses=127.0.0.1",
        "egress.connect_timeout_ms=1000",
        "egress.dns_timeout_ms=200",
        "egress.first_byte_timeout_ms=500",
        "egress.body_idle_timeout_ms=200",
        "egress.total_timeout_ms=800",
        "egress.response_bytes=262144",
        "egress.idle_per_host=2",
        "egress.idle_timeout_ms=500",
    ])
    .with_javascript()
    .start()
    .await
}

/// Limits that leave the end to what the row says, and ways to call other workers.
fn metadata(worker: &str, endings: &[String]) -> String {
    let mut limits = serde_json::Map::new();
    for (word, key, generous) in [("cpu", "cpu_ms", 1000), ("wall", "wall_ms", 20_000)] {
        // An answer that breaks off may do so because of either.
        if !endings.iter().any(|ending| ending == word) {
            limits.insert(key.to_owned(), generous.into());
        }
    }
    let bindings = serde_json::json!([
        { "type": "plain_text", "name": "NAME", "text": worker },
        { "type": "service", "name": "OTHER", "service": "called" },
        { "type": "dispatch_namespace", "name": "DISPATCHER", "namespace": "hostile" },
    ]);
    serde_json::json!({ "limits": limits, "bindings": bindings }).to_string()
}

/// What a behaviour is deployed from.
enum Code {
    /// A file of the folder.
    Script(String),
    /// A component, built or as text.
    Guest(String),
    /// The worker of an earlier one is the same.
    Deployed,
}

/// Every behaviour of the table, under the name of its worker.
fn plan() -> Vec<(Behaviour, String, Code)> {
    let table = table();
    let behaviour = |name: &str, worker: &str, path: &str, endings| Behaviour {
        name: name.to_owned(),
        hostname: host(worker),
        path: path.to_owned(),
        endings,
        ended: AtomicUsize::new(0),
    };
    let mut plan = Vec::new();
    for (name, endings) in table.javascript {
        let worker = format!("js-{name}");
        let code = Code::Script(format!("{name}.js"));
        plan.push((behaviour(&name, &worker, "/", endings), worker, code));
    }
    for (name, endings) in table.text {
        let worker = format!("wat-{name}");
        let code = Code::Guest(format!("{name}.wat"));
        plan.push((behaviour(&name, &worker, "/", endings), worker, code));
    }
    let mut seen = BTreeSet::new();
    for (name, endings) in table.built {
        let (guest, target) = name.split_once('/').expect("a guest and a target");
        // Behaviours of one guest have different limits: one worker for each set of them.
        let worker = format!("built-{guest}-{}", metadata("", &endings).len());
        let code = match seen.insert(worker.clone()) {
            true => Code::Guest(guest.to_owned()),
            false => Code::Deployed,
        };
        let path = format!("/{target}");
        plan.push((behaviour(&name, &worker, &path, endings), worker, code));
    }
    plan
}

/// Deploys every behaviour, and sees those refused that must be.
async fn deploy(edge: &Edge) -> Vec<Arc<Behaviour>> {
    let code = "export default { fetch() { return new Response('here') } }";
    let limits = r#"{"limits":{"cpu_ms":1000,"wall_ms":20000}}"#;
    for worker in ["neighbour", "called"] {
        edge.serve_modules(worker, &[("worker.js", code)], limits)
            .await;
    }
    let deploy_one = |worker: &str, code: &Code, endings: &[String]| {
        // Tenants, as those who mean harm are: what they run at a time leaves room for others.
        let tenant = format!("hostile/{worker}");
        let metadata = metadata(worker, endings);
        let output = match code {
            Code::Script(file) => {
                let code = std::fs::read_to_string(folder().join(file)).expect("a file");
                edge.deploy_modules(&tenant, &[("worker.js", code.as_str())], &metadata)
            }
            Code::Guest(guest) => edge.try_deploy_with(&tenant, guest, &metadata),
            Code::Deployed => return true,
        };
        let is_deployed = is_deployed(worker, &output, endings);
        if is_deployed {
            edge.cirque(&["route", &host(worker), &tenant]);
        }
        is_deployed
    };
    let queue = Mutex::new(plan().into_iter());
    let deployed = Mutex::new(Vec::new());
    // Most of a deployment is waiting for a process.
    std::thread::scope(|scope| {
        for _ in 0..DEPLOYERS {
            scope.spawn(|| {
                let next = || queue.lock().expect("a queue").next();
                while let Some((behaviour, worker, code)) = next() {
                    if deploy_one(&worker, &code, &behaviour.endings) {
                        deployed.lock().expect("a list").push(Arc::new(behaviour));
                    }
                }
            });
        }
    });
    let mut behaviours = deployed.into_inner().expect("a list");
    // In one order, however the threads came along: a seed means the same calls.
    behaviours.sort_by(|a, b| a.name.cmp(&b.name));
    for behaviour in &behaviours {
        let hostname = &behaviour.hostname;
        until("a hostname is routed", async || {
            let answer = request(edge.port, "OPTIONS", hostname, "/?ms=1", &[], Vec::new());
            answer.await.status != 404
        })
        .await;
    }
    behaviours
}

fn is_deployed(name: &str, output: &std::process::Output, endings: &[String]) -> bool {
    let is_deployed = output.status.success();
    let may_be_refused = endings.iter().any(|ending| ending == "refused");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(is_deployed || may_be_refused, "{name}: {text}");
    assert!(!is_deployed || endings != ["refused"], "{name} was taken");
    is_deployed
}

/// What an answer stands for, in the table's words.
fn ending(answer: &Response) -> String {
    let text = answer.text();
    let said = |start: &str| text.starts_with(start);
    let limit = |what: &str| said(&format!("error code: 1102\nWorker exceeded {what} limit."));
    let word = match () {
        () if limit("CPU time") => "cpu",
        () if limit("memory") => "memory",
        () if limit("wall time") => "wall",
        () if said("error code: 1101\nWorker threw exception.") => "exception",
        () if said("error code: 1101\nThe script will never generate a response.") => "never",
        () if answer.is_broken => "broken",
        () if said("error code: ")
            || !answer.header("x-cirque-request-id").is_empty() && answer.status >= 500 =>
        {
            "error"
        }
        () => "answer",
    };
    word.to_owned()
}

/// The edge took no more: calls that call others can fill it, and then it says so to anyone but a light neighbour.
fn is_refused(answer: &Response) -> bool {
    let text = "error code: 1015\nThe edge is serving";
    answer.status == 503 && answer.text().starts_with(text)
}

fn is_allowed(behaviour: &Behaviour, answer: &Response) -> bool {
    let found = ending(answer);
    behaviour
        .endings
        .iter()
        .any(|row| match row.split_once(':') {
            Some((word, text)) => word == found && answer.text().starts_with(text),
            None => *row == found,
        })
}

/// Calls behaviours in the order of these dice until so many calls were made; what ended wrongly.
async fn storm(
    port: u16,
    origin: String,
    behaviours: Arc<Vec<Arc<Behaviour>>>,
    left: Arc<AtomicUsize>,
    mut dice: Dice,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let one_less = |left: usize| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
    {
        let behaviour = &behaviours[dice.below(behaviours.len())];
        let body = match dice.below(2) {
            0 => Vec::new(),
            _ => vec![b'x'; 1 << dice.below(17)],
        };
        let method = if body.is_empty() { "GET" } else { "POST" };
        match dice.below(4) {
            0 => leave_while_sending(port, behaviour, &origin, &body, &mut dice).await,
            way => {
                let headers = [("x-origin", origin.as_str())];
                let (hostname, path) = (&behaviour.hostname, &behaviour.path);
                let is_sending = !body.is_empty();
                let call = try_request(port, method, hostname, path, &headers, body);
                if way == 1 {
                    // Short waits most of all: there is more to interrupt at the beginning.
                    let patience = Duration::from_micros(1 << dice.below(19));
                    let _ = tokio::time::timeout(patience, call).await;
                    continue;
                }
                let Ok(answer) = call.await else {
                    // An edge that has answered may close on who still sends, and the answer is lost on the way.
                    if !is_sending {
                        wrong.push(format!("{}: no answer", behaviour.name));
                    }
                    continue;
                };
                if is_refused(&answer) {
                    continue;
                }
                behaviour.ended.fetch_add(1, Ordering::Relaxed);
                if !is_allowed(behaviour, &answer) {
                    let text: String = answer.text().chars().take(200).collect();
                    let (name, found) = (&behaviour.name, ending(&answer));
                    wrong.push(format!("{name}: {found} {} {text:?}", answer.status));
                }
            }
        }
    }
    wrong
}

/// Sends some of a request, reads some of the answer if there is all of it, and goes.
async fn leave_while_sending(
    port: u16,
    behaviour: &Behaviour,
    origin: &str,
    body: &[u8],
    dice: &mut Dice,
) {
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\nx-origin: {origin}\r\ncontent-length: {}\r\n\r\n",
        behaviour.path,
        behaviour.hostname,
        body.len()
    );
    let bytes = [head.as_bytes(), body].concat();
    let sent = dice.below(bytes.len() + 1);
    let mut wire = Wire::open(port).await;
    if wire.try_send(&bytes[..sent]).await.is_ok() && sent == bytes.len() {
        let _ = tokio::time::timeout(Duration::from_millis(5), wire.read()).await;
    }
}

/// An origin as bad as the workers that ask it.
async fn bad_origin() -> Origin {
    let bomb: Arc<[u8]> = {
        use std::io::Write;
        let level = flate2::Compression::best();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), level);
        packer.write_all(&vec![0; 64 << 20]).expect("memory");
        packer.finish().expect("memory").into()
    };
    Origin::handling(move |wire| answer_badly(wire, bomb.clone())).await
}

async fn answer_badly(mut wire: Wire, bomb: Arc<[u8]>) {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    while !wire.is_closed().await {
        let head = wire.read_until("\r\n\r\n").await;
        let target = head.split(' ').nth(1).expect("a target").to_owned();
        let length = |text: &str| format!("{OK}content-length: {}\r\n\r\n{text}", text.len());
        let redirect =
            |to: &str| format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        // What is sent once, and what is sent again and again after it.
        let (first, again) = match target.as_str() {
            "/round" => (redirect("/round"), ""),
            "/endless" => (CHUNKED.to_owned(), "400\r\n"),
            "/drip" => (CHUNKED.to_owned(), "1\r\nx\r\n"),
            "/garbage" => ("SSH-2.0-OpenSSH_9.9\r\n\r\n".to_owned(), ""),
            "/short" => (format!("{OK}content-length: 10\r\n\r\nshort"), ""),
            "/close" => (String::new(), ""),
            "/fields" => (format!("{OK}{}\r\n", "a: b\r\n".repeat(1000)), ""),
            "/header" => (
                OK.to_owned(),
                "x-endless: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
            ),
            "/trailers" => (
                format!("{CHUNKED}0\r\n"),
                "x-endless: xxxxxxxxxxxxxxxxxxxxxx\r\n",
            ),
            "/switch" => (
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n".to_owned(),
                "",
            ),
            "/lengths" => (
                format!("{OK}content-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
                "",
            ),
            "/chunks" => (format!("{CHUNKED}zz\r\nxx\r\n"), ""),
            "/early" => (
                "HTTP/1.1 103 Early Hints\r\n\r\n".to_owned(),
                "HTTP/1.1 100 Continue\r\n\r\n",
            ),
            "/hang" => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                return;
            }
            "/echo" => {
                let read = read_body(&mut wire, &head).await;
                let answer = length(&format!("{read} bytes"));
                if wire.try_send(answer).await.is_err() {
                    return;
                }
                continue;
            }
            "/bomb" => {
                let head = format!(
                    "{OK}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                    bomb.len()
                );
                let _ = wire.try_send([head.as_bytes(), &bomb].concat()).await;
                continue;
            }
            _ => match target.strip_prefix("/redirect/") {
                Some(host) => (redirect(&format!("http://{host}/")), ""),
                None => (length("hello"), ""),
            },
        };
        let goes_on =
            ["/round", "/hello"].contains(&target.as_str()) || target.starts_with("/redirect/");
        if wire.try_send(first).await.is_err() {
            return;
        }
        let chunk = format!("{again}{}\r\n", "x".repeat(1024));
        let again = if again == "400\r\n" { &chunk } else { again };
        let is_slow = target == "/drip";
        while !again.is_empty() && wire.try_send(again).await.is_ok() {
            let pause = Duration::from_millis(if is_slow { 20 } else { 0 });
            tokio::time::sleep(pause).await;
        }
        if !goes_on {
            return;
        }
    }
}

/// Reads a request's body to its end, or the connection's; how much there was on the wire.
async fn read_body(wire: &mut Wire, head: &str) -> usize {
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let (mut read, mut tail) = (0, Vec::new());
    let is_chunked = head.contains("transfer-encoding: chunked");
    while is_chunked && !tail.ends_with(b"0\r\n\r\n") || length.is_some_and(|length| read < length)
    {
        let piece = wire.read().await;
        if piece.is_empty() {
            break;
        }
        read += piece.len();
        tail.extend_from_slice(&piece);
        tail.drain(..tail.len().saturating_sub(5));
    }
    read
}

fn open_files(edge: &Edge) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", edge.pid()))
        .expect("the edge runs")
        .count()
}

async fn until_quiet(edge: &Edge) {
    for gauge in [
        "cirque_invocations",
        "cirque_connections",
        "cirque_egress_connections",
    ] {
        until(&format!("{gauge} is 0"), async || {
            edge.metric(gauge).await == 0.0
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "the seed, for who repeats it")]
async fn hostile_guests_end_as_they_must_and_nobody_else_notices() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let calls = number("HOSTILE_CALLS").map_or(CALLS, |calls| calls as usize);
    let seed = number("HOSTILE_SEED").unwrap_or(1);
    println!("HOSTILE_SEED={seed} HOSTILE_CALLS={calls}");
    let mut edge = edge().await;
    let origin = bad_origin().await;
    let behaviours = Arc::new(deploy(&edge).await);
    let neighbour = Steady::visits(edge.port, &["neighbour.test"], HERE);
    let mut wrong = Vec::new();
    let mut before = None;
    for (round, calls) in [WARM.min(calls), calls.saturating_sub(WARM)]
        .into_iter()
        .enumerate()
    {
        let left = Arc::new(AtomicUsize::new(calls));
        let storms: Vec<_> = (0..SIDE_BY_SIDE)
            .map(|n| {
                let dice = Dice(seed.wrapping_add(((round * SIDE_BY_SIDE + n) as u64) << 32));
                let (behaviours, left) = (behaviours.clone(), left.clone());
                tokio::spawn(storm(edge.port, origin.url(), behaviours, left, dice))
            })
            .collect();
        for storm in storms {
            wrong.extend(storm.await.expect("every call ends"));
        }
        assert!(edge.is_running(), "the edge ended\n{}", edge.log());
        before.get_or_insert((edge.resident_bytes(), open_files(&edge)));
    }
    neighbour.until_more(20).await;
    neighbour.was_always_answered().await;
    assert!(
        wrong.is_empty(),
        "{} ended wrongly: {wrong:#?}",
        wrong.len()
    );
    let missed: Vec<&str> = behaviours
        .iter()
        .filter(|behaviour| calls >= CALLS && behaviour.ended.load(Ordering::Relaxed) == 0)
        .map(|behaviour| behaviour.name.as_str())
        .collect();
    assert!(missed.is_empty(), "never called to the end: {missed:?}");

    until_quiet(&edge).await;
    let (memory, files) = before.expect("two rounds");
    until("memory is given back", async || {
        edge.resident_bytes() < memory + MEMORY_BYTES
    })
    .await;
    until("files are closed", async || {
        open_files(&edge) < files + FILES
    })
    .await;
    let log = edge.log();
    let is_loud = |line: &&str| {
        line.split_whitespace().nth(1) == Some("ERROR") || line.contains("panicked at")
    };
    let loud: Vec<&str> = log.lines().filter(is_loud).take(5).collect();
    assert!(loud.is_empty(), "somebody has to act: {loud:#?}");
}
