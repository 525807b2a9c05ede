//! Deploying: what is refused is told why, and leaves nothing behind.

use std::path::Path;

use super::harness::{Builder, Edge, built, until};

/// Runs a command that must fail, and gives back what it says.
fn refusal(edge: &Edge, arguments: &[&str]) -> String {
    let output = edge.try_cirque(arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    assert!(message.starts_with("cirque: "), "{arguments:?}: {message}");
    assert!(
        output.stdout.is_empty(),
        "{arguments:?} says that it did something"
    );
    assert!(!message.contains("panicked"), "{message}");
    message
}

/// How many hostnames, workers, namespaces and uploads the embedded store holds.
fn records(edge: &Edge) -> i64 {
    let path = edge.directory.path().join("data/store.db");
    let store = rusqlite::Connection::open(path).expect("the store's file");
    let count = |row: &rusqlite::Row<'_>| row.get(0);
    store
        .query_row(
            "SELECT COUNT(*) FROM records WHERE key NOT IN ('cirque:account')",
            [],
            count,
        )
        .expect("a number")
}

fn write(directory: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    std::fs::write(&path, content).expect("a file");
    path.to_string_lossy().into_owned()
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("WAT")
}

/// Each component instantiates the one before it twice.
fn instances(depth: usize) -> Vec<u8> {
    let mut text = String::from(
        "(component (component $c0 (core module $m (func (export \"f\"))) (core instance (instantiate $m)))",
    );
    for level in 1..=depth {
        let below = level - 1;
        text += &format!(
            "(component $c{level} (alias outer 1 $c{below} (component $b)) \
             (instance (instantiate $b)) (instance (instantiate $b)))"
        );
    }
    component(&(text + &format!("(instance (instantiate $c{depth})))")))
}

/// Each type is the one before it twice.
fn types(depth: usize) -> Vec<u8> {
    let mut text = String::from("(component (type $t0 (tuple u8 u8))");
    for level in 1..=depth {
        let below = level - 1;
        text += &format!("(type $t{level} (tuple $t{below} $t{below}))");
    }
    component(
        &(text
            + &format!(
                "(import \"wasi:cli/environment@0.2.0\" (instance (export \"f\" (func (param \"p\" $t{depth}))))))"
            )),
    )
}

#[tokio::test]
async fn what_is_no_worker_is_refused_with_the_reason() {
    let edge = Edge::start().await;
    let directory = edge.directory.path();
    let guest = |name: &str| std::fs::read(built(name, directory)).expect("a file");
    let hello = guest("hello");
    let locals = format!(
        "(component (core module (func (local {}))))",
        "i32 ".repeat(20_000)
    );
    let functions = format!("(component (core module {}))", "(func)".repeat(100_001));
    for (name, bytes, reasons) in [
        ("empty", Vec::new(), &["the file is empty"][..]),
        ("junk", b"hello".to_vec(), &["is not WebAssembly"]),
        (
            "html",
            b"<!doctype html><html></html>".to_vec(),
            &["is not WebAssembly"],
        ),
        (
            "script",
            b"export default {}".to_vec(),
            &["is not WebAssembly"],
        ),
        ("magic", b"\0asm".to_vec(), &["not a valid component"]),
        (
            "cut",
            hello[..hello.len() / 2].to_vec(),
            &["not a valid component"],
        ),
        (
            "surplus",
            [&hello[..], b"junk"].concat(),
            &["not a valid component"],
        ),
        (
            "core-module",
            guest("core-module"),
            &["core WebAssembly module", "wasm-tools component new"],
        ),
        (
            "library",
            guest("library"),
            &["does not export wasi:http/incoming-handler", "it exports `"],
        ),
        (
            "nothing",
            component("(component)"),
            &["does not export", "it exports nothing"],
        ),
        (
            "unknown-import",
            guest("unknown-import"),
            &["imports `acme:secret/door@1.0.0`"],
        ),
        (
            "sockets",
            guest("sockets"),
            &["imports `wasi:sockets/", "there are no sockets in a worker"],
        ),
        (
            "huge-table",
            guest("huge-table"),
            &["10000000 elements in a table at its start"],
        ),
        (
            "big-memory",
            guest("big-memory"),
            &["3221225472 bytes of memory at its start"],
        ),
        (
            "laughs-8",
            instances(8),
            &["instances when everything is unfolded"],
        ),
        (
            "laughs-20",
            instances(20),
            &["instances when everything is unfolded"],
        ),
        (
            "laughs-30",
            instances(30),
            &["instances when everything is unfolded"],
        ),
        (
            "types-20",
            types(20),
            &["not a valid component", "type size"],
        ),
        (
            "locals",
            component(&locals),
            &["locals in one function", "at most 5000"],
        ),
        ("functions", component(&functions), &["100001 functions"]),
        (
            "threads",
            component("(component (core module (memory 1 1 shared)))"),
            &["not a valid component", "threads"],
        ),
    ] {
        let file = write(directory, &format!("{name}.wasm"), bytes);
        let message = refusal(&edge, &["deploy", "production/shop", &file]);
        assert!(message.contains(&file), "{name}: {message}");
        for reason in reasons {
            assert!(message.contains(reason), "{name}: {message}");
        }
    }
    assert_eq!(records(&edge), 0);
    let artifacts = directory.join("data/artifacts");
    let is_code =
        |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|e| e == "cwasm");
    let kept = std::fs::read_dir(artifacts)
        .expect("a folder")
        .flatten()
        .filter(is_code);
    assert_eq!(kept.count(), 0);
}

#[tokio::test]
async fn a_damaged_component_is_refused_whatever_byte_is_wrong() {
    let edge = Edge::start().await;
    let directory = edge.directory.path();
    let hello = std::fs::read(built("hello", directory)).expect("a file");
    for at in (0..hello.len()).step_by(hello.len() / 12) {
        let mut damaged = hello.clone();
        damaged[at] ^= 0xff;
        let file = write(directory, "damaged.wasm", damaged);
        let output = edge.try_cirque(&["compile", &file]);
        // Some bytes are only names and data; none makes the command or its child fall over.
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{at}: {message}"
        );
        let is_told = message.is_empty() || message.starts_with("cirque: ");
        assert!(is_told && !message.contains("panicked"), "{at}: {message}");
    }
}

#[tokio::test]
async fn what_costs_too_much_to_compile_is_refused() {
    let edge = Edge::start().await;
    let python = built("python", edge.directory.path());
    let hello = built("hello", edge.directory.path());
    for (setting, file, reason) in [
        (
            "limits.code_bytes_max=9000",
            &hello,
            "bytes; at most 9000 are allowed (`limits.code_bytes_max`)",
        ),
        (
            "runtime.compile_cpu_s=1",
            &python,
            "the compiler used up its 1 s of CPU time",
        ),
        (
            "runtime.compile_timeout_s=1",
            &python,
            "the compiler used up its 1 s of time",
        ),
        (
            "runtime.compile_memory_mb=400",
            &python,
            "the compiler used up its 400 MiB of memory",
        ),
    ] {
        let message = refusal(&edge, &["deploy", "shop", file, "--set", setting]);
        assert!(message.contains(reason), "{setting}: {message}");
    }
    assert_eq!(records(&edge), 0);
}

#[tokio::test]
async fn metadata_that_cannot_be_used_is_refused_with_the_reason() {
    let edge = Edge::start().await;
    let directory = edge.directory.path();
    let hello = built("hello", directory);
    let text = |name: &str| format!(r#"{{"type":"plain_text","name":"{name}","text":"x"}}"#);
    let bindings = |list: &[String]| format!(r#"{{"bindings":[{}]}}"#, list.join(","));
    let long = format!(
        r#"{{"bindings":[{{"type":"plain_text","name":"A","text":"{}"}}]}}"#,
        "x".repeat(70_000)
    );
    let many: Vec<String> = (0..1_001).map(|n| text(&format!("B{n}"))).collect();
    for (metadata, reason) in [
        (String::new(), "EOF"),
        ("{".into(), "EOF"),
        ("<xml/>".into(), "expected value"),
        ("5".into(), "`metadata` is a JSON object"),
        (r#"{"bindings":5}"#.into(), "`bindings` is an array"),
        (r#"{"bindings":[5]}"#.into(), "`bindings[0]` needs a `type`"),
        (
            r#"{"bindings":[{"type":"kv_namespace","name":"A"}]}"#.into(),
            r#"the binding "A" of type kv_namespace needs namespace_id"#,
        ),
        (
            r#"{"bindings":[{"name":"A","text":"x"}]}"#.into(),
            "`bindings[0]` needs a `type`",
        ),
        (
            r#"{"bindings":[{"type":"plain_text","name":"A"}]}"#.into(),
            "needs `text`, a string",
        ),
        (
            r#"{"bindings":[{"type":"plain_text","name":5,"text":"x"}]}"#.into(),
            "needs a `name`",
        ),
        (
            bindings(&[text("A"), text("B"), text("A")]),
            r#"two bindings are named "A""#,
        ),
        (bindings(&[text("1A")]), r#""1A" is no name for a binding"#),
        (bindings(&[text("")]), r#""" is no name for a binding"#),
        (
            bindings(&[text("A=B")]),
            r#""A=B" is no name for a binding"#,
        ),
        (bindings(&many), "at most 1000 bindings"),
        (long, r#"the binding "A" is longer than"#),
        (
            r#"{"limits":{"cpu":5}}"#.into(),
            "there is no limit `cpu`; there are cpu_ms",
        ),
        (r#"{"limits":{"cpu_ms":"fast"}}"#.into(), "invalid type"),
        (r#"{"limits":{"cpu_ms":-1}}"#.into(), "invalid value"),
        (r#"{"limits":{"memory_mb":1.5}}"#.into(), "invalid type"),
        (r#"{"tags":"one"}"#.into(), "`tags` is an array of strings"),
    ] {
        let file = write(directory, "metadata.json", &metadata);
        let message = refusal(&edge, &["deploy", "shop", &hello, "--metadata", &file]);
        assert!(
            message.contains(&file) && message.contains(reason),
            "{reason}: {message}"
        );
    }
    assert_eq!(records(&edge), 0);
}

#[tokio::test]
async fn names_that_cannot_be_used_are_refused_with_the_reason() {
    let edge = Edge::start().await;
    let hello = built("hello", edge.directory.path());
    let long = "a".repeat(256);
    for name in [
        "", "/", "a/", "/b", "a/b/c", "a:b", "a/{b}", "a*", "..", "a b", "\u{e4}", "a\n", &long,
    ] {
        for command in [
            &["deploy", name, &hello][..],
            &["route", "a.test", name],
            &["delete", "worker", name],
        ] {
            let message = refusal(&edge, command);
            assert!(message.contains("cannot be used"), "{command:?}: {message}");
        }
    }
    let label = format!("{}.test", "a".repeat(64));
    let total = format!("{}test", "a.".repeat(130));
    for (hostname, reason) in [
        ("", "a hostname is missing"),
        (".", "a hostname is missing"),
        ("a b.test", "has only letters"),
        ("a/b", "has only letters"),
        ("a..test", "1 to 63 characters"),
        (&label, "1 to 63 characters"),
        (&total, "at most 253 characters"),
        ("a-.test", "begins or ends with `-`"),
        ("xn--zzzzzzz99999.test", "IDNA"),
        ("[::1", "letters"),
        ("a.test:80", "letters"),
        ("*.", "missing"),
        ("a.*.test", "a wildcard is written"),
        ("*a.test", "a wildcard is written"),
        ("*.*.test", "a wildcard is written"),
    ] {
        let message = refusal(&edge, &["route", hostname, "worker"]);
        assert!(message.contains(reason), "{hostname:?}: {message}");
    }
    for (origin, reason) in [
        ("ftp://a.test", "http:// or https://"),
        ("http://", "missing"),
        ("http://a.test/path", "no path"),
        ("http://a.test?q", "no path"),
        ("http://user@a.test", "user name"),
        ("http://a.test:0", "port"),
        ("http://a.test:99999", "port"),
        ("http://a b", "letters"),
        ("http://[::1", "IPv6"),
    ] {
        let message = refusal(&edge, &["route", "a.test", origin]);
        assert!(message.contains(reason), "{origin:?}: {message}");
    }
    assert_eq!(records(&edge), 0);
}

#[tokio::test]
async fn files_that_are_not_there_are_named() {
    let edge = Edge::start().await;
    let hello = built("hello", edge.directory.path());
    for command in [
        &["deploy", "shop", "/nowhere/shop.wasm"][..],
        &["deploy", "shop", &hello, "--metadata", "/nowhere/shop.json"],
        &["compile", "/nowhere/shop.wasm"],
        &["deploy", "shop", "/tmp"],
    ] {
        let message = refusal(&edge, command);
        let is_named = message.contains("/nowhere/shop.") || message.contains("/tmp");
        assert!(is_named, "{command:?}: {message}");
    }
    assert_eq!(records(&edge), 0);
    let message = refusal(&edge, &["delete", "hostname", "a.test"]);
    assert!(message.contains("there is no hostname a.test"), "{message}");
}

#[tokio::test]
async fn deploying_again_changes_the_answer_and_a_refused_one_does_not() {
    let edge = Edge::start().await;
    edge.serve("shop", "hello").await;
    assert_eq!(edge.get("shop.test", "/").await.text(), "Hello, World!\n");
    edge.deploy("shop", "count");
    until("the new version answers", async || {
        edge.get("shop.test", "/").await.text() == "1\n"
    })
    .await;
    let sockets = built("sockets", edge.directory.path());
    refusal(&edge, &["deploy", "shop", &sockets]);
    assert_eq!(edge.get("shop.test", "/").await.text(), "1\n");
    edge.cirque(&["delete", "worker", "shop"]);
    until("the deleted worker is gone", async || {
        edge.get("shop.test", "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn the_other_commands_work_and_say_what_is_wrong() {
    let edge = Builder::new(&[]).start().await;
    let directory = edge.directory.path();
    let hello = built("hello", directory);
    let artifact = directory.join("hello.cwasm");
    let output = edge.cirque(&["compile", &hello, "--output", &artifact.to_string_lossy()]);
    let bytes = std::fs::metadata(&artifact).expect("an artifact").len();
    assert!(
        output.ends_with(&format!(" compiles to {bytes} bytes\n")),
        "{output}"
    );
    let junk = write(directory, "junk.wasm", "junk");
    assert!(refusal(&edge, &["compile", &junk]).contains("is not WebAssembly"));

    assert_eq!(
        edge.cirque(&["check"]),
        "the built-in settings can be used\n"
    );
    let good = write(directory, "good.toml", "[limits]\ncpu_ms = 20\n");
    assert_eq!(
        edge.cirque(&["--config", &good, "check"]),
        format!("{good}: the settings can be used\n")
    );
    let bad = write(directory, "bad.toml", "[limits]\ncpu = 20\n");
    let message = refusal(&edge, &["--config", &bad, "check"]);
    assert!(
        message.contains("bad.toml:2: there is no setting `limits.cpu`"),
        "{message}"
    );

    let nowhere = edge.try_cirque(&["compile", &hello, "--output", "/nowhere/hello.cwasm"]);
    assert_eq!(nowhere.status.code(), Some(1));
    let message = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(message.contains("/nowhere/hello.cwasm"), "{message}");

    for shell in ["bash", "zsh", "fish"] {
        assert!(
            edge.cirque(&["completions", shell]).contains("cirque"),
            "{shell}"
        );
    }
    for wrong in [
        &["completions", "basic"][..],
        &["depoly"],
        &["deploy"],
        &["--set"],
    ] {
        let output = edge.try_cirque(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("--help"),
            "{wrong:?}"
        );
    }
    let note = edge.try_cirque(&["route", "early.test", "early"]);
    assert!(note.status.success());
    assert!(String::from_utf8_lossy(&note.stderr).contains("there is no worker early yet"));
}
