//! A real Redis server, which a test may stop, pause and empty.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{PATIENCE, free_port};

/// A running server; it ends with its test.
pub struct Redis {
    process: Option<Child>,
    directory: TempDir,
    pub port: u16,
}

impl Redis {
    /// An empty server.
    pub async fn start() -> Self {
        let mut redis = Self {
            process: None,
            directory: tempfile::tempdir().expect("a directory"),
            port: free_port(),
        };
        redis.resume_process().await;
        redis
    }

    /// The setting that leads an edge here.
    pub fn setting(&self) -> String {
        format!("store.url=redis://127.0.0.1:{}/", self.port)
    }

    /// Runs a command, as `redis-cli` would.
    pub async fn run(&self, command: &[&str]) -> redis::Value {
        let client =
            redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).expect("a URL");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis runs");
        let mut request = redis::cmd(command[0]);
        request
            .arg(&command[1..])
            .query_async(&mut connection)
            .await
            .expect("Redis answers")
    }

    /// Sets a key.
    pub async fn set(&self, key: &str, value: &str) {
        self.run(&["SET", key, value]).await;
    }

    /// Ends the server, and with it all it holds.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts the server again on the same port, with what was saved.
    pub async fn resume_process(&mut self) {
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
                "no",
            ])
            .arg("--dir")
            .arg(self.directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port))
            .await
            .is_err()
        {
            assert!(began.elapsed() < PATIENCE, "Redis does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the process where it stands, or lets it go on.
    pub fn signal(&self, signal: rustix::process::Signal) {
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
