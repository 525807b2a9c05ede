//! A real Redis server, which a test may stop, pause and empty.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{PATIENCE, free_port};

/// A running server; it ends with its test.
pub(crate) struct Redis {
    process: Option<Child>,
    directory: TempDir,
    is_durable: bool,
    pub(crate) port: u16,
}

impl Redis {
    /// An empty server, which loses all it holds when it is killed.
    pub(crate) async fn start() -> Self {
        Self::with(false).await
    }

    /// An empty server that has everything again after it was killed.
    pub(crate) async fn durable() -> Self {
        Self::with(true).await
    }

    async fn with(is_durable: bool) -> Self {
        let mut redis = Self {
            process: None,
            directory: tempfile::tempdir().expect("a directory"),
            is_durable,
            port: free_port(),
        };
        redis.resume_process().await;
        redis
    }

    /// The setting that leads an edge here.
    pub(crate) fn setting(&self) -> String {
        format!("store.url=redis://127.0.0.1:{}/", self.port)
    }

    /// Runs a command, as `redis-cli` would.
    pub(crate) async fn run<A: redis::ToRedisArgs>(&self, command: &[A]) -> redis::Value {
        let client =
            redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).expect("a URL");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis runs");
        // `Cmd::new` has no name of its own: the first argument is it.
        redis::Cmd::new()
            .arg(command)
            .query_async(&mut connection)
            .await
            .expect("Redis answers")
    }

    /// Sets a key.
    pub(crate) async fn set(&self, key: &str, value: impl AsRef<[u8]>) {
        self.run(&[b"SET", key.as_bytes(), value.as_ref()]).await;
    }

    /// The string under a key.
    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        match self.run(&["GET", key]).await {
            redis::Value::BulkString(bytes) => bytes,
            other => panic!("{key} holds {other:?}"),
        }
    }

    /// The string under a key, if there is one.
    pub(crate) async fn find(&self, key: &str) -> Option<Vec<u8>> {
        match self.run(&["GET", key]).await {
            redis::Value::BulkString(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The keys of a pattern.
    pub(crate) async fn keys(&self, pattern: &str) -> Vec<String> {
        let found = self.run(&["KEYS", pattern]).await;
        redis::from_redis_value(found).expect("keys are text")
    }

    /// Every key, with what lies under it as [`Redis::restore`] takes it.
    pub(crate) async fn dump(&self) -> Vec<(String, Vec<u8>)> {
        let mut records = Vec::new();
        for key in self.keys("cirque:*").await {
            match self.run(&["DUMP", &key]).await {
                redis::Value::BulkString(bytes) => records.push((key, bytes)),
                other => panic!("{key} is dumped as {other:?}"),
            }
        }
        records
    }

    /// Puts one of those back.
    pub(crate) async fn restore(&self, key: &str, value: &[u8]) {
        self.run(&[b"RESTORE", key.as_bytes(), b"0", value, b"REPLACE"])
            .await;
    }

    /// Ends the server at once; without durability, that is the end of all it holds.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts the server again on the same port, with what was saved.
    pub(crate) async fn resume_process(&mut self) {
        let began = Instant::now();
        let process = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                if self.is_durable { "yes" } else { "no" },
                "--appendfsync",
                "always",
            ])
            .arg("--dir")
            .arg(self.directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        while super::client::try_dial(self.port).await.is_err() {
            assert!(began.elapsed() < PATIENCE, "Redis does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the process where it stands, or lets it go on.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let process = self.process.as_ref().expect("Redis runs");
        let pid = rustix::process::Pid::from_raw(process.id() as i32).expect("a process id");
        rustix::process::kill_process(pid, signal).expect("Redis runs");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
