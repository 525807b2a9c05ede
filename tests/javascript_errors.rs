//! What authors read when something goes wrong: stacks, source maps, refusals, the log.

use super::harness::Edge;

#[tokio::test]
async fn stacks_are_as_v8_writes_them() {
    let edge = Edge::javascript().await;
    let code = "function f() { return new Error('boom') }
class Own extends Error { constructor(m) { super(m); this.name = 'Own' } }
class Named extends TypeError { get [Symbol.toStringTag]() { return 'x' } }
Named.prototype.name = 'Named';
function thrown(g) { try { g() } catch (e) { return e } }
const cases = {
  plain: () => f().stack,
  anonymous: () => [1].map(() => new Error('in a function').stack)[0],
  subclass: () => new Own('mine').stack,
  named: () => new Named('mine').stack,
  engine: () => thrown(() => null.x).stack,
  platform: () => thrown(() => new URL('no')).stack,
  exception: () => new DOMException('gone', 'AbortError').stack,
  late: () => { const e = new Error('early'); e.message = 'late'; return e.stack },
  captured: () => { const o = { name: 'N', message: 'M' }; Error.captureStackTrace(o); return o.stack },
  above: () => { function made() { const o = {}; Error.captureStackTrace(o, made); return o } return made().stack },
  limited: () => { Error.stackTraceLimit = 1; return f().stack },
  none: () => { Error.stackTraceLimit = 0; return f().stack },
  deep: () => { const down = (n) => n === 0 ? new Error('deep').stack : down(n - 1); return String(down(50).split('\\n').length) },
  taken: () => { const e = f(); e.stack = undefined; return `${e.stack} ${JSON.stringify(e)}` },
  prepared: () => { Error.prepareStackTrace = (e, sites) => `${e.message} ${sites[0].getFunctionName()} ${sites[0].getLineNumber()}`; return f().stack },
};
export default { fetch(request) { return new Response(cases[new URL(request.url).pathname.slice(1)]?.() ?? 'ready') } }";
    edge.serve_script("stacks", code).await;
    let table = [
        (
            "plain",
            "Error: boom\n    at f (worker.js:1:27)\n    at plain (worker.js:7:16)\n    at fetch (worker.js",
        ),
        (
            "anonymous",
            "Error: in a function\n    at worker.js:8:38\n    at map (<anonymous>)\n    at anonymous (worker.js:8",
        ),
        (
            "subclass",
            "Error: mine\n    at Own (worker.js:2:50)\n    at subclass (worker.js:9",
        ),
        (
            "named",
            "Named: mine\n    at Named (worker.js:3:1)\n    at named (worker.js:10",
        ),
        (
            "engine",
            "TypeError: cannot read property 'x' of null\n    at worker.js:11:",
        ),
        (
            "platform",
            "TypeError: Invalid URL: 'no'\n    at worker.js:12:",
        ),
        (
            "exception",
            "AbortError: gone\n    at exception (worker.js:13:",
        ),
        ("late", "Error: early\n    at late (worker.js:14:"),
        ("captured", "N: M\n    at captured (worker.js:15:"),
        ("above", "Error\n    at above (worker.js:16:"),
        ("limited", "Error: boom\n    at f (worker.js:1:27)"),
        ("none", "Error: boom"),
        ("deep", "11"),
        ("taken", "undefined {}"),
        ("prepared", "boom f 1"),
    ];
    let mut wrong = Vec::new();
    for (case, expected) in table {
        let found = edge.get("stacks.test", &format!("/{case}")).await.text();
        let is_whole = !expected.contains('\n') || case == "limited";
        if !found.starts_with(expected) || (is_whole && found != expected) {
            wrong.push(format!(
                "{case} gives\n{found}\nand should begin\n{expected}"
            ));
        }
        assert!(!found.contains("cirque:"), "{found}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn what_nobody_catches_is_logged_with_its_name_message_and_stack() {
    let edge = Edge::javascript().await;
    let code = "class Own extends Error { constructor(m) { super(m); this.name = 'Own' } }
export default { async fetch(request, env, ctx) {
  ctx.waitUntil((async () => { await null; throw new Own('waited') })());
  Promise.reject(new Error('rejected'));
  reportError(new Error('reported'));
  console.log(new Own('shown'));
  throw new Own('thrown')
} }";
    edge.serve_script("uncaught", code).await;
    assert_eq!(edge.get("uncaught.test", "/").await.status, 500);
    for words in [
        "Uncaught (in waitUntil) Own: waited",
        "Uncaught (in promise) Error: rejected",
        "Uncaught Error: reported",
        "worker: Own: shown",
        "worker: Own: thrown",
        "at fetch (worker.js:7",
    ] {
        edge.until_logged(&[words]).await;
    }
    let log = edge.log();
    assert!(!log.contains("\nError: thrown"), "{log}");
}

/// Line 1 is line 10 of `src/shop.ts`, line 2 is line 20.
const MAP: &str = r#"{"version":3,"sources":["src/shop.ts"],"sourcesContent":["1\n2\n3\n4\n5\n6\n7\n8\n9\nconst wrong: number = ;"],"names":[],"mappings":"AASA;AAUA"}"#;
const THROWS: &str = "function fail() { throw new Error('inside') }\nexport default { fetch() { console.log('first'); console.error(new Error('shown')); console.log('last'); return fail() } }\n";

#[tokio::test]
async fn stacks_in_the_log_name_the_places_that_a_source_map_knows() {
    let edge = Edge::javascript().await;
    let named = format!("{THROWS}//# sourceMappingURL=worker.js.map\n");
    edge.serve_modules(
        "listed",
        &[("worker.js", &named), ("worker.js.map", MAP)],
        "{}",
    )
    .await;
    // Beside the file, and not named on the command line.
    let folder = edge.directory.path().join("source-beside/maps");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("shop.map"), MAP.replace("shop.ts", "beside.ts")).expect("a file");
    let code = format!("{THROWS}//# sourceMappingURL=maps/shop.map");
    edge.serve_script("beside", &code).await;
    // Within the file, as esbuild puts it there.
    let inline = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(MAP.replace("shop.ts", "inline.ts"))
    };
    let code =
        format!("{THROWS}//# sourceMappingURL=data:application/json;charset=utf-8;base64,{inline}");
    edge.serve_script("inline", &code).await;
    for (name, source) in [
        ("listed", "shop"),
        ("beside", "beside"),
        ("inline", "inline"),
    ] {
        for _ in 0..3 {
            assert_eq!(edge.get(&format!("{name}.test"), "/").await.status, 500);
        }
        edge.until_logged(&[&format!("at fail (src/{source}.ts:10:1)")])
            .await;
        edge.until_logged(&[&format!("at fetch (src/{source}.ts:20:1)")])
            .await;
    }
    edge.until_idle().await;
    let log = edge.log();
    assert!(!log.contains("(worker.js:"), "{log}");
    // What was logged while the maps were read stays in its order.
    let order: Vec<_> = [
        "worker: first",
        "worker: Error: shown",
        "worker: last",
        "worker: Error: inside",
    ]
    .iter()
    .map(|text| log.find(text))
    .collect();
    assert!(order.is_sorted() && order[0].is_some(), "{order:?}");
}

#[tokio::test]
async fn a_refusal_names_the_place_that_a_source_map_knows() {
    let edge = Edge::javascript().await;
    let code = "const wrong = ;\nexport default { fetch() {} }\n//# sourceMappingURL=worker.js.map";
    let text = edge.refusal(&[("worker.js", code), ("worker.js.map", MAP)]);
    for part in [
        "SyntaxError",
        "at src/shop.ts:10:1",
        "const wrong: number = ;",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_source_map_that_cannot_be_read_is_left_out_with_a_note() {
    let edge = Edge::javascript().await;
    let code = format!("{THROWS}//# sourceMappingURL=worker.js.map");
    for (name, map) in [
        ("cut", &MAP[..60]),
        ("empty", ""),
        (
            "odd",
            r#"{"version":3,"sources":["a"],"names":[],"mappings":"A!"}"#,
        ),
    ] {
        let files = [("worker.js", &*code), ("worker.js.map", map)];
        let deployed = edge.deploy_modules(name, &files, "{}");
        let said = String::from_utf8_lossy(&deployed.stderr).into_owned();
        assert!(deployed.status.success(), "{said}");
        assert!(
            said.contains("note: the source map worker.js.map is left out"),
            "{said}"
        );
    }
    edge.serve_script("missing", &code.replace("worker.js.map", "gone.map"))
        .await;
    assert_eq!(edge.get("missing.test", "/").await.status, 500);
    edge.until_logged(&["at fail (worker.js:1"]).await;
}

#[tokio::test]
async fn an_upload_says_which_events_the_worker_handles() {
    let edge = Edge::javascript().await;
    let said = |name: &str, code: &str| {
        let output = edge.deploy_modules(name, &[("worker.js", code)], "{}");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let two = said(
        "two",
        "export default { fetch() {}, scheduled() {}, other() {} }",
    );
    assert_eq!(two.trim(), "deployed two, which handles fetch, scheduled");
    let queue = said("queue", "addEventListener('queue', () => {})");
    assert_eq!(queue.trim(), "deployed queue, which handles queue");
    // The second time nothing is evaluated.
    let again = said(
        "again",
        "export default { fetch() {}, scheduled() {}, other() {} }",
    );
    assert_eq!(
        again.trim(),
        "deployed again, which handles fetch, scheduled"
    );
    let list = edge.cirque(&["list", "workers"]);
    for (name, handlers) in [("two", "fetch,scheduled"), ("queue", "queue")] {
        let line = list.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.ends_with(handlers)), "{list}");
    }
    for code in [
        "export default {}",
        "export default 1",
        "console.log(1)",
        "",
    ] {
        let text = edge.refusal(&[("worker.js", code)]);
        let words = "No event handlers were registered. This script does nothing. [code: 10068]";
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn the_console_writes_tables_groups_counts_and_directives() {
    let edge = Edge::javascript().await;
    edge.serve_script(
        "console",
        "export default { async fetch() {
           console.table([{ a: 1, b: 'x' }, { a: 2, c: true }]);
           console.table(new Map([['k', 5]]));
           console.table([[1, 2]], ['1']);
           console.table('plain');
           console.group('outer'); console.info('inner'); console.groupEnd(); console.debug('after');
           console.count(); console.count('n'); console.count('n'); console.countReset('n'); console.count('n'); console.countReset('none');
           console.time('t'); await scheduler.wait(2); console.timeLog('t', 'extra', 1); console.timeEnd('t'); console.timeEnd('t');
           console.assert(true, 'never'); console.assert(false, 'a %s', 'b'); console.assert(false); console.assert(0, { x: 1 });
           console.trace('here %d', 4);
           console.dir({ deep: { er: 1 } }); console.log('%s is %d or %i, %f, %j %o%c!', 'x', '4.5', 4.7, '1.5', { a: 1 }, [1], 'css');
           console.log('%% alone'); console.log('%s', 'one', 'more'); console.log('100%'); console.log('%s'); console.log(5n, Symbol('s'), -0, [,1]);
           return new Response('logged')
         } }",
    )
    .await;
    assert_eq!(edge.get("console.test", "/").await.text(), "logged");
    for words in [
        "│ (index) │ a │ b   │ c    │",
        "│ 0       │ 1 │ 'x' │      │",
        "│ 1       │ 2 │     │ true │",
        "│ (iteration index) │ Key │ Values │",
        "│ 0                 │ 'k' │ 5      │",
        "│ (index) │ 1 │",
        "plain",
        "  inner",
        "default: 1",
        "n: 2",
        "Count for 'none' does not exist",
        "ms extra 1",
        "No such label 't' for console.timeEnd()",
        "Assertion failed: a b",
        "Assertion failed { x: 1 }",
        "Trace: here 4",
        "at fetch (worker.js:",
        "{ deep: { er: 1 } }",
        "x is 4.5 or 4, 1.5, {\"a\":1} [ 1 ]!",
        "%% alone",
        "one more",
        "5n Symbol(s) -0 [ <empty>, 1 ]",
    ] {
        edge.until_logged(&[words]).await;
    }
    assert!(!edge.log().contains("never"));
}
