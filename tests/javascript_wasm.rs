//! WebAssembly modules that JavaScript workers import.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::harness::{Builder, Edge};

/// A worker whose handler has this body, beside a module `m.wasm` of this text; `module` is it.
async fn serve(edge: &Edge, name: &str, wat: &str, top: &str, body: &str) {
    let worker = format!(
        "import module from './m.wasm';
         {top}
         const fails = (act) => {{ try {{ act(); return 'nothing' }} catch (error) {{ return `${{error.name}}: ${{error.message}}` }} }};
         export default {{ async fetch(request, env, ctx) {{ {body} }} }}"
    );
    let wasm = wat::parse_str(wat).expect("WAT");
    edge.serve_files(name, &[("worker.js", worker.as_bytes()), ("m.wasm", &wasm)])
        .await;
}

const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "big") (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
    (func (export "half") (param f32 f64) (result f64) (f64.add (f64.promote_f32 (local.get 0)) (local.get 1)))
    (func (export "both") (param i32) (result i32 i64) (local.get 0) (i64.extend_i32_s (local.get 0))))"#;

#[tokio::test]
async fn a_module_is_imported_and_called() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "add",
        ADD,
        "const top = new WebAssembly.Instance(module).exports;
         const later = (await WebAssembly.instantiate(module, {})).exports;",
        "const here = new WebAssembly.Instance(module, {}).exports;
         const all = [top, later, here].map((it) => [it.add(40, 2), it.add('7', 2 ** 32 + 1), it.big(5n), it.half(0.1, 1), it.both(-7)].join());
         const same = top.add === top.add && top.add.length === 2 && typeof top.add === 'function' && top.add instanceof Function;
         return Response.json([all, same, module instanceof WebAssembly.Module, String(module), Object.isFrozen(top), Object.keys(top),
           WebAssembly.Module.exports(module), WebAssembly.Module.imports(module), fails(() => top.big(5)), fails(() => new top.add())])",
    )
    .await;
    for _ in 0..3 {
        assert_eq!(
            edge.get("add.test", "/").await.json(),
            serde_json::json!([
                ["42,8,15,1.1000000014901161,-7,-7", "42,8,15,1.1000000014901161,-7,-7", "42,8,15,1.1000000014901161,-7,-7"],
                true, true, "[object WebAssembly.Module]", true, ["add", "big", "half", "both"],
                [{"name": "add", "kind": "function"}, {"name": "big", "kind": "function"},
                 {"name": "half", "kind": "function"}, {"name": "both", "kind": "function"}],
                [], "TypeError: cannot convert to bigint", "TypeError: not a constructor"
            ])
        );
    }
}

/// A bump allocator and what wasm-bindgen's glue does with it; `greet` writes a text and counts how often.
const BINDGEN: &str = r#"(module
    (import "wbg" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (global $count (mut i32) (i32.const 0))
    (data (i32.const 16) "Hello, ")
    (func (export "malloc") (param $n i32) (result i32)
        (global.get $next) (global.set $next (i32.add (global.get $next) (local.get $n))))
    (func (export "greet") (param $at i32) (param $n i32) (result i32 i32) (local $to i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (local.set $to (global.get $next))
        (memory.copy (local.get $to) (i32.const 16) (i32.const 7))
        (memory.copy (i32.add (local.get $to) (i32.const 7)) (local.get $at) (local.get $n))
        (global.set $next (i32.add (local.get $to) (i32.add (local.get $n) (i32.const 7))))
        (call $log (local.get $to) (i32.add (local.get $n) (i32.const 7)))
        (local.get $to) (i32.add (local.get $n) (i32.const 7)))
    (func (export "count") (result i32) (global.get $count)))"#;

#[tokio::test]
async fn state_of_the_top_level_is_every_requests_and_that_of_a_request_its_own() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "bindgen",
        BINDGEN,
        "const logged = [];
         let wasm;
         const bytes = () => new Uint8Array(wasm.memory.buffer);
         const text = (at, length) => new TextDecoder().decode(bytes().subarray(at, at + length));
         const start = (module) => { wasm = new WebAssembly.Instance(module, { wbg: { log: (at, length) => logged.push(text(at, length)) } }).exports };
         const greet = (name) => { const given = new TextEncoder().encode(name), at = wasm.malloc(given.length); bytes().set(given, at); return text(...wasm.greet(at, given.length)) };
         start(module);
         const view = bytes();
         greet('top');",
        "const before = [wasm.count(), logged.join('|')];
         const hello = greet(new URL(request.url).searchParams.get('name'));
         const after = wasm.count();
         const isSame = view.buffer === wasm.memory.buffer && text(wasm.malloc(0) - hello.length, hello.length) === hello;
         start(module);
         return Response.json([before, hello, after, isSame, wasm.count(), greet('again'), wasm.count(), logged.length])",
    )
    .await;
    for name in ["Ada", "Grace", "Edsger"] {
        let found = edge
            .get("bindgen.test", &format!("/?name={name}"))
            .await
            .json();
        assert_eq!(
            found,
            serde_json::json!([
                [1, "Hello, top"],
                format!("Hello, {name}"),
                2,
                true,
                0,
                "Hello, again",
                1,
                3
            ])
        );
    }
}

#[tokio::test]
async fn exceptions_and_traps_pass_through_in_both_directions() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "through",
        r#"(module
            (import "js" "call" (func $call (param i32) (result i32)))
            (import "js" "none" (func $none (param i32 i64 f32 f64)))
            (import "js" "two" (func $two (result i32 f64)))
            (global $depth (export "depth") (mut i32) (i32.const 0))
            (func $inner (param i32) (result i32) (i32.add (call $call (local.get 0)) (i32.const 1)))
            (func (export "run") (param i32) (result i32)
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (i32.mul (call $inner (local.get 0)) (i32.const 2))
                (global.set $depth (i32.sub (global.get $depth) (i32.const 1))))
            (func (export "give") (call $none (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const -0.25)))
            (func (export "two") (result f64) (local f64) (call $two) (local.set 0) (drop) (local.get 0))
            (func (export "crash") (unreachable))
            (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
            (func (export "rest") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))
            (func (export "whole") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
            (func $endless (export "endless") (param i32) (result i32) (i32.add (call $endless (local.get 0)) (i32.const 1))))"#,
        "const given = [];
         let answer;
         const wasm = new WebAssembly.Instance(module, { js: {
           call: (n) => answer(n), none: (...all) => given.push(...all.map(String)), two: () => new Set([7, 2.5]) } }).exports;",
        "const mine = new TypeError('mine');
         let same = false;
         answer = () => { throw mine };
         try { wasm.run(1) } catch (error) { same = error === mine }
         answer = (n) => n < 4 ? wasm.run(n + 1) : n;
         const nested = wasm.run(0);
         answer = () => fails(() => wasm.crash()) + fails(() => { throw 1 }).length && 20;
         const caught = wasm.run(0);
         wasm.give();
         answer = (n) => wasm.run(n);
         const deep = fails(() => wasm.run(0));
         answer = (n) => n;
         return Response.json([same, nested, caught, given, wasm.two(), fails(wasm.crash), fails(() => wasm.divide(1, 0)), fails(() => wasm.divide(-(2 ** 31), -1)),
           fails(() => wasm.rest(1n, 0n)), fails(() => wasm.whole(NaN)), fails(() => wasm.whole(2 ** 31)), wasm.whole(-2147483648.9), fails(wasm.endless), deep, wasm.run(20),
           wasm.divide(-7, 2), wasm.rest(-1n, 10n), (() => { try { wasm.crash() } catch (error) { return error instanceof WebAssembly.RuntimeError && error instanceof Error } })()].map((it) => typeof it === 'bigint' ? `${it}n` : it))",
    )
    .await;
    let stack = "RangeError: Maximum call stack size exceeded";
    assert_eq!(
        edge.get("through.test", "/").await.json(),
        serde_json::json!([
            true,
            190,
            42,
            ["-1", "-2", "0.5", "-0.25"],
            2.5,
            "RuntimeError: unreachable",
            "RuntimeError: divide by zero",
            "RuntimeError: divide result unrepresentable",
            "RuntimeError: remainder by zero",
            "RuntimeError: float unrepresentable in integer range",
            "RuntimeError: float unrepresentable in integer range",
            -2147483648i64,
            stack,
            stack,
            42,
            -3,
            "5n",
            true
        ])
    );
}

#[tokio::test]
async fn memory_grows_and_its_old_buffers_are_detached() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "grow",
        r#"(module (memory (export "memory") 1 6)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "size") (result i32) (memory.size))
            (func (export "put") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
            (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))"#,
        "const { memory, ...wasm } = new WebAssembly.Instance(module).exports;
         const first = memory.buffer;
         new Uint8Array(first)[65_535] = 9;
         wasm.grow(1);
         const kept = memory.buffer;",
        "const all = [first.byteLength, kept === memory.buffer, wasm.size(), wasm.get(65_535), wasm.get(131_071)];
         const view = new Uint8Array(memory.buffer);
         view[100_000] = 5;
         all.push(wasm.get(100_000), memory.grow(2), view.length, memory.buffer.byteLength, wasm.size(), wasm.get(100_000));
         wasm.put(4 * 65_536 - 1, 3);
         all.push(new Uint8Array(memory.buffer)[4 * 65_536 - 1], new Uint8Array(memory.buffer).reduce((a, b) => a + b));
         const before = memory.buffer;
         all.push(wasm.grow(0), before.byteLength, wasm.grow(3), wasm.grow(-1), wasm.size(), fails(() => memory.grow(3)), wasm.grow(2), wasm.size());
         all.push(fails(() => memory.buffer.transfer()), fails(() => structuredClone(memory.buffer, { transfer: [memory.buffer] })).slice(0, 5), memory.buffer.byteLength, Object.prototype.toString.call(memory));
         const other = new WebAssembly.Memory({ initial: 1, maximum: 2 });
         all.push(other.grow(1), other.buffer.byteLength, fails(() => other.grow(1)), fails(() => new WebAssembly.Memory({ initial: 2, maximum: 1 })).slice(0, 10), fails(() => new WebAssembly.Memory({})).slice(0, 9));
         return Response.json(all)",
    )
    .await;
    for _ in 0..2 {
        let found = edge.get("grow.test", "/").await.json();
        let list = found.as_array().expect("a list");
        assert_eq!(
            list[..21],
            *serde_json::json!([
                0,
                true,
                2,
                9,
                0,
                5,
                2,
                0,
                262144,
                4,
                5,
                3,
                17,
                4,
                0,
                -1,
                -1,
                4,
                "RangeError: WebAssembly.Memory.grow(): Maximum memory size exceeded",
                4,
                6
            ])
            .as_array()
            .expect("a list"),
            "{found}"
        );
        assert!(list[21].to_string().contains("TypeError"), "{found}");
        assert_eq!(
            list[23..],
            *serde_json::json!([
                393216,
                "[object WebAssembly.Memory]",
                1,
                131072,
                "RangeError: WebAssembly.Memory.grow(): Maximum memory size exceeded",
                "RangeError",
                "TypeError"
            ])
            .as_array()
            .expect("a list"),
            "{found}"
        );
    }
}

#[tokio::test]
async fn tables_globals_and_memories_are_shared_between_instances() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "shared",
        r#"(module
            (import "js" "memory" (memory 1))
            (import "js" "table" (table $functions 4 funcref))
            (import "js" "counter" (global $counter (mut i64)))
            (import "js" "base" (global $base i32))
            (type $one (func (param i32) (result i32)))
            (table $things (export "things") 2 10 externref)
            (global $thing (export "thing") (mut externref) (ref.null extern))
            (global (export "limit") i32 (i32.const 99))
            (elem (global.get $functions_at) func $twice)
            (global $functions_at i32 (i32.const 0))
            (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (func (export "own") (param i32 i32) (table.set $functions (local.get 0) (ref.func $plus)))
            (func $plus (export "plus") (param i32) (result i32) (i32.add (local.get 0) (global.get $base)))
            (func (export "through") (param i32 i32) (result i32) (call_indirect $functions (type $one) (local.get 1) (local.get 0)))
            (func (export "count") (global.set $counter (i64.add (global.get $counter) (i64.const 1))))
            (func (export "keep") (param i32 externref) (table.set $things (local.get 0) (local.get 1)) (global.set $thing (local.get 1)))
            (func (export "kept") (param i32) (result externref) (table.get $things (local.get 0)))
            (func (export "isNull") (param externref) (result i32) (ref.is_null (local.get 0)))
            (func (export "more") (param externref i32) (result i32) (table.grow $things (local.get 0) (local.get 1)))
            (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
            (func (export "which") (param i32) (result funcref) (table.get $functions (local.get 0)))
            (func (export "pick") (param externref externref i32) (result externref)
                (select (result externref) (local.get 0) (local.get 1) (local.get 2))))"#
            .replace("(elem (global.get $functions_at) func $twice)\n            (global $functions_at i32 (i32.const 0))", "(elem $twice_segment (table $functions) (i32.const 0) func $twice)")
            .as_str(),
        "const js = { memory: new WebAssembly.Memory({ initial: 1 }), table: new WebAssembly.Table({ element: 'anyfunc', initial: 4 }),
           counter: new WebAssembly.Global({ value: 'i64', mutable: true }, 5n) };
         const one = new WebAssembly.Instance(module, { js: { ...js, base: 100 } }).exports;
         const two = new WebAssembly.Instance(module, { js: { ...js, base: new WebAssembly.Global({ value: 'i32' }, 1000) } }).exports;
         const thing = { name: 'thing' };
         one.keep(1, thing); one.count(); two.count();
         one.own(1, 0); two.own(2, 0);",
        "const all = [js.counter.value === 7n, one.through(0, 21), two.through(0, 21), one.through(1, 5), two.through(1, 5), one.through(2, 5), two.through(2, 5)];
         all.push(fails(() => one.through(3, 1)), fails(() => one.through(4, 1)), fails(() => two.through(-1, 1)));
         all.push(one.kept(1) === thing, one.thing.value === thing, one.things.get(1) === thing, two.kept(1) === null, two.thing.value);
         all.push(one.isNull(null), one.isNull(undefined), one.isNull(thing), one.more('x', 3), one.things.length, one.kept(4), fails(() => one.kept(9)), one.more(1, 99), one.things.grow(2, 'z'), one.kept(6));
         all.push(one.which(0) === two.which(0), one.which(0) === two.twice, one.which(0) === one.twice, js.table.get(1) === one.plus, one.which(3));
         js.table.set(3, one.plus); all.push(two.through(3, 1), js.table.length, js.table.grow(1), fails(() => js.table.set(0, () => 1)).slice(0, 9), fails(() => js.table.get(5)).slice(0, 10));
         one.store(8, 77); all.push(new Int32Array(js.memory.buffer)[2], js.memory.grow(1), (two.store(70000, 1), new Int32Array(js.memory.buffer)[17500]));
         js.counter.value = -3n; two.count(); all.push(String(js.counter.value), one.limit.value, fails(() => one.limit.value = 1).slice(0, 9), fails(() => js.counter.value = 1).slice(0, 9));
         for (let i = 0; i < 5_000; i++) one.keep(0, { i });
         all.push(one.kept(0).i, one.kept(1) === thing, one.pick(thing, 'b', 1) === thing, one.pick(thing, 'b', 0), one.pick(NaN, 2 ** 40, 0));
         return Response.json(all)",
    )
    .await;
    for _ in 0..2 {
        let mismatch = "RuntimeError: null function or function signature mismatch";
        let outside = "RuntimeError: table index is out of bounds";
        assert_eq!(
            edge.get("shared.test", "/").await.json(),
            serde_json::json!([
                true,
                42,
                42,
                105,
                105,
                1005,
                1005,
                mismatch,
                outside,
                outside,
                true,
                true,
                true,
                true,
                null,
                1,
                0,
                0,
                2,
                5,
                "x",
                outside,
                -1,
                5,
                "z",
                true,
                true,
                false,
                true,
                null,
                101,
                4,
                4,
                "TypeError",
                "RangeError",
                77,
                1,
                1,
                "-2",
                99,
                "TypeError",
                "TypeError",
                4999,
                true,
                true,
                "b",
                1099511627776i64
            ])
        );
    }
}

#[tokio::test]
async fn every_access_beyond_memory_or_table_traps() {
    let edge = Edge::javascript().await;
    let mut functions = String::new();
    let (mut loads, mut stores) = (Vec::new(), Vec::new());
    for (name, bytes) in [
        ("i32.load8_s", 1),
        ("i32.load8_u", 1),
        ("i32.load16_s", 2),
        ("i32.load16_u", 2),
        ("i32.load", 4),
        ("i64.load8_s", 1),
        ("i64.load8_u", 1),
        ("i64.load16_s", 2),
        ("i64.load16_u", 2),
        ("i64.load32_s", 4),
        ("i64.load32_u", 4),
        ("i64.load", 8),
        ("f32.load", 4),
        ("f64.load", 8),
        ("v128.load", 16),
        ("v128.load8x8_s", 8),
        ("v128.load16x4_u", 8),
        ("v128.load32x2_s", 8),
        ("v128.load8_splat", 1),
        ("v128.load16_splat", 2),
        ("v128.load32_splat", 4),
        ("v128.load64_splat", 8),
        ("v128.load32_zero", 4),
        ("v128.load64_zero", 8),
    ] {
        for offset in [0_u32, 5, u32::MAX] {
            functions += &format!(
                "(func (export \"{name} {offset}\") (param i32) (drop ({name} offset={offset} (local.get 0))))\n"
            );
            loads.push(format!("['{name} {offset}', {bytes}, {offset}]"));
        }
    }
    for (name, ty, bytes) in [
        ("i32.store8", "i32", 1),
        ("i32.store16", "i32", 2),
        ("i32.store", "i32", 4),
        ("i64.store8", "i64", 1),
        ("i64.store16", "i64", 2),
        ("i64.store32", "i64", 4),
        ("i64.store", "i64", 8),
        ("f32.store", "f32", 4),
        ("f64.store", "f64", 8),
    ] {
        for offset in [0_u32, 5, u32::MAX] {
            functions += &format!(
                "(func (export \"{name} {offset}\") (param i32) ({name} offset={offset} (local.get 0) ({ty}.const 0)))\n"
            );
            stores.push(format!("['{name} {offset}', {bytes}, {offset}]"));
        }
    }
    for (lane, bytes) in [("8", 1), ("16", 2), ("32", 4), ("64", 8)] {
        functions += &format!(
            "(func (export \"load{lane}\") (param i32) (drop (v128.load{lane}_lane offset=5 0 (local.get 0) (v128.const i64x2 0 0))))\n"
        );
        functions += &format!(
            "(func (export \"store{lane}\") (param i32) (v128.store{lane}_lane offset=5 0 (local.get 0) (v128.const i64x2 0 0)))\n"
        );
        loads.push(format!("['load{lane}', {bytes}, 5]"));
        stores.push(format!("['store{lane}', {bytes}, 5]"));
    }
    let wat = format!(
        r#"(module (memory 1) (table $t 3 funcref) (data $d "0123456789") (elem $e func 0 0)
            {functions}
            (func (export "v128.store") (param i32) (v128.store (local.get 0) (v128.const i64x2 0 0)))
            (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
            (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
            (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
            (func (export "drop") (data.drop $d) (elem.drop $e))
            (func (export "tfill") (param i32 i32) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
            (func (export "tcopy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
            (func (export "tinit") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
            (func (export "tget") (param i32) (drop (table.get $t (local.get 0))))
            (func (export "tset") (param i32) (table.set $t (local.get 0) (ref.null func))))"#
    );
    let body = format!(
        "const wasm = new WebAssembly.Instance(module).exports;
         const wrong = [];
         const expect = (what, good, act) => {{ const found = fails(act), is = found === 'nothing'; if (is !== good || (!is && !/RuntimeError: (memory access|table index is) out of bounds/.test(found))) wrong.push(`${{what}}: ${{found}}`) }};
         for (const [name, bytes, offset] of [{}, {}, ['v128.store', 16, 0]]) {{
           const last = 65_536 - bytes - offset;
           for (const at of [0, last, last + 1, 65_536, 2 ** 31, 2 ** 32 - 1 - offset, 2 ** 32 - offset, 2 ** 32 - 1]) {{
             const address = at >>> 0;
             expect(`${{name}} ${{at}}`, address + offset + bytes <= 65_536, () => wasm[name](at));
           }}
         }}
         const each = (name, good, ...values) => expect(`${{name}} ${{values}}`, good, () => wasm[name](...values));
         each('fill', true, 0, 65_536); each('fill', true, 65_536, 0); each('fill', false, 65_537, 0); each('fill', false, 1, 65_536); each('fill', false, -1, 2);
         each('copy', true, 0, 65_536, 0); each('copy', false, 0, 65_537, 0); each('copy', false, 65_530, 0, 7); each('copy', false, 0, 65_530, 7); each('copy', false, -4, 0, 8);
         each('init', true, 0, 0, 10); each('init', true, 65_526, 0, 10); each('init', false, 65_527, 0, 10); each('init', false, 0, 1, 10); each('init', true, 65_536, 10, 0); each('init', false, 0, 11, 0);
         each('tfill', true, 0, 3); each('tfill', false, 1, 3); each('tfill', false, 4, 0); each('tcopy', true, 1, 0, 2); each('tcopy', false, 2, 0, 2); each('tcopy', false, 0, 2, 2);
         each('tinit', true, 1, 0, 2); each('tinit', false, 2, 0, 2); each('tinit', false, 0, 1, 2); each('tget', true, 2); each('tget', false, 3); each('tset', true, 2); each('tset', false, 3); each('tset', false, -1);
         wasm.drop(); each('init', true, 0, 0, 0); each('init', false, 0, 0, 1); each('tinit', true, 0, 0, 0); each('tinit', false, 0, 0, 1); wasm.drop();
         return new Response(wrong.join('\\n'))",
        loads.join(","),
        stores.join(","),
    );
    serve(&edge, "bounds", &wat, "", &body).await;
    let found = edge.get("bounds.test", "/").await;
    assert_eq!((found.status, found.text()), (200, String::new()));
}

#[tokio::test]
async fn a_modules_work_is_within_the_workers_limits() {
    let edge = Edge::javascript_with(&["limits.cpu_ms=200", "limits.memory_mb=32"]).await;
    serve(
        &edge,
        "limits",
        r#"(module (memory (export "memory") 1)
            (func (export "spin") (loop (br 0)))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "touch") (memory.fill (i32.const 0) (i32.const 1) (i32.shl (memory.size) (i32.const 16))))
            (func $down (export "down") (param i32) (result i32)
                (if (result i32) (local.get 0) (then (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))) (else (i32.const 0))))
            (func $tail (export "tail") (param i32) (result i32)
                (if (result i32) (local.get 0) (then (return_call $tail (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7)))))"#,
        "const wasm = new WebAssembly.Instance(module).exports;",
        "const { pathname } = new URL(request.url);
         if (pathname === '/spin') wasm.spin();
         if (pathname === '/bomb') { const made = []; for (;;) made.push(new WebAssembly.Instance(module).exports.grow(50), 'x'.repeat(1e6)) }
         if (pathname === '/many') { let made = 0; const failed = fails(() => { for (;; made++) new WebAssembly.Instance(module) }); return new Response(`${made} ${failed}`) }
         let pages = 1; while (wasm.grow(1) >= 0) pages++;
         wasm.touch();
         return Response.json([pages > 100 && pages < 512, wasm.grow(1), wasm.down(1000), fails(() => wasm.down(1e6)), wasm.tail(1e6), wasm.down(1000)])",
    )
    .await;
    for _ in 0..2 {
        assert_eq!(
            edge.get("limits.test", "/").await.json(),
            serde_json::json!([
                true,
                -1,
                1000,
                "RangeError: Maximum call stack size exceeded",
                7,
                1000
            ])
        );
    }
    assert_eq!(
        edge.get("limits.test", "/many").await.text(),
        "20 RangeError: a request cannot use so many WebAssembly instances"
    );
    let spun = edge.get("limits.test", "/spin").await;
    assert_eq!(
        (spun.status, spun.text().contains("CPU")),
        (503, true),
        "{}",
        spun.text()
    );
    let burst = edge.get("limits.test", "/bomb").await;
    assert_eq!(
        (burst.status, burst.text().contains("memory")),
        (503, true),
        "{}",
        burst.text()
    );
    edge.until_logged(&["InternalError: out of memory"]).await;
}

#[tokio::test]
async fn code_comes_with_an_upload_only() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "bytes",
        ADD,
        "const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
         const early = [WebAssembly.validate(bytes), WebAssembly.validate(bytes.subarray(1))];",
        "const rejects = (promise) => promise.then(() => 'nothing', (error) => `${error.name}: ${error.message}`);
         const error = await WebAssembly.compile(bytes).catch((error) => error);
         return Response.json([fails(() => new WebAssembly.Module(bytes)), await rejects(WebAssembly.compile(bytes)), await rejects(WebAssembly.instantiate(bytes.buffer)),
           error instanceof WebAssembly.CompileError, fails(() => new WebAssembly.Module(1)), early, WebAssembly.validate(bytes.buffer), WebAssembly.validate(new Uint8Array(9)),
           typeof WebAssembly.compileStreaming, String(WebAssembly), fails(() => WebAssembly.Module()).slice(0, 9), fails(() => new WebAssembly.Instance({})),
           (await WebAssembly.instantiate(module)).exports.add(1, 2), WebAssembly.Module.customSections(module, 'none')])",
    )
    .await;
    let disallowed = |from: &str| {
        format!("CompileError: WebAssembly.{from}(): Wasm code generation disallowed by embedder")
    };
    assert_eq!(
        edge.get("bytes.test", "/").await.json(),
        serde_json::json!([
            disallowed("Module"),
            disallowed("compile"),
            disallowed("instantiate"),
            true,
            "TypeError: WebAssembly.Module(): Argument 0 must be a buffer source",
            [true, false],
            true,
            false,
            "undefined",
            "[object WebAssembly]",
            "TypeError",
            "TypeError: WebAssembly.Instance(): Argument 0 must be a WebAssembly.Module",
            3,
            []
        ])
    );
}

#[tokio::test]
async fn imports_that_do_not_fit_are_link_errors() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "link",
        r#"(module (import "a" "f" (func (param i32))) (import "a" "m" (memory 2 3)) (import "a" "t" (table 1 funcref)) (import "a" "g" (global i32))
            (@custom "note" "hi"))"#,
        "",
        "const good = () => ({ f() {}, m: new WebAssembly.Memory({ initial: 2, maximum: 3 }), t: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }), g: 1 });
         const link = (change) => fails(() => new WebAssembly.Instance(module, { a: { ...good(), ...change } }));
         return Response.json([link({}), fails(() => new WebAssembly.Instance(module)), fails(() => new WebAssembly.Instance(module, {})), link({ f: 1 }), link({ m: {} }),
           link({ m: new WebAssembly.Memory({ initial: 1, maximum: 3 }) }), link({ m: new WebAssembly.Memory({ initial: 2 }) }), link({ t: null }), link({ g: 1n }), link({ g: new WebAssembly.Global({ value: 'i32', mutable: true }) }),
           WebAssembly.Module.imports(module).map((it) => it.kind).join(), new TextDecoder().decode(WebAssembly.Module.customSections(module, 'note')[0])])",
    )
    .await;
    let found = edge.get("link.test", "/").await.json();
    let starts = [
        "nothing",
        "TypeError: WebAssembly.Instance(): Imports argument must be present and must be an object",
        "TypeError: WebAssembly.Instance(): Import #0 \"a\": module is not an object or function",
        "LinkError: WebAssembly.Instance(): Import #0 \"a\" \"f\": function import requires a callable",
        "LinkError: WebAssembly.Instance(): Import #1 \"a\" \"m\": memory import must be a WebAssembly.Memory object",
        "LinkError: WebAssembly.Instance(): Import #1 \"a\" \"m\": memory import has 1 pages",
        "LinkError: WebAssembly.Instance(): Import #1 \"a\" \"m\": memory import has no maximum limit",
        "LinkError: WebAssembly.Instance(): Import #2 \"a\" \"t\": table import requires a WebAssembly.Table",
        "LinkError: WebAssembly.Instance(): Import #3 \"a\" \"g\": global import must be a number",
        "LinkError: WebAssembly.Instance(): Import #3 \"a\" \"g\": imported global does not match the expected mutability",
        "function,memory,table,global",
        "hi",
    ];
    for (found, start) in found.as_array().expect("a list").iter().zip(starts) {
        assert!(
            found.as_str().expect("a text").starts_with(start),
            "{found} {start}"
        );
    }
}

#[tokio::test]
async fn what_cannot_run_is_refused_with_its_name() {
    let edge = Edge::javascript().await;
    let refusal = |wasm: &[u8]| {
        let worker = b"import m from './lib/m.wasm'; export default { fetch() {} }";
        let output = edge.deploy_files(
            "refused",
            &[("worker.js", worker), ("lib/m.wasm", wasm)],
            "{}",
        );
        assert!(!output.status.success(), "the worker was taken");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (wat, why) in [
        ("(module (memory i64 1))", "a 64-bit memory"),
        ("(module (memory 1 2 shared))", "threads (a shared memory)"),
        (
            "(module (import \"a\" \"b\" (memory 1)) (memory 1))",
            "several memories",
        ),
        ("(module (tag))", "exceptions"),
        ("(module (type (struct)))", "garbage-collected types"),
        ("(component)", "it is a component"),
        ("(module (memory 60000))", "bytes of memory at its start"),
    ] {
        let said = refusal(&wat::parse_str(wat).expect("WAT"));
        assert!(said.contains("lib/m.wasm") && said.contains(why), "{said}");
    }
    let said = refusal(b"junk");
    assert!(
        said.contains("lib/m.wasm") && said.contains("is not WebAssembly"),
        "{said}"
    );
    let said = refusal(b"\0asm\x01\0\0\0\x01\x05");
    assert!(
        said.contains("lib/m.wasm") && said.contains("not valid"),
        "{said}"
    );
    let names: Vec<String> = (0..17).map(|number| format!("{number}.wasm")).collect();
    let empty: &[u8] = b"\0asm\x01\0\0\0";
    let mut files: Vec<(&str, &[u8])> = vec![("worker.js", b"export default { fetch() {} }")];
    files.extend(names.iter().map(|name| (name.as_str(), empty)));
    let output = edge.deploy_files("refused", &files, "{}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("at most 16 of them"), "{said}");
    // What fails at the top level names the place in the worker.
    let wasm = wat::parse_str("(module (func $start unreachable) (start $start))").expect("WAT");
    let worker =
        b"import m from './m.wasm';\nnew WebAssembly.Instance(m);\nexport default { fetch() {} }";
    let output = edge.deploy_files("refused", &[("worker.js", worker), ("m.wasm", &wasm)], "{}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("RuntimeError: unreachable") && said.contains("worker.js:2"),
        "{said}"
    );
}

#[tokio::test]
async fn a_module_that_is_gone_from_the_disk_is_compiled_again() {
    let edge = Edge::javascript().await;
    let artifacts = edge.directory.path().join("data/artifacts");
    let compiled = || {
        let files = std::fs::read_dir(&artifacts).expect("a folder").flatten();
        files
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "cwasm")
            })
            .collect::<BTreeSet<PathBuf>>()
    };
    let before = compiled();
    let worker = b"import m from './m.wasm'; const { add } = new WebAssembly.Instance(m).exports;
        export default { fetch: () => new Response(add(1, 2)) }";
    let wasm = wat::parse_str(ADD).expect("WAT");
    edge.deploy_files("again", &[("worker.js", worker), ("m.wasm", &wasm)], "{}");
    let size = |path: &PathBuf| std::fs::metadata(path).expect("a file").len();
    let made = compiled();
    let mut made: Vec<&PathBuf> = made.difference(&before).collect();
    made.sort_by_key(|path| size(path));
    // The module's machine code is smaller than the worker's image.
    assert_eq!(made.len(), 2, "{made:?}");
    std::fs::remove_file(made[0]).expect("a file");
    edge.cirque(&["route", "again.test", "again"]);
    edge.until_routed("again.test").await;
    assert_eq!(edge.get("again.test", "/").await.text(), "3");
    assert!(made[0].exists());
}

#[tokio::test]
async fn modules_come_through_the_api_too() {
    let edge = Builder::new(&[]).with_javascript().with_api().start().await;
    let api = edge.api().await;
    let path = api.workers("/scripts/sum");
    let worker = b"import typed from './typed.wasm'; import bytes from './bytes.wasm';
        const sums = [typed, bytes].map((module) => new WebAssembly.Instance(module).exports.add(1, 2));
        export default { fetch: () => new Response(sums.join()) }";
    let wasm = wat::parse_str(ADD).expect("WAT");
    let upload = async |first: &[u8]| {
        let parts = [
            ("worker.js", "application/javascript+module", &worker[..]),
            ("typed.wasm", "application/wasm", first),
            ("bytes.wasm", "application/octet-stream", &wasm),
        ];
        let metadata = serde_json::json!({ "main_module": "worker.js" });
        api.upload(&path, metadata, &parts).await
    };
    upload(&wasm).await.result();
    edge.cirque(&["route", "sum.test", "sum"]);
    edge.until_routed("sum.test").await;
    assert_eq!(edge.get("sum.test", "/").await.text(), "3,3");
    // What the API gives back is what it took, and what the command line sends.
    let content = api.get(&format!("{path}/content")).await;
    let typed = b"Content-Type: application/wasm\r\n\r\n\0asm";
    assert_eq!(memchr::memmem::find_iter(&content.body, typed).count(), 2);
    let refused = upload(b"no module").await;
    assert_eq!(refused.failure(), (400, 10_021));
    assert!(refused.message().contains("\"typed.wasm\""), "{refused:?}");

    let url = format!("http://127.0.0.1:{}", edge.api_port);
    let files = [
        ("worker.js", &worker[..]),
        ("typed.wasm", &wasm),
        ("bytes.wasm", &wasm),
    ];
    let folder = edge.directory.path().join("sum");
    std::fs::create_dir(&folder).expect("a folder");
    let files = files.map(|(name, content)| {
        let file = folder.join(name);
        std::fs::write(&file, content).expect("a file");
        file.to_string_lossy().into_owned()
    });
    let [worker, typed, bytes] = files.each_ref().map(String::as_str);
    let remote = ["--api", &url, "--token", &api.token];
    edge.cirque(&[&["deploy", "again", worker, typed, bytes], &remote[..]].concat());
    edge.cirque(&["route", "again.test", "again"]);
    edge.until_routed("again.test").await;
    assert_eq!(edge.get("again.test", "/").await.text(), "3,3");
}

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    /// An expression of this type, of the locals 0 to 3 (one of each type).
    fn expression(&mut self, ty: usize, depth: usize) -> String {
        const TYPES: [&str; 4] = ["i32", "i64", "f32", "f64"];
        let name = TYPES[ty];
        if depth == 0 || self.roll(8) == 0 {
            return match self.roll(2) {
                0 => format!("(local.get {ty})"),
                _ if ty < 2 => {
                    let value = self.pick(&[
                        "0",
                        "1",
                        "-1",
                        "7",
                        "2147483647",
                        "-2147483648",
                        "65528",
                        "255",
                    ]);
                    format!("({name}.const {value})")
                }
                _ => {
                    let value = self.pick(&[
                        "0",
                        "-0",
                        "1.5",
                        "-3e9",
                        "nan",
                        "inf",
                        "2147483648",
                        "1e30",
                        "0.1",
                    ]);
                    format!("({name}.const {value})")
                }
            };
        }
        // Most accesses are within memory.
        let mask = self.pick(&[
            "65535", "65520", "65520", "4095", "65520", "8191", "65520", "65520",
        ]);
        let one = |dice: &mut Self, ty: usize| dice.expression(ty, depth - 1);
        match (self.roll(10), ty) {
            (0, 0) => {
                let other = self.roll(4);
                let compare = match other {
                    0 | 1 => self.pick(&["lt_s", "lt_u", "ge_s", "gt_u", "eq", "ne"]),
                    _ => self.pick(&["lt", "ge", "eq", "ne"]),
                };
                let (a, b) = (one(self, other), one(self, other));
                format!("({}.{compare} {a} {b})", TYPES[other])
            }
            (0, 1) => format!(
                "(i64.{} {})",
                self.pick(&["extend_i32_s", "extend_i32_u"]),
                one(self, 0)
            ),
            (0, _) => {
                let (from, how) = if self.roll(2) == 0 {
                    (0, "i32")
                } else {
                    (1, "i64")
                };
                format!(
                    "({name}.convert_{how}_{} {})",
                    self.pick(&["s", "u"]),
                    one(self, from)
                )
            }
            (1, 0 | 1) => {
                let from = 2 + self.roll(2);
                let sign = self.pick(&["s", "u"]);
                let way = self.pick(&["trunc", "trunc_sat", "trunc_sat", "trunc_sat", "trunc_sat"]);
                format!("({name}.{way}_{}_{sign} {})", TYPES[from], one(self, from))
            }
            (1, 2) => format!("(f32.demote_f64 {})", one(self, 3)),
            (1, _) => format!("(f64.promote_f32 {})", one(self, 2)),
            (2, _) => format!(
                "({name}.load offset={} (i32.and {} (i32.const {mask})))",
                self.roll(9),
                one(self, 0)
            ),
            (3, _) => format!(
                "(if (result {name}) {} (then {}) (else {}))",
                one(self, 0),
                one(self, ty),
                one(self, ty)
            ),
            (4, _) => format!(
                "(select {} {} {})",
                one(self, ty),
                one(self, ty),
                one(self, 0)
            ),
            (5, _) => format!("(local.tee {ty} {})", one(self, ty)),
            (6, _) => format!(
                "(block (result {name}) ({name}.store (i32.and {} (i32.const {mask})) {}) (br_if 0 {} {}))",
                one(self, 0),
                one(self, ty),
                one(self, ty),
                one(self, 0)
            ),
            (7, _) => {
                let index = match self.roll(12) {
                    0 => format!("(i32.and {} (i32.const 7))", one(self, 0)),
                    _ => format!("(i32.const {ty})"),
                };
                format!("(call_indirect (type ${name}) {} {index})", one(self, ty))
            }
            (_, 0 | 1) => {
                let operator = self.pick(&[
                    "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor",
                    "shl", "shr_s", "shr_u", "rotl",
                ]);
                let (a, mut b) = (one(self, ty), one(self, ty));
                if self.roll(8) != 0 {
                    b = format!("({name}.or {b} ({name}.const 1))");
                }
                format!("({name}.{operator} {a} {b})")
            }
            _ => {
                let operator = self.pick(&["add", "sub", "mul", "div", "min", "max", "copysign"]);
                format!("({name}.{operator} {} {})", one(self, ty), one(self, ty))
            }
        }
    }
}

/// Functions of random code. NaNs are made one before they are compared: their bits are nobody's.
fn random_module(dice: &mut Dice, functions: usize) -> String {
    let mut text = String::from(
        r#"(module (memory (export "memory") 1)
        (type $i32 (func (param i32) (result i32))) (type $i64 (func (param i64) (result i64)))
        (type $f32 (func (param f32) (result f32))) (type $f64 (func (param f64) (result f64)))
        (func $a (type $i32) (i32.add (local.get 0) (i32.const 3))) (func $b (type $i64) (i64.rotl (local.get 0) (i64.const 9)))
        (func $c (type $f32) (f32.sqrt (local.get 0))) (func $d (type $f64) (f64.floor (local.get 0)))
        (table 7 funcref) (elem (i32.const 0) $a $b $c $d $a $b)
        (func $canon32 (param f32) (result i32) (if (result i32) (f32.ne (local.get 0) (local.get 0)) (then (i32.const 1)) (else (i32.reinterpret_f32 (local.get 0)))))
        (func $canon64 (param f64) (result i64) (if (result i64) (f64.ne (local.get 0) (local.get 0)) (then (i64.const 1)) (else (i64.reinterpret_f64 (local.get 0)))))
        "#,
    );
    for index in 0..functions {
        let bodies: Vec<String> = (0..4).map(|ty| dice.expression(ty, 5)).collect();
        text += &format!(
            r#"(func (export "f{index}") (param i32 i64 f32 f64) (result i64)
            (i64.xor (i64.xor (i64.extend_i32_u {}) (i64.rotl {} (i64.const 1)))
                (i64.xor (i64.shl (i64.extend_i32_u (call $canon32 {})) (i64.const 7)) (call $canon64 {}))))
            "#,
            bodies[0], bodies[1], bodies[2], bodies[3]
        );
    }
    text + ")"
}

#[tokio::test]
async fn random_code_gives_what_it_gives_elsewhere() {
    const FUNCTIONS: usize = 150;
    let arguments: [(i32, i64, f32, f64); 5] = [
        (0, 0, 0.0, 0.0),
        (1, -1, 1.5, -0.1),
        (-1, i64::MIN, f32::NAN, f64::INFINITY),
        (65_530, 1 << 33, -3e9, 4e18),
        (i32::MIN, 77, 1e-3, f64::NAN),
    ];
    let engine = wasmtime::Engine::default();
    let edge = Edge::javascript().await;
    for seed in 1..=3_u64 {
        let wat = random_module(
            &mut Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            FUNCTIONS,
        );
        let mut expected = Vec::new();
        let module =
            wasmtime::Module::new(&engine, wat::parse_str(&wat).expect("WAT")).expect("a module");
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("an instance");
        for index in 0..FUNCTIONS {
            type Types = (i32, i64, f32, f64);
            let function = instance
                .get_typed_func::<Types, i64>(&mut store, &format!("f{index}"))
                .expect("a function");
            for values in arguments {
                expected.push(match function.call(&mut store, values) {
                    Ok(value) => value.to_string(),
                    Err(error) => trap_text(error.downcast_ref().expect("a trap")).to_owned(),
                });
            }
        }
        let name = format!("random{seed}");
        serve(
            &edge,
            &name,
            &wat,
            "const wasm = new WebAssembly.Instance(module).exports;
             // What wasmtime does not tell apart.
             const plain = (text) => text.endsWith('by zero') ? 'by zero' : /divide result|representable in/.test(text) ? 'no integer' : text;",
            "const all = [[0, 0n, 0, 0], [1, -1n, 1.5, -0.1], [-1, -(2n ** 63n), NaN, Infinity], [65530, 2n ** 33n, -3e9, 4e18], [-(2 ** 31), 77n, 1e-3, NaN]];
             const found = [];
             for (let i = 0; `f${i}` in wasm; i++) for (const values of all) {
               try { found.push(String(wasm[`f${i}`](...values))) } catch (error) { found.push(plain(error.message)) }
             }
             return Response.json(found)",
        )
        .await;
        let found = edge.get(&format!("{name}.test"), "/").await.json();
        let found = found.as_array().expect("a list");
        assert_eq!(found.len(), expected.len());
        let traps = expected
            .iter()
            .filter(|text| text.parse::<i64>().is_err())
            .count();
        assert!(traps > 10 && traps < expected.len() * 9 / 10, "{traps}");
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(
                found,
                expected,
                "seed {seed}, function {}, arguments {}",
                index / 5,
                index % 5
            );
        }
    }
}

fn trap_text(trap: &wasmtime::Trap) -> &'static str {
    use wasmtime::Trap;
    match trap {
        Trap::MemoryOutOfBounds => "memory access out of bounds",
        Trap::IntegerDivisionByZero => "by zero",
        Trap::IntegerOverflow | Trap::BadConversionToInteger => "no integer",
        Trap::IndirectCallToNull | Trap::BadSignature => {
            "null function or function signature mismatch"
        }
        Trap::TableOutOfBounds => "table index is out of bounds",
        _ => "another trap",
    }
}

#[tokio::test]
async fn a_function_finds_the_memory_that_was_moved_under_it() {
    let edge = Edge::javascript().await;
    serve(
        &edge,
        "moved",
        r#"(module (import "js" "grow" (func $grow)) (memory (export "memory") 1)
            (func $more (drop (memory.grow (i32.const 40))))
            (func (export "across") (param $at i32) (result i32) (local $sum i32)
                (i32.store (i32.const 8) (i32.const 1))
                (call $grow)
                (i32.store (local.get $at) (i32.const 40))
                (local.set $sum (i32.add (i32.load (i32.const 8)) (i32.load (local.get $at))))
                (call $more)
                (i32.store (i32.add (local.get $at) (i32.const 2600000)) (i32.const 1))
                (drop (memory.grow (i32.const 60)))
                (memory.fill (i32.add (local.get $at) (i32.const 6500000)) (i32.const 0) (i32.const 9))
                (i32.add (local.get $sum) (i32.load (i32.add (local.get $at) (i32.const 2600000))))))"#,
        "const kept = [];
         const { memory, across } = new WebAssembly.Instance(module, { js: { grow() { memory.grow(3); kept.push(new Uint8Array(300_000)) } } }).exports;
         new Uint8Array(memory.buffer)[5] = 77;",
        "return Response.json([across(200_000), new Uint8Array(memory.buffer)[5], memory.buffer.byteLength / 65_536, fails(() => across(-8)), across(4_000_000)])",
    )
    .await;
    for _ in 0..2 {
        assert_eq!(
            edge.get("moved.test", "/").await.json(),
            serde_json::json!([42, 77, 104, "RuntimeError: memory access out of bounds", 42])
        );
    }
}
