//! What a worker finds in `env`, or as globals: values, keys, parts of its upload, and a clear word where there is nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cirque::model::binding::KEPT;
use serde_json::{Value, json};

use super::harness::kv::edge;
use super::harness::{host, until};

const WORDS: &str = "The quick brown fox jumps over the lazy dog";
/// HMAC with SHA-256 of that under "key".
const SIGNED: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

/// Shows all of it; `early` is what the top level saw.
const LOOK: &str = r#"
const sees = (env) => [env.TEXT, env.DATA.byteLength, new WebAssembly.Instance(env.WASM).exports.answer()];
const look = async (env, early) => {
  const words = new TextEncoder().encode("The quick brown fox jumps over the lazy dog");
  const signed = await crypto.subtle.sign("HMAC", env.KEY, words);
  const { type, extractable, usages } = env.KEY;
  let bad = null;
  try {
    await crypto.subtle.sign("HMAC", env.BAD, words);
  } catch (error) {
    bad = `${error.name}: ${error.message}`;
  }
  const { id, tag, timestamp } = env.VERSION;
  return Response.json({
    early,
    now: sees(env),
    plain: env.PLAIN,
    json: env.PLANS,
    secret: env.SECRET,
    version: [/^[0-9a-f-]{32,36}$/.test(id), tag, Math.abs(Date.parse(timestamp) - Date.now()) < 3_600_000],
    data: [env.DATA instanceof ArrayBuffer, ...new Uint8Array(env.DATA)],
    wasm: env.WASM instanceof WebAssembly.Module,
    key: [env.KEY instanceof CryptoKey, type, extractable, usages, new Uint8Array(signed).toHex()],
    verified: await crypto.subtle.verify("HMAC", env.JWK, signed, words),
    bad,
  });
};
"#;

fn bindings() -> Value {
    let hmac = json!({ "name": "HMAC", "hash": "SHA-256" });
    json!([
        { "type": "plain_text", "name": "PLAIN", "text": "a text" },
        { "type": "json", "name": "PLANS", "json": { "a": [1, null] } },
        { "type": "secret_text", "name": "SECRET", "text": "hush" },
        { "type": "version_metadata", "name": "VERSION" },
        { "type": "text_blob", "name": "TEXT", "part": "words" },
        { "type": "data_blob", "name": "DATA", "part": "bytes" },
        { "type": "wasm_module", "name": "WASM", "part": "adder" },
        { "type": "secret_key", "name": "KEY", "format": "raw", "algorithm": hmac, "usages": ["sign"],
          "key_base64": STANDARD.encode("key") },
        { "type": "secret_key", "name": "JWK", "format": "jwk", "algorithm": hmac, "usages": ["verify"],
          "key_jwk": { "kty": "oct", "k": "a2V5" } },
        { "type": "secret_key", "name": "BAD", "format": "raw", "algorithm": hmac, "usages": ["encrypt"],
          "key_base64": STANDARD.encode("key") },
    ])
}

fn wasm() -> Vec<u8> {
    wat::parse_str(r#"(module (func (export "answer") (result i32) (i32.const 42)))"#)
        .expect("a module")
}

#[tokio::test]
async fn values_keys_and_parts_reach_modules_and_service_workers() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let module = format!(
        "import {{ env as early }} from 'cloudflare:workers';{LOOK}const seen = sees(early);
         export default {{ fetch: (request, env) => look(env, seen) }};"
    );
    let script = format!(
        "{LOOK}const seen = sees(globalThis);
         addEventListener('fetch', (event) => event.respondWith(look(globalThis, seen)));"
    );
    let wasm = wasm();
    for (name, main, content_type, code) in [
        (
            "module",
            "main_module",
            "application/javascript+module",
            &module,
        ),
        ("script", "body_part", "application/javascript", &script),
    ] {
        let mut metadata =
            json!({ "bindings": bindings(), "annotations": { "workers/tag": "v7" } });
        metadata[main] = "main".into();
        let path = api.workers(&format!("/scripts/{name}"));
        let parts: [(&str, &str, &[u8]); 4] = [
            ("main", content_type, code.as_bytes()),
            ("words", "text/plain", "grüße".as_bytes()),
            ("bytes", "application/octet-stream", &[0, 255, 7]),
            ("adder", "application/wasm", &wasm),
        ];
        api.upload(&path, metadata, &parts).await.result();
        edge.cirque(&["route", &host(name), name]);
        edge.until_routed(&host(name)).await;
        let seen = json!(["grüße", 3, 42]);
        let bad = "Error: env.BAD cannot be used: its key cannot be imported (";
        let answer = edge.get(&host(name), "/").await;
        let mut found = answer.json();
        let said = found["bad"].take();
        assert!(
            said.as_str().is_some_and(|said| said.starts_with(bad)),
            "{said} {}",
            answer.text()
        );
        let expected = json!({
            "early": seen,
            "now": seen,
            "plain": "a text",
            "json": { "a": [1, null] },
            "secret": "hush",
            "version": [true, "v7", true],
            "data": [true, 0, 255, 7],
            "wasm": true,
            "key": [true, "secret", false, ["sign"], SIGNED],
            "verified": true,
            "bad": null,
        });
        assert_eq!(found, expected, "{name}, signing {WORDS:?}");
        // Of secrets nothing is shown, of the rest all.
        let shown = api
            .get(&format!("{path}/settings"))
            .await
            .result()
            .to_string();
        assert!(
            !shown.contains("hush") && !shown.contains("a2V5"),
            "{shown}"
        );
        assert!(shown.contains(r#""part":"adder""#), "{shown}");
    }
}

#[tokio::test]
async fn a_binding_whose_part_is_not_there_is_refused() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let refused = async |main: (&str, &str, &[u8]), kind: &str, parts: &[(&str, &str, &[u8])]| {
        let metadata = json!({
            "main_module": main.0,
            "bindings": [{ "type": kind, "name": "PART", "part": "it" }],
        });
        let path = api.workers("/scripts/refused");
        let answer = api
            .upload(&path, metadata, &[&[main], parts].concat())
            .await;
        assert_eq!(answer.failure(), (400, 10_021));
        answer.message()
    };
    let main: (&str, &str, &[u8]) = (
        "worker.js",
        "application/javascript+module",
        b"export default { fetch() {} }",
    );
    let said = refused(main, "text_blob", &[]).await;
    assert!(
        said.contains("\"PART\" names the part \"it\", which is none of those"),
        "{said}"
    );
    let said = refused(main, "text_blob", &[("it", "text/plain", b"\xff")]).await;
    assert!(said.contains("no UTF-8"), "{said}");
    let said = refused(main, "wasm_module", &[("it", "application/wasm", b"wat")]).await;
    assert!(said.contains("does not begin like one"), "{said}");
    // A component is one file, and has no way to such a value.
    let component = std::fs::read(super::harness::built("config", edge.directory.path()));
    let component = component.expect("a component");
    let main = ("worker.wasm", "application/wasm", &*component);
    let said = refused(main, "text_blob", &[("it", "text/plain", b"text")]).await;
    assert!(said.contains("is that one file"), "{said}");
}

/// What the command line deploys finds its parts among the files.
#[tokio::test]
async fn files_are_parts_on_the_command_line() {
    let edge = edge(&[]).await;
    let metadata =
        json!({ "bindings": [{ "type": "text_blob", "name": "PAGE", "part": "page.json" }] });
    let files = [
        (
            "worker.js",
            "export default { fetch: (request, env) => new Response(env.PAGE) };",
        ),
        ("page.json", "{ not JSON"),
    ];
    edge.serve_modules("files", &files, &metadata.to_string())
        .await;
    assert_eq!(edge.get("files.test", "/").await.text(), "{ not JSON");
    let refused = edge.deploy_modules("files", &files[..1], &metadata.to_string());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("the part \"page.json\""),
        "{said}"
    );
}

/// Types of bindings that are more than a word here.
const SERVED: &[&str] = &[
    "analytics_engine",
    "assets",
    "data_blob",
    "dispatch_namespace",
    "kv_namespace",
    "ratelimit",
    "service",
    "text_blob",
    "wasm_module",
];

#[tokio::test]
async fn what_leads_nowhere_is_taken_listed_and_says_so_when_it_is_used() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let kinds = KEPT.iter().filter(|(kind, _)| !SERVED.contains(kind));
    let bindings: Vec<Value> = kinds
        .map(|(kind, needed)| {
            let mut binding = json!({ "type": kind, "name": kind.to_uppercase() });
            for field in *needed {
                let first = field.split('|').next().expect("a field");
                binding[first] = "x".into();
            }
            binding
        })
        .collect();
    assert!(bindings.len() > 20, "{bindings:?}");
    api.try_shell("shell", bindings.clone().into())
        .await
        .result();
    let path = api.workers("/scripts/shell/settings");
    let listed = api.get(&path).await.result();
    assert_eq!(listed["bindings"], Value::from(bindings.clone()));
    edge.cirque(&["route", "shell.test", "shell"]);
    until("the shell answers", async || {
        edge.get("shell.test", "/").await.text() == "ready"
    })
    .await;
    for binding in bindings {
        let (kind, name) = (&binding["type"], binding["name"].as_str().expect("a name"));
        let answer = edge.ask("shell", name, "get", json!([])).await;
        let says = format!(
            "Error: env.{name} cannot be used: bindings of type {kind} lead nowhere on this edge"
        );
        assert_eq!(answer, json!({ "error": says }));
    }
}
