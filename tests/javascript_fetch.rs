//! What JavaScript workers fetch and stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::harness::origin::Origin;
use super::harness::wire::Wire;
use super::harness::{Edge, request, until};

const OUTWARD: &[&str] = &[r#"egress.allow_addresses=["127.0.0.0/8"]"#];

/// A worker whose handler has this body; `ORIGIN` in it is the origin's URL.
fn worker(origin: &Origin, body: &str) -> String {
    let body = body.replace("ORIGIN", &origin.url());
    format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}")
}

#[tokio::test]
async fn a_fetch_reaches_the_origin_with_what_the_worker_wrote() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, Origin::echo().await);
    let code = worker(
        &origin,
        "const answer = await fetch('ORIGIN/path?q=1', { method: 'POST', headers: { 'x-own': 'yes', host: 'other.test' }, body: 'content' });
         return new Response(`${answer.status} ${answer.headers.get('x-origin')} ${await answer.text()}`)",
    );
    edge.serve_script("post", &code).await;
    let text = edge.get("post.test", "/").await.text();
    assert!(
        text.starts_with("200 echo POST /path?q=1 HTTP/1.1"),
        "{text}"
    );
    assert!(
        text.to_lowercase().contains("x-own: yes") && text.ends_with("content"),
        "{text}"
    );
    assert!(
        text.contains(&format!("127.0.0.1:{}", origin.port)) && !text.contains("other.test"),
        "{text}"
    );
}

#[tokio::test]
async fn ten_fetches_run_side_by_side() {
    // Each waits until all ten have arrived: one after the other they would never end.
    let arrived = Arc::<AtomicUsize>::default();
    let count = arrived.clone();
    let origin = Origin::handling(move |mut wire: Wire| {
        let count = count.clone();
        async move {
            while wire.request().await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
                while count.load(Ordering::SeqCst) < 6 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await;
            }
        }
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    let code = worker(
        &origin,
        "const all = await Promise.all(Array.from({ length: 10 }, async (_, i) => (await fetch(`ORIGIN/${i}`)).text()));
         return new Response(all.join(' '))",
    );
    edge.serve_script("ten", &code).await;
    assert_eq!(edge.get("ten.test", "/").await.text(), ["ok"; 10].join(" "));
}

#[tokio::test]
async fn a_response_is_passed_on_untouched_and_a_coded_one_is_read_decoded() {
    let packed = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"plain text").expect("memory");
        encoder.finish().expect("memory")
    };
    let expected = packed.clone();
    let origin = Origin::answering(move |_| {
        let head = format!(
            "HTTP/1.1 203 Odd\r\ncontent-encoding: gzip\r\nx-a: 1\r\ncontent-length: {}\r\n\r\n",
            packed.len()
        );
        [head.as_bytes(), &packed].concat()
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    edge.serve_script("pass", &worker(&origin, "return fetch('ORIGIN/')"))
        .await;
    edge.serve_script(
        "again",
        &worker(&origin, "const a = await fetch('ORIGIN/'); const b = new Response(a.body, a); b.headers.set('x-b', '2'); return b"),
    )
    .await;
    edge.serve_script(
        "read",
        &worker(
            &origin,
            "return new Response(await (await fetch('ORIGIN/')).text())",
        ),
    )
    .await;
    edge.serve_script(
        "rewrite",
        &worker(
            &origin,
            "const a = await fetch('ORIGIN/'); return new Response((await a.text()).toUpperCase() + '!', a)",
        ),
    )
    .await;
    edge.serve_script(
        "own",
        &worker(
            &origin,
            "const body = await new Response(new Blob(['own']).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
             return new Response(body, { encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } })",
        ),
    )
    .await;
    let rewrite = edge.get("rewrite.test", "/").await;
    assert_eq!(
        (
            rewrite.status,
            rewrite.header("content-encoding"),
            rewrite.text().as_str()
        ),
        (203, "", "PLAIN TEXT!")
    );
    let own = edge.get("own.test", "/").await;
    assert_eq!(own.header("content-encoding"), "gzip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&own.body[..]), &mut text)
        .expect("gzip");
    assert_eq!(text, "own");
    let pass = edge.get("pass.test", "/").await;
    assert_eq!(
        (pass.status, pass.header("x-a"), &pass.body[..]),
        (203, "1", &expected[..])
    );
    let again = edge.get("again.test", "/").await;
    assert_eq!(
        (again.header("x-a"), again.header("x-b"), &again.body[..]),
        ("1", "2", &expected[..])
    );
    assert_eq!(edge.get("read.test", "/").await.text(), "plain text");
}

#[tokio::test]
async fn redirects_are_followed_told_or_refused() {
    let origin = Origin::answering(|request| {
        let text = String::from_utf8_lossy(request);
        match text.split(' ').nth(1) {
            Some("/from") => {
                b"HTTP/1.1 302 Found\r\nlocation: /to\r\ncontent-length: 0\r\n\r\n".to_vec()
            }
            Some("/round") => {
                b"HTTP/1.1 302 Found\r\nlocation: /round\r\ncontent-length: 0\r\n\r\n".to_vec()
            }
            _ => b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere".to_vec(),
        }
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    let code = worker(
        &origin,
        "const mode = new URL(request.url).pathname.slice(1);
         if (mode === 'round') return new Response(await fetch('ORIGIN/round').then(() => 'came', (e) => e.name));
         try {
           const answer = await fetch('ORIGIN/from', { redirect: mode });
           return new Response(`${answer.status} ${answer.redirected} ${new URL(answer.url).pathname} ${await answer.text()}`)
         } catch (error) { return new Response(error.name) }",
    );
    edge.serve_script("redirect", &code).await;
    assert_eq!(
        edge.get("redirect.test", "/follow").await.text(),
        "200 true /to here"
    );
    assert_eq!(
        edge.get("redirect.test", "/manual").await.text(),
        "302 false /from "
    );
    assert_eq!(
        edge.get("redirect.test", "/error").await.text(),
        "TypeError"
    );
    assert_eq!(
        edge.get("redirect.test", "/round").await.text(),
        "TypeError"
    );
}

#[tokio::test]
async fn a_fetch_that_cannot_be_made_rejects_with_a_reason() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "refused",
        "export default { async fetch(request) {
           const url = request.headers.get('x-url');
           try { await fetch(url); return new Response('came') } catch (e) { return new Response(`${e.name}: ${e.message}`) }
         } }",
    )
    .await;
    let says = async |url: &str| {
        edge.get_with("refused.test", "/", &[("x-url", url)])
            .await
            .text()
    };
    assert!(
        says("http://127.0.0.1:2999/")
            .await
            .starts_with("TypeError: ")
    );
    assert!(
        says("http://127.0.0.1:2999/")
            .await
            .contains("not a public address")
    );
    assert!(says("ftp://example.com/").await.starts_with("TypeError: "));
    assert!(says("no url").await.starts_with("TypeError: "));
}

#[tokio::test]
async fn subrequests_are_counted() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, Origin::echo().await);
    let code = worker(
        &origin,
        "let made = 0; try { for (;;) { await (await fetch('ORIGIN/')).text(); made++ } } catch (e) { return new Response(`${made} ${e.message}`) }",
    );
    edge.serve_modules(
        "many",
        &[("worker.js", &code)],
        r#"{"limits":{"subrequests":5}}"#,
    )
    .await;
    let text = edge.get("many.test", "/").await.text();
    assert!(
        text.starts_with("5 ") && text.contains("Too many subrequests."),
        "{text}"
    );
}

#[tokio::test]
async fn an_aborted_fetch_is_given_up_at_the_origin() {
    let gone = Arc::<AtomicUsize>::default();
    let count = gone.clone();
    let origin = Origin::handling(move |mut wire: Wire| {
        let count = count.clone();
        async move {
            wire.request().await;
            // Nothing is answered; the end of the connection is waited for.
            while !wire.read().await.is_empty() {}
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    let code = worker(
        &origin,
        "try { await fetch('ORIGIN/', { signal: AbortSignal.timeout(50) }); return new Response('came') }
         catch (e) { return new Response(e.name) }",
    );
    edge.serve_script("abort", &code).await;
    assert_eq!(edge.get("abort.test", "/").await.text(), "TimeoutError");
    until("the origin sees it", async || {
        gone.load(Ordering::SeqCst) >= 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_body_streams_through_a_worker_in_little_memory() {
    const BODY_BYTES: usize = 64 << 20;
    let edge = Edge::javascript_with(&["limits.cpu_ms=30000", "limits.wall_ms=300000"]).await;
    edge.serve_script(
        "through",
        "export default { fetch(request) {
           const upper = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk) } });
           return new Response(request.body.pipeThrough(upper))
         } }",
    )
    .await;
    let warm = request(
        edge.port,
        "POST",
        "through.test",
        "/",
        &[],
        vec![b'x'; 1 << 20],
    )
    .await;
    assert_eq!(warm.body.len(), 1 << 20);
    let before = edge.resident_bytes();
    let (mut reader, mut writer) = Wire::open(edge.port).await.split();
    let sending = tokio::spawn(async move {
        writer
            .send(format!(
                "POST / HTTP/1.1\r\nhost: through.test\r\ncontent-length: {BODY_BYTES}\r\n\r\n"
            ))
            .await;
        let chunk = vec![b'x'; 1 << 20];
        for _ in 0..BODY_BYTES >> 20 {
            writer.send(&chunk).await;
        }
        writer
    });
    let head = reader.read_until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let (mut received, mut highest) = (0, 0);
    while received < BODY_BYTES {
        let chunk = reader.read().await;
        assert!(
            !chunk.is_empty(),
            "the body broke off after {received} bytes"
        );
        received += chunk.iter().filter(|byte| **byte == b'x').count();
        highest = highest.max(edge.resident_bytes());
    }
    assert!(
        highest < before + (32 << 20),
        "{} MiB more than before",
        (highest - before) >> 20
    );
    drop(sending.await.expect("everything was sent"));
}

#[tokio::test]
async fn a_response_streams_as_it_is_written() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "drip",
        "export default { fetch(request) {
           if (request.method === 'OPTIONS') return new Response('ready');
           const { readable, writable } = new TransformStream();
           const writer = writable.getWriter(), text = new TextEncoder();
           (async () => {
             await writer.write(text.encode('first'));
             await scheduler.wait(100000);
             await writer.close();
           })();
           return new Response(readable)
         } }",
    )
    .await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: drip.test\r\n\r\n").await;
    // The rest would come long after the test has given up.
    let text = wire.read_until("first").await;
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
}

#[tokio::test]
async fn a_body_that_fails_breaks_the_connection_off() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "breaks",
        "export default { fetch() {
           let n = 0;
           return new Response(new ReadableStream({ pull(controller) {
             if (n++ < 3) controller.enqueue(new TextEncoder().encode('part'));
             else controller.error(new Error('no more'));
           } }))
         } }",
    )
    .await;
    let answer = edge.get("breaks.test", "/").await;
    assert!(answer.is_broken || answer.status == 500, "{answer:?}");
    edge.until_logged(&["no more"]).await;
}

#[tokio::test]
async fn a_visitor_who_leaves_aborts_the_request_signal() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "signal",
        "export default { async fetch(request) {
           if (request.method === 'OPTIONS') return new Response('ready');
           request.signal.addEventListener('abort', () => console.log('visitor left'));
           // The host hears of listeners when the worker first waits.
           await scheduler.wait(1);
           console.log('listening');
           await scheduler.wait(20000);
           return new Response('late')
         } }",
    )
    .await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: signal.test\r\n\r\n")
        .await;
    edge.until_logged(&["listening"]).await;
    drop(wire);
    edge.until_logged(&["visitor left"]).await;
    edge.until_idle().await;
}

/// Two sources that ended in one turn once left one end behind: the later took the earlier's place.
#[tokio::test]
async fn sources_that_end_together_are_all_seen_to_end() {
    // Answers end together: each waits until all have been asked for.
    let asked = Arc::<AtomicUsize>::default();
    let origin = Origin::handling(move |mut wire: Wire| {
        let asked = asked.clone();
        async move {
            while wire.request().await.is_some() {
                let round = asked.fetch_add(1, Ordering::SeqCst) / 6;
                wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
                    .await;
                while asked.load(Ordering::SeqCst) < (round + 1) * 6 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                wire.send("0\r\n\r\n").await;
            }
        }
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    let code = worker(
        &origin,
        "if (request.method === 'OPTIONS') return new Response();
         let length = 0;
         for (let round = 0; round < 8; round++) {
           const answers = await Promise.all(Array.from({ length: 6 }, () => fetch('ORIGIN/')));
           // By now the ends may be there as well; those who wait until then find all of them at once.
           if (round % 2 === 1) await scheduler.wait(20);
           const texts = await Promise.all([request, ...answers].map((it) => round > 0 && it === request ? '' : it.text()));
           length += texts.join('').length;
         }
         return new Response(String(length))",
    );
    edge.serve_script("ends", &code).await;
    let answer = request(edge.port, "POST", "ends.test", "/", &[], b"body".to_vec()).await;
    assert_eq!(answer.text(), "148");
}

#[tokio::test]
async fn a_fetch_that_is_given_up_while_its_body_comes_fails_where_it_is_read() {
    let (edge, origin) = (
        Edge::javascript_with(OUTWARD).await,
        Origin::handling(|mut wire: Wire| async move {
            while wire.request().await.is_some() {
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
                    .await;
            }
        })
        .await,
    );
    let code = worker(
        &origin,
        "const told = [];
         for (const reads of [(answer) => answer.text(), (answer) => answer.body.getReader().read().then(() => answer.body), null]) {
           const controller = new AbortController();
           const answer = await fetch('ORIGIN/', { signal: controller.signal });
           const reading = reads?.(answer).catch((error) => error.name);
           controller.abort();
           if (reads === null) told.push(await answer.text().catch((error) => error.name));
           else told.push(typeof await reading);
         }
         return new Response(told.join(' '))",
    );
    edge.serve_script("abort", &code).await;
    assert_eq!(
        edge.get("abort.test", "/").await.text(),
        "string string AbortError"
    );
    edge.until_idle().await;
}
