//! `cirque deploy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{CliError, Global, say};
use crate::bindings;
use crate::conf::Conf;
use crate::metrics::Metrics;
use crate::model::script::Kind;
use crate::model::{Binding, Script, ScriptLimits, TenantId};
use crate::runtime;
use crate::runtime::artifacts::Artifacts;
use crate::runtime::engine;
use crate::store::records;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque deploy production/shop shop.wasm                     a user worker in a dispatch namespace
  cirque deploy dispatcher dispatcher.wasm                    a regular worker
  cirque deploy production/shop shop.wasm --metadata shop.json

Metadata has the shape of Cloudflare's uploads:
  {\"bindings\": [{\"type\": \"plain_text\", \"name\": \"GREETING\", \"text\": \"Hello\"}],
   \"limits\": {\"cpu_ms\": 20}, \"tags\": [\"customer-1\"]}")]
pub(super) struct Arguments {
    /// [<namespace>/]<name>
    worker: String,
    /// The component
    file: PathBuf,
    /// Bindings, limits and tags, as JSON
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
}

/// The part of Cloudflare's upload metadata that means something here; the rest is passed over.
#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    bindings: Vec<serde_json::Value>,
    #[serde(default)]
    limits: ScriptLimits,
    #[serde(default)]
    tags: Vec<String>,
}

pub(super) fn deploy(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let tenant = TenantId::parse(&arguments.worker).map_err(|e| CliError::Other(e.to_string()))?;
    let metadata = arguments
        .metadata
        .as_deref()
        .map(metadata)
        .transpose()?
        .unwrap_or_default();
    let (bindings, limits, tags) = metadata;
    let code = read(&arguments.file)?;
    global.with_store(async |conf, store| {
        let prepared = runtime::prepare(conf, &code, Arc::new(Metrics::new(0))).await;
        let (hash, artifact) =
            prepared.map_err(|e| CliError::Other(format!("{}: {e}", arguments.file.display())))?;
        keep(conf, &hash, &artifact);
        let now = OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default();
        let script = Script {
            code: hash,
            kind: Kind::Component,
            bindings,
            limits,
            tags,
            modified_on: now,
        };
        records::put_script(&*store, &tenant, &script, Bytes::from(code)).await?;
        say(&format!("deployed {tenant}"));
        Ok(())
    })
}

/// Spares an edge on this node the compiling. One elsewhere compiles by itself, so a failure is no error.
fn keep(conf: &Conf, hash: &crate::model::CodeHash, artifact: &[u8]) {
    let Ok(engine) = engine::compiling() else {
        return;
    };
    let kept = Artifacts::open(
        &conf.store.data_dir,
        &engine,
        conf.runtime.artifacts_mb << 20,
    )
    .and_then(|artifacts| artifacts.keep(hash, artifact));
    if let Err(error) = kept {
        eprintln!(
            "cirque: the compiled code was not kept on this node ({error}); the edge will compile it"
        );
    }
}

type Parts = (Vec<Binding>, ScriptLimits, Vec<String>);

fn metadata(path: &Path) -> Result<Parts, CliError> {
    let failed = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let read: Metadata = serde_json::from_slice(&read(path)?).map_err(|e| failed(e.to_string()))?;
    let parse = |(index, value): (usize, serde_json::Value)| {
        let kind = value
            .get("type")
            .and_then(|kind| kind.as_str())
            .unwrap_or("")
            .to_owned();
        serde_json::from_value::<Binding>(value)
            .map_err(|e| failed(format!("binding {index} of type {kind:?}: {e}")))
    };
    let bindings = read
        .bindings
        .into_iter()
        .enumerate()
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?;
    bindings::check(&bindings).map_err(|e| failed(e.to_string()))?;
    Ok((bindings, read.limits, read.tags))
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|e| CliError::Other(format!("{}: {e}", path.display())))
}
