//! HTMLRewriter as authors of workers know it.

use super::harness::Edge;
use super::harness::origin::Origin;

const OUTWARD: &[&str] = &[r#"egress.allow_addresses=["127.0.0.0/8"]"#];

/// What a worker answers whose handler has this body, in which `rewrite(html, rewriter)` is at hand.
async fn answer(edge: &Edge, name: &str, body: &str) -> String {
    let code = format!(
        "const rewrite = (html, rewriter) => rewriter.transform(new Response(html)).text();
         export default {{ async fetch(request, env, ctx) {{ {body} }} }}"
    );
    edge.serve_script(name, &code).await;
    edge.get(&format!("{name}.test"), "/").await.text()
}

#[tokio::test]
async fn elements_are_read_and_changed() {
    let edge = Edge::javascript().await;
    let cases = [
        (
            "attributes",
            "el.setAttribute('b', el.getAttribute('a') + [...el.attributes].length + el.hasAttribute('z')); el.removeAttribute('a')",
            r#"<p b="11false">x</p>"#,
        ),
        (
            "around",
            "el.before('<1>').after('<2>', { html: true })",
            "&lt;1&gt;<p a=1>x</p><2>",
        ),
        (
            "within",
            "el.prepend('<'); el.append('>', { html: true })",
            "<p a=1>&lt;x></p>",
        ),
        (
            "content",
            "el.setInnerContent('<b>', { html: true })",
            "<p a=1><b></p>",
        ),
        ("replaced", "el.replace('y')", "y"),
        ("removed", "el.remove(); if (!el.removed) throw 1", ""),
        ("kept", "el.removeAndKeepContent()", "x"),
        (
            "renamed",
            "el.tagName = el.tagName + 're'",
            "<pre a=1>x</pre>",
        ),
        (
            "end",
            "el.onEndTag((end) => { end.before('!'); end.name = 'q' + end.name })",
            "<p a=1>x!</qp>",
        ),
        (
            "response",
            "el.replace(new Response('<i>é</i>'), { html: true })",
            "<i>é</i>",
        ),
    ];
    for (name, body, expected) in cases {
        let body = format!(
            "return new Response(await rewrite('<p a=1>x</p>', new HTMLRewriter().on('p', {{ element(el) {{ {body} }} }})))"
        );
        assert_eq!(answer(&edge, name, &body).await, expected, "{name}");
    }
}

#[tokio::test]
async fn text_comments_and_the_document_are_seen() {
    let edge = Edge::javascript().await;
    let body = "let seen = '';
        const rewriter = new HTMLRewriter()
          .on('p', { text(t) { seen += t.text + (t.lastInTextNode ? '$' : '') } })
          .on('p', { comments(c) { seen += `[${c.text}]`; c.text = 'new' } })
          .onDocument({ doctype(d) { seen += d.name }, end(e) { e.append('<!--end-->', { html: true }) } });
        return new Response(await rewrite('<!doctype html><p>one<!--c-->two</p>', rewriter) + ' ' + seen)";
    assert_eq!(
        answer(&edge, "document", body).await,
        "<!doctype html><p>one<!--new-->two</p><!--end--> htmlone$[c]two$"
    );
}

#[tokio::test]
async fn a_page_is_rewritten_on_its_way_to_the_visitor() {
    let edge = Edge::javascript().await;
    let body = "const part = (text) => new TextEncoder().encode(text);
        const page = new ReadableStream({ async start(controller) {
          for (const text of ['<a hre', 'f=/o', 'ld>li', 'nk</a>']) {
            await scheduler.wait(1);
            controller.enqueue(part(text));
          }
          controller.close();
        } });
        const response = new Response(page, { status: 203, headers: { 'content-type': 'text/html', 'content-length': '5', 'x-kept': 'yes' } });
        return new HTMLRewriter().on('a[href]', { element(el) { el.setAttribute('href', '/new') } }).transform(response)";
    let text = answer(&edge, "page", body).await;
    assert_eq!(text, r#"<a href="/new">link</a>"#);
    let answer = edge.get("page.test", "/").await;
    assert_eq!(answer.status, 203);
    assert_eq!(answer.header("x-kept"), "yes");
    assert_eq!(answer.header("content-type"), "text/html");
}

#[tokio::test]
async fn a_handler_may_wait_for_a_fetch() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, Origin::echo().await);
    let body = "const fill = { async element(el) {
          const answer = await fetch('ORIGIN' + el.getAttribute('src'));
          await answer.text();
          el.replace(`${answer.status} `);
        } };
        return new HTMLRewriter().on('include', fill).transform(new Response('<include src=/a></include><include src=/b></include>'))"
        .replace("ORIGIN", &origin.url());
    assert_eq!(answer(&edge, "include", &body).await, "200 200 ");
}

#[tokio::test]
async fn handlers_of_many_rewriters_wait_side_by_side() {
    let edge = Edge::javascript().await;
    let body = "const one = (i) => rewrite('<p></p>', new HTMLRewriter().on('p', { async element(el) {
          await scheduler.wait((i * 7) % 11);
          el.replace(await rewrite('<b></b>', new HTMLRewriter().on('b', { async element(b) { await scheduler.wait(1); b.replace(String(i)) } })));
        } }));
        return new Response((await Promise.all(Array.from({ length: 20 }, (_, i) => one(i)))).join())";
    let expected: Vec<String> = (0..20).map(|i| i.to_string()).collect();
    assert_eq!(answer(&edge, "many", body).await, expected.join(","));
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let edge = Edge::javascript().await;
    let cases = [
        (
            "thrown",
            "await rewrite('<p>', new HTMLRewriter().on('p', { element() { throw new RangeError('mine') } }))",
            "RangeError: mine",
        ),
        (
            "later",
            "await rewrite('<p>', new HTMLRewriter().on('p', { async element() { await scheduler.wait(1); throw new RangeError('mine') } }))",
            "RangeError: mine",
        ),
        (
            "selector",
            "new HTMLRewriter().on('p:::', {})",
            "TypeError: \"p:::\" is no selector",
        ),
        (
            "never",
            "await rewrite('<p>', new HTMLRewriter().on('p', { element: () => new Promise(() => {}) }))",
            "Error: An HTMLRewriter handler gave a promise that can never be settled",
        ),
        (
            "stale",
            "let kept; await rewrite('<p>', new HTMLRewriter().on('p', { element(el) { kept = el } })); kept.tagName",
            "TypeError: This content token is no longer valid",
        ),
        (
            "endless",
            "await rewrite('<p ' + 'a'.repeat(4 << 20), new HTMLRewriter().on('p', { element() {} }))",
            "TypeError: The document cannot be rewritten",
        ),
    ];
    for (name, body, expected) in cases {
        let body = format!(
            "try {{ {body} }} catch (error) {{ return new Response(String(error)) }} return new Response('nothing')"
        );
        let text = answer(&edge, name, &body).await;
        assert!(text.starts_with(expected), "{name}: {text}");
    }
}
