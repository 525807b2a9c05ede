//! JavaScript workers: their sources stand in the tests themselves.

use std::path::{Path, PathBuf};
use std::process::Output;

use super::{Builder, CIRQUE, Edge, host};

impl Edge {
    /// An edge that has the JavaScript engine ready.
    pub(crate) async fn javascript() -> Self {
        Self::javascript_with(&[]).await
    }

    /// The same with these settings.
    pub(crate) async fn javascript_with(settings: &[&str]) -> Self {
        // CPU time stretches where many tests share a core; what is no loop must not meet its limit.
        let settings = [&["limits.cpu_ms=1000"], settings].concat();
        Builder::new(&settings).with_javascript().start().await
    }

    /// Deploys modules, the main one first, and leads `<name>.test` to them.
    pub(crate) async fn serve_script(&self, name: &str, code: &str) {
        self.serve_modules(name, &[("worker.js", code)], "{}").await;
    }

    /// Deploys modules with metadata (JSON), and leads `<name>.test` to them.
    pub(crate) async fn serve_modules(&self, name: &str, files: &[(&str, &str)], metadata: &str) {
        let output = self.deploy_modules(name, files, metadata);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        self.cirque(&["route", &host(name), name]);
        self.until_routed(&host(name)).await;
    }

    /// The same with modules that need not be text.
    pub(crate) async fn serve_files(&self, name: &str, files: &[(&str, &[u8])]) {
        let output = self.deploy_files(name, files, "{}");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        self.cirque(&["route", &host(name), name]);
        self.until_routed(&host(name)).await;
    }

    /// Deploys modules, whether or not that succeeds.
    pub(crate) fn deploy_modules(
        &self,
        name: &str,
        files: &[(&str, &str)],
        metadata: &str,
    ) -> Output {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(file, text)| (*file, text.as_bytes()))
            .collect();
        self.deploy_files(name, &files, metadata)
    }

    /// The same with modules that need not be text.
    pub(crate) fn deploy_files(
        &self,
        name: &str,
        files: &[(&str, &[u8])],
        metadata: &str,
    ) -> Output {
        let directory = self
            .directory
            .path()
            .join(format!("source-{}", name.replace('/', "-")));
        let mut arguments = vec!["deploy".to_owned(), name.to_owned()];
        let write = |file: &str, content: &[u8]| {
            let path = directory.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, content).expect("a file");
            path.to_string_lossy().into_owned()
        };
        for (file, content) in files {
            arguments.push(write(file, content));
        }
        let metadata = write("metadata.json", metadata.as_bytes());
        arguments.extend(["--metadata".to_owned(), metadata]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.try_cirque(&arguments)
    }

    /// What is said when this worker is refused.
    pub(crate) fn refusal(&self, files: &[(&str, &str)]) -> String {
        let output = self.deploy_modules("refused", files, "{}");
        assert!(!output.status.success(), "the worker was taken");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

/// Puts the engine into a data directory. It is made once for all tests of this build.
pub(crate) fn prepare(data_dir: &Path) {
    let shared = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("javascript");
    std::fs::create_dir_all(&shared).expect("a folder");
    let lock = std::fs::File::create(shared.join("lock")).expect("a file");
    lock.lock().expect("a lock");
    let worker = shared.join("worker.js");
    std::fs::write(
        &worker,
        "export default { fetch() { return new Response() } }",
    )
    .expect("a file");
    let made = std::process::Command::new(CIRQUE)
        .arg("deploy")
        .arg("warm")
        .arg(&worker)
        .arg("--set")
        .arg(format!("store.data_dir={}", shared.join("data").display()))
        .output()
        .expect("the binary under test runs");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let (from, to) = (shared.join("data/artifacts"), data_dir.join("artifacts"));
    std::fs::create_dir_all(&to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        // Not linked: an edge marks what it uses, and tests damage it.
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
