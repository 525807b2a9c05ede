//! `cirque deploy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::remote::{Remote, RemoteArguments};
use super::source::{self, Said};
use super::{CliError, Global, cli_user, say};
use crate::bindings;
use crate::control::Control;
use crate::control::bound::Bound;
use crate::control::scripts::Upload;
use crate::control::upload::{Code, Entry, Metadata};
use crate::metrics::Metrics;
use crate::model::{REGULAR, TenantId};
use crate::store::KeyValue;

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
    #[command(flatten)]
    remote: RemoteArguments,
}

/// Reads the files that the command line names.
///
/// # Errors
/// [`CliError`] that names the file and says what to do.
pub(super) fn read(
    files: &[PathBuf],
    metadata: Option<&Path>,
) -> Result<(Upload, Value), CliError> {
    let (metadata, raw) = metadata.map(read_metadata).transpose()?.unwrap_or_default();
    let said = Said {
        main_module: metadata.main_module.clone(),
        body_part: metadata.body_part.clone(),
        compatibility_date: metadata.compatibility_date.clone().unwrap_or_default(),
        compatibility_flags: metadata.compatibility_flags.clone().unwrap_or_default(),
        bound: Bound::all(&metadata),
    };
    let (kind, bytes) = source::read(files, said)?;
    let upload = Upload {
        metadata,
        code: Some(Code { kind, bytes }),
        is_strict: true,
    };
    Ok((upload, raw))
}

/// Checks the upload on this node, and writes it into the store; gives the events that the worker handles.
///
/// # Errors
/// What its author has to mend.
pub(super) async fn put(
    upload: Upload,
    conf: &crate::conf::Conf,
    store: Arc<dyn KeyValue>,
    tenant: &TenantId,
) -> Result<Vec<String>, String> {
    let work = async {
        let control = Control::open(conf, store, Arc::new(Metrics::new(0)))?;
        control.account().await?;
        let by = cli_user();
        if tenant.namespace() != REGULAR {
            // What is refused leaves no namespace behind.
            if let Some(code) = &upload.code {
                control.check_code(code).await?;
            }
            control
                .ensure_namespace(tenant.namespace(), &by.name)
                .await?;
        }
        let done = control.put_script(tenant, upload, &by.name).await?;
        control
            .note(&by, "upload", "script", &tenant.to_string(), "ok")
            .await;
        Ok::<_, crate::control::ControlError>(done.script.handlers)
    };
    work.await.map_err(|e| e.to_string())
}

pub(super) fn deploy(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let tenant = TenantId::parse(&arguments.worker).map_err(|e| CliError::Other(e.to_string()))?;
    let (upload, raw) = read(&arguments.files, arguments.metadata.as_deref())?;
    let file = arguments
        .files
        .first()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    let failed = |e: String| CliError::Other(format!("{file}: {e}"));
    let handlers = match Remote::from(&arguments.remote)? {
        Some(remote) => {
            let put = remote.put_script(&tenant, &upload, &raw);
            put.map_err(|e| failed(e.to_string()))?
        }
        None => global.with_store(async |conf, store| {
            put(upload, conf, store, &tenant).await.map_err(failed)
        })?,
    };
    say(&match &*handlers {
        [] => format!("deployed {tenant}"),
        handlers => format!("deployed {tenant}, which handles {}", handlers.join(", ")),
    });
    Ok(())
}

fn read_metadata(path: &Path) -> Result<(Metadata, Value), CliError> {
    let failed = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let raw: Value =
        serde_json::from_slice(&source::bytes(path)?).map_err(|e| failed(e.to_string()))?;
    let metadata = Metadata::parse(raw.clone()).map_err(|e| failed(e.to_string()))?;
    let given = metadata.bindings.iter().flatten();
    let new = given.filter_map(|entry| match entry {
        Entry::New(binding) => Some(binding.clone()),
        Entry::Inherit { .. } => None,
    });
    bindings::check(&new.collect::<Vec<_>>()).map_err(|e| failed(e.to_string()))?;
    Ok((metadata, raw))
}
