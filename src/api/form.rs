//! Uploads, in every way that Cloudflare's clients of several years write them.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use serde_json::{Map, Value};

use super::Api;
use super::body::{json, read};
use super::errors::ApiError;
use crate::control::upload::{METADATA_BYTES_MAX, Part, is_service_worker};

/// Parts of one upload.
const PARTS_MAX: usize = 2_000;
/// How deep a name with brackets may go.
const DEPTH_MAX: usize = 16;

/// What an upload holds.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The part `metadata`.
    pub metadata: Option<Value>,
    /// The part `settings`.
    pub settings: Option<Value>,
    /// All others.
    pub parts: Vec<Part>,
}

impl Form {
    /// Reads a request as an upload.
    ///
    /// # Errors
    /// [`ApiError`] that names the part and what is wrong with it.
    pub(super) async fn read(api: &Api, request: Request<Body>) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let bytes = read(api, body, api.conf.api.script_bytes_max).await?;
        Self::parse(&head.headers, bytes).await
    }

    async fn parse(headers: &HeaderMap, bytes: Bytes) -> Result<Self, ApiError> {
        let given = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        let given = given.unwrap_or("");
        let declared = multer::parse_boundary(given).ok();
        if let Some(boundary) = declared.or_else(|| boundary(&bytes)) {
            return Self::multipart(bytes, boundary).await;
        }
        let content_type = plain(given);
        if content_type == "multipart/form-data" {
            return Err(ApiError::body(
                "the request is multipart/form-data, but its Content-Type names no boundary and its body begins with none",
            ));
        }
        Self::single(&content_type, &bytes)
    }

    /// A body that is the script itself, or metadata alone.
    fn single(content_type: &str, bytes: &[u8]) -> Result<Self, ApiError> {
        let trimmed = bytes.trim_ascii_start();
        if trimmed.is_empty() {
            return Err(ApiError::body("the request has no body; upload a script"));
        }
        // Version 7 of the cloudflare package sends metadata alone so, under a script's content type.
        if trimmed.starts_with(b"{")
            && let Ok(Value::Object(mut fields)) = serde_json::from_slice(bytes)
        {
            let settings = fields.remove("settings");
            let metadata = fields.remove("metadata");
            if settings.is_some() || metadata.is_some() {
                return Ok(Self {
                    metadata,
                    settings,
                    parts: Vec::new(),
                });
            }
            return Ok(Self {
                settings: Some(Value::Object(fields)),
                ..Self::default()
            });
        }
        let is_wasm = bytes.starts_with(b"\0asm") || content_type == "application/wasm";
        let is_module = || match content_type {
            "application/javascript+module" | "text/javascript+module" => true,
            _ => !is_service_worker(&String::from_utf8_lossy(bytes)),
        };
        let (name, field) = match is_wasm {
            true => ("worker.wasm", "main_module"),
            false if is_module() => ("worker.js", "main_module"),
            false => ("worker.js", "body_part"),
        };
        Ok(Self {
            metadata: Some(serde_json::json!({ field: name })),
            settings: None,
            parts: vec![Part {
                name: name.into(),
                field: name.into(),
                content_type: match is_wasm {
                    true => "application/wasm".into(),
                    false => String::new(),
                },
                content: bytes.to_vec(),
            }],
        })
    }

    async fn multipart(bytes: Bytes, boundary: String) -> Result<Self, ApiError> {
        let broken = |error: multer::Error| {
            ApiError::body(format!("the multipart body cannot be read: {error}"))
        };
        let stream = futures::stream::once(std::future::ready(Ok::<_, std::io::Error>(bytes)));
        let mut parts = multer::Multipart::new(stream, boundary);
        let mut form = Self::default();
        let mut brackets: Vec<(String, String)> = Vec::new();
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            count += 1;
            if count > PARTS_MAX {
                return Err(ApiError::body(format!(
                    "an upload has at most {PARTS_MAX} parts"
                )));
            }
            let field = part.name().unwrap_or("").to_owned();
            let file = part.file_name().map(str::to_owned);
            let content_type = part
                .headers()
                .get("content-type")
                .and_then(|value| value.to_str().ok())
                .map(plain)
                .unwrap_or_default();
            let content = part.bytes().await.map_err(broken)?;
            match field.as_str() {
                "" => {
                    return Err(ApiError::body(
                        "a part has no name: write Content-Disposition: form-data; name=\"…\"",
                    ));
                }
                "metadata" => said(&mut form.metadata, "metadata", &content)?,
                "settings" => said(&mut form.settings, "settings", &content)?,
                _ if is_bracketed(&field) && file.is_none() => {
                    let text = String::from_utf8(content.to_vec())
                        .map_err(|_| ApiError::body(format!("the part {field:?} is not UTF-8")))?;
                    brackets.push((field, text));
                }
                _ => form.parts.push(Part {
                    name: file
                        .filter(|name| !name.is_empty() && name != "blob")
                        .unwrap_or_else(|| unbracketed(&field)),
                    field,
                    content_type,
                    content: content.to_vec(),
                }),
            }
        }
        for (root, place) in [
            ("metadata", &mut form.metadata),
            ("settings", &mut form.settings),
        ] {
            let ours = brackets
                .iter()
                .filter(|(name, _)| name.starts_with(&format!("{root}[")));
            let ours: Vec<_> = ours.collect();
            if !ours.is_empty() {
                if place.is_some() {
                    return Err(ApiError::body(format!(
                        "`{root}` comes both as one part and as single fields; keep one"
                    )));
                }
                *place = Some(tree(root, &ours)?);
            }
        }
        Ok(form)
    }
}

/// A part that holds JSON, of which there is one.
fn said(place: &mut Option<Value>, name: &str, content: &[u8]) -> Result<(), ApiError> {
    if place.is_some() {
        return Err(ApiError::body(format!(
            "there are two parts named {name:?}; keep one"
        )));
    }
    if content.len() > METADATA_BYTES_MAX {
        return Err(ApiError::body(format!(
            "the part {name:?} is larger than {METADATA_BYTES_MAX} bytes"
        )));
    }
    let value = json(content)
        .map_err(|error| ApiError::body(format!("the part {name:?}: {}", error.message)))?;
    *place = Some(value);
    Ok(())
}

/// The boundary of a body that is multipart but does not say so: version 7 of the cloudflare package sends such. No script
/// begins like that.
fn boundary(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"--")?;
    let end = memchr::memmem::find(&rest[..rest.len().min(128)], b"\r\n")?;
    let (boundary, rest) = rest.split_at(end);
    let line = rest.get(2..40)?;
    let is_form = line
        .to_ascii_lowercase()
        .starts_with(b"content-disposition: form-data");
    let is_boundary = (1..=70).contains(&boundary.len()) && boundary.is_ascii();
    (is_form && is_boundary).then(|| String::from_utf8_lossy(boundary).into_owned())
}

/// A content type without its parameters, in lower case.
fn plain(content_type: &str) -> String {
    let end = content_type.find(';').unwrap_or(content_type.len());
    content_type[..end].trim().to_ascii_lowercase()
}

fn is_bracketed(field: &str) -> bool {
    field.starts_with("metadata[") || field.starts_with("settings[")
}

/// `files[worker.js]` names `worker.js`; `files[]` and plain names stay.
fn unbracketed(field: &str) -> String {
    let inner = field
        .strip_prefix("files[")
        .and_then(|rest| rest.strip_suffix(']'))
        .filter(|inner| !inner.is_empty());
    inner.unwrap_or(field).to_owned()
}

/// A tree of fields named with brackets, as Rack reads them: in `a[][k]` a new element begins where the current one has `k`.
pub(super) fn tree(root: &str, fields: &[&(String, String)]) -> Result<Value, ApiError> {
    let mut value = Value::Object(Map::new());
    for (name, text) in fields {
        let path = name[root.len()..]
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let path: Vec<&str> = path.unwrap_or("").split("][").collect();
        if path.len() > DEPTH_MAX || path[0].is_empty() {
            let shown: String = name.chars().take(64).collect();
            return Err(ApiError::body(format!(
                "the field {shown:?} has a name that cannot be read"
            )));
        }
        if !put(&mut value, &path, scalar(&path, text)) {
            let shown: String = name.chars().take(64).collect();
            return Err(ApiError::body(format!(
                "the field {shown:?} does not go together with those before it"
            )));
        }
    }
    Ok(value)
}

fn put(into: &mut Value, path: &[&str], leaf: Value) -> bool {
    let Some((first, rest)) = path.split_first() else {
        *into = leaf;
        return true;
    };
    if first.is_empty() {
        if into.as_object().is_some_and(Map::is_empty) || into.is_null() {
            *into = Value::Array(Vec::new());
        }
        let Some(items) = into.as_array_mut() else {
            return false;
        };
        let has_it = |item: &Value| match rest {
            // `a[][k]` where the element has no `k` yet goes into it; a list below it may go on.
            [key, below @ ..] => match item.get(*key) {
                None => item.is_object(),
                Some(Value::Array(_)) => below.first().is_some_and(|next| next.is_empty()),
                Some(Value::Object(_)) => !below.is_empty(),
                Some(_) => false,
            },
            [] => false,
        };
        if !items.last().is_some_and(has_it) {
            items.push(Value::Object(Map::new()));
        }
        return items.last_mut().is_some_and(|item| put(item, rest, leaf));
    }
    let Some(fields) = into.as_object_mut() else {
        return false;
    };
    let slot = fields
        .entry(*first)
        .or_insert_with(|| Value::Object(Map::new()));
    if rest.is_empty() && *slot != Value::Object(Map::new()) {
        return false;
    }
    put(slot, rest, leaf)
}

/// A form knows texts alone; where metadata needs something else, it is made of the text.
fn scalar(path: &[&str], text: &str) -> Value {
    let is_under = |name: &str| path.contains(&name);
    if is_under("limits") || is_under("head_sampling_rate") {
        if let Ok(number) = text.parse::<u64>() {
            return number.into();
        }
        if let Ok(number) = text.parse::<f64>() {
            return number.into();
        }
    }
    let is_flag = [
        "logpush",
        "enabled",
        "keep_assets",
        "run_worker_first",
        "persist",
        "invocation_logs",
    ];
    if path.last().is_some_and(|last| is_flag.contains(last)) || path.ends_with(&["keep_bindings"])
    {
        match text {
            "true" => return true.into(),
            "false" => return false.into(),
            _ => {}
        }
    }
    if path.last() == Some(&"json") {
        return serde_json::from_str(text).unwrap_or_else(|_| text.into());
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(fields: &[(&str, &str)]) -> Option<Value> {
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect();
        tree("metadata", &fields.iter().collect::<Vec<_>>()).ok()
    }

    #[test]
    fn fields_with_brackets_make_the_tree_they_were_made_of() {
        let found = read(&[
            ("metadata[main_module]", "worker.js"),
            ("metadata[bindings][][type]", "kv_namespace"),
            ("metadata[bindings][][name]", "KV"),
            ("metadata[bindings][][namespace_id]", "n"),
            ("metadata[bindings][][type]", "plain_text"),
            ("metadata[bindings][][name]", "FOO"),
            ("metadata[bindings][][text]", "true"),
            ("metadata[tags][]", "T1"),
            ("metadata[tags][]", "T2"),
            ("metadata[limits][cpu_ms]", "50"),
            ("metadata[logpush]", "true"),
        ]);
        let expected = json!({
            "main_module": "worker.js",
            "bindings": [
                { "type": "kv_namespace", "name": "KV", "namespace_id": "n" },
                { "type": "plain_text", "name": "FOO", "text": "true" },
            ],
            "tags": ["T1", "T2"],
            "limits": { "cpu_ms": 50 },
            "logpush": true,
        });
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn fields_that_contradict_each_other_are_refused() {
        for fields in [
            &[("metadata[a]", "1"), ("metadata[a]", "2")][..],
            &[("metadata[a]", "1"), ("metadata[a][b]", "2")],
            &[("metadata[a][]", "1"), ("metadata[a][b]", "2")],
            &[("metadata[]", "1")],
            &[("metadata[", "1")],
        ] {
            assert_eq!(read(fields), None, "{fields:?}");
        }
    }

    #[test]
    fn a_boundary_is_found_in_a_body_that_names_none() {
        let body = b"--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x-1--\r\n";
        assert_eq!(boundary(body), Some("x-1".into()));
        for other in [
            &b"--x\r\nfoo"[..],
            b"-- a comment\r\n",
            b"--",
            b"",
            b"--x; Content-Disposition",
        ] {
            assert_eq!(boundary(other), None);
        }
    }
}
