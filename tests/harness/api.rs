//! A client of the control API.

use serde_json::Value;

use super::{Edge, client};

/// A token at an edge's API.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) port: u16,
    /// The account's id.
    pub(crate) account: String,
    /// The token.
    pub(crate) token: String,
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    /// The envelope; null when the body is no JSON.
    pub(crate) json: Value,
    pub(crate) body: bytes::Bytes,
}

impl Answer {
    /// The result of a success; fails the test otherwise.
    pub(crate) fn result(self) -> Value {
        assert_eq!(
            self.json["success"], true,
            "{} {:?}",
            self.status, self.json
        );
        assert_eq!(self.status, 200, "{:?}", self.json);
        self.json["result"].clone()
    }

    /// Status and code of a failure; fails the test otherwise.
    pub(crate) fn failure(&self) -> (u16, u64) {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.json["success"], false, "{} {text}", self.status);
        assert!(self.json["result"].is_null(), "{text}");
        let error = &self.json["errors"][0];
        assert!(
            error["message"].as_str().is_some_and(|m| !m.is_empty()),
            "{text}"
        );
        (self.status, error["code"].as_u64().expect("a code"))
    }

    /// What a failure says.
    pub(crate) fn message(&self) -> String {
        self.json["errors"][0]["message"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    }
}

impl Edge {
    /// A client with a new token that may do everything.
    pub(crate) async fn api(&self) -> Api {
        self.api_with(&["token", "create", "test"]).await
    }

    /// A client with the token that a command makes.
    pub(crate) async fn api_with(&self, command: &[&str]) -> Api {
        let printed = self.cirque(command);
        let token = printed.lines().last().expect("a token").to_owned();
        let mut api = Api {
            port: self.api_port,
            account: String::new(),
            token,
        };
        let accounts = api
            .send("GET", "/client/v4/accounts", &[], Vec::new())
            .await
            .result();
        api.account = accounts[0]["id"].as_str().expect("an account").to_owned();
        api
    }
}

impl Api {
    /// Any request with the token.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.raw(method, path, &all, body).await
    }

    /// Any request.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let response = client::request(self.port, method, "api.test", path, headers, body).await;
        Answer {
            status: response.status,
            json: serde_json::from_slice(&response.body).unwrap_or_default(),
            headers: response.headers,
            body: response.body,
        }
    }

    /// A path below the account's dispatch namespaces.
    pub(crate) fn dispatch(&self, rest: &str) -> String {
        format!(
            "/client/v4/accounts/{}/workers/dispatch/namespaces{rest}",
            self.account
        )
    }

    /// A path below the account's workers.
    pub(crate) fn workers(&self, rest: &str) -> String {
        format!("/client/v4/accounts/{}/workers{rest}", self.account)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], Vec::new()).await
    }

    /// A request with JSON.
    pub(crate) async fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = body.to_string().into_bytes();
        self.send(method, path, &[("content-type", "application/json")], body)
            .await
    }

    /// An upload of metadata and modules: name, content type, content.
    pub(crate) async fn upload(
        &self,
        path: &str,
        metadata: Value,
        modules: &[(&str, &str, &[u8])],
    ) -> Answer {
        let (content_type, body) = form(&metadata.to_string(), modules);
        self.send("PUT", path, &[("content-type", &content_type)], body)
            .await
    }

    /// Makes a namespace.
    pub(crate) async fn namespace(&self, name: &str) {
        let body = serde_json::json!({ "name": name });
        self.json("POST", &self.dispatch(""), body).await.result();
    }

    /// Uploads a component of `tests/workers` into a namespace, with metadata beside its main module.
    pub(crate) async fn component(
        &self,
        edge: &Edge,
        script: &str,
        guest: &str,
        mut metadata: Value,
    ) -> Answer {
        let (namespace, name) = script.split_once('/').expect("namespace/name");
        let file = super::built(guest, edge.directory.path());
        let bytes = std::fs::read(file).expect("a component");
        metadata["main_module"] = "worker.wasm".into();
        let path = self.dispatch(&format!("/{namespace}/scripts/{name}"));
        self.upload(
            &path,
            metadata,
            &[("worker.wasm", "application/wasm", &bytes)],
        )
        .await
    }
}

/// Multipart form data of metadata and modules.
pub(crate) fn form(metadata: &str, modules: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = format!(
        "--BOUNDARY\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n"
    )
    .into_bytes();
    for (name, content_type, content) in modules {
        body.extend(format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n").into_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--BOUNDARY--\r\n");
    ("multipart/form-data; boundary=BOUNDARY".into(), body)
}

/// The setting that makes nodes share the key of their secrets.
pub(crate) fn shared_key(directory: &std::path::Path) -> String {
    let key = directory.join("secrets.key");
    let text = "b1NzcjB4dVZ0ZVdnM2tQcjZ1c2FVd2Q2dHh3b0J2Y3o=\n";
    std::fs::write(&key, text).expect("a file");
    let only_mine = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&key, only_mine).expect("its owner");
    format!("secrets.key_file={}", key.display())
}
