//! A real Prometheus beside an edge, with the rules of this repository.

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Edge, free_port, repository, request, until};

/// A running server; it ends with its test.
pub(crate) struct Prometheus {
    process: Child,
    port: u16,
    /// Its configuration and what it keeps.
    _directory: TempDir,
}

impl Prometheus {
    /// A server that reads this edge's metrics once a second, and looks at the rules as often.
    pub(crate) async fn beside(edge: &Edge) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port = free_port();
        // JSON is YAML.
        let conf = json!({
            "global": { "scrape_interval": "1s", "evaluation_interval": "1s" },
            "rule_files": [repository().join("grafana/alerts/cirque.yaml")],
            "scrape_configs": [{
                "job_name": "cirque",
                "static_configs": [{ "targets": [format!("127.0.0.1:{}", edge.ops_port)] }],
            }],
        });
        let file = directory.path().join("prometheus.yml");
        std::fs::write(&file, conf.to_string()).expect("a file");
        let log = std::fs::File::create(directory.path().join("log")).expect("a file");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().join("data").display()
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("prometheus is installed: `make setup-test`");
        let prometheus = Self {
            process,
            port,
            _directory: directory,
        };
        until("Prometheus listens", async || {
            super::client::try_dial(port).await.is_ok()
        })
        .await;
        until("Prometheus has read the edge's metrics", async || {
            let answer = prometheus.ask("cirque_store_up").await;
            answer.is_ok_and(|found| !found.is_empty())
        })
        .await;
        prometheus
    }

    /// What a query comes to now: labels and value of each series.
    ///
    /// # Errors
    /// What Prometheus says of a query that it does not understand.
    pub(crate) async fn ask(&self, query: &str) -> Result<Vec<(Value, f64)>, String> {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("query={}", encoded(query)).into_bytes();
        let answer = request(self.port, "POST", "localhost", "/api/v1/query", &form, body).await;
        // It answers 503 in plain text until it is ready.
        let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else {
            return Err(format!("{} {}", answer.status, answer.text()));
        };
        if json["status"] != "success" {
            return Err(format!("{query}: {}", json["error"]));
        }
        assert_eq!(json["data"]["resultType"], "vector", "{query}");
        let series = json["data"]["result"].as_array().expect("series");
        let read = |one: &Value| {
            let value = one["value"][1].as_str().expect("a value");
            let value: f64 = value.parse().expect("a number");
            (one["metric"].clone(), value)
        };
        Ok(series.iter().map(read).collect())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A text as a form has it.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
