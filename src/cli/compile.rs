//! `cirque compile`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{CliError, Global, say};
use crate::metrics::Metrics;
use crate::runtime;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cirque compile shop.wasm --output shop.cwasm")]
pub(super) struct Arguments {
    /// The component
    file: PathBuf,
    /// Where the artifact goes; without it the component is only checked
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn compile(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let conf = global.conf()?;
    let failed = |path: &PathBuf, error: std::io::Error| {
        CliError::Other(format!("{}: {error}", path.display()))
    };
    let code = std::fs::read(&arguments.file).map_err(|e| failed(&arguments.file, e))?;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let tokio = tokio.map_err(|e| CliError::Other(format!("the command could not start: {e}")))?;
    let compiled = tokio.block_on(runtime::prepare(&conf, &code, Arc::new(Metrics::new(0))));
    let (hash, artifact) =
        compiled.map_err(|e| CliError::Other(format!("{}: {e}", arguments.file.display())))?;
    if let Some(path) = &arguments.output {
        std::fs::write(path, &artifact).map_err(|e| failed(path, e))?;
    }
    say(&format!("{hash} compiles to {} bytes", artifact.len()));
    Ok(())
}
