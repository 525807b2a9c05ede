//! `cirque compile`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{CliError, Global, say, source};
use crate::metrics::Metrics;
use crate::runtime;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cirque compile shop.wasm --output shop.cwasm")]
pub(super) struct Arguments {
    /// The component, or the JavaScript modules, the main one first
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the artifact goes; without it the upload is only checked
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn compile(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let conf = global.conf()?;
    let failed = |path: &PathBuf, error: std::io::Error| {
        CliError::Other(format!("{}: {error}", path.display()))
    };
    let (kind, code) = source::read(&arguments.files, source::Said::default())?;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let tokio = tokio.map_err(|e| CliError::Other(format!("the command could not start: {e}")))?;
    let prepared = tokio.block_on(runtime::prepare(
        &conf,
        kind,
        &code,
        Arc::new(Metrics::new(0)),
    ));
    let file = arguments
        .files
        .first()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    let prepared = prepared.map_err(|e| CliError::Other(format!("{file}: {e}")))?;
    let (hash, artifact) = (prepared.hash, &prepared.artifact);
    let bytes = std::fs::metadata(artifact)
        .map_err(|e| failed(artifact, e))?
        .len();
    if let Some(path) = &arguments.output {
        std::fs::copy(artifact, path).map_err(|e| failed(path, e))?;
    }
    say(&format!("{hash} compiles to {bytes} bytes"));
    Ok(())
}
