//! The control API from the command line: `--api URL --token TOKEN`.

use clap::Args;
use http::{Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::{Value, json};

use super::CliError;
use crate::control::scripts::Upload;
use crate::model::bundle::{Bundle, Syntax};
use crate::model::script::Kind;
use crate::model::{Purge, REGULAR, TenantId};
use crate::tail::Scope;

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where the API is.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct RemoteArguments {
    /// Work through the control API at this address instead of the store, as in https://api.example.com
    #[arg(long, value_name = "URL", env = "CIRQUE_API", global = true)]
    api: Option<String>,
    /// The token for it
    #[arg(
        long,
        value_name = "TOKEN",
        env = "CIRQUE_TOKEN",
        hide_env_values = true,
        global = true
    )]
    token: Option<String>,
}

/// A control API.
pub(super) struct Remote {
    base: String,
    token: String,
}

impl Remote {
    /// The API that the command line names, if it names one.
    ///
    /// # Errors
    /// [`CliError`] when it names no token.
    pub(super) fn from(arguments: &RemoteArguments) -> Result<Option<Self>, CliError> {
        let Some(api) = &arguments.api else {
            return Ok(None);
        };
        let token = arguments.token.clone().ok_or_else(|| {
            CliError::Other(
                "--api needs --token; `cirque token create` on the edge makes one".into(),
            )
        })?;
        let api = api.trim_end_matches('/');
        let api = api.strip_suffix("/client/v4").unwrap_or(api);
        let base = format!("{api}/client/v4");
        Ok(Some(Self { base, token }))
    }

    /// Uploads a worker; a namespace that is not there is made. Gives the events that the worker handles.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn put_script(
        &self,
        tenant: &TenantId,
        upload: &Upload,
        metadata: &Value,
    ) -> Result<Vec<String>, CliError> {
        let account = self.account()?;
        if tenant.namespace() != REGULAR {
            let all = format!("/accounts/{account}/workers/dispatch/namespaces");
            let one = format!("{all}/{}", tenant.namespace());
            if self.ask(Method::GET, &one, None)?.is_err() {
                let body = json!({ "name": tenant.namespace() }).to_string();
                self.say(
                    Method::POST,
                    &all,
                    Some(("application/json".into(), body.into())),
                )?;
            }
        }
        let form = form(upload, metadata)?;
        let done = self.say(Method::PUT, &script_path(&account, tenant), Some(form))?;
        let handlers = done["result"]["handlers"].as_array();
        let names = handlers.into_iter().flatten().filter_map(Value::as_str);
        Ok(names.map(str::to_owned).collect())
    }

    /// Deletes a worker.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn delete_script(&self, tenant: &TenantId) -> Result<(), CliError> {
        let account = self.account()?;
        self.say(Method::DELETE, &script_path(&account, tenant), None)?;
        Ok(())
    }

    /// Leads a hostname to a regular worker.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn put_domain(&self, hostname: &str, worker: &str) -> Result<(), CliError> {
        let account = self.account()?;
        let body = json!({ "hostname": hostname, "service": worker }).to_string();
        let path = format!("/accounts/{account}/workers/domains");
        self.say(
            Method::PUT,
            &path,
            Some(("application/json".into(), body.into())),
        )?;
        Ok(())
    }

    /// Has all nodes forget responses of a worker.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn purge(&self, tenant: &TenantId, purges: &[Purge]) -> Result<(), CliError> {
        let account = self.account()?;
        let path = format!("{}/purge_cache", script_path(&account, tenant));
        let mut body = json!({});
        for purge in purges {
            let (list, item) = match purge {
                Purge::Everything => {
                    body["purge_everything"] = true.into();
                    continue;
                }
                Purge::Url(url) => ("files", url),
                Purge::Prefix(prefix) => ("prefixes", prefix),
                Purge::Tag(tag) => ("tags", tag),
                Purge::Host(host) => ("hosts", host),
            };
            if body[list].is_null() {
                body[list] = json!([]);
            }
            if let Some(list) = body[list].as_array_mut() {
                list.push(item.as_str().into());
            }
        }
        let body = Some(("application/json".into(), body.to_string().into()));
        self.say(Method::POST, &path, body)?;
        Ok(())
    }

    /// All workers, as `namespace/name` or `name`, each with when it was last written; and all domains with their workers.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn list(&self) -> Result<Vec<String>, CliError> {
        let account = self.account()?;
        let text = |value: &Value, field: &str| value[field].as_str().unwrap_or("").to_owned();
        let each = |value: Value| value.as_array().cloned().unwrap_or_default();
        let mut lines = Vec::new();
        let path = format!("/accounts/{account}/workers/domains");
        for domain in each(self.say(Method::GET, &path, None)?["result"].take()) {
            let (hostname, service) = (text(&domain, "hostname"), text(&domain, "service"));
            lines.push(format!("hostname  {hostname}  {service}"));
        }
        let path = format!("/accounts/{account}/workers/scripts");
        for script in each(self.say(Method::GET, &path, None)?["result"].take()) {
            let (id, modified) = (text(&script, "id"), text(&script, "modified_on"));
            lines.push(format!("worker    {id}  {modified}"));
        }
        let all = format!("/accounts/{account}/workers/dispatch/namespaces");
        for namespace in each(self.say(Method::GET, &all, None)?["result"].take()) {
            let name = text(&namespace, "namespace_name");
            let mut cursor = String::new();
            loop {
                let path = format!("{all}/{name}/scripts?limit=1000&cursor={cursor}");
                let mut page = self.say(Method::GET, &path, None)?;
                for script in each(page["result"].take()) {
                    let (id, modified) = (text(&script, "id"), text(&script, "modified_on"));
                    lines.push(format!("worker    {name}/{id}  {modified}"));
                }
                cursor = text(&page["result_info"], "cursor");
                if cursor.is_empty() {
                    break;
                }
            }
        }
        Ok(lines)
    }

    /// Opens a tail. Gives its id, and the URL of its WebSocket.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn open_tail(
        &self,
        scope: &Scope,
        filters: &[Value],
    ) -> Result<(String, String), CliError> {
        let path = tails_path(&self.account()?, scope);
        let body = json!({ "filters": filters, "tag": scope.tag }).to_string();
        let opened = self.say(
            Method::POST,
            &path,
            Some(("application/json".into(), body.into())),
        )?;
        let text = |field: &str| opened["result"][field].as_str().map(str::to_owned);
        text("id")
            .zip(text("url"))
            .ok_or_else(|| CliError::Other(format!("{} opens no tail", self.base)))
    }

    /// Ends a tail.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn close_tail(&self, scope: &Scope, id: &str) -> Result<(), CliError> {
        let path = format!("{}/{id}", tails_path(&self.account()?, scope));
        self.say(Method::DELETE, &path, None)?;
        Ok(())
    }

    /// What would happen to a request.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn explain(
        &self,
        target: &str,
        method: &str,
        headers: &[String],
    ) -> Result<Value, CliError> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("url", target);
        query.append_pair("method", method);
        query.extend_pairs(headers.iter().map(|field| ("header", field)));
        let account = self.account()?;
        let path = format!("/accounts/{account}/workers/explain?{}", query.finish());
        Ok(self.say(Method::GET, &path, None)?["result"].take())
    }

    /// A page of what tenants used up, and the cursor of the next one.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn usage(&self, parameters: &str) -> Result<(Vec<Value>, String), CliError> {
        let path = format!("/accounts/{}/workers/usage?{parameters}", self.account()?);
        let mut answer = self.say(Method::GET, &path, None)?;
        let rows = match answer["result"].take() {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        };
        let cursor = answer["result_info"]["cursor"].as_str();
        Ok((rows, cursor.unwrap_or_default().to_owned()))
    }

    fn account(&self) -> Result<String, CliError> {
        let accounts = self.say(Method::GET, "/accounts", None)?;
        let id = accounts["result"][0]["id"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| CliError::Other(format!("{} names no account", self.base)))
    }

    /// An answer that has to be a success.
    ///
    /// # Errors
    /// [`CliError`] with what the API says.
    pub(super) fn say(
        &self,
        method: Method,
        path: &str,
        body: Option<(String, Vec<u8>)>,
    ) -> Result<Value, CliError> {
        self.ask(method, path, body)?.map_err(CliError::Other)
    }

    /// The answer, or the error the API answers with.
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(String, Vec<u8>)>,
    ) -> Result<Result<Value, String>, CliError> {
        let failed = |e: &dyn std::fmt::Display| CliError::Other(format!("{}: {e}", self.base));
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token));
        let (content_type, body) = body.unwrap_or_default();
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let request = request
            .body(Full::new(bytes::Bytes::from(body)))
            .map_err(|e| failed(&e))?;
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let (status, bytes) = tokio.map_err(|e| failed(&e))?.block_on(async {
            let client = client().map_err(|e| failed(&e))?;
            let answer = client.request(request).await.map_err(|e| failed(&e))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
                .collect()
                .await;
            let bytes = body.map_err(|e| failed(&e))?.to_bytes();
            Ok::<_, CliError>((status, bytes))
        })?;
        let answer: Value = serde_json::from_slice(&bytes)
            .map_err(|_| failed(&format!("answers {status} with something that is no JSON")))?;
        if answer["success"] == true {
            return Ok(Ok(answer));
        }
        let error = &answer["errors"][0];
        let message = error["message"].as_str().unwrap_or("no reason given");
        Ok(Err(format!("{message} [code: {}]", error["code"])))
    }
}

type Connector = hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

/// What speaks to the API.
pub(super) fn client()
-> std::io::Result<hyper_util::client::legacy::Client<Connector, Full<bytes::Bytes>>> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http1()
        .build();
    let executor = hyper_util::rt::TokioExecutor::new();
    Ok(hyper_util::client::legacy::Client::builder(executor).build(connector))
}

fn script_path(account: &str, tenant: &TenantId) -> String {
    scope_path(account, &Scope::worker(tenant))
}

fn tails_path(account: &str, scope: &Scope) -> String {
    format!("{}/tails", scope_path(account, scope))
}

fn scope_path(account: &str, scope: &Scope) -> String {
    let workers = format!("/accounts/{account}/workers");
    match (scope.namespace.as_str(), &scope.worker) {
        (REGULAR, Some(worker)) => format!("{workers}/scripts/{worker}"),
        (namespace, None) => format!("{workers}/dispatch/namespaces/{namespace}"),
        (namespace, Some(worker)) => {
            format!("{workers}/dispatch/namespaces/{namespace}/scripts/{worker}")
        }
    }
}

/// An upload as multipart form data.
fn form(upload: &Upload, metadata: &Value) -> Result<(String, Vec<u8>), CliError> {
    let Some(code) = &upload.code else {
        return Err(CliError::Other("there is no code to upload".into()));
    };
    let mut metadata = match metadata {
        Value::Object(fields) => fields.clone(),
        _ => serde_json::Map::new(),
    };
    let mut parts: Vec<(String, &str, Vec<u8>)> = Vec::new();
    match code.kind {
        Kind::Component => {
            metadata.insert("main_module".into(), "worker.wasm".into());
            parts.push(("worker.wasm".into(), "application/wasm", code.bytes.clone()));
        }
        Kind::JavaScript => {
            let bundle: Bundle =
                serde_json::from_slice(&code.bytes).map_err(|e| CliError::Other(e.to_string()))?;
            metadata.remove("main_module");
            metadata.remove("body_part");
            let main = match bundle.syntax {
                Syntax::Modules => "main_module",
                Syntax::ServiceWorker => "body_part",
            };
            metadata.insert(main.into(), bundle.main.into());
            for module in bundle.modules {
                let content_type = module.content.content_type(bundle.syntax);
                let bytes = module.content.into_bytes();
                parts.push((module.name, content_type, bytes));
            }
        }
        // What is read from files is code.
        Kind::Assets => {}
    }
    let boundary = format!("cirque-{}", crate::model::CodeHash::of(&code.bytes));
    let mut body = Vec::new();
    let metadata = Value::Object(metadata).to_string();
    let first = (
        "metadata".to_owned(),
        "application/json",
        metadata.into_bytes(),
    );
    for (name, content_type, bytes) in std::iter::once(first).chain(parts) {
        let name = name.replace(['"', '\r', '\n'], "_");
        let file = match name.as_str() {
            "metadata" => String::new(),
            name => format!("; filename=\"{name}\""),
        };
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: {content_type}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), body))
}
