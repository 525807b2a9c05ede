//! A real edge in a process of its own, with everything a test needs around it.
//!
//! Each test has its own directory, ports and hostnames, so all of them run side by side.

pub mod client;
pub mod origin;
pub mod redis;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use client::{Response, request};

/// How long a condition is waited for before a test gives up: longer than any machine takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test.
pub const CIRQUE: &str = env!("CARGO_BIN_EXE_cirque");

/// A running edge; it ends with its test.
pub struct Edge {
    process: Child,
    settings: Vec<String>,
    /// Its data directory, log and access records.
    pub directory: TempDir,
    /// Where visitors come in.
    pub port: u16,
    /// Where operators look.
    pub ops_port: u16,
}

/// An edge that is not started yet.
pub struct Builder {
    settings: Vec<String>,
    directory: Option<TempDir>,
}

impl Edge {
    /// An edge with the embedded store.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// An edge with these settings beside the harness's own.
    pub async fn with(settings: &[&str]) -> Self {
        Builder::new(settings).start().await
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Runs a command line with this edge's settings; fails the test when the command fails.
    pub fn cirque(&self, arguments: &[&str]) -> String {
        let output = self.try_cirque(arguments);
        assert!(
            output.status.success(),
            "cirque {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command line with this edge's settings.
    pub fn try_cirque(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(CIRQUE);
        command.args(arguments);
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        command.output().expect("the binary under test runs")
    }

    /// Deploys a guest of `tests/workers` and leads `<name>.test` to it.
    pub async fn serve(&self, name: &str, guest: &str) {
        self.deploy(name, guest);
        self.cirque(&["route", &host(name), name]);
        self.until_routed(&host(name)).await;
    }

    /// Deploys a guest of `tests/workers` under a name.
    pub fn deploy(&self, name: &str, guest: &str) {
        self.cirque(&["deploy", name, &built(guest, self.directory.path())]);
    }

    /// Waits until a hostname answers something else than 404.
    pub async fn until_routed(&self, hostname: &str) {
        until("the hostname is routed", async || {
            self.head(hostname).await != 404
        })
        .await;
    }

    async fn head(&self, hostname: &str) -> u16 {
        // A path and method that make no guest do anything costly.
        request(self.port, "OPTIONS", hostname, "/", &[], Vec::new())
            .await
            .status
    }

    /// A GET.
    pub async fn get(&self, hostname: &str, path: &str) -> Response {
        request(self.port, "GET", hostname, path, &[], Vec::new()).await
    }

    /// A GET with header fields.
    pub async fn get_with(&self, hostname: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        request(self.port, "GET", hostname, path, headers, Vec::new()).await
    }

    /// A POST.
    pub async fn post(&self, hostname: &str, path: &str, body: impl Into<Vec<u8>>) -> Response {
        request(self.port, "POST", hostname, path, &[], body.into()).await
    }

    /// A page of the operators' door.
    pub async fn ops(&self, path: &str) -> Response {
        request(self.ops_port, "GET", "localhost", path, &[], Vec::new()).await
    }

    /// One metric's value, by its name with labels as Prometheus writes it; 0 when it is not there.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.ops("/metrics").await.text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// What the edge has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// The access records written so far.
    pub fn access(&self) -> Vec<serde_json::Value> {
        let text =
            std::fs::read_to_string(self.directory.path().join("access")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each access record is JSON"))
            .collect()
    }

    /// Memory the edge holds, in bytes.
    pub fn resident_bytes(&self) -> u64 {
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

    /// Sends the edge a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).expect("a process id");
        rustix::process::kill_process(pid, signal).expect("the edge runs");
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().expect("it can be asked").is_none()
    }

    /// Waits for the process to end by itself.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
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
    pub async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// Ends the edge at once, and keeps its data for another.
    pub async fn stop(mut self) -> Builder {
        self.signal(rustix::process::Signal::INT);
        self.ended().await;
        let directory = std::mem::replace(
            &mut self.directory,
            tempfile::tempdir().expect("a directory"),
        );
        // Its ports are chosen anew.
        let settings = self
            .settings
            .iter()
            .filter(|s| !s.starts_with("listen.") && !s.starts_with("store.data_dir"));
        Builder {
            settings: settings.cloned().collect(),
            directory: Some(directory),
        }
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
    pub fn new(settings: &[&str]) -> Self {
        Self {
            settings: settings.iter().map(|s| (*s).to_owned()).collect(),
            directory: None,
        }
    }

    /// Starts it, and waits until it is ready.
    pub async fn start(self) -> Edge {
        let edge = self.spawn(&[]).await;
        until("the edge is ready", async || {
            edge.ops("/readyz").await.status == 200
        })
        .await;
        edge
    }

    /// Starts it, and waits only until it listens.
    pub async fn spawn(mut self, arguments: &[&str]) -> Edge {
        let directory = self
            .directory
            .take()
            .unwrap_or_else(|| tempfile::tempdir().expect("a directory"));
        for _ in 0..5 {
            let (port, ops_port) = (free_port(), free_port());
            let mut settings = vec![
                format!("store.data_dir={}", directory.path().join("data").display()),
                format!("listen.http=127.0.0.1:{port}"),
                format!("listen.ops=127.0.0.1:{ops_port}"),
            ];
            // Small machines run many edges at a time in these tests.
            settings.extend([
                "runtime.threads=2".to_owned(),
                "runtime.heavy_threads=1".to_owned(),
                "log.format=text".to_owned(),
            ]);
            settings.extend(self.settings.iter().cloned());
            let file = |name: &str| {
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(directory.path().join(name))
            };
            let mut command = Command::new(CIRQUE);
            command.arg("run").args(arguments);
            for setting in &settings {
                command.args(["--set", setting]);
            }
            let process = command
                .stdin(Stdio::null())
                .stdout(file("access").expect("a file"))
                .stderr(file("log").expect("a file"))
                .spawn()
                .expect("the binary under test runs");
            let mut edge = Edge {
                process,
                settings,
                directory,
                port,
                ops_port,
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
            return Box::pin(
                Self {
                    settings: self.settings,
                    directory: Some(std::mem::replace(
                        &mut edge.directory,
                        tempfile::tempdir().expect("a directory"),
                    )),
                }
                .spawn(arguments),
            )
            .await;
        }
        unreachable!("the loop returns")
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
            if tokio::net::TcpStream::connect(("127.0.0.1", self.ops_port))
                .await
                .is_ok()
                && tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                    .await
                    .is_ok()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the edge does not listen\n{}", self.log());
    }
}

/// The hostname that [`Edge::serve`] gives a guest.
pub fn host(name: &str) -> String {
    format!("{}.test", name.rsplit('/').next().unwrap_or(name))
}

/// Waits for a condition.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A guest's component: built ones from `tests/workers/built`, hostile ones from their text.
pub fn built(guest: &str, scratch: &Path) -> String {
    let workers = repository().join("tests/workers");
    let plain = workers.join(format!("built/{guest}.wasm"));
    if plain.exists() {
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
