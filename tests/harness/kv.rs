//! A worker that does with its bindings what a request asks for, so that a test is a table of calls.

use serde_json::{Value, json};

use super::api::{Answer, Api};
use super::{Builder, Edge, host, until};

/// Its source: the body is `{"binding", "method", "args"}`; values that JSON has no word for are objects with one `$` key.
const SHELL: &str = r#"
const given = (value) => {
  if (typeof value !== "object" || value === null) return value;
  if ("$stream" in value) return new Response(value.$stream).body;
  if ("$buffer" in value) return new Uint8Array(value.$buffer).buffer;
  if ("$view" in value) return new Uint8Array([9, ...value.$view, 9]).subarray(1, 1 + value.$view.length);
  if ("$zeros" in value) return new Uint8Array(value.$zeros);
  if ("$text" in value) return "x".repeat(value.$text);
  if (Array.isArray(value)) return value.map(given);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, given(inner)]));
};
const shown = async (value) => {
  if (value instanceof Map) return { $map: await Promise.all([...value].map(shown)) };
  if (value instanceof ArrayBuffer) {
    return value.byteLength > 100 ? { $bytes: value.byteLength } : { $buffer: [...new Uint8Array(value)] };
  }
  if (value instanceof ReadableStream) return { $stream: await new Response(value).text() };
  if (Array.isArray(value)) return Promise.all(value.map(shown));
  if (typeof value !== "object" || value === null) return value === undefined ? { $undefined: true } : value;
  const entries = Object.entries(value).map(async ([name, inner]) => [name, await shown(inner)]);
  return Object.fromEntries(await Promise.all(entries));
};
export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    const { binding, method, args, times = 1 } = await request.json();
    try {
      let result;
      for (let i = 0; i < times; i++) result = await env[binding][method](...args.map(given));
      return Response.json({ result: await shown(result) });
    } catch (error) {
      return Response.json({ error: `${error.name}: ${error.message}` });
    }
  },
};
"#;

/// An edge with the API and the JavaScript engine.
pub(crate) async fn edge(settings: &[&str]) -> Edge {
    // CPU time stretches where many tests share a core.
    let settings = [&["limits.cpu_ms=5000"], settings].concat();
    Builder::new(&settings)
        .with_javascript()
        .with_api()
        .start()
        .await
}

impl Api {
    /// A path below the account's key-value namespaces.
    pub(crate) fn kv(&self, rest: &str) -> String {
        format!(
            "/client/v4/accounts/{}/storage/kv/namespaces{rest}",
            self.account
        )
    }

    /// Makes a key-value namespace; its id.
    pub(crate) async fn kv_namespace(&self, title: &str) -> String {
        let body = json!({ "title": title });
        let made = self.json("POST", &self.kv(""), body).await.result();
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Uploads the shell with these bindings, `name` or `namespace/name`.
    pub(crate) async fn try_shell(&self, name: &str, bindings: Value) -> Answer {
        let path = match name.split_once('/') {
            Some((namespace, name)) => self.dispatch(&format!("/{namespace}/scripts/{name}")),
            None => self.workers(&format!("/scripts/{name}")),
        };
        let metadata = json!({ "main_module": "worker.js", "bindings": bindings });
        let module = (
            "worker.js",
            "application/javascript+module",
            SHELL.as_bytes(),
        );
        self.upload(&path, metadata, &[module]).await
    }
}

impl Edge {
    /// Serves the shell as `<name>.test`, with key-value namespaces by binding.
    pub(crate) async fn shell(&self, api: &Api, name: &str, namespaces: &[(&str, &str)]) {
        let bindings: Vec<Value> = namespaces
            .iter()
            .map(|(name, id)| json!({ "type": "kv_namespace", "name": name, "namespace_id": id }))
            .collect();
        api.try_shell(name, bindings.into()).await.result();
        self.cirque(&["route", &host(name), name]);
        until("the shell answers", async || {
            self.get(&host(name), "/").await.text() == "ready"
        })
        .await;
    }

    /// Has the shell call a method of a binding: `{"result"}` or `{"error"}`.
    pub(crate) async fn ask(&self, name: &str, binding: &str, method: &str, args: Value) -> Value {
        self.ask_times(name, binding, method, args, 1).await
    }

    /// The same, several times in one request.
    pub(crate) async fn ask_times(
        &self,
        name: &str,
        binding: &str,
        method: &str,
        args: Value,
        times: u64,
    ) -> Value {
        let body = json!({ "binding": binding, "method": method, "args": args, "times": times });
        let answer = self.post(&host(name), "/", body.to_string()).await;
        assert_eq!(answer.status, 200, "{method} {args}: {}", answer.text());
        serde_json::from_slice(&answer.body).expect("JSON")
    }
}
