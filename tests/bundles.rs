//! Libraries that authors use, bundled as their builds do it, through real requests.
//!
//! The workers are in `javascript/bundles/workers`; what they answer was the same in workerd.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::harness::{Edge, Response, host, request, until};
use super::prepared;

#[tokio::test]
async fn hono_routes_and_runs_middleware() {
    let edge = serve("hono").await;
    let home = get(&edge, "hono", "/").await;
    assert_eq!(home.text(), "Hello Hono");
    assert_eq!(home.header("x-route"), "/");
    let user = get(&edge, "hono", "/users/42?sort=up&tag=a&tag=b").await;
    assert_eq!(
        user.json(),
        json!({ "id": 42, "sort": "up", "tags": ["a", "b"] })
    );
    let missing = get(&edge, "hono", "/users/x").await;
    assert_eq!(
        (missing.status, missing.text()),
        (404, "nothing at /users/x".to_owned())
    );
    assert_eq!(get(&edge, "hono", "/files/a/b").await.text(), "/files/a/b");
    let nested = get(&edge, "hono", "/admin/v1/status").await;
    assert_eq!(nested.json(), json!({ "ok": true }));
    let moved = get(&edge, "hono", "/redirect").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/page"));
    assert_eq!(get(&edge, "hono", "/fails").await.status, 418);
    let broken = get(&edge, "hono", "/breaks").await;
    assert_eq!(
        (broken.status, broken.text()),
        (500, "caught broken".to_owned())
    );
    let page = get(&edge, "hono", "/page").await.text();
    assert!(page.contains("<title>Shop &amp; Co</title>"), "{page}");
    assert!(page.contains(r#"<li class="item">&lt;milk&gt;</li>"#));
}

#[tokio::test]
async fn hono_reads_bodies_and_answers_cors() {
    let edge = serve("hono").await;
    let origin = ("origin", "https://shop.example");
    let created = send(
        &edge,
        "hono",
        "/api/items",
        &[origin],
        &json!({ "name": "tea" }).to_string(),
    )
    .await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json(), json!({ "name": "tea", "created": true }));
    assert_eq!(
        created.header("access-control-allow-origin"),
        "https://shop.example"
    );
    let preflight = [origin, ("access-control-request-method", "POST")];
    let preflight = request(
        edge.port,
        "OPTIONS",
        &host("hono"),
        "/api/items",
        &preflight,
        Vec::new(),
    )
    .await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-methods"), "GET,POST");
    let form = "--b\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nada\r\n--b\r\n\
        content-disposition: form-data; name=\"upload\"; filename=\"a.txt\"\r\n\r\nhi\r\n--b--\r\n";
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let answer = send(&edge, "hono", "/form", &[kind], form).await;
    assert_eq!(answer.text(), "ada a.txt hi");
}

#[tokio::test]
async fn hono_signs_cookies_and_tokens() {
    let edge = serve("hono").await;
    let first = edge
        .get_with(&host("hono"), "/cookie", &[("cookie", "visits=4")])
        .await;
    assert_eq!(first.json(), json!({ "seen": "4", "signed": null }));
    let cookies: Vec<&str> = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().expect("text"))
        .collect();
    assert_eq!(cookies.len(), 3);
    assert_eq!(cookies[0], "visits=5; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(
        cookies[1],
        "user=ada.PDBIYUDif2%2BLCepp2ipspxi8%2BHXIJJoeI9fkAcHPs6s%3D; Path=/"
    );
    let user = cookies[1].split(';').next().expect("a cookie");
    let second = edge
        .get_with(&host("hono"), "/cookie", &[("cookie", user)])
        .await;
    assert_eq!(second.json()["signed"], "ada");
    assert_eq!(get(&edge, "hono", "/private/page").await.status, 401);
    let basic = [("authorization", "Basic YWRhOmxvdmVsYWNl")];
    let inside = edge.get_with(&host("hono"), "/private/page", &basic).await;
    assert_eq!(inside.text(), "inside");
    let token = get(&edge, "hono", "/make-token").await.text();
    assert_eq!(get(&edge, "hono", "/token/page").await.status, 401);
    let bearer = format!("Bearer {token}");
    let page = edge
        .get_with(&host("hono"), "/token/page", &[("authorization", &bearer)])
        .await;
    assert_eq!(page.json()["sub"], "ada");
    let tagged = get(&edge, "hono", "/tagged").await;
    assert_eq!(
        tagged.header("etag"),
        "\"8e1ec218dc7ecaadd65388fba9b6723ce114268a\""
    );
    let tag = [("if-none-match", tagged.header("etag"))];
    let known = edge.get_with(&host("hono"), "/tagged", &tag).await;
    assert_eq!((known.status, known.text()), (304, String::new()));
}

#[tokio::test]
async fn hono_streams() {
    let edge = serve("hono").await;
    let stream = get(&edge, "hono", "/stream").await;
    assert_eq!(stream.text(), "one\ntwo\nthree\n");
    let events = get(&edge, "hono", "/events").await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    assert!(
        events
            .text()
            .ends_with("event: tick\ndata: at 2\nid: 2\n\n"),
        "{}",
        events.text()
    );
}

#[tokio::test]
async fn itty_router_routes() {
    let edge = serve("itty-router").await;
    let ask = async |path: &str| {
        let answer = get(&edge, "itty-router", path).await;
        (answer.status, answer.json())
    };
    assert_eq!(
        ask("/items").await,
        (200, json!([{ "id": "1", "name": "tea" }]))
    );
    assert_eq!(
        ask("/items/9").await,
        (404, json!({ "status": 404, "error": "no such item" }))
    );
    assert_eq!(
        ask("/query?a=1&a=2&b=3").await,
        (200, json!({ "a": ["1", "2"], "b": "3" }))
    );
    assert_eq!(ask("/path/a/b/c").await, (200, json!({ "rest": "a/b/c" })));
    assert_eq!(
        ask("/breaks").await,
        (500, json!({ "status": 500, "error": "broken" }))
    );
    let made = send(&edge, "itty-router", "/items", &[], r#"{"a":1}"#).await;
    assert_eq!((made.status, made.json()), (201, json!({ "a": 1 })));
}

#[tokio::test]
async fn jose_signs_and_verifies_with_each_algorithm() {
    let edge = serve("jose").await;
    for algorithm in ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let answer = get(&edge, "jose", &format!("/{algorithm}")).await;
        let wanted = json!({ "alg": algorithm, "sub": "ada", "scope": "read",
            "refusal": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
        assert_eq!(answer.status, 200, "{algorithm}: {}", answer.text());
        assert_eq!(answer.json(), wanted);
    }
    let hidden = get(&edge, "jose", "/encrypted").await;
    assert_eq!(hidden.json(), json!({ "parts": 5, "text": "hidden" }));
}

#[tokio::test]
async fn jose_verifies_the_tokens_of_others() {
    let edge = serve("jose").await;
    // Made with OpenSSL, through Node.js.
    let known: Value = serde_json::from_slice(
        &std::fs::read(prepared::javascript().join("bundles/tokens.json")).expect("a file"),
    )
    .expect("JSON");
    for token in known.as_array().expect("a list") {
        let answer = send(&edge, "jose", "/known", &[], &token["ask"].to_string()).await;
        assert_eq!(answer.json(), token["answer"], "{}", token["name"]);
    }
}

#[tokio::test]
async fn zod_validates_behind_hono() {
    let edge = serve("zod").await;
    let order = json!({ "id": "6f1b7a3e-52f4-4c8a-9a37-0d5a2f0f9b11", "email": "Ada@Example.com",
        "items": [{ "name": "tea" }], "kind": { "type": "pickup", "at": "2024-01-01T00:00:00Z" } });
    let taken = send(&edge, "zod", "/orders", &[], &order.to_string()).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(taken.json()["email"], "ada@example.com");
    assert_eq!(
        taken.json()["items"],
        json!([{ "name": "tea", "count": 1 }])
    );
    let bad =
        json!({ "id": "x", "email": "no", "items": [], "kind": { "type": "other" }, "extra": 1 });
    let refused = send(&edge, "zod", "/orders", &[], &bad.to_string()).await;
    assert_eq!(refused.status, 422);
    let codes: Vec<Value> = refused
        .json()
        .as_array()
        .expect("issues")
        .iter()
        .map(|issue| issue["code"].clone())
        .collect();
    assert_eq!(
        codes,
        [
            "invalid_format",
            "invalid_format",
            "too_small",
            "invalid_union",
            "unrecognized_keys"
        ]
    );
    assert_eq!(
        get(&edge, "zod", "/search?q=a&page=3").await.json(),
        json!({ "q": "a", "page": 3 })
    );
    assert_eq!(get(&edge, "zod", "/search?page=0").await.status, 400);
    assert_eq!(
        get(&edge, "zod", "/schema").await.json()["properties"]["age"],
        json!({ "type": "number", "maximum": 150 })
    );
}

#[tokio::test]
async fn react_renders_to_a_stream() {
    let edge = serve("react").await;
    let whole = get(&edge, "react", "/whole").await;
    assert_eq!(whole.header("content-type"), "text/html");
    let page = whole.text();
    for part in [
        "<!DOCTYPE html><html lang=\"en\">",
        "<title>Page /whole</title>",
        "style=\"color:red;margin-top:4px\">21<!-- --> <!-- -->42</p>",
        "<ul><li>tea</li><li>&lt;milk&gt; &amp; honey</li></ul>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let streamed = get(&edge, "react", "/streamed").await.text();
    let waiting = streamed.find("<em>Loading</em>").expect("a fallback");
    let late = streamed
        .find("<div hidden id=\"S:0\"><ul>")
        .expect("what came late");
    assert!(waiting < late);
    assert!(streamed.contains("$RC(\"B:0\",\"S:0\")"), "{streamed}");
    let broken = get(&edge, "react", "/broken").await;
    assert_eq!(broken.text(), "caught cannot render");
}

#[tokio::test]
async fn marked_renders_markdown() {
    let edge = serve("marked").await;
    let text = "# Hi\n\n- [x] done\n- a *b* **c** `d`\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n\
        [link](https://x.example/?a=b)\n\n```js\nlet a = 1 < 2;\n```\n";
    let page = send(&edge, "marked", "/", &[], text).await.text();
    for part in [
        "<h1>Hi</h1>",
        "<input checked=\"\" disabled=\"\" type=\"checkbox\"> done",
        "<li>a <em>b</em> <strong>c</strong> <code>d</code></li>",
        "<td align=\"center\">2</td>",
        "<a rel=\"nofollow\" href=\"https://x.example/?a=b\">link</a>",
        "<code class=\"language-js\">let a = 1 &lt; 2;",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[tokio::test]
async fn stripe_verifies_webhooks() {
    let metadata =
        r#"{"bindings":[{"type":"secret_text","name":"WEBHOOK_SECRET","text":"whsec_test"}]}"#;
    let edge = serve_with("stripe", metadata).await;
    let event = r#"{"id":"evt_1","object":"event","type":"charge.succeeded","data":{"object":{"amount":4200}}}"#;
    // HMAC-SHA-256 of "<time>.<event>", made with another implementation.
    let signature = [(
        "stripe-signature",
        "t=1700000000,v1=ff3f1101e24108709e2bc3b22b762d458abbfcee56efc8d24fdd75328dd31811",
    )];
    let taken = send(&edge, "stripe", "/", &signature, event).await;
    assert_eq!(
        taken.json(),
        json!({ "type": "charge.succeeded", "amount": 4200 })
    );
    let forged = event.replace("4200", "4201");
    let refused = send(&edge, "stripe", "/", &signature, &forged).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"], "StripeSignatureVerificationError");
}

#[tokio::test]
async fn aws4fetch_signs_as_amazon_documents() {
    let edge = serve("aws4fetch").await;
    // Amazon S3 API reference, "Signature Calculations": the examples for GET with a header and with the query.
    let header = get(&edge, "aws4fetch", "/header").await.text();
    assert!(
        header.ends_with(
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        "{header}"
    );
    let query = get(&edge, "aws4fetch", "/query").await.text();
    assert!(
        query.ends_with(
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        ),
        "{query}"
    );
    assert_eq!(
        get(&edge, "aws4fetch", "/client").await.json()[0],
        json!("PUT")
    );
}

#[tokio::test]
async fn graphql_executes() {
    let edge = serve("graphql").await;
    let ask = async |query: &str, variables: Value| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        send(&edge, "graphql", "/", &[], &body).await.json()
    };
    let query = "query ($id: ID!) { item(id: $id) { id name price related(first: 2) { ...n } } \
        items(contains: \"e\") { name } } fragment n on Item { name }";
    assert_eq!(
        ask(query, json!({ "id": "1" })).await,
        json!({ "data": {
            "item": { "id": "1", "name": "milk", "price": 1.5, "related": [{ "name": "tea" }, { "name": "bread" }] },
            "items": [{ "name": "tea" }, { "name": "bread" }],
        } })
    );
    let wrong = ask("{ item(id: 1) { nothing } }", json!({})).await;
    assert_eq!(
        wrong["errors"][0]["message"],
        "Cannot query field \"nothing\" on type \"Item\"."
    );
    let added = ask(
        "mutation { add(name: \"jam\") { id name price } }",
        json!({}),
    )
    .await;
    assert_eq!(
        added["data"]["add"],
        json!({ "id": "3", "name": "jam", "price": null })
    );
}

#[tokio::test]
async fn date_fns_formats_and_computes() {
    let edge = serve("date-fns").await;
    assert_eq!(
        get(&edge, "date-fns", "/").await.json(),
        json!({ "format": "Wednesday, 31st January 2024 at 10:20", "german": "Mittwoch, 31. Januar",
            "month": "2024-02-29T10:20:30.000Z", "days": 328, "weeks": 5, "distance": "2 days", "iso": "2024-01-31" })
    );
}

#[tokio::test]
async fn valibot_validates() {
    let edge = serve("valibot").await;
    let login = |email: &str, password: &str, again: &str| {
        json!({ "email": email, "password": password, "again": again }).to_string()
    };
    let taken = send(
        &edge,
        "valibot",
        "/",
        &[],
        &login(" ada@example.com ", "12345678", "12345678"),
    )
    .await;
    assert_eq!(taken.json()["email"], "ada@example.com");
    let refused = send(&edge, "valibot", "/", &[], &login("no", "1", "2")).await;
    assert_eq!(
        (refused.status, refused.json()),
        (
            400,
            json!({ "email": ["not an address"], "password": ["too short"], "again": ["not the same"] })
        )
    );
}

#[tokio::test]
async fn lodash_computes() {
    let edge = serve("lodash").await;
    let answer = get(&edge, "lodash", "/").await.json();
    assert_eq!(answer["chunk"], json!([[1, 2], [3, 4], [5]]));
    assert_eq!(answer["order"], json!(["alan", "grace", "ada"]));
    assert_eq!(answer["merge"], json!({ "a": { "b": 1, "c": [2] } }));
    assert_eq!(answer["copy"], true);
    assert_eq!(
        answer["text"],
        json!(["edgeProxyWorker", "&lt;a &amp; b&gt;", 3])
    );
    assert_eq!(answer["calls"], 1);
}

#[tokio::test]
async fn small_libraries_work() {
    let edge = serve("small").await;
    assert_eq!(
        get(&edge, "small", "/uuid").await.json(),
        json!({ "named": "16d32192-eaf6-5e44-ab08-b3d0c83463ca", "versions": [4, 7, 0], "areValid": [true, false], "isNew": true })
    );
    assert_eq!(
        get(&edge, "small", "/nanoid").await.json(),
        json!({ "lengths": [21, 8], "isPlain": true, "digits": true })
    );
    let cookie = edge
        .get_with(&host("small"), "/cookie", &[("cookie", "a=1; b=%20x")])
        .await;
    assert_eq!(
        cookie.json(),
        json!({ "parsed": { "a": "1", "b": " x" }, "set": "a=b%20c; Max-Age=60; Path=/; HttpOnly; SameSite=Lax" })
    );
    assert_eq!(
        get(&edge, "small", "/path").await.json(),
        json!({ "matched": { "shop": "tea house", "item": "7" }, "made": "/shops/tea%20house" })
    );
    assert_eq!(
        get(&edge, "small", "/mustache").await.json(),
        json!({ "text": "a&amp;b: <i>, c: -" })
    );
}

#[tokio::test]
async fn xxhash_is_instantiated_for_each_request() {
    let edge = serve_beside("xxhash", &["xxhash.wasm"]).await;
    for _ in 0..2 {
        let hashes = send(&edge, "xxhash", "/", &[], "Hello, world").await;
        let expected = json!(["5247fb53", "7634229798172964892", "3475157645728462039"]);
        assert_eq!(hashes.json(), expected);
    }
}

#[tokio::test]
async fn resvg_is_instantiated_at_the_top_level() {
    let edge = serve_beside("resvg", &["index_bg.wasm"]).await;
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2" fill="#1080f0"/></svg>"##;
    for _ in 0..2 {
        let image = send(&edge, "resvg", "/", &[], svg).await;
        let expected = json!([8, 4, [16, 128, 240, 255], [137, 80, 78, 71], 75]);
        assert_eq!(image.json(), expected);
        let broken = send(&edge, "resvg", "/", &[], "<svg").await;
        let said = "Error: SVG data parsing failed cause the document does not have a root node";
        assert_eq!((broken.status, broken.text().as_str()), (400, said));
    }
}

#[tokio::test]
async fn webp_comes_and_goes_through_emscripten() {
    let edge = serve_beside("webp", &["webp_dec.wasm", "webp_enc_simd.wasm"]).await;
    let image = get(&edge, "webp", "/").await;
    assert_eq!(image.json(), json!(["WEBP", 16, 16, true]));
}

async fn serve(name: &str) -> Edge {
    serve_with(name, "{}").await
}

/// The same with the WebAssembly modules that the bundle imports.
async fn serve_beside(name: &str, modules: &[&str]) -> Edge {
    let edge = Edge::javascript_with(&["limits.cpu_ms=10000"]).await;
    let files: Vec<(String, Vec<u8>)> = std::iter::once(format!("{name}.js"))
        .chain(modules.iter().map(|module| (*module).to_owned()))
        .map(|file| {
            let content = std::fs::read(bundles().join(&file)).expect("a bundle");
            (file, content)
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(file, content)| (file.as_str(), content.as_slice()))
        .collect();
    edge.serve_files(name, &files).await;
    edge
}

/// An edge with one bundle on it. Keys of RSA take longer to make than most requests may compute.
async fn serve_with(name: &str, metadata: &str) -> Edge {
    let edge = Edge::javascript_with(&["limits.cpu_ms=10000"]).await;
    let code = std::fs::read_to_string(bundles().join(format!("{name}.js"))).expect("a bundle");
    let deployed = edge.deploy_modules(name, &[("worker.js", &code)], metadata);
    assert!(
        deployed.status.success(),
        "{}",
        String::from_utf8_lossy(&deployed.stderr)
    );
    edge.cirque(&["route", &host(name), name]);
    // These workers say 404 themselves to what they do not know.
    until("the hostname is routed", async || {
        !get(&edge, name, "/").await.text().starts_with("No site")
    })
    .await;
    edge
}

async fn get(edge: &Edge, name: &str, path: &str) -> Response {
    edge.get(&host(name), path).await
}

/// A POST with header fields.
async fn send(
    edge: &Edge,
    name: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let body = body.as_bytes().to_vec();
    request(edge.port, "POST", &host(name), path, headers, body).await
}

fn bundles() -> PathBuf {
    let folder = prepared::javascript().join("bundles");
    let mut workers: Vec<PathBuf> = std::fs::read_dir(folder.join("workers"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    // As a shell lists them.
    workers.sort();
    let mut sources = vec![folder.join("package-lock.json"), folder.join("bundle.mjs")];
    sources.append(&mut workers);
    prepared::folder("bundles", &sources)
}
