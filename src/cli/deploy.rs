//! `cirque deploy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::source::{self, Said};
use super::{CliError, Global, say};
use crate::bindings;
use crate::conf::Conf;
use crate::metrics::Metrics;
use crate::model::script::Kind;
use crate::model::{Binding, Script, ScriptLimits, TenantId};
use crate::runtime;
use crate::store::{KeyValue, records};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque deploy production/shop shop.js                       a user worker in a dispatch namespace
  cirque deploy dispatcher dispatcher.wasm                    a regular worker, as a component
  cirque deploy production/shop src/shop.ts                   TypeScript, with esbuild
  cirque deploy production/shop shop.js lib.js prices.json    a worker of several modules
  cirque deploy production/shop shop.wasm --metadata shop.json

Metadata has the shape of Cloudflare's uploads:
  {\"bindings\": [{\"type\": \"plain_text\", \"name\": \"GREETING\", \"text\": \"Hello\"}],
   \"limits\": {\"cpu_ms\": 20}, \"tags\": [\"customer-1\"]}")]
pub(super) struct Arguments {
    /// [<namespace>/]<name>
    worker: String,
    /// The component, or the JavaScript modules, the main one first
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Bindings, limits, tags, main module and compatibility date, as JSON
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
    main_module: Option<String>,
    body_part: Option<String>,
    #[serde(default)]
    compatibility_date: String,
    #[serde(default)]
    compatibility_flags: Vec<String>,
}

/// What is to be deployed.
pub(super) struct Upload {
    pub kind: Kind,
    pub code: Vec<u8>,
    pub bindings: Vec<Binding>,
    pub limits: ScriptLimits,
    pub tags: Vec<String>,
}

impl Upload {
    /// Reads the files that the command line names.
    ///
    /// # Errors
    /// [`CliError`] that names the file and says what to do.
    pub(super) fn read(files: &[PathBuf], metadata: Option<&Path>) -> Result<Self, CliError> {
        let (said, bindings, limits, tags) =
            metadata.map(read_metadata).transpose()?.unwrap_or_default();
        let (kind, code) = source::read(files, said)?;
        Ok(Self {
            kind,
            code,
            bindings,
            limits,
            tags,
        })
    }

    /// Checks the upload on this node, and writes it into the store; gives the events that the worker handles.
    ///
    /// # Errors
    /// [`CliError`] with what its author has to mend.
    pub(super) async fn put(
        self,
        conf: &Conf,
        store: &dyn KeyValue,
        tenant: &TenantId,
    ) -> Result<Vec<String>, String> {
        let prepared =
            runtime::prepare(conf, self.kind, &self.code, Arc::new(Metrics::new(0))).await;
        let prepared = prepared.map_err(|e| e.to_string())?;
        let now = OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default();
        let script = Script {
            code: prepared.hash,
            kind: self.kind,
            bindings: self.bindings,
            limits: self.limits,
            tags: self.tags,
            handlers: prepared.handlers.clone(),
            has_modules: prepared.has_modules,
            modified_on: now,
        };
        let put = records::put_script(store, tenant, &script, Bytes::from(self.code)).await;
        put.map_err(|e| e.to_string())?;
        Ok(prepared.handlers)
    }
}

pub(super) fn deploy(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let tenant = TenantId::parse(&arguments.worker).map_err(|e| CliError::Other(e.to_string()))?;
    let upload = Upload::read(&arguments.files, arguments.metadata.as_deref())?;
    let file = arguments
        .files
        .first()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    global.with_store(async |conf, store| {
        let put = upload.put(conf, &*store, &tenant).await;
        let handlers = put.map_err(|e| CliError::Other(format!("{file}: {e}")))?;
        say(&match &*handlers {
            [] => format!("deployed {tenant}"),
            handlers => format!("deployed {tenant}, which handles {}", handlers.join(", ")),
        });
        Ok(())
    })
}

type Parts = (Said, Vec<Binding>, ScriptLimits, Vec<String>);

fn read_metadata(path: &Path) -> Result<Parts, CliError> {
    let failed = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let read: Metadata =
        serde_json::from_slice(&source::bytes(path)?).map_err(|e| failed(e.to_string()))?;
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
    let said = Said {
        main_module: read.main_module,
        body_part: read.body_part,
        compatibility_date: read.compatibility_date,
        compatibility_flags: read.compatibility_flags,
    };
    Ok((said, bindings, read.limits, read.tags))
}
