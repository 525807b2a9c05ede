//! The web platform as workers find it: an expression, and what it gives as JSON.

use super::harness::Edge;

/// Expressions, each evaluated in one request, and the JSON they are to give; `await` is allowed.
const CASES: &[(&str, &str)] = &[
    // URLs.
    (
        "new URL('../a?b=1#c', 'http://User@EXAMPLE.com:80/x/y/').href",
        r#""http://User@example.com/x/a?b=1#c""#,
    ),
    (
        "[...new URLSearchParams('a=1&b=2&a=3').getAll('a')]",
        r#"["1","3"]"#,
    ),
    (
        "new URLPattern({ pathname: '/users/:id' }).exec('https://a.test/users/7').pathname.groups.id",
        r#""7""#,
    ),
    (
        "(() => { try { new URL('no'); } catch (e) { return e.name } })()",
        r#""TypeError""#,
    ),
    // Headers, requests, responses.
    (
        "[...new Headers([['B', '1'], ['a', '2'], ['b', '3']])]",
        r#"[["a","2"],["b","1, 3"]]"#,
    ),
    (
        "(() => { const h = new Headers(); h.append('set-cookie', 'a=1'); h.append('set-cookie', 'b=2'); return h.getSetCookie() })()",
        r#"["a=1","b=2"]"#,
    ),
    (
        "(() => { const r = new Request('http://a.test/', { method: 'post', body: 'x', headers: { a: 'b' } }); return [r.method, r.headers.get('content-type'), r.headers.get('a')] })()",
        r#"["POST","text/plain;charset=UTF-8","b"]"#,
    ),
    (
        "await Response.json({ a: 1 }, { status: 201 }).text()",
        r#""{\"a\":1}""#,
    ),
    (
        "(() => { const r = Response.redirect('http://a.test/b', 307); return [r.status, r.headers.get('location')] })()",
        r#"[307,"http://a.test/b"]"#,
    ),
    (
        "await (async () => { const a = new Response('twice'); const b = a.clone(); return [await a.text(), await b.text(), a.bodyUsed] })()",
        r#"["twice","twice",true]"#,
    ),
    (
        "await (async () => { const f = new FormData(); f.append('a', '1'); f.append('f', new File(['x', new Uint8Array([121])], 'n.txt', { type: 'text/plain' })); const g = await new Response(f).formData(); return [g.get('a'), g.get('f').name, await g.get('f').text()] })()",
        r#"["1","n.txt","xy"]"#,
    ),
    // Streams.
    (
        "await (async () => { const s = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close() } }).pipeThrough(new TextEncoderStream()); return await new Response(s).text() })()",
        r#""ab""#,
    ),
    (
        "await (async () => { const [a, b] = new Response('tee').body.tee(); return [await new Response(a).text(), await new Response(b).text()] })()",
        r#"["tee","tee"]"#,
    ),
    (
        "await (async () => { const r = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close() } }).getReader({ mode: 'byob' }); const { value } = await r.read(new Uint8Array(2)); return [...value] })()",
        "[1,2]",
    ),
    (
        "await (async () => { const z = new Blob(['squeeze '.repeat(50)]).stream().pipeThrough(new CompressionStream('gzip')); const back = z.pipeThrough(new DecompressionStream('gzip')); return (await new Response(back).text()).length })()",
        "400",
    ),
    (
        "await (async () => { let all = ''; for await (const c of new Response('abc').body) all += new TextDecoder().decode(c); return all })()",
        r#""abc""#,
    ),
    // Text.
    ("[...new TextEncoder().encode('é')]", "[195,169]"),
    (
        "new TextDecoder('shift_jis').decode(new Uint8Array([0x83, 0x65]))",
        r#""テ""#,
    ),
    ("[btoa('a'), atob('YQ==')]", r#"["YQ==","a"]"#),
    // Events and signals.
    (
        "await (async () => { try { await scheduler.wait(1000, { signal: AbortSignal.timeout(5) }) } catch (e) { return e.name } })()",
        r#""TimeoutError""#,
    ),
    (
        "(() => { const c = new AbortController(); const s = AbortSignal.any([c.signal]); c.abort('why'); return [s.aborted, s.reason] })()",
        r#"[true,"why"]"#,
    ),
    (
        "(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', () => n++, { once: true }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x')); return n })()",
        "1",
    ),
    // Values.
    (
        "(() => { const a = structuredClone({ d: new Date(0), m: new Map([[1, { b: 2n }]]), s: new Set([1]) }); return [a.d.getTime(), String(a.m.get(1).b), a.s.has(1)] })()",
        r#"[0,"2",true]"#,
    ),
    (
        "await new Promise((done) => { const seen = []; setTimeout(() => { seen.push(2); done(seen) }, 2); queueMicrotask(() => seen.push(1)) })",
        "[1,2]",
    ),
    (
        "[typeof performance.now(), navigator.userAgent, typeof self, self === globalThis]",
        r#"["number","Cloudflare-Workers","object",true]"#,
    ),
    ("Date.now() > 1.7e12", "true"),
    (
        "(() => { const before = Date.now(); for (let i = 0; i < 1e5; i++); return Date.now() - before })()",
        "0",
    ),
    (
        "(() => { try { new WebSocketPair(); return 'made' } catch (e) { return typeof e.message } })()",
        r#""string""#,
    ),
    (
        "(() => { try { eval('1') } catch (e) { return e.name } })()",
        r#""EvalError""#,
    ),
    // Cloning, as Node does it.
    (
        "(() => { const of = (e) => { const c = structuredClone(e); return [c.name, c.constructor.name, c.message, String(c.cause), c.extra === undefined, c.stack === e.stack, Object.keys(c).length] }; return [of(Object.assign(new RangeError('m', { cause: 1 }), { extra: 1 })), of(new AggregateError([1], 'a')), of(new (class My extends Error { name = 'My' })('x'))] })()",
        r#"[["RangeError","RangeError","m","1",true,true,0],["Error","Error","a","undefined",true,true,0],["Error","Error","x","undefined",true,true,0]]"#,
    ),
    (
        "[() => 1, Symbol('s'), { deep: [function named() {}] }, new WeakMap(), Promise.resolve(), new Proxy({}, {}), new WeakRef({}), (function* () {})(), Object(Symbol()), new Response(), new Headers(), new ReadableStream(), new MessageChannel().port1, new WebAssembly.Memory({ initial: 1 })].map((value) => { try { structuredClone(value); return 'cloned' } catch (e) { return e instanceof DOMException && e.name === 'DataCloneError' && e.code } })",
        "[25,25,25,25,25,25,25,25,25,25,25,25,25,25]",
    ),
    (
        "(() => { try { structuredClone({ a: () => 1 }) } catch (e) { return e.message } })()",
        r#""() => 1 could not be cloned.""#,
    ),
    (
        "(() => { const b = new ArrayBuffer(8); const u = new Uint8Array(b, 2, 3).fill(7); const c = structuredClone({ b, u }, { transfer: [b] }); return [b.byteLength, u.length, c.b.byteLength, c.u.byteOffset, [...c.u], c.u.buffer === c.b] })()",
        "[0,0,8,2,[7,7,7],true]",
    ),
    (
        "(() => { const b = new ArrayBuffer(8); try { structuredClone({ b, f() {} }, { transfer: [b] }) } catch { return b.byteLength } })()",
        "8",
    ),
    (
        "[{ transfer: [new ArrayBuffer(1), 5] }, { transfer: 5 }, 5].map((options) => { try { structuredClone(1, options); return 'cloned' } catch (e) { return e.name } })",
        r#"["DataCloneError","TypeError","TypeError"]"#,
    ),
    (
        "(() => { const r = /a/gi; r.lastIndex = 3; const o = Object.create({ up: 1 }, { hidden: { value: 1 }, got: { get: () => 7, enumerable: true } }); o.self = o; const c = structuredClone({ r, o, holes: [1, , 3], n: Object(1n), z: new Date(NaN), v: new DataView(new ArrayBuffer(4), 1, 2), [Symbol('s')]: 1, __proto__: null }); return [String(c.r), c.r.lastIndex, Object.keys(c.o), c.o.self === c.o, 1 in c.holes, typeof c.n, Number.isNaN(c.z.getTime()), c.v.byteLength, Object.getOwnPropertySymbols(c).length, Object.getPrototypeOf(c) === Object.prototype] })()",
        r#"["/a/gi",0,["got","self"],true,false,"object",true,2,0,true]"#,
    ),
    (
        "await (async () => { const d = structuredClone(new DOMException('m', 'AbortError')); const f = structuredClone(new File(['ab'], 'n', { type: 'text/x' })); return [d instanceof DOMException, d.name, d.message, d.code, f.name, f.type, await f.text()] })()",
        r#"[true,"AbortError","m",20,"n","text/x","ab"]"#,
    ),
    // Messages.
    (
        "await new Promise((done) => { const { port1, port2 } = new MessageChannel(); const seen = []; port2.onmessage = ({ data, target }) => { seen.push(data); if (seen.length === 3) done([...seen, target === port2]) }; port1.postMessage(1); port1.postMessage({ a: [2] }); port1.postMessage(new Map([[1, 2]])); seen.push('first') })",
        r#"["first",1,{"a":[2]},true]"#,
    ),
    (
        "await new Promise((done) => { const a = new MessageChannel(), b = new MessageChannel(); const buffer = new ArrayBuffer(4); a.port2.addEventListener('message', ({ data, ports }) => { ports[0].postMessage([data.buffer.byteLength, data.port === ports[0]]) }); a.port2.start(); b.port1.onmessage = ({ data }) => done([...data, buffer.byteLength]); a.port1.postMessage({ buffer, port: b.port2 }, [buffer, b.port2]) })",
        "[4,true,0]",
    ),
    (
        "await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => done('message'); port1.addEventListener('close', (e) => done(e.type)); port2.close(); port2.postMessage(1) })",
        r#""close""#,
    ),
    (
        "[() => new MessagePort(), () => new MessageChannel().port1.postMessage(() => 1), () => { const { port1 } = new MessageChannel(); port1.postMessage(1, [port1]) }].map((f) => { try { f() } catch (e) { return e.name } })",
        r#"["TypeError","DataCloneError","DataCloneError"]"#,
    ),
    (
        "(() => { let seen; addEventListener('error', (e) => { e.preventDefault(); seen = [e.type, e.error.message, e.message] }, { once: true }); reportError(new Error('told')); return seen })()",
        r#"["error","told","told"]"#,
    ),
    (
        "[typeof EventSource, typeof BroadcastChannel, typeof Worker, typeof MessageEvent]",
        r#"["undefined","undefined","undefined","function"]"#,
    ),
    (
        "await (async () => { const at = performance.now(); for (let i = 0; i < 1e5; i++); const same = performance.now() === at; await scheduler.wait(3); return [at, same, performance.now() >= 3, Number.isInteger(performance.timeOrigin)] })()",
        "[0,true,true,true]",
    ),
    // Cryptography.
    ("crypto.randomUUID().length", "36"),
    ("crypto.getRandomValues(new Uint8Array(8)).length", "8"),
    (
        "[...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc')))].slice(0, 4)",
        "[186,120,22,191]",
    ),
    (
        "await (async () => { const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']); const d = new TextEncoder().encode('data'); const s = await crypto.subtle.sign('HMAC', k, d); return [s.byteLength, await crypto.subtle.verify('HMAC', k, s, d)] })()",
        "[32,true]",
    ),
    (
        "await (async () => { const k = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); const d = new Uint8Array([1]); const a = { name: 'ECDSA', hash: 'SHA-256' }; const s = await crypto.subtle.sign(a, k.privateKey, d); return await crypto.subtle.verify(a, k.publicKey, s, d) })()",
        "true",
    ),
    (
        "await (async () => { const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']); const a = { name: 'AES-GCM', iv: new Uint8Array(12) }; const c = await crypto.subtle.encrypt(a, k, new Uint8Array([7])); return [...new Uint8Array(await crypto.subtle.decrypt(a, k, c))] })()",
        "[7]",
    ),
    (
        "await (async () => { const d = new crypto.DigestStream('SHA-256'); const w = d.getWriter(); await w.write(new TextEncoder().encode('abc')); await w.close(); return new Uint8Array(await d.digest)[0] })()",
        "186",
    ),
    (
        "crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([1]))",
        "true",
    ),
];

#[tokio::test]
async fn the_web_platform_does_what_it_says() {
    let edge = Edge::javascript_with(&["limits.cpu_ms=5000", "limits.cpu_ms_max=5000"]).await;
    let handlers: Vec<String> = CASES
        .iter()
        .map(|(expression, _)| format!("async () => {expression}"))
        .collect();
    let code = format!(
        "const cases = [{}];
         export default {{ async fetch(request) {{
           const at = new URL(request.url).searchParams.get('case');
           if (at === null) return new Response('ready');
           try {{ return Response.json((await cases[at]()) ?? null) }} catch (e) {{ return new Response(`${{e}} ${{e.stack}}`) }}
         }} }}",
        handlers.join(",\n")
    );
    edge.serve_script("api", &code).await;
    let mut wrong = Vec::new();
    for (at, (expression, expected)) in CASES.iter().enumerate() {
        let found = edge.get("api.test", &format!("/?case={at}")).await.text();
        if found != *expected {
            wrong.push(format!(
                "{expression}\n  gives    {found}\n  expected {expected}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        CASES.len(),
        wrong.join("\n")
    );
}
