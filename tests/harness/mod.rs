//! A real edge in a process of its own, with everything a test needs around it.
//!
//! Each test has its own directory, ports and hostnames, so all of them run side by side.

pub(crate) mod api;
pub(crate) mod client;
pub(crate) mod collector;
pub(crate) mod dns;
pub(crate) mod javascript;
pub(crate) mod kv;
pub(crate) mod link;
pub(crate) mod origin;
pub(crate) mod pebble;
pub(crate) mod platform;
pub(crate) mod prometheus;
pub(crate) mod redis;
pub(crate) mod steady;
pub(crate) mod usage;
pub(crate) mod wire;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use client::{Response, request};

/// How long a condition is waited for before a test gives up: longer than any machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The binary under test.
pub(crate) const CIRQUE: &str = env!("CARGO_BIN_EXE_cirque");

/// A running edge; it ends with its test.
pub(crate) struct Edge {
    process: Child,
    settings: Vec<String>,
    /// Its data directory, log and access records.
    pub(crate) directory: TempDir,
    /// Where visitors come in.
    pub(crate) port: u16,
    /// Where operators look.
    pub(crate) ops_port: u16,
    /// Where the control API answers; 0: nowhere.
    pub(crate) api_port: u16,
}

/// An edge that is not started yet.
pub(crate) struct Builder {
    settings: Vec<String>,
    directory: Option<TempDir>,
    /// It gets the JavaScript engine ready made.
    has_javascript: bool,
    /// It serves the control API.
    has_api: bool,
}

impl Edge {
    /// An edge with the embedded store.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// An edge with these settings beside the harness's own.
    pub(crate) async fn with(settings: &[&str]) -> Self {
        Builder::new(settings).start().await
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Runs a command line with this edge's settings; fails the test when the command fails.
    pub(crate) fn cirque(&self, arguments: &[&str]) -> String {
        let output = self.try_cirque(arguments);
        assert!(
            output.status.success(),
            "cirque {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command line with this edge's settings.
    pub(crate) fn try_cirque(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(CIRQUE);
        // What the arguments set themselves comes later, and wins.
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        command.args(arguments);
        command.output().expect("the binary under test runs")
    }

    /// Deploys a guest of `tests/workers` and leads `<name>.test` to it.
    pub(crate) async fn serve(&self, name: &str, guest: &str) {
        self.deploy(name, guest);
        self.cirque(&["route", &host(name), name]);
        self.until_routed(&host(name)).await;
    }

    /// Deploys a guest with metadata (JSON), and leads `<name>.test` to it.
    pub(crate) async fn serve_with(&self, name: &str, guest: &str, metadata: &str) {
        self.deploy_with(name, guest, metadata);
        self.cirque(&["route", &host(name), name]);
        self.until_routed(&host(name)).await;
    }

    /// Deploys a guest with metadata (JSON) under a name.
    pub(crate) fn deploy_with(&self, name: &str, guest: &str, metadata: &str) {
        let output = self.try_deploy_with(name, guest, metadata);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {text}");
    }

    /// The same, whether or not it succeeds.
    pub(crate) fn try_deploy_with(&self, name: &str, guest: &str, metadata: &str) -> Output {
        let file = format!("metadata-{}.json", name.replace('/', "-"));
        let file = self.directory.path().join(file);
        std::fs::write(&file, metadata).expect("a file");
        let file = file.to_string_lossy();
        let component = built(guest, self.directory.path());
        self.try_cirque(&["deploy", name, &component, "--metadata", &file])
    }

    /// Waits until no invocation is under way.
    pub(crate) async fn until_idle(&self) {
        until("no invocation is under way", async || {
            self.metric("cirque_invocations").await == 0.0
        })
        .await;
    }

    /// Waits until the log has a line with all of these words.
    pub(crate) async fn until_logged(&self, words: &[&str]) {
        until(&format!("the log has a line with {words:?}"), async || {
            let log = self.log();
            log.lines()
                .any(|line| words.iter().all(|word| line.contains(word)))
        })
        .await;
    }

    /// Deploys a guest of `tests/workers` under a name.
    pub(crate) fn deploy(&self, name: &str, guest: &str) {
        self.cirque(&["deploy", name, &built(guest, self.directory.path())]);
    }

    /// Waits until a hostname answers something else than 404.
    pub(crate) async fn until_routed(&self, hostname: &str) {
        until("the hostname is routed", async || {
            self.head(hostname).await != 404
        })
        .await;
    }

    async fn head(&self, hostname: &str) -> u16 {
        // A path and method that make no guest do anything costly.
        let path = "/?ms=1&bytes=1&mb=1&depth=1";
        request(self.port, "OPTIONS", hostname, path, &[], Vec::new())
            .await
            .status
    }

    /// A GET.
    pub(crate) async fn get(&self, hostname: &str, path: &str) -> Response {
        request(self.port, "GET", hostname, path, &[], Vec::new()).await
    }

    /// A GET with header fields.
    pub(crate) async fn get_with(
        &self,
        hostname: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Response {
        request(self.port, "GET", hostname, path, headers, Vec::new()).await
    }

    /// A POST.
    pub(crate) async fn post(
        &self,
        hostname: &str,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Response {
        request(self.port, "POST", hostname, path, &[], body.into()).await
    }

    /// A page of the operators' door.
    pub(crate) async fn ops(&self, path: &str) -> Response {
        request(self.ops_port, "GET", "localhost", path, &[], Vec::new()).await
    }

    /// One metric's value, by its name with labels as Prometheus writes it; 0 when it is not there.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.ops("/metrics").await.text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// What the edge has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// The access records written so far.
    pub(crate) fn access(&self) -> Vec<serde_json::Value> {
        let text =
            std::fs::read_to_string(self.directory.path().join("access")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each access record is JSON"))
            .collect()
    }

    /// Memory the edge holds, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the edge runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("Linux");
        line.trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .expect("a number")
            * 1024
    }

    /// CPU time that the edge has used, in seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("the edge runs");
        // The name in parentheses may hold spaces; user and system time are the 14th and 15th field.
        let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
        let ticks: f64 = fields
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<f64>().expect("a number"))
            .sum();
        ticks / rustix::param::clock_ticks_per_second() as f64
    }

    /// Sends the edge a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).expect("a process id");
        rustix::process::kill_process(pid, signal).expect("the edge runs");
    }

    /// Whether the process still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().expect("it can be asked").is_none()
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn ended(&mut self) -> std::process::ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("it can be asked") {
                return status;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "the edge did not end\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the edge at once and starts another on the same data.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// Ends the edge at once, and keeps its data for another.
    pub(crate) async fn stop(self) -> Builder {
        self.end(rustix::process::Signal::INT).await
    }

    /// Kills the edge where it stands, and keeps its data for another.
    pub(crate) async fn crash(self) -> Builder {
        self.end(rustix::process::Signal::KILL).await
    }

    /// Starts a process that takes over from this one, with the same settings and sockets.
    pub(crate) fn successor(&self) -> Child {
        run(&self.settings, self.directory.path(), &["--upgrade"])
    }

    async fn end(mut self, signal: rustix::process::Signal) -> Builder {
        self.signal(signal);
        self.ended().await;
        let directory = self.give_directory();
        // Its ports are chosen anew.
        let settings = self
            .settings
            .iter()
            .filter(|s| !s.starts_with("listen.") && !s.starts_with("store.data_dir"));
        Builder {
            settings: settings.cloned().collect(),
            directory: Some(directory),
            has_javascript: false,
            has_api: self.api_port != 0,
        }
    }
}

impl Edge {
    /// Its directory, for another edge to go on with.
    fn give_directory(&mut self) -> TempDir {
        std::mem::replace(
            &mut self.directory,
            tempfile::tempdir().expect("a directory"),
        )
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the edge's log:\n{}", self.log());
        }
    }
}

impl Builder {
    /// An edge with these settings beside the harness's own.
    pub(crate) fn new(settings: &[&str]) -> Self {
        Self {
            settings: settings.iter().map(|s| (*s).to_owned()).collect(),
            directory: None,
            has_javascript: false,
            has_api: false,
        }
    }

    /// The same with the control API.
    pub(crate) fn with_api(mut self) -> Self {
        self.has_api = true;
        self
    }

    /// The same without the control API, which waits for the store.
    pub(crate) fn without_api(mut self) -> Self {
        self.has_api = false;
        self
    }

    /// The same with the JavaScript engine ready made, which takes seconds otherwise.
    pub(crate) fn with_javascript(mut self) -> Self {
        self.has_javascript = true;
        self
    }

    /// The same with one more setting, which wins over earlier ones.
    pub(crate) fn with(mut self, setting: &str) -> Self {
        self.settings.push(setting.to_owned());
        self
    }

    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(self) -> Edge {
        let edge = self.spawn(&[]).await;
        until("the edge is ready", async || {
            edge.ops("/readyz").await.status == 200
        })
        .await;
        edge
    }

    /// Starts it, and waits only until it listens.
    pub(crate) async fn spawn(mut self, arguments: &[&str]) -> Edge {
        let directory = self
            .directory
            .take()
            .unwrap_or_else(|| tempfile::tempdir().expect("a directory"));
        if self.has_javascript {
            javascript::prepare(&directory.path().join("data"));
        }
        let (port, ops_port) = (free_port(), free_port());
        let mut settings = vec![
            format!("store.data_dir={}", directory.path().join("data").display()),
            format!("listen.http=127.0.0.1:{port}"),
            format!("listen.ops=127.0.0.1:{ops_port}"),
            // What the world sees as port 80.
            format!("hostnames.http_port={port}"),
        ];
        let api_port = if self.has_api { free_port() } else { 0 };
        settings.push(match api_port {
            0 => "listen.api=".to_owned(),
            port => format!("listen.api=127.0.0.1:{port}"),
        });
        // Small machines run many edges at a time in these tests.
        settings.extend([
            "runtime.threads=2".to_owned(),
            "runtime.heavy_threads=1".to_owned(),
            "log.format=text".to_owned(),
            // Compilers run with low priority, beside other tests.
            "runtime.compile_timeout_s=600".to_owned(),
            // Most tests have no use for it.
            "runtime.javascript=false".to_owned(),
        ]);
        settings.extend(self.settings.iter().cloned());
        let process = run(&settings, directory.path(), arguments);
        let mut edge = Edge {
            process,
            settings,
            directory,
            port,
            ops_port,
            api_port,
        };
        if edge.listens().await {
            return edge;
        }
        // Another test took the port between its choice and its use.
        assert!(
            edge.log().contains("in use"),
            "the edge did not start:\n{}",
            edge.log()
        );
        let directory = edge.give_directory();
        let again = Self {
            settings: self.settings,
            directory: Some(directory),
            has_javascript: false,
            has_api: self.has_api,
        };
        Box::pin(again.spawn(arguments)).await
    }
}

impl Edge {
    /// Whether the operators' door opens; `false` when the process has ended.
    async fn listens(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if !self.is_running() {
                return false;
            }
            if client::try_dial(self.ops_port).await.is_ok()
                && client::try_dial(self.port).await.is_ok()
                && (self.api_port == 0 || client::try_dial(self.api_port).await.is_ok())
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the edge does not listen\n{}", self.log());
    }
}

/// Starts a process with its output in the directory's files `access` and `log`.
fn run(settings: &[String], directory: &Path, arguments: &[&str]) -> Child {
    let file = |name: &str| {
        std::fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join(name))
            .expect("a file")
    };
    let mut command = Command::new(CIRQUE);
    command.arg("run").args(arguments);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command
        .stdin(Stdio::null())
        .stdout(file("access"))
        .stderr(file("log"))
        .spawn()
        .expect("the binary under test runs")
}

/// The hostname that [`Edge::serve`] gives a guest.
pub(crate) fn host(name: &str) -> String {
    format!("{}.test", name.rsplit('/').next().unwrap_or(name))
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port that nothing listens on.
///
/// It lies below those that the system gives to outgoing connections, or one of these might take it while the server
/// that a test has stopped is away.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Tests are processes with neighbouring ids: each has a range of its own.
        let number = std::process::id() * 64 + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (number % 22_000) as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A guest's component: built ones from `tests/workers/built`, hostile ones from their text, which `.wat` asks for.
pub(crate) fn built(guest: &str, scratch: &Path) -> String {
    let workers = repository().join("tests/workers");
    let text = guest.strip_suffix(".wat");
    let guest = text.unwrap_or(guest);
    let plain = workers.join(format!("built/{guest}.wasm"));
    if text.is_none() && plain.exists() {
        return plain.to_string_lossy().into_owned();
    }
    let target = scratch.join(format!("{guest}.wasm"));
    let packed = workers.join(format!("built/{guest}.wasm.gz"));
    if let Ok(file) = std::fs::File::open(&packed) {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes)
            .expect("gzip");
        std::fs::write(&target, bytes).expect("the scratch directory takes files");
    } else {
        let text = std::fs::read_to_string(workers.join(format!("hostile/{guest}.wat")))
            .expect("there is such a guest");
        std::fs::write(&target, wat::parse_str(text).expect("WAT"))
            .expect("the scratch directory takes files");
    }
    target.to_string_lossy().into_owned()
}

impl Edge {
    /// Writes a record into the embedded store by hand, as a change that the edge hears of.
    pub(crate) fn put_record(&self, key: &str, value: &str) {
        let path = self.directory.path().join("data/store.db");
        let mut store = rusqlite::Connection::open(path).expect("the store's file");
        let put = store.transaction().expect("a transaction");
        put.execute(
            "INSERT INTO records (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            rusqlite::params![key, value.as_bytes()],
        )
        .expect("a record");
        put.execute("INSERT INTO changes (key) VALUES (?1)", [key])
            .expect("a change");
        put.commit().expect("a commit");
    }
}
