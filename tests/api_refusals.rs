//! Bad input at the control API: the right status and code, in the envelope, and nothing is changed.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::api::{Answer, Api, form};
use super::harness::{Builder, Edge, client};

const JS: &str = "application/javascript+module";
const HELLO: &[u8] = b"export default { fetch: () => new Response('hello') };";

/// One request that has to fail.
struct Row {
    what: &'static str,
    method: &'static str,
    /// Below the account's workers; `N` stands for the dispatch namespaces.
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    failure: (u16, u64),
}

fn row(
    what: &'static str,
    method: &'static str,
    path: impl Into<String>,
    body: impl Into<Vec<u8>>,
    failure: (u16, u64),
) -> Row {
    Row {
        what,
        method,
        path: path.into(),
        headers: Vec::new(),
        body: body.into(),
        failure,
    }
}

/// An upload to the script that is there.
fn upload(
    what: &'static str,
    metadata: &str,
    modules: &[(&str, &str, &[u8])],
    failure: (u16, u64),
) -> Row {
    let (content_type, body) = form(metadata, modules);
    let mut row = row(what, "PUT", "N/n/scripts/a", body, failure);
    row.headers.push(("content-type", content_type));
    row
}

/// A body under a content type, to the script that is there.
fn put(what: &'static str, content_type: &str, body: &[u8], failure: (u16, u64)) -> Row {
    let mut row = row(what, "PUT", "N/n/scripts/a", body, failure);
    row.headers.push(("content-type", content_type.to_owned()));
    row
}

fn module(text: &str) -> Vec<(&str, &str, &[u8])> {
    vec![("w.js", JS, text.as_bytes())]
}

const MAIN: &str = r#"{"main_module":"w.js"}"#;

fn uploads() -> Vec<Row> {
    let long = "x".repeat(70_000);
    let meta = |rest: &str| format!(r#"{{"main_module":"w.js",{rest}}}"#);
    let good = module("export default { fetch() {} }");
    let many: Vec<Value> = (0..1_001)
        .map(|n| json!({ "type": "plain_text", "name": format!("V{n}"), "text": "" }))
        .collect();
    let metadata = |what, rest: &str, failure| upload(what, &meta(rest), &good, failure);
    let binding = |what, binding: &str, failure| {
        upload(
            what,
            &meta(&format!(r#""bindings":[{binding}]"#)),
            &good,
            failure,
        )
    };
    vec![
        upload(
            "a syntax error",
            MAIN,
            &module("export default {"),
            (400, 10_021),
        ),
        upload(
            "a throw at the top",
            MAIN,
            &module("throw new Error('no')"),
            (400, 10_021),
        ),
        upload(
            "an import of nothing",
            MAIN,
            &module("import a from './a.js'; export default { fetch() {} }"),
            (400, 10_021),
        ),
        upload(
            "an export that is not there",
            MAIN,
            &module("import { b } from './w.js'; export default { fetch() {} }"),
            (400, 10_021),
        ),
        upload(
            "no handler",
            MAIN,
            &module("export const a = 1"),
            (400, 10_068),
        ),
        upload(
            "an endless top level",
            MAIN,
            &module("for (;;);"),
            (400, 10_021),
        ),
        upload(
            "a top level that fills memory",
            MAIN,
            &module("const a = []; for (;;) a.push(new Array(1e6).fill(1));"),
            (400, 10_021),
        ),
        upload("an empty module", MAIN, &module(""), (400, 10_068)),
        upload(
            "a module that is not UTF-8",
            MAIN,
            &[("w.js", JS, b"\xff\xfe")],
            (400, 10_021),
        ),
        upload(
            "a main module that is not there",
            r#"{"main_module":"x.js"}"#,
            &good,
            (400, 10_021),
        ),
        upload("modules, but no main one named", "{}", &good, (400, 10_026)),
        upload(
            "two main modules",
            r#"{"main_module":"w.js","body_part":"w.js"}"#,
            &good,
            (400, 10_026),
        ),
        upload(
            "two modules of one name",
            MAIN,
            &[("w.js", JS, HELLO), ("./w.js", JS, HELLO)],
            (400, 10_021),
        ),
        upload(
            "a part of an unknown type",
            MAIN,
            &[("w.js", JS, HELLO), ("p", "image/png", b"x")],
            (400, 10_021),
        ),
        upload(
            "Python",
            r#"{"main_module":"w.py"}"#,
            &[("w.py", "text/x-python", b"1")],
            (400, 10_021),
        ),
        upload(
            "a main module that is text",
            r#"{"main_module":"t"}"#,
            &[("t", "text/html", b"x")],
            (400, 10_021),
        ),
        upload(
            "a core module",
            r#"{"main_module":"w.wasm"}"#,
            &[("w.wasm", "application/wasm", b"\0asm\x01\0\0\0")],
            (400, 10_021),
        ),
        upload(
            "a damaged component",
            r#"{"main_module":"w.wasm"}"#,
            &[("w.wasm", "application/wasm", b"\0asm\x0d\0\x01\0junk")],
            (400, 10_021),
        ),
        upload(
            "a component with another part",
            r#"{"main_module":"w.wasm"}"#,
            &[
                ("w.wasm", "application/wasm", b"\0asm\x0d\0\x01\0"),
                ("a.js", JS, HELLO),
            ],
            (400, 10_021),
        ),
        upload("metadata that is no JSON", "{", &good, (400, 10_026)),
        upload("metadata that is a list", "[]", &good, (400, 10_026)),
        upload("metadata that is a text", "\"a\"", &good, (400, 10_026)),
        upload("metadata that is null", "null", &good, (400, 10_026)),
        upload(
            "metadata that is a zip file",
            "PK\u{3}\u{4}\u{14}\0\0\0",
            &good,
            (400, 10_026),
        ),
        upload(
            "metadata that is too deep",
            &"[".repeat(10_000),
            &good,
            (400, 10_026),
        ),
        upload(
            "metadata with NaN",
            r#"{"limits":{"cpu_ms":NaN}}"#,
            &good,
            (400, 10_026),
        ),
        metadata(
            "main_module of another type",
            r#""main_module":1"#,
            (400, 10_026),
        ),
        metadata(
            "bindings that are an object",
            r#""bindings":{}"#,
            (400, 10_026),
        ),
        metadata(
            "bindings that are texts",
            r#""bindings":["a"]"#,
            (400, 10_026),
        ),
        metadata("tags that are a text", r#""tags":"a""#, (400, 10_026)),
        metadata("tags that are numbers", r#""tags":[1]"#, (400, 10_026)),
        metadata(
            "nine tags",
            r#""tags":["1","2","3","4","5","6","7","8","9"]"#,
            (400, 100_103),
        ),
        metadata(
            "a tag that is too long",
            &format!(r#""tags":["{}"]"#, "x".repeat(1_025)),
            (400, 100_102),
        ),
        metadata("a tag with a comma", r#""tags":["a,b"]"#, (400, 100_134)),
        metadata(
            "a tag with an ampersand",
            r#""tags":["a&b"]"#,
            (400, 100_134),
        ),
        metadata("an empty tag", r#""tags":[""]"#, (400, 100_134)),
        metadata("limits that are a list", r#""limits":[]"#, (400, 10_026)),
        metadata(
            "a negative limit",
            r#""limits":{"cpu_ms":-1}"#,
            (400, 10_026),
        ),
        metadata(
            "a limit that is a text",
            r#""limits":{"cpu_ms":"50"}"#,
            (400, 10_026),
        ),
        metadata(
            "a limit that is a fraction",
            r#""limits":{"subrequests":1.5}"#,
            (400, 10_026),
        ),
        metadata(
            "a limit beyond numbers",
            r#""limits":{"cpu_ms":99999999999999999999999}"#,
            (400, 10_026),
        ),
        metadata(
            "a date that is none",
            r#""compatibility_date":"yesterday""#,
            (400, 10_026),
        ),
        metadata(
            "a day that is none",
            r#""compatibility_date":"2025-02-30""#,
            (400, 10_026),
        ),
        metadata(
            "a date that is a number",
            r#""compatibility_date":20250101"#,
            (400, 10_026),
        ),
        metadata(
            "flags that are a text",
            r#""compatibility_flags":"nodejs_compat""#,
            (400, 10_026),
        ),
        metadata(
            "keep_bindings that is a number",
            r#""keep_bindings":1"#,
            (400, 10_026),
        ),
        metadata(
            "keep_bindings of objects",
            r#""keep_bindings":[{}]"#,
            (400, 10_026),
        ),
        binding(
            "a binding without a type",
            r#"{"name":"A","text":"x"}"#,
            (400, 10_026),
        ),
        binding(
            "a binding without a name",
            r#"{"type":"plain_text","text":"x"}"#,
            (400, 10_026),
        ),
        binding(
            "a binding of an unknown type",
            r#"{"type":"teapot","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a text that is a number",
            r#"{"type":"plain_text","name":"A","text":1}"#,
            (400, 10_026),
        ),
        binding(
            "a text that is missing",
            r#"{"type":"plain_text","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "JSON that is missing",
            r#"{"type":"json","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a secret without a text",
            r#"{"type":"secret_text","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a key without a key",
            r#"{"type":"secret_key","name":"A","format":"raw"}"#,
            (400, 10_026),
        ),
        binding(
            "a sealed text of nobody's",
            r#"{"type":"secret_text","name":"A","sealed":"v1.abc.def"}"#,
            (400, 10_052),
        ),
        binding(
            "KV without a namespace",
            r#"{"type":"kv_namespace","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "D1 without an id",
            r#"{"type":"d1","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "R2 without a bucket",
            r#"{"type":"r2_bucket","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a service without a name",
            r#"{"type":"service","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a dispatch binding without a namespace",
            r#"{"type":"dispatch_namespace","name":"A"}"#,
            (400, 10_026),
        ),
        binding(
            "a binding with an empty name",
            r#"{"type":"plain_text","name":"","text":"x"}"#,
            (400, 10_052),
        ),
        binding(
            "a binding whose name is no name",
            r#"{"type":"plain_text","name":"A-B","text":"x"}"#,
            (400, 10_052),
        ),
        binding(
            "a binding whose name begins with a digit",
            r#"{"type":"plain_text","name":"1A","text":"x"}"#,
            (400, 10_052),
        ),
        binding(
            "two bindings of one name",
            r#"{"type":"plain_text","name":"A","text":"x"},{"type":"json","name":"A","json":1}"#,
            (400, 10_052),
        ),
        binding(
            "a value that is too long",
            &json!({ "type": "plain_text", "name": "A", "text": long }).to_string(),
            (400, 10_054),
        ),
        binding(
            "a secret that is too long",
            &json!({ "type": "secret_text", "name": "A", "text": long }).to_string(),
            (400, 10_054),
        ),
        binding(
            "too many bindings",
            many.iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(",")
                .as_str(),
            (400, 10_055),
        ),
    ]
}

fn forms() -> Vec<Row> {
    let boundary = "multipart/form-data; boundary=B";
    let part = |disposition: &str, body: &str| {
        format!("--B\r\nContent-Disposition: {disposition}\r\n\r\n{body}\r\n--B--\r\n")
    };
    let crowd: String = (0..2_100)
        .map(|n| format!("--B\r\nContent-Disposition: form-data; name=\"p{n}\"\r\n\r\n\r\n"))
        .collect();
    let brackets = |name: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n1\r\n--B--\r\n")
    };
    vec![
        put("no body", JS, b"", (400, 10_026)),
        put("no body in a form", boundary, b"", (400, 10_026)),
        put(
            "a form without a boundary",
            "multipart/form-data",
            b"x",
            (400, 10_026),
        ),
        put(
            "a form without a part",
            boundary,
            b"--B--\r\n",
            (400, 10_003),
        ),
        put(
            "another boundary",
            "multipart/form-data; boundary=C",
            part("form-data; name=\"metadata\"", MAIN).as_bytes(),
            (400, 10_026),
        ),
        put(
            "a form that breaks off in a header",
            boundary,
            b"--B\r\nContent-Disposition: form-da",
            (400, 10_026),
        ),
        put(
            "a form that breaks off in a part",
            boundary,
            b"--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{",
            (400, 10_026),
        ),
        put(
            "a part without a name",
            boundary,
            part("form-data", "x").as_bytes(),
            (400, 10_026),
        ),
        put(
            "a part with an empty name",
            boundary,
            part("form-data; name=\"\"", "x").as_bytes(),
            (400, 10_026),
        ),
        put(
            "no metadata",
            boundary,
            part("form-data; name=\"w.js\"; filename=\"w.js\"", "x").as_bytes(),
            (400, 10_003),
        ),
        put(
            "metadata in capitals",
            boundary,
            part("form-data; name=\"METADATA\"", MAIN).as_bytes(),
            (400, 10_003),
        ),
        put(
            "metadata twice",
            boundary,
            format!(
                "--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{{}}\r\n{}",
                part("form-data; name=\"metadata\"", "{}")
            )
            .as_bytes(),
            (400, 10_026),
        ),
        put(
            "metadata that is too large",
            boundary,
            part(
                "form-data; name=\"metadata\"",
                &format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)),
            )
            .as_bytes(),
            (400, 10_026),
        ),
        put(
            "too many parts",
            boundary,
            format!("{crowd}--B--\r\n").as_bytes(),
            (400, 10_026),
        ),
        put(
            "brackets that lead nowhere",
            boundary,
            brackets("metadata[]").as_bytes(),
            (400, 10_026),
        ),
        put(
            "brackets that do not close",
            boundary,
            brackets("metadata[a").as_bytes(),
            (400, 10_026),
        ),
        put(
            "brackets that go too deep",
            boundary,
            brackets(&format!("metadata{}", "[a]".repeat(40))).as_bytes(),
            (400, 10_026),
        ),
        put(
            "brackets beside metadata",
            boundary,
            format!(
                "--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{{}}\r\n{}",
                brackets("metadata[a]")
            )
            .as_bytes(),
            (400, 10_026),
        ),
        put(
            "a script that is cut",
            "application/javascript",
            b"addEventListener('fetch', ",
            (400, 10_021),
        ),
        put(
            "a script that listens to nothing",
            "application/javascript",
            b"1",
            (400, 10_068),
        ),
        put(
            "text that is no script",
            "text/html",
            b"<html>",
            (400, 10_021),
        ),
        put(
            "bytes",
            "application/octet-stream",
            b"\0\xff\xfe",
            (400, 10_021),
        ),
        put(
            "a core module as the body",
            "application/wasm",
            b"\0asm\x01\0\0\0",
            (400, 10_021),
        ),
        put(
            "no WebAssembly as WebAssembly",
            "application/wasm",
            b"hello",
            (400, 10_021),
        ),
        put(
            "a form larger than may be",
            boundary,
            &vec![b'x'; (10 << 20) + 1],
            (413, 10_027),
        ),
        put(
            "metadata alone for nothing in it",
            JS,
            br#"{"metadata":[]}"#,
            (400, 10_026),
        ),
    ]
}

fn names() -> Vec<Row> {
    let long = "x".repeat(300);
    vec![
        row("no such namespace", "GET", "N/nobody", "", (404, 100_119)),
        row(
            "no such namespace to list",
            "GET",
            "N/nobody/scripts",
            "",
            (404, 100_119),
        ),
        row(
            "no such namespace to upload into",
            "PUT",
            "N/nobody/scripts/a",
            HELLO,
            (404, 100_119),
        ),
        row(
            "no such namespace to delete",
            "DELETE",
            "N/nobody",
            "",
            (404, 100_119),
        ),
        row(
            "no such namespace to change",
            "PATCH",
            "N/nobody",
            "{}",
            (404, 100_119),
        ),
        row(
            "no such script",
            "GET",
            "N/n/scripts/nobody",
            "",
            (404, 10_092),
        ),
        row(
            "no such script's content",
            "GET",
            "N/n/scripts/nobody/content",
            "",
            (404, 10_092),
        ),
        row(
            "no such script's settings",
            "GET",
            "N/n/scripts/nobody/settings",
            "",
            (404, 10_092),
        ),
        row(
            "no such script's tags",
            "GET",
            "N/n/scripts/nobody/tags",
            "",
            (404, 10_092),
        ),
        row(
            "no such script's secrets",
            "GET",
            "N/n/scripts/nobody/secrets",
            "",
            (404, 10_092),
        ),
        row(
            "no such script to tag",
            "PUT",
            "N/n/scripts/nobody/tags/x",
            "",
            (404, 10_092),
        ),
        row(
            "no such script for a secret",
            "PUT",
            "N/n/scripts/nobody/secrets",
            r#"{"name":"A","text":"x"}"#,
            (404, 10_092),
        ),
        row(
            "no such script to delete",
            "DELETE",
            "N/n/scripts/nobody",
            "",
            (404, 10_092),
        ),
        row(
            "no such worker",
            "GET",
            "/scripts/nobody/settings",
            "",
            (404, 10_007),
        ),
        row(
            "no such service",
            "GET",
            "/services/nobody",
            "",
            (404, 10_090),
        ),
        row(
            "no such worker to ask about",
            "GET",
            "/workers/nobody",
            "",
            (404, 10_090),
        ),
        row(
            "no such secret",
            "GET",
            "N/n/scripts/a/secrets/NOBODY",
            "",
            (404, 10_056),
        ),
        row(
            "no such secret to delete",
            "DELETE",
            "N/n/scripts/a/secrets/NOBODY",
            "",
            (404, 10_056),
        ),
        row(
            "no such version",
            "GET",
            "N/n/scripts/a/versions/0123",
            "",
            (404, 100_146),
        ),
        row("no such domain", "GET", "/domains/0123", "", (404, 10_404)),
        row(
            "a domain for no worker",
            "PUT",
            "/domains",
            r#"{"hostname":"a.test","service":"nobody"}"#,
            (404, 10_007),
        ),
        row(
            "a domain that is none",
            "PUT",
            "/domains",
            r#"{"hostname":"a b","service":"w"}"#,
            (400, 10_026),
        ),
        row(
            "a domain without a hostname",
            "PUT",
            "/domains",
            r#"{"service":"w"}"#,
            (400, 10_026),
        ),
        row(
            "a script's name with a slash",
            "GET",
            "N/n/scripts/a%2Fb",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name that climbs",
            "GET",
            "N/n/scripts/..%2F..%2Fsecrets",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name with a colon",
            "GET",
            "N/n/scripts/a:b",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name with braces",
            "GET",
            "N/n/scripts/%7Bn%7D",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name with a zero",
            "GET",
            "N/n/scripts/a%00",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name with a star",
            "GET",
            "N/n/scripts/*",
            "",
            (400, 10_016),
        ),
        row(
            "a script's name that is too long",
            "GET",
            format!("N/n/scripts/{long}"),
            "",
            (400, 10_016),
        ),
        row(
            "a script's name that begins with a dash",
            "PUT",
            "N/n/scripts/-a",
            HELLO,
            (400, 10_016),
        ),
        row(
            "a script's name that is not UTF-8",
            "GET",
            "N/n/scripts/%FF",
            "",
            (404, 7_003),
        ),
        row(
            "a namespace's name with a colon",
            "GET",
            "N/a:b",
            "",
            (404, 100_119),
        ),
        row(
            "a namespace's name that is ours",
            "PUT",
            "N/_/scripts/a",
            HELLO,
            (400, 10_016),
        ),
        row(
            "a namespace named nothing",
            "POST",
            "N",
            r#"{"name":""}"#,
            (400, 10_016),
        ),
        row(
            "a namespace named with a slash",
            "POST",
            "N",
            r#"{"name":"a/b"}"#,
            (400, 10_016),
        ),
        row(
            "a namespace named with a newline",
            "POST",
            "N",
            r#"{"name":"a\nb"}"#,
            (400, 10_016),
        ),
        row(
            "a namespace with our own name",
            "POST",
            "N",
            r#"{"name":"_"}"#,
            (400, 10_016),
        ),
        row(
            "a namespace with a name that is too long",
            "POST",
            "N",
            json!({ "name": long }).to_string(),
            (400, 10_016),
        ),
        row(
            "a namespace without a name",
            "POST",
            "N",
            "{}",
            (400, 10_026),
        ),
        row(
            "a namespace whose name is a number",
            "POST",
            "N",
            r#"{"name":1}"#,
            (400, 10_026),
        ),
        row(
            "a namespace that is there",
            "POST",
            "N",
            r#"{"name":"n"}"#,
            (409, 100_120),
        ),
        row(
            "a namespace's body that is a list",
            "POST",
            "N",
            "[]",
            (400, 10_026),
        ),
        row(
            "a namespace's body that is nothing",
            "POST",
            "N",
            "",
            (400, 10_026),
        ),
        row(
            "a namespace's body that is not UTF-8",
            "POST",
            "N",
            &b"{\"name\":\"\xff\"}"[..],
            (400, 10_026),
        ),
        row(
            "a namespace's body that is too deep",
            "POST",
            "N",
            "[".repeat(100_000),
            (400, 10_026),
        ),
        row(
            "a namespace's body that is too large",
            "POST",
            "N",
            " ".repeat((1 << 20) + 1),
            (413, 10_027),
        ),
        row(
            "a namespace renamed to another's name",
            "PUT",
            "N/n",
            r#"{"name":"m"}"#,
            (409, 100_120),
        ),
        row(
            "a namespace renamed to nothing",
            "PUT",
            "N/n",
            r#"{"name":""}"#,
            (400, 10_016),
        ),
        row(
            "a namespace that is trusted by a text",
            "PATCH",
            "N/n",
            r#"{"trusted_workers":"yes"}"#,
            (400, 10_026),
        ),
        row(
            "a namespace with limits that are none",
            "PATCH",
            "N/n",
            r#"{"limits":{"cpu_ms":"x"}}"#,
            (400, 10_026),
        ),
        row(
            "a page of none",
            "GET",
            "N/n/scripts?limit=0",
            "",
            (400, 10_026),
        ),
        row(
            "a page of less than none",
            "GET",
            "N/n/scripts?limit=-1",
            "",
            (400, 10_026),
        ),
        row(
            "a page of a word",
            "GET",
            "N/n/scripts?limit=many",
            "",
            (400, 10_026),
        ),
        row(
            "a cursor that is made up",
            "GET",
            "N/n/scripts?cursor=YQ",
            "",
            (400, 10_026),
        ),
        row(
            "a cursor that is no base64",
            "GET",
            "N/n/scripts?cursor=%25%25",
            "",
            (400, 10_026),
        ),
        row(
            "a filter that is none",
            "GET",
            "N/n/scripts?tags=a",
            "",
            (400, 100_135),
        ),
        row(
            "a filter with a gap",
            "GET",
            "N/n/scripts?tags=a:yes,,b:no",
            "",
            (400, 100_135),
        ),
        row(
            "a script's filter that is none",
            "GET",
            "N/n/scripts/a/tags?tags=a:perhaps",
            "",
            (400, 100_135),
        ),
        row(
            "a deletion of nobody knows what",
            "DELETE",
            "N/n/scripts",
            "",
            (400, 10_026),
        ),
        row(
            "a deletion by nothing",
            "DELETE",
            "N/n/scripts?tags=",
            "",
            (400, 100_135),
        ),
        row(
            "a deletion by half a filter",
            "DELETE",
            "N/n/scripts?tags=a",
            "",
            (400, 100_135),
        ),
        row(
            "a deletion of none",
            "DELETE",
            "N/n/scripts?tags=x:no&limit=0",
            "",
            (400, 10_026),
        ),
        row(
            "tags that are an object",
            "PUT",
            "N/n/scripts/a/tags",
            "{}",
            (400, 10_026),
        ),
        row(
            "tags with quotes that do not close",
            "PUT",
            "N/n/scripts/a/tags",
            "['a, 'b']",
            (400, 10_026),
        ),
        row(
            "tags that are nothing",
            "PUT",
            "N/n/scripts/a/tags",
            "",
            (400, 10_026),
        ),
        row(
            "nine tags at once",
            "PUT",
            "N/n/scripts/a/tags",
            r#"["1","2","3","4","5","6","7","8","9"]"#,
            (400, 100_103),
        ),
        row(
            "a tag with a comma",
            "PUT",
            "N/n/scripts/a/tags/a%2Cb",
            "",
            (400, 100_134),
        ),
        row(
            "a secret that is a list",
            "PUT",
            "N/n/scripts/a/secrets",
            "[]",
            (400, 10_026),
        ),
        row(
            "a secret without a name",
            "PUT",
            "N/n/scripts/a/secrets",
            r#"{"text":"x"}"#,
            (400, 10_026),
        ),
        row(
            "a secret without a text",
            "PUT",
            "N/n/scripts/a/secrets",
            r#"{"name":"A"}"#,
            (400, 10_026),
        ),
        row(
            "a secret that is none",
            "PUT",
            "N/n/scripts/a/secrets",
            r#"{"name":"A","type":"plain_text","text":"x"}"#,
            (400, 10_026),
        ),
        row(
            "a secret with a name that is none",
            "PUT",
            "N/n/scripts/a/secrets",
            r#"{"name":"a b","text":"x"}"#,
            (400, 10_052),
        ),
        row(
            "a secret that is too long",
            "PUT",
            "N/n/scripts/a/secrets",
            json!({ "name": "A", "text": "x".repeat(70_000) }).to_string(),
            (400, 10_054),
        ),
        row(
            "secrets without secrets",
            "PATCH",
            "N/n/scripts/a/secrets-bulk",
            "{}",
            (400, 10_026),
        ),
        row(
            "secrets that are texts",
            "PATCH",
            "N/n/scripts/a/secrets-bulk",
            r#"{"secrets":{"A":"x"}}"#,
            (400, 10_026),
        ),
        row(
            "settings that are nothing",
            "PATCH",
            "N/n/scripts/a/settings",
            "",
            (400, 10_026),
        ),
        row(
            "settings with a bad limit",
            "PATCH",
            "N/n/scripts/a/settings",
            r#"{"limits":{"cpu_ms":-5}}"#,
            (400, 10_026),
        ),
        row(
            "content without a module",
            "PUT",
            "N/n/scripts/a/content",
            r#"{"metadata":{}}"#,
            (400, 10_026),
        ),
        row(
            "a deployment of nothing",
            "POST",
            "N/n/scripts/a/deployments",
            "{}",
            (400, 10_015),
        ),
        row(
            "a deployment of halves",
            "POST",
            "N/n/scripts/a/deployments",
            r#"{"versions":[{"version_id":"a","percentage":50},{"version_id":"b","percentage":50}]}"#,
            (400, 10_015),
        ),
        row(
            "a deployment of a version that is none",
            "POST",
            "N/n/scripts/a/deployments",
            r#"{"versions":[{"version_id":"a","percentage":100}]}"#,
            (404, 100_146),
        ),
        row(
            "cron triggers of a worker that handles none",
            "PUT",
            "/scripts/w/schedules",
            r#"[{"cron":"* * * * *"}]"#,
            (400, 10_026),
        ),
        row(
            "a route for a path",
            "PUT",
            "/scripts/w/routes",
            r#"[{"pattern":"a.test/api/*"}]"#,
            (400, 10_015),
        ),
        row(
            "a route without a pattern",
            "PUT",
            "/scripts/w/routes",
            "[{}]",
            (400, 10_026),
        ),
        row(
            "a method nobody has",
            "POST",
            "N/n/scripts/a",
            "",
            (405, 10_405),
        ),
        row(
            "a path nobody has",
            "GET",
            "/nothing/at/all",
            "",
            (404, 7_003),
        ),
    ]
}

async fn edge() -> (Edge, Api) {
    let edge = Builder::new(&["limits.memory_mb=64", "limits.memory_mb_max=64"])
        .with_javascript()
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    api.namespace("n").await;
    api.namespace("m").await;
    let metadata = json!({
        "main_module": "w.js", "tags": ["x"],
        "bindings": [{ "type": "plain_text", "name": "KEEP", "text": "me" }],
    });
    for path in [api.dispatch("/n/scripts/a"), api.workers("/scripts/w")] {
        api.upload(&path, metadata.clone(), &[("w.js", JS, HELLO)])
            .await
            .result();
    }
    (edge, api)
}

/// Everything there is, as the API shows it.
async fn all(api: &Api) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "",
        "/n/scripts",
        "/m/scripts",
        "/n/scripts/a/settings",
        "/n/scripts/a/secrets",
    ] {
        all.push(api.get(&api.dispatch(path)).await.result());
    }
    for path in ["/domains", "/scripts", "/scripts/w/settings"] {
        all.push(api.get(&api.workers(path)).await.result());
    }
    all
}

async fn ask(api: &Api, row: &Row) -> Answer {
    let path = match row.path.strip_prefix('N') {
        Some(rest) => api.dispatch(rest),
        None => api.workers(&row.path),
    };
    let headers: Vec<(&str, &str)> = row.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    api.send(row.method, &path, &headers, row.body.clone())
        .await
}

async fn refuse(rows: Vec<Row>) {
    let (edge, api) = edge().await;
    let before = all(&api).await;
    let mut wrong = Vec::new();
    for row in &rows {
        let answer = ask(&api, row).await;
        let code = answer.json["errors"][0]["code"].as_u64().unwrap_or(0);
        let is_refused = answer.json["success"] == false && answer.json["result"].is_null();
        if !is_refused || (answer.status, code) != row.failure {
            let text = String::from_utf8_lossy(&answer.body);
            wrong.push(format!(
                "{}: {:?} expected, {} {text}",
                row.what, row.failure, answer.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(all(&api).await, before);
    edge.cirque(&["route", "a.test", "n/a"]);
    edge.until_routed("a.test").await;
    assert_eq!(edge.get("a.test", "/").await.text(), "hello");
}

#[tokio::test]
async fn uploads_that_mean_nothing_change_nothing() {
    refuse(uploads()).await;
}

#[tokio::test]
async fn forms_that_cannot_be_read_change_nothing() {
    refuse(forms()).await;
}

#[tokio::test]
async fn names_and_bodies_that_mean_nothing_change_nothing() {
    refuse(names()).await;
}

#[tokio::test]
async fn slow_and_endless_bodies_end() {
    let edge = Builder::new(&["api.body_timeout_ms=300", "api.header_timeout_ms=300"])
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-length: 100000\r\n\r\nabc",
        api.dispatch("/n/scripts/a"),
        api.token
    );
    let mut slow = client::dial(api.port).await;
    slow.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 64];
    slow.read_exact(&mut answer).await.expect("an answer");
    assert!(
        answer.starts_with(b"HTTP/1.1 408 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    // Half a header is given up, too.
    let mut half = client::dial(api.port).await;
    half.write_all(b"GET /client/v4/user HTTP/1.1\r\nhost: a\r\n")
        .await
        .expect("sent");
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).await.expect("closed");
}

#[tokio::test]
async fn of_two_who_upload_at_once_one_wins_whole() {
    let (edge, api) = edge().await;
    let path = api.dispatch("/n/scripts/race");
    let code =
        |n: usize| format!("export default {{ fetch: (_, env) => new Response('{n}' + env.N) }}");
    let upload = async |n: usize| {
        let metadata = json!({
            "main_module": "w.js", "tags": [format!("t{n}")],
            "bindings": [{ "type": "plain_text", "name": "N", "text": n.to_string() }],
        });
        api.upload(&path, metadata, &[("w.js", JS, code(n).as_bytes())])
            .await
    };
    let answers = futures::future::join_all((0..8).map(upload)).await;
    for answer in &answers {
        assert!(
            answer.status == 200 || answer.failure() == (409, 10_035),
            "{answer:?}"
        );
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    edge.cirque(&["route", "race.test", "n/race"]);
    edge.until_routed("race.test").await;
    let served = edge.get("race.test", "/").await.text();
    assert_eq!(
        served[..1],
        served[1..],
        "code and bindings are of one upload"
    );
    let tags = api.get(&format!("{path}/tags")).await.result();
    assert_eq!(tags, json!([format!("t{}", &served[..1])]));
    // The sets that lists are made from agree.
    let mut found = 0;
    for n in 0..8 {
        let listed = api
            .get(&api.dispatch(&format!("/n/scripts?tags=t{n}:yes")))
            .await
            .result();
        found += listed.as_array().map_or(0, Vec::len);
    }
    assert_eq!(found, 1);
}

#[tokio::test]
async fn what_is_deleted_while_it_is_uploaded_is_not_there_in_part() {
    let (edge, api) = edge().await;
    let path = api.dispatch("/m/scripts/a");
    let upload = async || {
        api.upload(
            &path,
            json!({ "main_module": "w.js" }),
            &[("w.js", JS, HELLO)],
        )
        .await
    };
    let delete = async || api.delete(&api.dispatch("/m")).await;
    let (uploaded, deleted) = tokio::join!(upload(), delete());
    assert_eq!(deleted.status, 200);
    assert!(
        uploaded.status == 200 || uploaded.failure() == (404, 100_119),
        "{uploaded:?}"
    );
    assert_eq!(api.get(&path).await.failure(), (404, 100_119));
    api.namespace("m").await;
    assert_eq!(
        api.get(&api.dispatch("/m/scripts")).await.result(),
        json!([])
    );
    drop(edge);
}
