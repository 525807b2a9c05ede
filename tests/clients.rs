//! Cloudflare's own clients, unchanged: the `cloudflare` package, wrangler, and `curl` lines as documentation has them.
//!
//! `make test` runs the newest of each. With `CLIENTS=matrix` (`make clients`) the older ones run too.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::harness::api::Api;
use super::harness::{Builder, Edge, repository, until};

/// Where `tests/clients/fetch.sh` has put the clients.
pub(crate) fn clients(which: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache");
    let directory = cache
        .unwrap_or_else(home)
        .join("cirque-clients")
        .join(which);
    assert!(
        directory.join("node_modules").exists(),
        "{} has no clients: run tests/clients/fetch.sh, as `make test` does",
        directory.display()
    );
    directory
}

fn has_matrix() -> bool {
    std::env::var("CLIENTS").is_ok_and(|which| which == "matrix")
}

/// The Node.js that comes as a package: newer clients want a newer one than the machine may have.
pub(crate) fn node() -> PathBuf {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    };
    let package = format!("node_modules/node-linux-{architecture}/bin/node");
    clients("newest").join(package)
}

async fn edge() -> Edge {
    Builder::new(&[]).with_javascript().with_api().start().await
}

/// What points a client at the edge.
fn point(command: &mut Command, api: &Api, home: &Path) {
    let base = format!("http://127.0.0.1:{}/client/v4", api.port);
    let path = std::env::var("PATH").expect("a path");
    let own = node();
    let own = own.parent().expect("a directory").display();
    command
        .env_clear()
        .env("PATH", format!("{own}:{path}"))
        .env("HOME", home)
        .env("CLOUDFLARE_API_BASE_URL", &base)
        .env("CLOUDFLARE_BASE_URL", &base)
        .env("CLOUDFLARE_ACCOUNT_ID", &api.account)
        .env("CLOUDFLARE_API_TOKEN", &api.token)
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_SEND_ERROR_REPORTS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("CI", "1")
        .env("NO_COLOR", "1");
}

/// Runs a command apart, so that the edge's own tasks go on.
async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().expect("the client runs"))
        .await
        .expect("it ends")
}

fn text_of(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn sdk(edge: &Edge, major: &str, which: &str) {
    let api = edge
        .api_with(&["token", "create", &format!("sdk {major}")])
        .await;
    let mut command = Command::new(node());
    point(&mut command, &api, edge.directory.path());
    command
        .arg(repository().join("tests/clients/sdk.mjs"))
        .args([major, &clients(which).to_string_lossy(), "keep"])
        .arg(certificates(edge));
    let output = run(command).await;
    assert!(
        output.status.success(),
        "version {major}: {}",
        text_of(&output)
    );
    let host = format!("sdk{major}.test");
    edge.cirque(&["route", &host, &format!("sdk-{major}/a")]);
    until("the worker it uploaded answers", async || {
        edge.get(&host, "/").await.text() == format!("hello version {major} hush")
    })
    .await;
}

/// A file with certificates for one hostname: two of different kinds, and one in place of the first.
fn certificates(edge: &Edge) -> PathBuf {
    let made = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_RSA_SHA256,
        &rcgen::PKCS_ECDSA_P256_SHA256,
    ]
    .map(|algorithm| {
        let key = rcgen::KeyPair::generate_for(algorithm).expect("a key");
        let params = rcgen::CertificateParams::new(vec!["pack.customer.test".to_owned()]);
        let made = params.expect("names").self_signed(&key);
        let certificate = made.expect("a certificate").pem();
        serde_json::json!({ "custom_certificate": certificate, "custom_key": key.serialize_pem() })
    });
    let file = edge.directory.path().join("certificates.json");
    std::fs::write(&file, serde_json::json!(made).to_string()).expect("a file");
    file
}

#[tokio::test]
async fn the_cloudflare_package_manages_a_namespace() {
    let edge = edge().await;
    sdk(&edge, "7", "newest").await;
    if has_matrix() {
        for major in ["4", "5", "6"] {
            sdk(&edge, major, "matrix").await;
        }
    }
}

/// One wrangler, with the worker it deploys.
struct Wrangler<'a> {
    edge: &'a Edge,
    api: Api,
    program: PathBuf,
    directory: tempfile::TempDir,
}

impl<'a> Wrangler<'a> {
    async fn new(edge: &'a Edge, which: &str, package: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let package = clients(which).join("node_modules").join(package);
        Self {
            edge,
            api: edge
                .api_with(&["token", "create", &format!("{package:?}")])
                .await,
            program: package.join("bin/wrangler.js"),
            directory,
        }
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    async fn try_run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(node());
        point(&mut command, &self.api, self.directory.path());
        command
            .arg(&self.program)
            .args(arguments)
            .current_dir(self.directory.path());
        let stdin = self.directory.path().join("stdin");
        std::fs::write(&stdin, input).expect("a file");
        command.stdin(std::fs::File::open(stdin).expect("the file"));
        run(command).await
    }

    async fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, "").await
    }

    async fn run_with(&self, arguments: &[&str], input: &str) -> String {
        let output = self.try_run(arguments, input).await;
        let said = text_of(&output);
        assert!(
            output.status.success(),
            "wrangler {arguments:?}: {said}\n{}",
            self.edge.log()
        );
        said
    }
}

/// What a platform does with wrangler: tenants into a namespace, then the dispatcher with routes.
async fn wrangler(edge: &Edge, which: &str, package: &str) {
    let wrangler = Wrangler::new(edge, which, package).await;
    let namespace = package;
    let said = wrangler
        .run(&["dispatch-namespace", "create", namespace])
        .await;
    assert!(said.contains("Created dispatch namespace"), "{said}");
    assert!(
        wrangler
            .run(&["dispatch-namespace", "list"])
            .await
            .contains(namespace)
    );
    assert!(
        wrangler
            .run(&["dispatch-namespace", "get", namespace])
            .await
            .contains(namespace)
    );

    let tenant = format!("customer-{package}");
    let config = |text: &str| {
        format!(
            "name = \"{tenant}\"\nmain = \"worker.js\"\ncompatibility_date = \"2025-01-01\"\n[vars]\nWHO = \"{text}\"\n"
        )
    };
    wrangler.write("wrangler.toml", &config("first"));
    wrangler.write(
        "worker.js",
        "import words from './words.txt';\nexport default { fetch: (request, env) => new Response(words + env.WHO) };\n",
    );
    wrangler.write("words.txt", "hello ");
    let said = wrangler
        .run(&["deploy", "--dispatch-namespace", namespace])
        .await;
    assert!(said.contains("Dispatch Namespace"), "{said}");
    let host = format!("{package}.test");
    edge.cirque(&["route", &host, &format!("{namespace}/{tenant}")]);
    until("the tenant answers", async || {
        edge.get(&host, "/").await.text() == "hello first"
    })
    .await;
    wrangler.write("wrangler.toml", &config("second"));
    wrangler
        .run(&["deploy", "--dispatch-namespace", namespace])
        .await;
    until("the tenant answers anew", async || {
        edge.get(&host, "/").await.text() == "hello second"
    })
    .await;

    // What is refused is told with its place, and what was there stays.
    wrangler.write(
        "worker.js",
        "export default { fetch() {} };\nthrow new Error('at the top');\n",
    );
    let refused = wrangler
        .try_run(&["deploy", "--dispatch-namespace", namespace], "")
        .await;
    assert!(!refused.status.success());
    let said = text_of(&refused);
    assert!(
        said.contains("at the top") && said.contains("10021"),
        "{said}"
    );
    assert_eq!(edge.get(&host, "/").await.text(), "hello second");

    // A regular worker, twice: newer wranglers upload a version the second time. Then its secret, and its end.
    let regular = format!("regular-{package}");
    let zone = format!("{package}.example");
    wrangler.write(
        "wrangler.toml",
        &format!(
            "name = \"{regular}\"\nmain = \"worker.js\"\ncompatibility_date = \"2025-01-01\"\n\
             routes = [{{ pattern = \"*.{zone}/*\", zone_name = \"{zone}\" }}, {{ pattern = \"app.{zone}\", custom_domain = true }}]\n\
             [[dispatch_namespaces]]\nbinding = \"DISPATCHER\"\nnamespace = \"{namespace}\"\n"
        ),
    );
    for version in ["one", "two"] {
        wrangler.write(
            "worker.js",
            &format!("export default {{ fetch: (request, env) => new Response('{version} ' + env.SECRET) }};\n"),
        );
        wrangler.run(&["deploy"]).await;
        for host in [format!("any.{zone}"), format!("app.{zone}")] {
            until("the worker answers", async || {
                edge.get(&host, "/").await.text().starts_with(version)
            })
            .await;
        }
    }
    wrangler
        .run_with(&["secret", "put", "SECRET"], "hush")
        .await;
    assert!(wrangler.run(&["secret", "list"]).await.contains("SECRET"));
    let host = format!("app.{zone}");
    until("the secret arrives", async || {
        edge.get(&host, "/").await.text() == "two hush"
    })
    .await;
    assert!(
        wrangler
            .run(&["deployments", "list"])
            .await
            .contains("Created")
    );
    assert!(
        wrangler
            .run(&["whoami"])
            .await
            .contains(&wrangler.api.account)
    );
    wrangler.run(&["delete", &regular, "--force"]).await;
    until("the worker is gone", async || {
        edge.get(&host, "/").await.status == 404
    })
    .await;
    wrangler
        .run(&["dispatch-namespace", "delete", namespace])
        .await;
    until("the tenant is gone", async || {
        edge.get(&format!("{package}.test"), "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn wrangler_deploys_tenants_and_their_dispatcher() {
    let edge = edge().await;
    wrangler(&edge, "newest", "wrangler-new").await;
    if has_matrix() {
        wrangler(&edge, "matrix", "wrangler-4").await;
        wrangler(&edge, "matrix", "wrangler-3").await;
    }
}

/// A site without code, then beside a worker, then the same for a tenant.
async fn wrangler_with_assets(edge: &Edge, which: &str, package: &str) {
    let wrangler = Wrangler::new(edge, which, package).await;
    let (name, host) = (format!("site-{package}"), format!("{package}.site"));
    let config = |more: &str| {
        format!(
            "name = \"{name}\"\ncompatibility_date = \"2025-01-01\"\n{more}\n\
             routes = [{{ pattern = \"{host}\", custom_domain = true }}]\n\
             [assets]\ndirectory = \"public\"\nnot_found_handling = \"404-page\"\n"
        )
    };
    wrangler.write("wrangler.toml", &config(""));
    for (path, content) in [
        ("public/index.html", "<h1>home</h1>"),
        ("public/404.html", "nothing here"),
        ("public/css/a b.css", "h1 { color: red }"),
        ("public/_headers", "/css/*\n  X-Style: yes\n"),
        ("public/_redirects", "/old / 301\n"),
    ] {
        wrangler.write(path, content);
    }
    let said = wrangler.run(&["deploy"]).await;
    assert!(said.contains("Uploaded"), "{said}");
    until("the site answers", async || {
        edge.get(&host, "/").await.text() == "<h1>home</h1>"
    })
    .await;
    let style = edge.get(&host, "/css/a%20b.css").await;
    assert_eq!(style.text(), "h1 { color: red }");
    assert!(style.header("content-type").starts_with("text/css"));
    assert_eq!(style.header("x-style"), "yes");
    assert_eq!(edge.get(&host, "/old").await.header("location"), "/");
    let missing = edge.get(&host, "/missing").await;
    assert_eq!(
        (missing.status, missing.text()),
        (404, "nothing here".into())
    );

    // With a worker, which is asked for what has no file; only what changed is uploaded.
    wrangler.write(
        "wrangler.toml",
        &config("main = \"worker.js\"").replace("404-page", "none"),
    );
    wrangler.write(
        "worker.js",
        "export default { fetch: (request) => new Response('worker ' + new URL(request.url).pathname) };\n",
    );
    wrangler.write("public/index.html", "<h1>new</h1>");
    wrangler.run(&["deploy"]).await;
    until("the new site answers", async || {
        edge.get(&host, "/").await.text() == "<h1>new</h1>"
    })
    .await;
    assert_eq!(edge.get(&host, "/api").await.text(), "worker /api");
    assert_eq!(
        edge.get(&host, "/css/a%20b.css").await.header("x-style"),
        "yes"
    );

    let namespace = format!("sites-{package}");
    wrangler
        .run(&["dispatch-namespace", "create", &namespace])
        .await;
    wrangler
        .run(&["deploy", "--dispatch-namespace", &namespace])
        .await;
    let host = format!("tenant-{package}.test");
    edge.cirque(&["route", &host, &format!("{namespace}/{name}")]);
    until("the tenant's site answers", async || {
        edge.get(&host, "/").await.text() == "<h1>new</h1>"
    })
    .await;
    assert_eq!(edge.get(&host, "/api").await.text(), "worker /api");
}

/// `wrangler tail`: unmasked frames, the subprotocol and pings included.
async fn wrangler_tails(edge: &Edge, which: &str, package: &str) {
    let wrangler = Wrangler::new(edge, which, package).await;
    let (name, host) = (
        format!("tailed-{package}"),
        format!("tailed-{package}.test"),
    );
    let code =
        "export default { fetch() { console.log('hello', 5); throw new RangeError('not here'); } }";
    edge.serve_script(&name, code).await;
    let mut command = Command::new(node());
    point(&mut command, &wrangler.api, wrangler.directory.path());
    let (output, log) = (
        wrangler.directory.path().join("output"),
        wrangler.directory.path().join("log"),
    );
    let file = |path: &Path| std::fs::File::create(path).expect("a file");
    let mut tail = command
        .arg(&wrangler.program)
        .args([
            "tail", &name, "--format", "json", "--status", "error", "--method", "GET",
        ])
        .current_dir(wrangler.directory.path())
        .stdin(std::process::Stdio::null())
        .stdout(file(&output))
        .stderr(file(&log))
        .spawn()
        .expect("the client runs");
    let printed = || std::fs::read_to_string(&output).expect("the file");
    until("wrangler prints an event", async || {
        let ended = tail.try_wait().expect("it can be asked");
        let said = std::fs::read_to_string(&log).expect("the file");
        assert!(ended.is_none(), "{said}{}", edge.log());
        edge.get(&host, "/").await;
        let printed = printed();
        ["\"RangeError\"", "\"hello 5\"", "\"exception\""]
            .iter()
            .all(|words| printed.contains(words))
    })
    .await;
    let path = wrangler.api.workers(&format!("/scripts/{name}/tails"));
    let tails = wrangler.api.get(&path).await.result();
    assert_eq!(tails.as_array().map(Vec::len), Some(1));
    let pid = rustix::process::Pid::from_raw(tail.id() as i32).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    until("wrangler has ended its tail", async || {
        wrangler.api.get(&path).await.result() == serde_json::json!([])
    })
    .await;
    until("wrangler has ended", async || {
        tail.try_wait().expect("it can be asked").is_some()
    })
    .await;
}

#[tokio::test]
async fn wrangler_tails_a_worker() {
    let edge = edge().await;
    wrangler_tails(&edge, "newest", "wrangler-new").await;
    if has_matrix() {
        wrangler_tails(&edge, "matrix", "wrangler-4").await;
        wrangler_tails(&edge, "matrix", "wrangler-3").await;
    }
}

#[tokio::test]
async fn wrangler_deploys_static_assets() {
    let edge = edge().await;
    wrangler_with_assets(&edge, "newest", "wrangler-new").await;
    if has_matrix() {
        wrangler_with_assets(&edge, "matrix", "wrangler-4").await;
        wrangler_with_assets(&edge, "matrix", "wrangler-3").await;
    }
}

#[tokio::test]
async fn the_cloudflare_package_uploads_static_assets() {
    let edge = edge().await;
    let mut majors = vec![("7", "newest")];
    if has_matrix() {
        majors.extend([("5", "matrix"), ("6", "matrix")]);
    }
    for (major, which) in majors {
        let api = edge
            .api_with(&["token", "create", &format!("sdk {major}")])
            .await;
        let mut command = Command::new(node());
        point(&mut command, &api, edge.directory.path());
        command
            .arg(repository().join("tests/clients/assets.mjs"))
            .args([major, &clients(which).to_string_lossy()]);
        let output = run(command).await;
        let said = text_of(&output);
        assert!(output.status.success(), "version {major}: {said}");
        let host = format!("assets{major}.test");
        edge.cirque(&["route", &host, &format!("assets-{major}/site")]);
        until("the site answers", async || {
            edge.get(&host, "/").await.text() == format!("<h1>version {major}</h1>")
        })
        .await;
        let page = edge.get(&host, "/").await;
        assert!(page.header("content-type").starts_with("text/html"));
        assert_eq!(edge.get(&host, "/any/where").await.text(), page.text());
    }
}

#[tokio::test]
async fn requests_made_of_the_description_never_break_the_server() {
    let edge = Builder::new(&[]).with_api().start().await;
    let api = edge.api().await;
    // So that some of them find something.
    api.namespace("namespace").await;
    api.component(&edge, "namespace/script", "hello", serde_json::json!({}))
        .await
        .result();
    let description = api.raw("GET", "/openapi.json", &[], Vec::new()).await;
    let text = String::from_utf8_lossy(&description.body).replace("{account_id}", &api.account);
    let file = edge.directory.path().join("openapi.json");
    std::fs::write(&file, text).expect("a file");
    let cache = clients("newest").parent().expect("a folder").to_owned();
    let found = std::fs::read_dir(cache).expect("clients").flatten();
    let program = found
        .map(|entry| entry.path().join("bin/schemathesis"))
        .find(|program| program.exists())
        .expect("tests/clients/fetch.sh has installed schemathesis");
    let mut command = Command::new(program);
    command
        .current_dir(edge.directory.path())
        .arg("run")
        .arg(&file)
        .args(["--url", &format!("http://127.0.0.1:{}/client/v4", api.port)])
        .args(["-H", &format!("Authorization: Bearer {}", api.token)])
        .args([
            "--checks",
            "not_a_server_error",
            "--phases",
            "coverage,fuzzing",
        ])
        .args([
            "-n",
            "5",
            "--seed",
            "1",
            "--no-color",
            "--request-timeout",
            "300",
        ]);
    let output = run(command).await;
    assert!(output.status.success(), "{}", text_of(&output));
    assert!(
        edge.metric(r#"cirque_api_requests_total{status="2xx"}"#)
            .await
            > 50.0
    );
    assert_eq!(
        edge.metric(r#"cirque_api_requests_total{status="5xx"}"#)
            .await,
        0.0
    );
}

impl Wrangler<'_> {
    /// Makes a key-value namespace; its id.
    async fn kv_namespace(&self, title: &str) -> String {
        // Without a configuration of its own wrangler looks for one in the folders above.
        self.write(
            "wrangler.json",
            r#"{"name":"kv","compatibility_date":"2026-01-01"}"#,
        );
        let said = self.run(&["kv", "namespace", "create", title]).await;
        assert!(said.contains("kv_namespaces"), "{said}");
        let listed = self.run(&["kv", "namespace", "list"]).await;
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
        let mut found = listed.as_array().expect("a list").iter();
        let found = found.find(|one| one["title"] == title);
        let id = found.and_then(|one| one["id"].as_str());
        id.expect("the namespace").to_owned()
    }
}

/// What wrangler does with key-value namespaces, and a worker that it deploys with one.
async fn wrangler_kv(edge: &Edge, which: &str, package: &str) {
    let wrangler = Wrangler::new(edge, which, package).await;
    let title = format!("values-of-{package}");
    let id = wrangler.kv_namespace(&title).await;
    let key = async |arguments: &[&str]| {
        let place = ["--namespace-id", &id, "--remote"];
        wrangler
            .run(&[&["kv", "key"], arguments, &place].concat())
            .await
    };
    key(&["put", "a/b", "a value", "--metadata", r#"{"m":1}"#]).await;
    key(&["put", "ends", "x", "--ttl", "600"]).await;
    assert_eq!(key(&["get", "a/b", "--text"]).await.trim_end(), "a value");
    let listed: serde_json::Value =
        serde_json::from_str(&key(&["list", "--prefix", "a"]).await).expect("JSON");
    assert_eq!(
        listed,
        serde_json::json!([{ "name": "a/b", "metadata": { "m": 1 } }])
    );
    key(&["delete", "ends"]).await;

    let bulk = async |arguments: &[&str]| {
        let place = ["--namespace-id", &id, "--remote"];
        wrangler
            .run(&[&["kv", "bulk"], arguments, &place].concat())
            .await
    };
    wrangler.write(
        "pairs.json",
        r#"[{"key":"one","value":"1"},{"key":"two","value":"2"}]"#,
    );
    wrangler.write("keys.json", r#"["one","two"]"#);
    bulk(&["put", "pairs.json"]).await;
    let got = bulk(&["get", "keys.json"]).await;
    assert!(got.contains("one") && got.contains("two"), "{got}");
    bulk(&["delete", "keys.json", "--force"]).await;
    let left: serde_json::Value = serde_json::from_str(&key(&["list"]).await).expect("JSON");
    assert_eq!(left.as_array().expect("a list").len(), 1, "{left}");

    let name = format!("kv-{package}");
    wrangler.write(
        "worker.js",
        "export default { fetch: async (request, env) => new Response(await env.KV.get('a/b')) };\n",
    );
    wrangler.write(
        "wrangler.json",
        &format!(
            r#"{{"name":"{name}","main":"worker.js","compatibility_date":"2026-01-01","kv_namespaces":[{{"binding":"KV","id":"{id}"}}]}}"#
        ),
    );
    wrangler.run(&["deploy"]).await;
    let host = format!("{name}.test");
    edge.cirque(&["route", &host, &name]);
    until("the worker answers", async || {
        edge.get(&host, "/").await.text() == "a value"
    })
    .await;
    wrangler
        .run(&[
            "kv",
            "namespace",
            "delete",
            "--namespace-id",
            &id,
            "--skip-confirmation",
        ])
        .await;
    let refused = wrangler.try_run(&["deploy"], "").await;
    let said = text_of(&refused);
    assert!(
        !refused.status.success() && said.contains("10041"),
        "{said}"
    );
}

#[tokio::test]
async fn wrangler_manages_key_value_namespaces() {
    let edge = edge().await;
    wrangler_kv(&edge, "newest", "wrangler-new").await;
}

/// The platform of `samples/`, as its files stand.
#[tokio::test]
async fn wrangler_deploys_the_sample_platform() {
    let edge = edge().await;
    let wrangler = Wrangler::new(&edge, "newest", "wrangler-new").await;
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/platform");
    wrangler
        .run(&["dispatch-namespace", "create", "customers"])
        .await;
    for worker in ["outbound", "dispatcher"] {
        for file in ["index.js", "wrangler.json"] {
            let content = std::fs::read_to_string(samples.join(worker).join(file));
            wrangler.write(file, &content.expect("a sample"));
        }
        wrangler.run(&["deploy"]).await;
    }
    for customer in ["shop", "blog"] {
        let content = std::fs::read_to_string(samples.join(format!("tenants/{customer}.js")));
        wrangler.write("index.js", &content.expect("a sample"));
        wrangler.write(
            "wrangler.json",
            &format!(
                r#"{{"name":"{customer}","main":"index.js","compatibility_date":"2026-01-01"}}"#
            ),
        );
        wrangler
            .run(&["deploy", "--dispatch-namespace", "customers"])
            .await;
    }
    edge.cirque(&["route", "*.platform.test", "dispatcher"]);
    let host = |customer: &str| format!("{customer}.platform.test");
    until("the shop answers", async || {
        edge.get(&host("shop"), "/a").await.text() == "Welcome to the shop: /a\n"
    })
    .await;
    let answer = edge.get(&host("shop"), "/a").await;
    assert_eq!(answer.header("x-served-for"), "shop (paid)");
    let forbidden = edge.get(&host("shop"), "/forbidden").await;
    assert_eq!(
        (forbidden.status, forbidden.text().as_str()),
        (403, "shop may not reach forbidden.example\n")
    );
    edge.until_logged(&[
        "outbound",
        "shop (paid) asks GET https://forbidden.example/",
    ])
    .await;
    let looped = edge.get(&host("blog"), "/loop").await;
    assert_eq!(
        (looped.status, looped.text().as_str()),
        (500, "blog: Worker exceeded CPU time limit.\n")
    );
    let threw = edge.get(&host("blog"), "/throw").await;
    assert_eq!(threw.text(), "blog: the blog has no posts\n");
    let missing = edge.get(&host("nobody"), "/").await;
    assert_eq!(
        (missing.status, missing.text().as_str()),
        (404, "There is no customer nobody.\n")
    );
}

/// The dispatcher of `samples/` that asks a key-value namespace, as its file stands.
#[tokio::test]
async fn wrangler_deploys_the_sample_that_looks_its_routes_up() {
    let edge = edge().await;
    let wrangler = Wrangler::new(&edge, "newest", "wrangler-new").await;
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/platform");
    let sample = |file: &str| std::fs::read_to_string(samples.join(file)).expect("a sample");
    let id = wrangler.kv_namespace("routes").await;
    wrangler
        .run(&["dispatch-namespace", "create", "customers"])
        .await;
    wrangler.write("index.js", &sample("tenants/shop.js"));
    wrangler.write(
        "wrangler.json",
        r#"{"name":"shop","main":"index.js","compatibility_date":"2026-01-01"}"#,
    );
    wrangler
        .run(&["deploy", "--dispatch-namespace", "customers"])
        .await;
    wrangler.write("index.js", &sample("routing/index.js"));
    let mut configuration: serde_json::Value =
        serde_json::from_str(&sample("routing/wrangler.json")).expect("JSON");
    configuration["kv_namespaces"][0]["id"] = id.as_str().into();
    wrangler.write("wrangler.json", &configuration.to_string());
    wrangler.run(&["deploy"]).await;
    let route = async |key: &str, customer: &str| {
        let place = ["--namespace-id", &id, "--remote"];
        wrangler
            .run(&[&["kv", "key", "put", key, customer], &place[..]].concat())
            .await
    };
    route("shop.example.test", "shop").await;
    route("/store", "shop").await;
    route("/moved", "elsewhere").await;
    edge.cirque(&["route", "*.example.test", "routing"]);
    until("the shop answers", async || {
        edge.get("shop.example.test", "/a").await.text() == "Welcome to the shop: /a\n"
    })
    .await;
    let text = async |host: &str, path: &str| {
        let answer = edge.get(host, path).await;
        (answer.status, answer.text())
    };
    let welcome = (200, "Welcome to the shop: /store/b\n".to_owned());
    assert_eq!(text("www.example.test", "/store/b").await, welcome);
    for path in ["/", "/nobody", "/moved"] {
        let missing = format!("There is no customer at www.example.test{path}.\n");
        assert_eq!(text("www.example.test", path).await, (404, missing));
    }
    // A key that had no value has one: no deployment, no waiting.
    route("/nobody", "shop").await;
    until("the new customer is served", async || {
        text("www.example.test", "/nobody").await.0 == 200
    })
    .await;
}

/// Bindings as wrangler's configuration names them, and as it did before it knew them.
#[tokio::test]
async fn wrangler_deploys_a_worker_with_rate_limits() {
    let edge = edge().await;
    let wrangler = Wrangler::new(&edge, "newest", "wrangler-new").await;
    wrangler.write(
        "worker.js",
        "export default {
           async fetch(request, env) {
             const limited = async (limit) => (await limit.limit({ key: 'k' })).success;
             return Response.json([await limited(env.NEW), await limited(env.NEW), await limited(env.OLD)]);
           },
         };
",
    );
    wrangler.write(
        "wrangler.toml",
        "name = \"limited\"
main = \"worker.js\"
compatibility_date = \"2026-01-01\"
[[ratelimits]]
name = \"NEW\"
namespace_id = \"1001\"
simple = { limit = 1, period = 60 }
[[unsafe.bindings]]
name = \"OLD\"
type = \"ratelimit\"
namespace_id = \"1002\"
simple = { limit = 1, period = 10 }
",
    );
    wrangler.run(&["deploy"]).await;
    edge.cirque(&["route", "limited.test", "limited"]);
    let mut first = None;
    until("the worker answers", async || {
        let answer = edge.get("limited.test", "/").await;
        (answer.status == 200)
            .then(|| first = Some(answer.text()))
            .is_some()
    })
    .await;
    assert_eq!(first.as_deref(), Some("[true,false,true]"));
}

/// A service worker's parts, which wrangler calls otherwise than their files.
#[tokio::test]
async fn wrangler_deploys_a_service_worker_with_its_parts() {
    let edge = edge().await;
    let wrangler = Wrangler::new(&edge, "newest", "wrangler-new").await;
    wrangler.write(
        "worker.js",
        "import answer from './answer.wasm';
const { exports } = new WebAssembly.Instance(answer);
addEventListener('fetch', (event) => {
  event.respondWith(Response.json([TEXT, DATA.byteLength, WASM instanceof WebAssembly.Module, exports.answer()]));
});
",
    );
    let module = wat::parse_str(r#"(module (func (export "answer") (result i32) (i32.const 42)))"#);
    let module = module.expect("a module");
    std::fs::write(wrangler.directory.path().join("answer.wasm"), &module).expect("a file");
    std::fs::write(wrangler.directory.path().join("other.wasm"), module).expect("a file");
    wrangler.write("page.txt", "a page");
    wrangler.write("logo.bin", "1234");
    wrangler.write(
        "wrangler.toml",
        "name = \"parts\"
main = \"worker.js\"
compatibility_date = \"2026-01-01\"
[wasm_modules]
WASM = \"other.wasm\"
[text_blobs]
TEXT = \"page.txt\"
[data_blobs]
DATA = \"logo.bin\"
",
    );
    wrangler.run(&["deploy"]).await;
    edge.cirque(&["route", "parts.test", "parts"]);
    until("the worker answers", async || {
        edge.get("parts.test", "/").await.text() == r#"["a page",4,true,42]"#
    })
    .await;
}
