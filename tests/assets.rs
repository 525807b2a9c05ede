//! Static assets: uploaded through the control API, served at the visitors' door beside workers and without them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::api::{Answer, Api};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, Response, built, client, request, until};

/// A file: path, content type (empty: the part names none), content.
pub(crate) type File<'a> = (&'a str, &'a str, &'a [u8]);

/// The uploader's own hash of a file.
pub(crate) fn hash(file: &File<'_>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(file.2).update(file.0.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

pub(crate) fn manifest(files: &[File<'_>]) -> Value {
    let entry = |file: &File<'_>| {
        let about = json!({ "hash": hash(file), "size": file.2.len() });
        (file.0.to_owned(), about)
    };
    json!({ "manifest": files.iter().map(entry).collect::<serde_json::Map<_, _>>() })
}

/// A body with a part for each file.
pub(crate) fn parts(files: &[(String, &str, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content_type, content) in files {
        let content_type = match *content_type {
            "" => String::new(),
            other => format!("Content-Type: {other}\r\n"),
        };
        let head = format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n{content_type}\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--B--\r\n");
    body
}

/// Uploads with the token of a session.
pub(crate) async fn send(api: &Api, token: &str, body: Vec<u8>) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "multipart/form-data; boundary=B"),
    ];
    let path = api.workers("/assets/upload?base64=true");
    api.raw("POST", &path, &headers, body).await
}

pub(crate) async fn begin(api: &Api, script: &str, files: &[File<'_>]) -> Value {
    let path = format!("{script}/assets-upload-session");
    api.json("POST", &path, manifest(files)).await.result()
}

/// Uploads whatever of these files is asked for; the token to deploy with.
pub(crate) async fn upload(api: &Api, script: &str, files: &[File<'_>]) -> String {
    let begun = begin(api, script, files).await;
    let mut token = begun["jwt"].as_str().expect("a token").to_owned();
    let buckets = begun["buckets"].as_array().expect("buckets");
    for (index, bucket) in buckets.iter().enumerate() {
        let wanted = bucket.as_array().expect("hashes").iter();
        let part = |wanted: &Value| {
            let file = files.iter().find(|file| hash(file) == *wanted);
            let file = file.expect("a file of the manifest");
            (hash(file), file.1, STANDARD.encode(file.2).into_bytes())
        };
        let body = parts(&wanted.map(part).collect::<Vec<_>>());
        let answer = send(api, begun["jwt"].as_str().expect("a token"), body).await;
        assert_eq!(answer.json["success"], true, "{answer:?}");
        let jwt = &answer.json["result"]["jwt"];
        if index + 1 == buckets.len() {
            assert_eq!(answer.status, 201);
            jwt.as_str().expect("the last one").clone_into(&mut token);
        } else {
            assert_eq!((answer.status, jwt), (202, &Value::Null));
        }
    }
    token
}

/// Deploys a worker without code.
pub(crate) async fn deploy(api: &Api, script: &str, files: &[File<'_>], config: Value) -> Value {
    let jwt = upload(api, script, files).await;
    let metadata = json!({
        "assets": { "jwt": jwt, "config": config },
        "compatibility_date": "2025-01-01",
    });
    api.upload(script, metadata, &[]).await.result()
}

/// Deploys a guest of `tests/workers` with assets.
async fn deploy_guest(
    edge: &Edge,
    api: &Api,
    script: &str,
    guest: &str,
    mut metadata: Value,
) -> Value {
    let bytes = std::fs::read(built(guest, edge.directory.path())).expect("a component");
    metadata["main_module"] = "w.wasm".into();
    let modules = [("w.wasm", "application/wasm", &*bytes)];
    api.upload(script, metadata, &modules).await.result()
}

async fn edge() -> (Edge, Api) {
    let edge = Builder::new(&[]).with_api().start().await;
    let api = edge.api().await;
    api.namespace("n").await;
    (edge, api)
}

async fn lead(edge: &Edge, host: &str, worker: &str) {
    edge.cirque(&["route", host, worker]);
    edge.until_routed(host).await;
}

/// Waits until a path answers with this text.
async fn until_text(edge: &Edge, host: &str, path: &str, text: &str) {
    until(&format!("{host}{path} answers {text:?}"), async || {
        edge.get(host, path).await.text() == text
    })
    .await;
}

/// Status, and where a redirect leads or what the body says.
fn brief(response: &Response) -> (u16, String) {
    match response.header("location") {
        "" => (response.status, response.text()),
        to => (response.status, to.to_owned()),
    }
}

const PAGE: File<'static> = ("/index.html", "text/html; charset=utf-8", b"<h1>home</h1>");
const STYLE: File<'static> = ("/css/a b.css", "", b"h1 { color: red }");
const BARE: File<'static> = ("/bare", "application/null", b"0123456789");

#[tokio::test]
async fn assets_alone_are_served_without_a_sandbox() {
    let (edge, api) = edge().await;
    let script = api.dispatch("/n/scripts/site");
    let made = deploy(&api, &script, &[PAGE, STYLE, BARE], json!({})).await;
    assert_eq!(made["has_assets"], true);
    assert_eq!(made["handlers"], json!([]));
    lead(&edge, "site.test", "n/site").await;

    let page = edge.get("site.test", "/").await;
    assert_eq!(brief(&page), (200, "<h1>home</h1>".into()));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-length"), "13");
    let cached = "public, max-age=0, must-revalidate";
    assert_eq!(page.header("cache-control"), cached);
    let tag = page.header("etag").to_owned();
    let head = request(edge.port, "HEAD", "site.test", "/", &[], Vec::new()).await;
    assert_eq!((head.status, head.header("content-length")), (200, "13"));
    assert_eq!(head.header("etag"), tag);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let same = edge
            .get_with("site.test", "/", &[("if-none-match", &known)])
            .await;
        assert_eq!((same.status, same.text().as_str()), (304, ""), "{known}");
        assert_eq!(same.header("etag"), tag);
    }
    let other = edge
        .get_with("site.test", "/", &[("if-none-match", "\"x\"")])
        .await;
    assert_eq!(other.status, 200);

    // A type that nobody named is guessed, and one that is to be none is none.
    let style = edge.get("site.test", "/css/a%20b.css").await;
    assert_eq!(brief(&style), (200, "h1 { color: red }".into()));
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    let bare = edge.get("site.test", "/bare").await;
    assert!(!bare.headers.contains_key("content-type"));

    for (range, expected, content_range) in [
        ("bytes=2-4", (206, "234"), "bytes 2-4/10"),
        ("bytes=-2", (206, "89"), "bytes 8-9/10"),
        ("bytes=10-", (416, ""), "bytes */10"),
        ("bytes=0-1,4-5", (200, "0123456789"), ""),
    ] {
        let part = edge
            .get_with("site.test", "/bare", &[("range", range)])
            .await;
        assert_eq!((part.status, part.text().as_str()), expected, "{range}");
        assert_eq!(part.header("content-range"), content_range, "{range}");
    }

    let posted = edge.post("site.test", "/", "x").await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
    for path in [
        "/nothing",
        "/css",
        "/css/..%2findex.html",
        "/%ff",
        "/css/a%20b.cs",
    ] {
        assert_eq!(edge.get("site.test", path).await.status, 404, "{path}");
    }

    assert_eq!(edge.metric("cirque_module_misses_total").await, 0.0);
    let counted = r#"cirque_requests_total{status="2xx",tenant="n/site"}"#;
    let swapped = r#"cirque_requests_total{tenant="n/site",status="2xx"}"#;
    until("the requests are counted", async || {
        edge.metric(counted).await + edge.metric(swapped).await >= 8.0
    })
    .await;
    until("the requests are logged", async || {
        let is_ours = |record: &Value| {
            record["tenant"] == "n/site" && record["path"] == "/bare" && record["status"] == 206
        };
        edge.access().iter().any(is_ours)
    })
    .await;

    // There is no code to give out, and the worker goes with its assets.
    let content = api.get(&format!("{script}/content")).await;
    assert_eq!(content.failure(), (404, 10_404));
    api.delete(&script).await.result();
    until("the worker is gone", async || {
        edge.get("site.test", "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn a_large_file_arrives_whole() {
    let (edge, api) = edge().await;
    let large: Vec<u8> = (0..20_u32 << 20).map(|n| (n % 251) as u8).collect();
    let script = api.workers("/scripts/large");
    let files = [("/large.bin", "", &*large), PAGE];
    deploy(&api, &script, &files, json!({})).await;
    lead(&edge, "large.test", "large").await;
    let answer = edge.get("large.test", "/large.bin").await;
    assert_eq!(answer.header("content-length"), large.len().to_string());
    assert!(!answer.is_broken && answer.body == large);
    let range = [("range", "bytes=1000000-1000009")];
    let part = edge.get_with("large.test", "/large.bin", &range).await;
    assert_eq!(part.body, large[1_000_000..1_000_010]);
}

#[tokio::test]
async fn who_reads_slowly_holds_a_bounded_amount() {
    // Beside the cache there is room for two such files of one worker.
    let settings = ["assets.memory_mb=1", "assets.file_bytes_max=20971520"];
    let edge = Builder::new(&settings).with_api().start().await;
    let api = edge.api().await;
    let large = |fill: u8| vec![fill; 20 << 20];
    let contents = [large(1), large(2), large(3)];
    let files = [
        ("/1", "", &*contents[0]),
        ("/2", "", &*contents[1]),
        ("/3", "", &*contents[2]),
        PAGE,
    ];
    let script = api.workers("/scripts/slow");
    deploy(&api, &script, &files, json!({})).await;
    lead(&edge, "slow.test", "slow").await;
    let mut slow = Vec::new();
    for path in ["/1", "/2"] {
        let mut connection = client::dial(edge.port).await;
        let head = format!("GET {path} HTTP/1.1\r\nhost: slow.test\r\n\r\n");
        connection.write_all(head.as_bytes()).await.expect("sent");
        let mut first = [0; 12];
        connection.read_exact(&mut first).await.expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
        slow.push(connection);
    }
    assert!(edge.metric("cirque_assets_bytes").await >= f64::from(40 << 20));
    let refused = edge.get("slow.test", "/3").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(edge.get("slow.test", "/").await.status, 200);
    drop(slow);
    until("there is room again", async || {
        edge.get("slow.test", "/3").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_worker_answers_what_no_file_does() {
    let (edge, api) = edge().await;
    let script = api.dispatch("/n/scripts/both");
    let hello = "Hello, World!\n";
    let files = [
        PAGE,
        ("/a.txt", "text/plain", b"a"),
        ("/api/doc.txt", "text/plain", b"doc"),
    ];
    let jwt = upload(&api, &script, &files).await;
    let said = |config: Value| json!({ "assets": { "jwt": jwt, "config": config } });
    deploy_guest(&edge, &api, &script, "hello", said(json!({}))).await;
    lead(&edge, "both.test", "n/both").await;
    for (path, text) in [("/", "<h1>home</h1>"), ("/a.txt", "a"), ("/b.txt", hello)] {
        assert_eq!(edge.get("both.test", path).await.text(), text, "{path}");
    }
    let posted = edge.post("both.test", "/a.txt", "x").await;
    assert_eq!(brief(&posted), (200, hello.into()), "files are only read");

    // The worker first: always, or for some paths.
    deploy_guest(
        &edge,
        &api,
        &script,
        "hello",
        said(json!({ "run_worker_first": true })),
    )
    .await;
    until_text(&edge, "both.test", "/a.txt", hello).await;
    let paths = json!({
        "run_worker_first": ["/api/*", "!/api/doc*"],
        "not_found_handling": "single-page-application",
    });
    deploy_guest(&edge, &api, &script, "hello", said(paths)).await;
    until_text(&edge, "both.test", "/a.txt", "a").await;
    for (path, text) in [
        ("/api/x", hello),
        ("/api/doc.txt", "doc"),
        ("/api/docs", "<h1>home</h1>"),
        ("/some/page", "<h1>home</h1>"),
    ] {
        assert_eq!(edge.get("both.test", path).await.text(), text, "{path}");
    }

    // Without such paths the worker answers what is not there; to a browser that opens a page newer dates give the page.
    let page = json!({ "not_found_handling": "single-page-application" });
    let navigate = [("sec-fetch-mode", "navigate")];
    let mut metadata = said(page);
    deploy_guest(&edge, &api, &script, "hello", metadata.clone()).await;
    until_text(&edge, "both.test", "/some/page", hello).await;
    assert_eq!(
        edge.get_with("both.test", "/some/page", &navigate)
            .await
            .text(),
        hello
    );
    metadata["compatibility_date"] = "2025-04-01".into();
    deploy_guest(&edge, &api, &script, "hello", metadata).await;
    until("the page is served", async || {
        edge.get_with("both.test", "/some/page", &navigate)
            .await
            .text()
            == "<h1>home</h1>"
    })
    .await;
    assert_eq!(edge.get("both.test", "/some/page").await.text(), hello);
}

#[tokio::test]
async fn html_is_served_under_the_paths_that_the_settings_say() {
    let (edge, api) = edge().await;
    let script = api.workers("/scripts/html");
    let files = [
        PAGE,
        ("/about.html", "text/html", b"about"),
        ("/blog/index.html", "text/html", b"blog"),
        ("/404.html", "text/html", b"nothing here"),
    ];
    deploy(&api, &script, &files, json!({})).await;
    lead(&edge, "html.test", "html").await;
    type Row = (&'static str, u16, &'static str);
    let cases: [(Value, &[Row]); 4] = [
        (
            json!({ "not_found_handling": "404-page" }),
            &[
                ("/about", 200, "about"),
                ("/about.html?q=1", 307, "/about?q=1"),
                ("/about/", 307, "/about"),
                ("/blog", 307, "/blog/"),
                ("/blog/", 200, "blog"),
                ("//blog//", 307, "/blog/"),
                ("/blog/x", 404, "nothing here"),
            ],
        ),
        (
            json!({ "html_handling": "force-trailing-slash" }),
            &[
                ("/about", 307, "/about/"),
                ("/about/", 200, "about"),
                ("/x", 404, ""),
            ],
        ),
        (
            json!({ "html_handling": "drop-trailing-slash" }),
            &[
                ("/blog/", 307, "/blog"),
                ("/blog", 200, "blog"),
                ("/", 200, "<h1>home</h1>"),
            ],
        ),
        (
            json!({ "html_handling": "none", "base_path": "/docs/" }),
            &[
                ("/docs/about.html", 200, "about"),
                ("/docs/about", 404, ""),
                ("/about.html", 404, ""),
                ("/docs", 404, ""),
            ],
        ),
    ];
    for (config, rows) in cases {
        deploy(&api, &script, &files, config.clone()).await;
        // Some paths say the same under the settings before.
        for (path, status, says) in rows {
            until(&format!("{config} {path}"), async || {
                brief(&edge.get("html.test", path).await) == (*status, (*says).to_owned())
            })
            .await;
        }
    }
    // Below a base redirects stay below it.
    deploy(&api, &script, &files, json!({ "base_path": "/docs" })).await;
    until("the base is in use", async || {
        brief(&edge.get("html.test", "/docs/blog").await) == (307, "/docs/blog/".into())
    })
    .await;
}

#[tokio::test]
async fn headers_and_redirects_are_followed() {
    let (edge, api) = edge().await;
    let script = api.workers("/scripts/rules");
    let config = json!({
        "_headers": "/*\n  X-Frame-Options: DENY\n  X-All: 1\n/css/*\n  ! X-Frame-Options\n  X-All: 2\n  Cache-Control: max-age=9\n\
                     https://other.test/*\n  X-Other: yes\n",
        "_redirects": "/old /new 301\n/blog/* /news/:splat\n/u/:id https://users.test/:id 308\n/home /index.html 200\n/gone /nowhere 200\n",
    });
    deploy(&api, &script, &[PAGE, STYLE], config).await;
    lead(&edge, "rules.test", "rules").await;
    lead(&edge, "other.test", "rules").await;
    let page = edge.get("rules.test", "/").await;
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert!(!page.headers.contains_key("x-other"));
    assert_eq!(edge.get("other.test", "/").await.header("x-other"), "yes");
    let style = edge.get("rules.test", "/css/a%20b.css").await;
    assert!(!style.headers.contains_key("x-frame-options"));
    assert_eq!(style.header("cache-control"), "max-age=9");
    let all: Vec<_> = style.headers.get_all("x-all").iter().collect();
    assert_eq!(all, ["1", "2"]);
    for (path, status, says) in [
        ("/old?a=1", 301, "/new?a=1"),
        ("/blog/2024/x", 302, "/news/2024/x"),
        ("/blog//evil.test", 302, "/news//evil.test"),
        ("/u/7", 308, "https://users.test/7"),
        ("/home", 200, "<h1>home</h1>"),
        ("/gone", 404, ""),
    ] {
        let answer = edge.get("rules.test", path).await;
        assert_eq!(brief(&answer), (status, says.to_owned()), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

#[tokio::test]
async fn a_hash_is_good_for_the_script_that_brought_its_file() {
    let (edge, api) = edge().await;
    let (one, other) = (
        api.dispatch("/n/scripts/one"),
        api.dispatch("/n/scripts/other"),
    );
    deploy(&api, &one, &[PAGE], json!({})).await;
    lead(&edge, "one.test", "n/one").await;
    // The same script need not bring it again; another one has to, whatever it knows of its hash.
    let again = begin(&api, &one, &[PAGE]).await;
    assert_eq!(again["buckets"], json!([]));
    let begun = begin(&api, &other, &[PAGE]).await;
    assert_eq!(begun["buckets"], json!([[hash(&PAGE)]]));
    let jwt = begun["jwt"].as_str().expect("a token");
    let stolen = json!({ "assets": { "jwt": jwt } });
    let refused = api.upload(&other, stolen, &[]).await;
    assert_eq!(refused.failure(), (400, 10_026));
    assert!(
        refused.message().contains("/index.html"),
        "{}",
        refused.message()
    );
    let swapped = json!({ "assets": { "jwt": again["jwt"] } });
    assert_eq!(
        api.upload(&other, swapped, &[]).await.failure(),
        (400, 10_026)
    );

    // What it brings under that hash is its own affair.
    let own = parts(&[(
        hash(&PAGE),
        "text/html",
        STANDARD.encode("<h1>mine</h1>").into(),
    )]);
    let received = send(&api, jwt, own).await;
    assert_eq!(received.status, 201, "{received:?}");
    let jwt = &received.json["result"]["jwt"];
    let metadata = json!({ "assets": { "jwt": jwt } });
    api.upload(&other, metadata, &[]).await.result();
    lead(&edge, "other.test", "n/other").await;
    assert_eq!(edge.get("other.test", "/").await.text(), "<h1>mine</h1>");
    deploy(&api, &one, &[PAGE, STYLE], json!({})).await;
    until_text(&edge, "one.test", "/css/a%20b.css", "h1 { color: red }").await;
    assert_eq!(edge.get("one.test", "/").await.text(), "<h1>home</h1>");
}

#[tokio::test]
async fn versions_keep_their_assets() {
    let (edge, api) = edge().await;
    let script = api.workers("/scripts/w");
    let page = |text: &'static str| [("/index.html", "text/html", text.as_bytes())];
    let mut versions = Vec::new();
    for text in ["first", "second"] {
        let jwt = upload(&api, &script, &page(text)).await;
        let config = json!({ "not_found_handling": "single-page-application", "run_worker_first": ["/api/*"] });
        let metadata = json!({ "assets": { "jwt": jwt, "config": config } });
        let made = deploy_guest(&edge, &api, &script, "hello", metadata).await;
        versions.push(made["deployment_id"].as_str().expect("an id").to_owned());
    }
    lead(&edge, "w.test", "w").await;
    until_text(&edge, "w.test", "/", "second").await;
    let body = json!({ "versions": [{ "version_id": versions[0], "percentage": 100 }] });
    api.json("POST", &format!("{script}/deployments"), body)
        .await
        .result();
    until_text(&edge, "w.test", "/", "first").await;

    // New code keeps them only if it says so; with new settings or the old ones.
    deploy_guest(&edge, &api, &script, "echo", json!({ "keep_assets": true })).await;
    until("the new code answers", async || {
        edge.post("w.test", "/api/x", "hi").await.text() == "hi"
    })
    .await;
    assert_eq!(edge.get("w.test", "/deep").await.text(), "first");
    let config = json!({ "_headers": "/*\n  X-New: 1" });
    let metadata = json!({ "keep_assets": true, "assets": { "config": config } });
    deploy_guest(&edge, &api, &script, "hello", metadata).await;
    until("the new settings are in use", async || {
        edge.get("w.test", "/").await.header("x-new") == "1"
    })
    .await;
    assert_eq!(edge.get("w.test", "/").await.text(), "first");
    assert_eq!(edge.get("w.test", "/deep").await.text(), "Hello, World!\n");
    let content = std::fs::read(built("hello", edge.directory.path())).expect("a component");
    let modules = [("w.wasm", "application/wasm", &*content)];
    let metadata = json!({ "main_module": "w.wasm" });
    api.upload(&format!("{script}/content"), metadata.clone(), &modules)
        .await
        .result();
    assert_eq!(edge.get("w.test", "/").await.text(), "first");
    let bare = api.upload(&script, metadata, &modules).await.result();
    assert_eq!(bare["has_assets"], false);
    until_text(&edge, "w.test", "/", "Hello, World!\n").await;
}

#[tokio::test]
async fn what_was_served_is_served_while_redis_is_away() {
    let mut redis = Redis::start().await;
    let edge = Builder::new(&[&redis.setting(), "store.timeout_ms=200"])
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let script = api.workers("/scripts/site");
    deploy(&api, &script, &[PAGE, STYLE, BARE], json!({})).await;
    lead(&edge, "site.test", "site").await;
    for path in ["/", "/css/a%20b.css"] {
        assert_eq!(edge.get("site.test", path).await.status, 200);
    }
    redis.kill();
    until("the store's absence is noticed", async || {
        edge.get("unknown.test", "/").await.status == 503
    })
    .await;
    assert_eq!(edge.get("site.test", "/").await.text(), "<h1>home</h1>");
    // After a restart there is only the disk, and it holds what it was asked for.
    let edge = edge.stop().await.without_api().start().await;
    assert_eq!(edge.get("site.test", "/").await.text(), "<h1>home</h1>");
    assert_eq!(edge.get("site.test", "/css/a%20b.css").await.status, 200);
    assert_eq!(edge.get("site.test", "/bare").await.status, 503);
    // Nobody serves what the disk has made of a file.
    let directory = edge.directory.path().join("data/assets");
    for file in std::fs::read_dir(&directory).expect("files").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file");
        if bytes == b"<h1>home</h1>" {
            std::fs::write(file.path(), "<h1>bad!</h1>").expect("written");
        }
    }
    let edge = edge.stop().await.without_api().start().await;
    assert_eq!(edge.get("site.test", "/").await.status, 503);
}

#[tokio::test]
async fn a_worker_reads_its_own_assets_through_a_binding() {
    let edge = Builder::new(&["limits.cpu_ms=1000"])
        .with_javascript()
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let script = api.workers("/scripts/site");
    let files = [
        ("/index.html", "text/html", &b"<h1>home</h1>"[..]),
        ("/data.json", "application/json", b"{\"a\":1}"),
    ];
    let jwt = upload(&api, &script, &files).await;
    let metadata = json!({
        "main_module": "worker.js",
        "assets": { "jwt": jwt, "config": { "run_worker_first": true } },
        "bindings": [{ "type": "assets", "name": "ASSETS" }],
    });
    let code = "export default { async fetch(request, env) {
        const answer = await env.ASSETS.fetch(request);
        return new Response(`${answer.status} ${answer.headers.get('content-type')} ${await answer.text()}`) } }";
    let module = (
        "worker.js",
        "application/javascript+module",
        code.as_bytes(),
    );
    api.upload(&script, metadata, &[module]).await.result();
    lead(&edge, "site.test", "site").await;
    for (path, text) in [
        ("/", "200 text/html <h1>home</h1>"),
        ("/data.json", "200 application/json {\"a\":1}"),
    ] {
        assert_eq!(edge.get("site.test", path).await.text(), text, "{path}");
    }
    let missing = edge.get("site.test", "/missing").await.text();
    assert!(missing.starts_with("404 "), "{missing}");
}
