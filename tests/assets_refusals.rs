//! Bad uploads of static assets: the right status and code, and nothing is changed.

use serde_json::{Value, json};

use super::assets::{File, begin, deploy, hash, manifest, parts, send, upload};
use super::harness::api::Api;
use super::harness::{Builder, Edge};

const PAGE: File<'static> = ("/index.html", "text/html", b"<h1>home</h1>");
const MORE: File<'static> = ("/more.txt", "text/plain", b"more");

async fn edge() -> (Edge, Api) {
    let settings = [
        "assets.files_max=5",
        "assets.file_bytes_max=1000",
        // Wrong tokens of sessions do not count.
        "api.failures_per_minute=5",
    ];
    let edge = Builder::new(&settings).with_api().start().await;
    let api = edge.api().await;
    api.namespace("n").await;
    let script = api.dispatch("/n/scripts/a");
    deploy(&api, &script, &[PAGE], json!({})).await;
    edge.cirque(&["route", "a.test", "n/a"]);
    edge.until_routed("a.test").await;
    (edge, api)
}

#[tokio::test]
async fn lists_of_files_that_mean_nothing_are_refused() {
    let (_edge, api) = edge().await;
    let path = |script: &str| format!("{}/assets-upload-session", api.dispatch(script));
    let entry = |path: &str, hash: &str, size: Value| {
        let mut files = serde_json::Map::new();
        files.insert(path.to_owned(), json!({ "hash": hash, "size": size }));
        json!({ "manifest": files }).to_string()
    };
    let at = |path: &str| entry(path, "0a", json!(1));
    let six: serde_json::Map<_, _> = (0..6)
        .map(|n| {
            (
                format!("/{n}"),
                json!({ "hash": format!("{n}"), "size": 1 }),
            )
        })
        .collect();
    let two = json!({ "/a": { "hash": "0a", "size": 1 }, "/b": { "hash": "0a", "size": 2 } });
    let rows = [
        ("no body", String::new(), (400, 10_026)),
        ("no JSON", "{".into(), (400, 10_026)),
        ("no manifest", "{}".into(), (400, 10_026)),
        (
            "a manifest that is a list",
            r#"{"manifest":[]}"#.into(),
            (400, 10_026),
        ),
        (
            "a file that is a text",
            r#"{"manifest":{"/a":"b"}}"#.into(),
            (400, 10_026),
        ),
        (
            "no size",
            r#"{"manifest":{"/a":{"hash":"0a"}}}"#.into(),
            (400, 10_026),
        ),
        (
            "a size below 0",
            entry("/a", "0a", json!(-1)),
            (400, 10_026),
        ),
        ("half a byte", entry("/a", "0a", json!(1.5)), (400, 10_026)),
        (
            "a file that is too large",
            entry("/a", "0a", json!(1001)),
            (413, 10_027),
        ),
        (
            "too many files",
            json!({ "manifest": six }).to_string(),
            (413, 10_027),
        ),
        ("no hash", entry("/a", "", json!(1)), (400, 10_026)),
        (
            "a hash that is none",
            entry("/a", "xyz", json!(1)),
            (400, 10_026),
        ),
        (
            "a hash that is too long",
            entry("/a", &"a".repeat(65), json!(1)),
            (400, 10_026),
        ),
        (
            "a hash with another's place",
            entry("/a", "../0a", json!(1)),
            (400, 10_026),
        ),
        (
            "one hash for two sizes",
            json!({ "manifest": two }).to_string(),
            (400, 10_026),
        ),
        ("a path without a slash", at("a"), (400, 10_026)),
        ("the root", at("/"), (400, 10_026)),
        ("a path upwards", at("/../a"), (400, 10_026)),
        ("a path upwards within", at("/a/../../b"), (400, 10_026)),
        ("a path to itself", at("/./a"), (400, 10_026)),
        ("another host", at("//evil.test/a"), (400, 10_026)),
        ("a directory", at("/a/"), (400, 10_026)),
        ("a backslash", at("/\\evil.test"), (400, 10_026)),
        ("a line break", at("/a\r\nb"), (400, 10_026)),
        ("a NUL", at("/a\0"), (400, 10_026)),
        (
            "a path that is too long",
            at(&format!("/{}", "a".repeat(1_100))),
            (400, 10_026),
        ),
    ];
    for (what, body, failure) in rows {
        let answer = api
            .send("POST", &path("/n/scripts/a"), &[], body.into_bytes())
            .await;
        assert_eq!(answer.failure(), failure, "{what}: {}", answer.message());
    }
    let good = manifest(&[PAGE]);
    for (script, failure) in [
        ("/nobody/scripts/a", (404, 100_119)),
        ("/n/scripts/..%2fa", (400, 10_016)),
    ] {
        let answer = api.json("POST", &path(script), good.clone()).await;
        assert_eq!(answer.failure(), failure, "{script}");
    }
    let endless = vec![b' '; 17 << 20];
    let answer = api.send("POST", &path("/n/scripts/a"), &[], endless).await;
    assert_eq!(answer.failure(), (413, 10_027));
}

#[tokio::test]
async fn files_that_are_none_are_refused() {
    let (_edge, api) = edge().await;
    let script = api.dispatch("/n/scripts/b");
    let begun = begin(&api, &script, &[PAGE, MORE]).await;
    let token = begun["jwt"].as_str().expect("a token").to_owned();
    let good = || (hash(&PAGE), "text/html", b"PGgxPmhvbWU8L2gxPg==".to_vec());
    let named = |name: &str| parts(&[(name.to_owned(), "text/html", good().2)]);
    let holding = |content: &[u8]| parts(&[(hash(&PAGE), "text/html", content.to_vec())]);
    let long = format!("text/{}", "x".repeat(300));
    let rows = [
        ("no part", b"--B--\r\n".to_vec(), (400, 10_026)),
        ("no body", Vec::new(), (400, 10_026)),
        (
            "half a body",
            named(&hash(&PAGE))[..120].to_vec(),
            (400, 10_026),
        ),
        ("another file", named("0a"), (400, 10_026)),
        ("no name", named(""), (400, 10_026)),
        ("no base64", holding(b"<h1>home</h1>"), (400, 10_026)),
        ("another size", holding(b"PGgxPg=="), (400, 10_026)),
        (
            "an endless type",
            parts(&[(hash(&PAGE), &long, good().2)]),
            (400, 10_026),
        ),
        ("more than the bucket", vec![b'x'; 13 << 20], (413, 10_027)),
        (
            "a good file beside a bad one",
            parts(&[good(), ("0a".into(), "", good().2)]),
            (400, 10_026),
        ),
    ];
    for (what, body, failure) in rows {
        let answer = send(&api, &token, body).await;
        assert_eq!(answer.failure(), failure, "{what}: {}", answer.message());
    }
    let answer = api
        .raw(
            "POST",
            &api.workers("/assets/upload?base64=true"),
            &[
                ("authorization", &format!("Bearer {token}")),
                ("content-type", "application/json"),
            ],
            b"{}".to_vec(),
        )
        .await;
    assert_eq!(answer.failure(), (400, 10_026));
    // Nothing of all that was kept.
    let begun = begin(&api, &script, &[PAGE, MORE]).await;
    assert_eq!(begun["buckets"][0].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn tokens_open_nothing_but_their_own_session() {
    let (edge, api) = edge().await;
    let script = api.dispatch("/n/scripts/a");
    let begun = begin(&api, &script, &[MORE]).await;
    let token = begun["jwt"].as_str().expect("a token").to_owned();
    assert_eq!(
        token.split('.').count(),
        3,
        "a JSON Web Token for those who look into it"
    );
    let (signed, seal) = token.rsplit_once('.').expect("a seal");
    let (head, payload) = signed.split_once('.').expect("a payload");
    let flipped = match seal.starts_with('0') {
        true => format!("1{}", &seal[1..]),
        false => format!("0{}", &seal[1..]),
    };
    let body = || parts(&[(hash(&MORE), "text/plain", b"bW9yZQ==".to_vec())]);
    for wrong in [
        api.token.clone(),
        "x".into(),
        "..".into(),
        format!("{signed}."),
        format!("{signed}.{flipped}"),
        format!("{head}.{payload}A.{seal}"),
        format!("{head}.e30.{seal}"),
        "a.".repeat(4_000),
    ] {
        let answer = send(&api, &wrong, body()).await;
        assert_eq!(answer.failure(), (401, 10_000), "{wrong}");
        let metadata = json!({ "assets": { "jwt": wrong } });
        assert_eq!(
            api.upload(&script, metadata, &[]).await.failure(),
            (400, 10_026)
        );
    }
    let path = api.workers("/assets/upload?base64=true");
    let bare = api.raw("POST", &path, &[], body()).await;
    assert_eq!(bare.failure(), (401, 10_000));
    // It opens nothing else of the API.
    let bearer = format!("Bearer {token}");
    for (method, path) in [("GET", api.dispatch("")), ("DELETE", script.clone())] {
        let answer = api
            .raw(method, &path, &[("authorization", &bearer)], Vec::new())
            .await;
        assert_eq!(answer.failure(), (401, 10_000), "{method} {path}");
    }
    let elsewhere = path.replace(&api.account, &"0".repeat(32));
    let answer = api
        .raw("POST", &elsewhere, &[("authorization", &bearer)], body())
        .await;
    assert_eq!(answer.failure(), (404, 7_003));
    assert_eq!(edge.get("a.test", "/").await.text(), "<h1>home</h1>");
    assert_eq!(edge.get("a.test", "/more.txt").await.status, 404);
}

#[tokio::test]
async fn what_is_said_of_assets_has_to_make_sense() {
    let (edge, api) = edge().await;
    let script = api.dispatch("/n/scripts/a");
    let jwt = upload(&api, &script, &[PAGE]).await;
    let config = |config: Value| json!({ "assets": { "jwt": jwt, "config": config } });
    let globs = |globs: Value| config(json!({ "run_worker_first": globs }));
    let rules = |name: &str, text: &str| config(json!({ name: text }));
    for (what, metadata, failure) in [
        (
            "assets that are a text",
            json!({ "assets": "x" }),
            (400, 10_026),
        ),
        (
            "a token that is a number",
            json!({ "assets": { "jwt": 1 } }),
            (400, 10_026),
        ),
        ("a config that is a list", config(json!([])), (400, 10_026)),
        (
            "HTML handled otherwise",
            config(json!({ "html_handling": "x" })),
            (400, 10_026),
        ),
        (
            "no such fallback",
            config(json!({ "not_found_handling": 404 })),
            (400, 10_026),
        ),
        (
            "a base that is no path",
            config(json!({ "base_path": "docs" })),
            (400, 10_026),
        ),
        (
            "a base with a query",
            config(json!({ "base_path": "/a?b" })),
            (400, 10_026),
        ),
        (
            "a base on another host",
            config(json!({ "base_path": "//a" })),
            (400, 10_026),
        ),
        (
            "a worker first that is not there",
            globs(json!(true)),
            (400, 10_021),
        ),
        (
            "paths for it that is not there",
            globs(json!(["/api/*"])),
            (400, 10_021),
        ),
        (
            "a glob that is no path",
            globs(json!(["api/*"])),
            (400, 10_026),
        ),
        (
            "globs that only exclude",
            globs(json!(["!/api/*"])),
            (400, 10_026),
        ),
        ("no glob", globs(json!([])), (400, 10_026)),
        ("globs that are numbers", globs(json!([1])), (400, 10_026)),
        ("101 globs", globs(json!(vec!["/a"; 101])), (400, 10_026)),
        (
            "an endless glob",
            globs(json!(["/".repeat(101)])),
            (400, 10_026),
        ),
        (
            "a header without a path",
            rules("_headers", "X-A: 1"),
            (400, 100_324),
        ),
        (
            "a header of ours",
            rules("_headers", "/*\n Content-Length: 1"),
            (400, 100_324),
        ),
        (
            "a redirect to itself",
            rules("_redirects", "/* /index.html 200"),
            (400, 100_324),
        ),
        ("half a redirect", rules("_redirects", "/a"), (400, 100_324)),
        (
            "headers that are a list",
            config(json!({ "_headers": [] })),
            (400, 10_026),
        ),
    ] {
        let answer = api.upload(&script, metadata, &[]).await;
        assert_eq!(answer.failure(), failure, "{what}: {}", answer.message());
    }
    let answer = api
        .upload(&script, rules("_headers", "\n/*\n X-A"), &[])
        .await;
    assert!(
        answer.message().contains("_headers configuration: line 3"),
        "{}",
        answer.message()
    );
    assert_eq!(edge.get("a.test", "/").await.text(), "<h1>home</h1>");
    // A first upload that says nothing of code or assets has neither.
    let nothing = api
        .upload(&api.dispatch("/n/scripts/new"), json!({}), &[])
        .await;
    assert_eq!(nothing.failure(), (400, 10_021));
}
