//! `cirque dev`: what an author sees while writing a worker.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::harness::{CIRQUE, client, free_port, javascript, request, until};

struct Dev {
    process: Child,
    directory: tempfile::TempDir,
    port: u16,
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}{}", self.said("out"), self.said("err"));
        }
    }
}

impl Dev {
    async fn start(file: &str, code: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        javascript::prepare(&directory.path().join("data"));
        std::fs::write(directory.path().join(file), code).expect("a file");
        let (port, ops_port) = (free_port(), free_port());
        let output =
            |name: &str| std::fs::File::create(directory.path().join(name)).expect("a file");
        let process = Command::new(CIRQUE)
            .args([
                "dev",
                file,
                "--port",
                &port.to_string(),
                "--set",
                "store.data_dir=data",
            ])
            .args([
                "--set",
                &format!("listen.ops=127.0.0.1:{ops_port}"),
                "--set",
                "listen.api=",
            ])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(output("out"))
            .stderr(output("err"))
            .spawn()
            .expect("the binary under test runs");
        let dev = Self {
            process,
            directory,
            port,
        };
        until("the edge listens", async || {
            client::try_dial(port).await.is_ok()
        })
        .await;
        dev
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn said(&self, where_: &str) -> String {
        std::fs::read_to_string(self.path().join(where_)).unwrap_or_default()
    }

    async fn until_answered(&self, hostname: &str, expected: &str) {
        until(&format!("{hostname} answers {expected:?}"), async || {
            request(self.port, "GET", hostname, "/", &[], Vec::new())
                .await
                .text()
                == expected
        })
        .await;
    }

    async fn until_said(&self, where_: &str, what: &str) {
        until(&format!("it says {what:?}"), async || {
            self.said(where_).contains(what)
        })
        .await;
    }
}

fn worker(text: &str) -> String {
    format!(
        "export default {{ fetch() {{ console.log('asked'); return new Response('{text}') }} }}"
    )
}

#[tokio::test]
async fn a_changed_file_is_served_at_once_and_a_broken_one_is_told() {
    let dev = Dev::start("worker.js", &worker("one")).await;
    dev.until_answered("localhost", "one").await;
    dev.until_answered("any.localhost", "one").await;
    dev.until_said("err", "asked").await;

    std::fs::write(dev.path().join("worker.js"), worker("two")).expect("a file");
    dev.until_answered("localhost", "two").await;

    std::fs::write(
        dev.path().join("worker.js"),
        "export default {\n  fetch( {\n}",
    )
    .expect("a file");
    dev.until_said("err", "SyntaxError").await;
    dev.until_said("err", "worker.js:").await;
    dev.until_answered("localhost", "two").await;

    std::fs::write(dev.path().join("worker.js"), worker("three")).expect("a file");
    dev.until_answered("localhost", "three").await;
}

#[tokio::test]
async fn typescript_needs_esbuild_and_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("worker.ts");
    std::fs::write(
        &file,
        "export default { fetch(): Response { return new Response('typed') } }",
    )
    .expect("a file");
    let output = Command::new(CIRQUE)
        .arg("deploy")
        .arg("typed")
        .arg(&file)
        .env("PATH", directory.path())
        .current_dir(directory.path())
        .output()
        .expect("the binary under test runs");
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("npm install --save-dev esbuild"), "{text}");
}
