//! JavaScript workers as visitors and authors see them.

use super::harness::{Edge, request, until};

const HELLO: &str = "export default { fetch() { return new Response('Hello') } }";

#[tokio::test]
async fn a_worker_answers_in_each_syntax() {
    let edge = Edge::javascript().await;
    edge.serve_script("object", HELLO).await;
    edge.serve_script(
        "class",
        "import { WorkerEntrypoint } from 'cloudflare:workers';
         export default class extends WorkerEntrypoint {
           fetch(request) { return new Response(`${request.method} ${typeof this.env} ${typeof this.ctx.waitUntil}`) }
         }",
    )
    .await;
    edge.serve_script(
        "listener",
        "addEventListener('fetch', (event) => event.respondWith(answer(event.request)));
         async function answer(request) { return new Response(new URL(request.url).pathname) }",
    )
    .await;
    assert_eq!(edge.get("object.test", "/").await.text(), "Hello");
    assert_eq!(
        edge.get("class.test", "/").await.text(),
        "GET object function"
    );
    assert_eq!(edge.get("listener.test", "/a/b?c").await.text(), "/a/b");
}

#[tokio::test]
async fn modules_import_each_other_and_data() {
    let edge = Edge::javascript().await;
    let main = "import { double } from './lib/double.js';
        import prices from './prices.json';
        import text from './note.txt';
        const twice = await Promise.resolve(double(prices.apple));
        export default { fetch: () => new Response(`${twice} ${text}`) }";
    let files = [
        ("worker.js", main),
        (
            "lib/double.js",
            "import { two } from '../two.js'; export const double = (n) => n * two;",
        ),
        ("two.js", "export const two = 2;"),
        ("prices.json", r#"{"apple": 21}"#),
        ("note.txt", "apples"),
    ];
    edge.serve_modules("modules", &files, "{}").await;
    assert_eq!(edge.get("modules.test", "/").await.text(), "42 apples");
}

#[tokio::test]
async fn a_request_sees_nothing_of_another() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "counter",
        "let count = 0; globalThis.seen = [];
         export default { fetch(request) { seen.push(request.url); return new Response(`${++count} ${seen.length}`) } }",
    )
    .await;
    for _ in 0..5 {
        assert_eq!(edge.get("counter.test", "/").await.text(), "1 1");
    }
}

#[tokio::test]
async fn chance_differs_between_requests() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "chance",
        "const early = Math.random();
         export default { fetch: () => new Response([Math.random(), crypto.randomUUID(), early].join(' ')) }",
    )
    .await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        let text = edge.get("chance.test", "/").await.text();
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        assert_eq!(words.len(), 3, "{text}");
        answers.push(words);
    }
    for one in 1..answers.len() {
        assert_ne!(answers[one][0], answers[0][0]);
        assert_ne!(answers[one][1], answers[0][1]);
    }
}

#[tokio::test]
async fn a_request_arrives_whole_and_a_response_leaves_whole() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "mirror",
        "export default { async fetch(request) {
           const body = await request.text();
           return new Response(`${request.method} ${request.url} ${request.headers.get('x-one')} ${body.length}`,
             { status: 418, headers: [['x-two', 'a'], ['x-two', 'b'], ['content-type', 'text/x']] })
         } }",
    )
    .await;
    let body = "x".repeat(300_000).into_bytes();
    let answer = request(
        edge.port,
        "POST",
        "mirror.test",
        "/p?q=1",
        &[("x-one", "1")],
        body,
    )
    .await;
    assert_eq!(answer.status, 418);
    assert_eq!(answer.text(), "POST http://mirror.test/p?q=1 1 300000");
    assert_eq!(answer.header("content-type"), "text/x");
    let two: Vec<_> = answer.headers.get_all("x-two").iter().collect();
    assert_eq!(two, ["a", "b"]);
}

#[tokio::test]
async fn faults_at_the_top_level_are_told_with_their_place() {
    let edge = Edge::javascript().await;
    let says = |files: &[(&str, &str)], words: &[&str]| {
        let text = edge.refusal(files);
        for word in words {
            assert!(text.contains(word), "{word:?} is not in:\n{text}");
        }
    };
    says(
        &[("worker.js", "const a = 1;\nconst b = ;\n")],
        &["SyntaxError", "worker.js:2:", "const b = ;"],
    );
    says(
        &[(
            "worker.js",
            "function f() {\n  throw new TypeError('no good');\n}\nf();\nexport default {}",
        )],
        &["TypeError: no good", "worker.js:2:", "throw new TypeError"],
    );
    says(
        &[(
            "worker.js",
            "import { a } from './missing.js';\nexport default { fetch() {} }",
        )],
        &["./missing.js", "worker.js:1:"],
    );
    says(
        &[
            (
                "worker.js",
                "\nimport { b } from './lib.js';\nexport default { fetch() {} }",
            ),
            ("lib.js", "export const a = 1;"),
        ],
        &["b", "lib.js", "worker.js:2:"],
    );
    says(
        &[("worker.js", "export const a = 1;")],
        &[
            "No event handlers were registered. This script does nothing. [code: 10068]",
            "export default",
        ],
    );
    says(
        &[(
            "worker.js",
            "await new Promise(() => {});\nexport default { fetch() {} }",
        )],
        &["The top level awaits a promise that can never be settled"],
    );
    says(
        &[("worker.js", "while (true) {}")],
        &["1000 ms of CPU time"],
    );
    says(
        &[(
            "worker.js",
            "const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1));",
        )],
        &["of memory"],
    );
    says(
        &[("worker.js", "await fetch('http://example.com/')")],
        &["global scope"],
    );
}

#[tokio::test]
async fn an_exception_is_logged_with_its_stack_and_the_visitor_sees_1101() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "throws",
        "function inner() {\n  throw new RangeError('too far');\n}\nexport default { fetch() { inner() } }",
    )
    .await;
    let answer = edge.get("throws.test", "/").await;
    assert_eq!(answer.status, 500);
    assert!(
        answer
            .text()
            .starts_with("error code: 1101\nWorker threw exception."),
        "{}",
        answer.text()
    );
    edge.until_logged(&["RangeError: too far", "throws"]).await;
    edge.until_logged(&["inner", "worker.js:2"]).await;
}

#[tokio::test]
async fn what_is_no_response_and_what_never_comes_are_errors() {
    let edge = Edge::javascript().await;
    edge.serve_script("text", "export default { fetch() { return 'text' } }")
        .await;
    edge.serve_script(
        "never",
        "export default { fetch() { return new Promise(() => {}) } }",
    )
    .await;
    let text = edge.get("text.test", "/").await;
    assert_eq!(text.status, 500);
    assert!(
        text.text().starts_with("error code: 1101"),
        "{}",
        text.text()
    );
    let never = edge.get("never.test", "/").await;
    assert_eq!(never.status, 500);
    assert!(
        never
            .text()
            .contains("The script will never generate a response."),
        "{}",
        never.text()
    );
}

#[tokio::test]
async fn work_after_the_response_goes_on_and_its_failure_is_logged() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "later",
        "export default { fetch(request, env, ctx) {
           ctx.waitUntil(scheduler.wait(50).then(() => { console.warn('done later'); throw new Error('late') }));
           return new Response('now')
         } }",
    )
    .await;
    assert_eq!(edge.get("later.test", "/").await.text(), "now");
    edge.until_logged(&["done later", "stream=\"warn\""]).await;
    edge.until_logged(&["late", "stream=\"error\""]).await;
    edge.until_idle().await;
}

#[tokio::test]
async fn variables_are_in_env_and_globals_for_service_workers() {
    let edge = Edge::javascript().await;
    let metadata = r#"{"bindings":[{"type":"plain_text","name":"GREETING","text":"Hi"},
        {"type":"json","name":"LIST","json":[1,2]},{"type":"secret_text","name":"KEY","text":"s"}]}"#;
    let module = "import { env as shared } from 'cloudflare:workers';
        export default { fetch(request, env) { return Response.json([env.GREETING, env.LIST[1], env.KEY, shared.GREETING]) } }";
    edge.serve_modules("module", &[("worker.js", module)], metadata)
        .await;
    let script = "addEventListener('fetch', (event) => event.respondWith(new Response(`${GREETING} ${LIST.length}`)))";
    edge.serve_modules("script", &[("worker.js", script)], metadata)
        .await;
    assert_eq!(
        edge.get("module.test", "/").await.text(),
        r#"["Hi",2,"s","Hi"]"#
    );
    assert_eq!(edge.get("script.test", "/").await.text(), "Hi 2");
}

#[tokio::test]
async fn a_new_version_answers_at_once() {
    let edge = Edge::javascript().await;
    edge.serve_script("shop", HELLO).await;
    assert_eq!(edge.get("shop.test", "/").await.text(), "Hello");
    edge.serve_script("shop", &HELLO.replace("Hello", "Welcome"))
        .await;
    until("the new version answers", async || {
        edge.get("shop.test", "/").await.text() == "Welcome"
    })
    .await;
}
