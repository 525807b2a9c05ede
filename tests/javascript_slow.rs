//! What takes the host long, and what it may do while a worker is loaded.

use super::harness::wire::Wire;
use super::harness::{Edge, until};

const KEYS: &str = "export default { async fetch() {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const data = new Uint8Array([1, 2, 3]);
    const signature = await crypto.subtle.sign(algorithm.name, privateKey, data);
    return new Response(`${await crypto.subtle.verify(algorithm.name, publicKey, signature, data)}`)
} }";

#[tokio::test]
async fn neighbours_are_answered_while_a_tenant_makes_large_keys() {
    let settings = &["limits.cpu_ms=30000", "limits.wall_ms=120000"];
    let edge = Edge::javascript_with(settings).await;
    edge.serve_script(
        "neighbour",
        "export default { fetch: () => new Response('here') }",
    )
    .await;
    // A slow neighbour, too: it needs a turn of its own, and does not stand behind all of the others.
    edge.serve_script(
        "password",
        "export default { async fetch() {
           const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('secret'), 'PBKDF2', false, ['deriveBits']);
           const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 10_000 }, key, 64);
           return new Response(new Uint8Array(bits).toHex())
         } }",
    )
    .await;
    // What asks whether the hostname is routed makes a key as well.
    edge.serve_script("keys", KEYS).await;
    let visits: Vec<_> = (0..3)
        .map(|_| {
            let port = edge.port;
            tokio::spawn(async move {
                super::harness::request(port, "GET", "keys.test", "/", &[], Vec::new()).await
            })
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(edge.get("neighbour.test", "/").await.text(), "here");
    }
    assert_eq!(
        edge.get("password.test", "/").await.text(),
        "d9ffdd45e36a196c"
    );
    for visit in visits {
        assert_eq!(visit.await.expect("an answer").text(), "true");
    }
}

#[tokio::test]
async fn deriving_from_a_password_ends_at_the_limit_and_with_its_visitor() {
    let edge = Edge::javascript().await;
    let code = "export default { async fetch(request) {
        if (request.method === 'OPTIONS') return new Response();
        const key = await crypto.subtle.importKey('raw', new Uint8Array(9), 'PBKDF2', false, ['deriveBits']);
        const algorithm = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 100_000 };
        for (;;) await crypto.subtle.deriveBits(algorithm, key, 8 * 512);
    } }";
    let metadata = r#"{"limits":{"cpu_ms":20}}"#;
    edge.serve_modules("short", &[("worker.js", code)], metadata)
        .await;
    let answer = edge.get("short.test", "/").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("1102"), "{}", answer.text());
    let metadata = r#"{"limits":{"cpu_ms":30000}}"#;
    edge.serve_modules("long", &[("worker.js", code)], metadata)
        .await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: long.test\r\n\r\n").await;
    until("the guest runs", async || {
        edge.metric("cirque_invocations").await == 1.0
    })
    .await;
    drop(wire);
    edge.until_idle().await;
}

#[tokio::test]
async fn hashes_and_given_keys_work_at_the_top_level_and_chance_does_not() {
    let edge = Edge::javascript().await;
    let code = "import { createHash, createHmac } from 'node:crypto';
        const text = new TextEncoder();
        const hex = (bytes) => new Uint8Array(bytes).toHex().slice(0, 8);
        const digest = hex(await crypto.subtle.digest('SHA-256', text.encode('abc')));
        const key = await crypto.subtle.importKey('raw', text.encode('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
        const mac = hex(await crypto.subtle.sign('HMAC', key, text.encode('data')));
        const derived = await crypto.subtle.importKey('raw', text.encode('pw'), 'PBKDF2', false, ['deriveBits']);
        const bits = hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text.encode('salt'), iterations: 2 }, derived, 160));
        const hash = createHash('sha256').update('a').update('bc').digest('hex').slice(0, 8);
        const hmac = createHmac('sha256', 'key').update('data').digest('hex').slice(0, 8);
        export default { async fetch() {
          const later = hex(await crypto.subtle.sign('HMAC', key, text.encode('data')));
          return Response.json([digest, mac, bits.length, hash, hmac, later])
        } }";
    let metadata = r#"{"compatibility_flags":["nodejs_compat"]}"#;
    edge.serve_modules("hashes", &[("worker.js", code)], metadata)
        .await;
    assert_eq!(
        edge.get("hashes.test", "/").await.text(),
        r#"["ba7816bf","5031fe3d",8,"ba7816bf","5031fe3d","5031fe3d"]"#
    );
    for code in [
        "crypto.getRandomValues(new Uint8Array(4))",
        "crypto.randomUUID()",
        "await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])",
        "await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])",
        "await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])",
        "setTimeout(() => {})",
        "await fetch('http://example.com/')",
    ] {
        let code = format!("{code};\nexport default {{ fetch() {{}} }}");
        let text = edge.refusal(&[("worker.js", &*code)]);
        for part in [
            "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and \
             generating random values are not allowed within global scope.",
            "worker.js:1:",
        ] {
            assert!(text.contains(part), "{code}: {text}");
        }
    }
}
