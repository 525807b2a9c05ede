//! Node's modules, for workers that set the compatibility flag.

use super::harness::Edge;
use super::harness::origin::Origin;

const NODE: &str = r#"{"compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
    "bindings": [{"type": "plain_text", "name": "GREETING", "text": "hi"}]}"#;
const OUTWARD: &[&str] = &[r#"egress.allow_addresses=["127.0.0.0/8"]"#];

/// What a worker answers that begins with these imports, and whose handler has this body.
async fn answer(edge: &Edge, name: &str, imports: &str, body: &str) -> String {
    let code =
        format!("{imports}; export default {{ async fetch(request, env, ctx) {{ {body} }} }}");
    edge.serve_modules(name, &[("worker.js", &code)], NODE)
        .await;
    edge.get(&format!("{name}.test"), "/").await.text()
}

#[tokio::test]
async fn each_module_does_its_work() {
    let edge = Edge::javascript().await;
    let cases = [
        ("buffer", "import { Buffer } from 'node:buffer'", "Buffer.from('héllo').toString('base64') + Buffer.from('aGk_-w', 'base64url').toString('hex')", "aMOpbGxv68693ffb"),
        ("bare", "import buffer from 'buffer'", "buffer.Buffer.concat([Buffer.from('ab'), Buffer.alloc(2, 'x')])", "abxx"),
        ("globals", "", "[Buffer.byteLength('é'), process.env.GREETING, process.platform, typeof global, typeof WebAssembly]", "2,hi,linux,object,object"),
        ("events", "import { EventEmitter, once } from 'events'", "await (async () => { const e = new EventEmitter(); setTimeout(() => e.emit('x', 7), 1); return once(e, 'x') })()", "7"),
        ("util", "import util from 'util'", "[util.format('%s %d', 'a', 1), await util.promisify((a, f) => f(null, a))(2), util.isDeepStrictEqual([{ a: 1 }], [{ a: 1 }])]", "a 1,2,true"),
        ("path", "import path from 'node:path'", "path.join('/a', '../b', path.basename('/x/y.js'))", "/b/y.js"),
        ("url", "import url from 'url'", "url.parse('http://h:1/p?q').pathname + url.resolve('http://a/b/', '../c')", "/phttp://a/c"),
        ("assert", "import assert from 'assert'", "(() => { try { assert.deepStrictEqual({ a: 1 }, { a: 2 }) } catch (error) { return error.code } })()", "ERR_ASSERTION"),
        ("decoder", "import { StringDecoder } from 'string_decoder'", "(() => { const d = new StringDecoder(); return d.write(Buffer.from([0xe2, 0x82])) + d.write(Buffer.from([0xac])) })()", "€"),
        ("query", "import qs from 'querystring'", "qs.stringify(qs.parse('a=1&b=2&a=3'))", "a=1&a=3&b=2"),
        ("timers", "import { setTimeout } from 'timers/promises'", "await setTimeout(1, 'later')", "later"),
        ("os", "import { EOL } from 'os'", "EOL.length", "1"),
        ("process", "import process from 'process'", "await new Promise((done) => process.nextTick(done, 'tick'))", "tick"),
        ("stream", "import { Readable, Transform } from 'stream'; import { pipeline } from 'node:stream/promises'",
            "await (async () => { let all = ''; const up = new Transform({ transform: (c, _, done) => done(null, String(c).toUpperCase()) });
               await pipeline(Readable.from(['a', 'b']), up, async (it) => { for await (const c of it) all += c }); return all })()", "AB"),
        ("web", "import { Readable } from 'stream'",
            "await new Response(Readable.toWeb(Readable.from([Buffer.from('x'), 'y']))).text() + (await Readable.fromWeb(new Response('z').body).toArray()).map(String)", "xyz"),
    ];
    for (name, imports, value, expected) in cases {
        let body = format!("return new Response(String({value}))");
        assert_eq!(
            answer(&edge, name, imports, &body).await,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn hashes_and_chance_are_nodes() {
    let edge = Edge::javascript().await;
    let body = "const all = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'].map((name) => crypto.createHash(name).update('a').update('bc').digest('hex').slice(0, 8));
        all.push(crypto.createHmac('sha256', 'key').update('The quick brown fox jumps over the lazy dog').digest('base64'));
        const large = crypto.createHash('sha256');
        for (let i = 0; i < 20; i++) large.update(Buffer.alloc(10_000, 97));
        all.push(large.digest('hex').slice(0, 8), crypto.randomBytes(5).length, crypto.randomUUID().length, crypto.randomInt(3) < 3);
        all.push(crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), crypto.webcrypto === globalThis.crypto);
        return new Response(all.join(' '))";
    assert_eq!(
        answer(&edge, "hashes", "import crypto from 'node:crypto'", body).await,
        "90015098 a9993e36 ba7816bf cb00753f ddaf35a1 97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg= 2287d207 5 36 true true true"
    );
}

#[tokio::test]
async fn a_storage_follows_awaits_timers_and_fetches() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, Origin::echo().await);
    let body = "const seen = [];
        const note = () => seen.push(storage.getStore());
        const work = (id) => storage.run(id, async () => {
          note(); await null; note();
          await scheduler.wait(3 - id); note();
          await new Promise((done) => setTimeout(() => (note(), done()), 1)); note();
          await (await fetch('ORIGIN')).text(); note();
          queueMicrotask(note); await null;
          await Promise.reject(1).catch(note); note();
          for await (const _ of (async function* () { await null; note(); yield 1 })()) note();
          await storage.run('inner', async () => { await null }); note();
        });
        await Promise.all([work(1), work(2)]);
        note();
        return new Response([1, 2, undefined].map((id) => seen.filter((it) => it === id).length) + ' ' + seen.length)"
        .replace("ORIGIN", &origin.url());
    let imports = "import { AsyncLocalStorage } from 'node:async_hooks'; const storage = new AsyncLocalStorage()";
    assert_eq!(answer(&edge, "storage", imports, &body).await, "12,12,1 25");
}

#[tokio::test]
async fn commonjs_parts_require_them() {
    let edge = Edge::javascript().await;
    let files = [
        (
            "worker.js",
            "import old from './old.cjs'; export default { fetch: () => new Response(old()) }",
        ),
        (
            "old.cjs",
            "const { EventEmitter } = require('events'); const util = require('node:util');
             function Mine() { EventEmitter.call(this) } util.inherits(Mine, EventEmitter);
             module.exports = () => { let got; const mine = new Mine(); mine.on('x', (it) => { got = it }); mine.emit('x', 'heard'); return got }",
        ),
    ];
    edge.serve_modules("old", &files, NODE).await;
    assert_eq!(edge.get("old.test", "/").await.text(), "heard");
}

#[tokio::test]
async fn without_the_flag_there_are_none() {
    let edge = Edge::javascript().await;
    let worker =
        |import: &str| format!("import x from '{import}'; export default {{ fetch() {{}} }}");
    for import in ["node:buffer", "buffer"] {
        let refusal = edge.refusal(&[("worker.js", &worker(import))]);
        assert!(
            refusal.contains("set the compatibility flag \"nodejs_compat\""),
            "{refusal}"
        );
    }
    edge.serve_script(
        "plain",
        "export default { fetch: () => new Response([typeof Buffer, typeof process, typeof global].join()) }",
    )
    .await;
    assert_eq!(
        edge.get("plain.test", "/").await.text(),
        "undefined,undefined,undefined"
    );
}
