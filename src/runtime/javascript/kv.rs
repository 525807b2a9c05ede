//! Key-value namespaces for JavaScript workers: what the engine asks for, and what it gets (engine/README.md).

use bytes::Bytes;
use futures::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use serde_json::json;
use wasmtime_wasi_http::Error;

use super::arguments::Arguments;
use super::host::Host;
use super::operations::{Failed, Outcome};
use super::streams::Source;
use super::wire::Writer;
use crate::kv::{self, KvError, Page, Read};
use crate::model::KvKey;
use crate::model::kv::{InvalidKv, READ_KEYS_MAX, check_cache_ttl, page};
use crate::runtime::outbound::Namespace;
use crate::store::values::{SMALL_BYTES, Stored};

/// The numbers of the operations.
const GET: u32 = 20;
const GET_MANY: u32 = 21;
const PUT: u32 = 22;
const DELETE: u32 = 23;
const LIST: u32 = 24;
/// What a read found.
const NOTHING: u8 = 0;
const SMALL: u8 = 1;
const LARGE: u8 = 2;
/// Bytes of several values read together.
///
/// Source: Cloudflare docs, "Read key-value pairs": 25 MB in all.
const MANY_BYTES_MAX: usize = 25 << 20;
/// A large value goes to the engine in pieces of this size.
const PIECE_BYTES: usize = 256 << 10;

/// Whether an operation is one of these.
pub(super) fn is_ours(operation: u32) -> bool {
    (GET..=LIST).contains(&operation)
}

/// Begins an operation.
pub(super) fn start(host: &mut Host, operation: u32, message: &[u8]) -> wasmtime::Result<u32> {
    let mut arguments = Arguments::read(message)?;
    let name = match operation {
        GET | GET_MANY => "kv get",
        PUT => "kv put",
        DELETE => "kv delete",
        _ => "kv list",
    };
    let namespace = host.outbound.kv(&arguments.text()?, name);
    match operation {
        GET => {
            let (key, ttl) = (arguments.text()?, arguments.number()?);
            host.begin(async move { get(namespace?, key, ttl).await })
        }
        GET_MANY => {
            let (keys, ttl) = (arguments.texts()?, arguments.number()?);
            host.begin(async move { get_many(namespace?, keys, ttl).await })
        }
        PUT => {
            let (key, bytes) = (arguments.text()?, arguments.bytes()?);
            let (expiration, ttl) = (arguments.number()?, arguments.number()?);
            let metadata = arguments.optional_text()?;
            // Before it is put there may be a wait, and values wait in memory.
            let claim = match &namespace {
                Ok(namespace) => namespace.kv.admit(&namespace.share, bytes.len()),
                Err(_) => Ok(None),
            };
            host.begin(async move {
                let namespace = namespace?;
                let _claim = claim.map_err(|error| failed("PUT", error))?;
                let value = kv::value(bytes.into(), metadata, expiration, ttl);
                put(namespace, key, value).await
            })
        }
        DELETE => {
            let key = arguments.text()?;
            host.begin(async move { delete(namespace?, key).await })
        }
        _ => {
            let (prefix, limit) = (arguments.text()?, arguments.number()?);
            let cursor = arguments.text()?;
            host.begin(async move { list(namespace?, &prefix, limit, &cursor).await })
        }
    }
}

async fn get(namespace: Namespace, key: String, ttl: Option<f64>) -> Outcome {
    let failed = |error: KvError| failed("GET", error);
    let key = KvKey::new(key).map_err(|invalid| failed(invalid.into()))?;
    check_cache_ttl(ttl).map_err(|invalid| failed(invalid.into()))?;
    let Namespace { kv, id, share, .. } = &namespace;
    // What is in memory needs no turn.
    let (read, turn) = match kv.peek(id, &key) {
        Some(read) => (read, None),
        None => {
            let turn = namespace.turn().await?;
            (kv.get(id, &key, share).await.map_err(failed)?, Some(turn))
        }
    };
    let mut head = Writer::default();
    let Some(value) = read.value else {
        head.u8(NOTHING).u8(read.is_cached.into()).u16(0);
        return Ok((head.0, None));
    };
    let is_small = value.bytes.len() <= SMALL_BYTES;
    head.u8(if is_small { SMALL } else { LARGE });
    head.u8(read.is_cached.into());
    head.u16(u16::try_from(value.metadata.len()).unwrap_or(0));
    head.0.extend_from_slice(value.metadata.as_bytes());
    if is_small {
        head.0.extend_from_slice(&value.bytes);
        return Ok((head.0, None));
    }
    Ok((head.0, Some(in_pieces(value.bytes.clone(), turn))))
}

/// A value, a piece at a time; whatever else is given lives as long as it is read.
fn in_pieces(bytes: Bytes, turn: impl Send + 'static) -> Source {
    let pieces = stream::unfold((bytes, turn), async |(mut rest, turn)| {
        let piece = rest.split_to(rest.len().min(PIECE_BYTES));
        (!piece.is_empty()).then(|| (Ok::<_, Error>(Frame::data(piece)), (rest, turn)))
    });
    Source::new(StreamBody::new(Box::pin(pieces)).boxed_unsync(), None)
}

async fn get_many(namespace: Namespace, keys: Vec<String>, ttl: Option<f64>) -> Outcome {
    let failed = |error: KvError| failed("GET_BULK", error);
    if keys.is_empty() || keys.len() > READ_KEYS_MAX {
        return Err(failed(InvalidKv::TooManyKeys.into()));
    }
    let keys: Result<Vec<KvKey>, InvalidKv> = keys.into_iter().map(KvKey::new).collect();
    let keys = keys.map_err(|invalid| failed(invalid.into()))?;
    check_cache_ttl(ttl).map_err(|invalid| failed(invalid.into()))?;
    let Namespace { kv, id, share, .. } = &namespace;
    let _turn = namespace.turn().await?;
    let reads = kv.get_many(id, &keys, share).await.map_err(failed)?;
    let bytes: usize = reads
        .iter()
        .filter_map(|read| read.value.as_ref())
        .map(|value| value.bytes.len())
        .sum();
    if bytes > MANY_BYTES_MAX {
        let text = "KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB";
        return Err(thrown("Error", text));
    }
    let entries: Vec<_> = reads.iter().map(entry).collect();
    let json = serde_json::to_vec(&entries).map_err(|e| e.to_string())?;
    Ok((json, None))
}

/// Value, metadata, and whether it was in memory.
fn entry(read: &Read) -> (Option<String>, Option<serde_json::Value>, u8) {
    let value = read.value.as_ref();
    (
        value.map(|value| String::from_utf8_lossy(&value.bytes).into_owned()),
        value.and_then(|value| serde_json::from_str(&value.metadata).ok()),
        read.is_cached.into(),
    )
}

async fn put(namespace: Namespace, key: String, value: Result<Stored, InvalidKv>) -> Outcome {
    let failed = |error: KvError| failed("PUT", error);
    let key = KvKey::new(key).map_err(|invalid| failed(invalid.into()))?;
    let value = value.map_err(|invalid| failed(invalid.into()))?;
    let _turn = namespace.turn().await?;
    let Namespace { kv, id, .. } = &namespace;
    kv.put(id, key, value).await.map_err(failed)?;
    Ok((Vec::new(), None))
}

async fn delete(namespace: Namespace, key: String) -> Outcome {
    let failed = |error: KvError| failed("DELETE", error);
    let key = KvKey::new(key).map_err(|invalid| failed(invalid.into()))?;
    let _turn = namespace.turn().await?;
    let Namespace { kv, id, .. } = &namespace;
    kv.delete(id, key).await.map_err(failed)?;
    Ok((Vec::new(), None))
}

async fn list(namespace: Namespace, prefix: &str, limit: Option<f64>, cursor: &str) -> Outcome {
    let failed = |error: KvError| failed("GET", error);
    let limit = page(limit).map_err(|invalid| failed(invalid.into()))?;
    let after = kv::after(cursor).map_err(|invalid| failed(invalid.into()))?;
    let _turn = namespace.turn().await?;
    let Namespace { kv, id, .. } = &namespace;
    let Page { keys, is_complete } = kv.list(id, prefix, &after, limit).await.map_err(failed)?;
    let mut answer = json!({ "keys": [], "list_complete": is_complete, "cacheStatus": null });
    if let (false, Some(last)) = (is_complete, keys.last()) {
        answer["cursor"] = kv::cursor(&last.key).into();
    }
    let keys = keys.into_iter().map(|listed| {
        let mut key = json!({ "name": listed.key });
        if listed.expiration != 0 {
            key["expiration"] = listed.expiration.into();
        }
        if let Ok(metadata) = serde_json::from_str(&listed.metadata) {
            key["metadata"] = metadata;
        }
        key
    });
    answer["keys"] = keys.collect();
    Ok((answer.to_string().into_bytes(), None))
}

/// In Cloudflare's words.
fn failed(method: &str, error: KvError) -> Failed {
    match &error {
        KvError::Invalid(invalid) if invalid.is_type_error() => {
            thrown("TypeError", &error.to_string())
        }
        _ => thrown(
            "Error",
            &format!("KV {method} failed: {} {error}", error.status()),
        ),
    }
}

fn thrown(name: &str, message: &str) -> Failed {
    format!("\0{name}\0{message}").into()
}
