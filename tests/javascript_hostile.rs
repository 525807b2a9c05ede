//! Scripts that mean harm, or are merely broken: each meets the right limit, and nobody else notices.

use super::harness::steady::Steady;
use super::harness::{Edge, Response};

const CPU: &str = "error code: 1102\nWorker exceeded CPU time limit.";
const MEMORY: &str = "error code: 1102\nWorker exceeded memory limit.";
const WALL: &str = "error code: 1102\nWorker exceeded wall time limit.";
const EXCEPTION: &str = "error code: 1101\nWorker threw exception.";
const NEVER: &str = "error code: 1101\nThe script will never generate a response.";

/// Runs handlers of one edge, each the body of a `fetch` of its own worker, beside a neighbour who is always answered.
async fn each_ends_with(settings: &[&str], cases: &[(&str, &str, &[&str])]) {
    let edge = Edge::javascript_with(settings).await;
    edge.serve_script(
        "neighbour",
        "export default { fetch() { return new Response('here') } }",
    )
    .await;
    let neighbour = Steady::visits(edge.port, &["neighbour.test"], "here");
    for (name, body, expected) in cases {
        let code = format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}");
        edge.serve_script(name, &code).await;
        let answer: Response = edge.get(&format!("{name}.test"), "/").await;
        let is_expected = expected
            .iter()
            .any(|start| answer.text().starts_with(start));
        assert!(
            is_expected,
            "{name}: {} {}\n{}",
            answer.status,
            answer.text(),
            edge.log()
        );
    }
    neighbour.until_more(20).await;
    neighbour.was_always_answered().await;
    edge.until_idle().await;
}

#[tokio::test]
async fn computing_without_end_is_stopped() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("loop", "for (;;) {}", &[CPU]),
        (
            "microtasks",
            "const again = () => Promise.resolve().then(again); await again(); for (;;) await 0",
            &[CPU],
        ),
        (
            "regular",
            "/^(a+)+$/.test('a'.repeat(40) + 'b'); return new Response('done')",
            &[CPU],
        ),
        (
            "sort",
            "const a = Array.from({length: 1e5}, (_, i) => -i); for (;;) a.sort(() => Math.random() - 0.5)",
            &[CPU],
        ),
        (
            "json",
            "let o = {}; for (let i = 0; i < 1e4; i++) o['k' + i] = i; for (;;) JSON.stringify(o)",
            &[CPU],
        ),
        (
            "timers",
            "for (let i = 0; ; i++) setTimeout(() => {}, i)",
            &[CPU, MEMORY],
        ),
        (
            "getter",
            "return new Response('x', { get headers() { for (;;) {} } })",
            &[CPU],
        ),
        (
            "later",
            "ctx.waitUntil((async () => { for (;;) await 0 })()); return new Response('ok')",
            &["ok", CPU],
        ),
    ];
    each_ends_with(&["limits.cpu_ms=50"], cases).await;
}

#[tokio::test]
async fn memory_without_end_is_refused() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "arrays",
            "const a = []; for (;;) a.push(new Array(1e5).fill(1))",
            &[MEMORY, EXCEPTION],
        ),
        (
            "strings",
            "let s = 'x'; for (;;) s += s",
            &[MEMORY, EXCEPTION],
        ),
        (
            "buffers",
            "const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))",
            &[MEMORY, EXCEPTION],
        ),
        (
            "maps",
            "const m = new Map(); for (let i = 0; ; i++) m.set({}, 'x'.repeat(1000) + i)",
            &[MEMORY, EXCEPTION],
        ),
        (
            "buffer",
            "return new Response(new Uint8Array(3e9))",
            &[MEMORY, EXCEPTION],
        ),
    ];
    each_ends_with(
        &[
            "limits.cpu_ms=20000",
            "limits.cpu_ms_max=20000",
            "limits.memory_mb=32",
        ],
        cases,
    )
    .await;
}

#[tokio::test]
async fn deep_recursion_is_an_exception() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "calls",
            "const f = () => f() + 1; try { f() } catch (e) { return new Response(e.name) }",
            &["RangeError", "InternalError"],
        ),
        (
            "nested",
            "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; try { JSON.stringify(a); return new Response('fine') } catch (e) { return new Response('caught') }",
            &["caught", "fine"],
        ),
        (
            "parse",
            "try { JSON.parse('['.repeat(1e5)); return new Response('fine') } catch (e) { return new Response('caught') }",
            &["caught"],
        ),
        (
            "proxies",
            "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); try { p.x; return new Response('fine') } catch (e) { return new Response('caught') }",
            &["caught", "fine"],
        ),
        (
            "expression",
            "try { new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('a'); return new Response('fine') } catch (e) { return new Response('caught') }",
            &["caught", "fine"],
        ),
        (
            "strings",
            "let a = []; a[0] = a; for (let i = 0; i < 1e4; i++) a = [a]; try { String(a); return new Response('fine') } catch (e) { return new Response('caught') }",
            &["caught", "fine"],
        ),
        (
            "uncaught",
            "const f = () => f() + 1; return f()",
            &[EXCEPTION],
        ),
    ];
    each_ends_with(&["limits.cpu_ms=5000", "limits.cpu_ms_max=5000"], cases).await;
}

#[tokio::test]
async fn waiting_without_end_is_ended() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("promise", "await new Promise(() => {})", &[NEVER]),
        (
            "body",
            "return new Response(new ReadableStream({ pull() { return new Promise(() => {}) } }))",
            &["", EXCEPTION, NEVER],
        ),
        ("sleep", "await scheduler.wait(1e9)", &[WALL]),
        (
            "interval",
            "setInterval(() => {}, 10); await new Promise(() => {})",
            &[WALL],
        ),
    ];
    each_ends_with(&["limits.wall_ms=1000"], cases).await;
}

#[tokio::test]
async fn broken_built_ins_break_only_the_worker_itself() {
    let any: &[&str] = &[""];
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "pollute",
            "Object.prototype.get = () => { throw 1 }; Object.prototype.then = 1; Array.prototype.push = null; return new Response('x')",
            any,
        ),
        (
            "promise",
            "Promise.prototype.then = () => { throw new Error('mine') }; return new Response('x')",
            any,
        ),
        (
            "iterator",
            "Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1 }; return new Response('x', { headers: [['a', 'b']] })",
            any,
        ),
        (
            "uint8",
            "globalThis.Uint8Array = null; globalThis.Response.prototype = null; return new Response('x')",
            any,
        ),
        (
            "all",
            "for (const k of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[k] } catch {} } return {}",
            any,
        ),
        (
            "constructor",
            "const g = (() => {}).constructor.constructor('return globalThis')(); return new Response(String(g === globalThis))",
            &["true", EXCEPTION],
        ),
        (
            "status",
            "return Object.create(Response.prototype)",
            &[EXCEPTION],
        ),
        (
            "proxy",
            "return new Proxy(new Response('x'), { get() { throw new Error('mine') } })",
            &["x", EXCEPTION],
        ),
        (
            "error",
            "const e = new Error('x'.repeat(1e6)); e.stack = 'y'.repeat(1e6); throw e",
            &[EXCEPTION],
        ),
        (
            "thrown",
            "throw { get message() { throw 1 }, toString() { throw 2 } }",
            &[EXCEPTION],
        ),
        ("null", "throw null", &[EXCEPTION]),
        (
            "log",
            "const e = {}; e.e = e; console.log(e, { get a() { throw 1 } }, new Proxy({}, { ownKeys() { throw 1 } }), Symbol('s'), 1n); return new Response('x')",
            &["x"],
        ),
    ];
    each_ends_with(&[], cases).await;
}
