//! Preparing an upload on this node, before anything asks for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::artifacts::{Artifacts, Form};
use super::compiler::{Bounds, Compiler, Job};
use super::modules::{LoadError, Maker};
use super::{engine, javascript};
use crate::conf::Conf;
use crate::metrics::Metrics;
use crate::model::CodeHash;
use crate::model::script::Kind;

/// An upload that was found good.
pub struct Prepared {
    /// Its name.
    pub hash: CodeHash,
    /// The events it handles.
    pub handlers: Vec<String>,
    /// It is made of JavaScript modules.
    pub has_modules: bool,
    /// What a node loads of it, as long as this value lives.
    pub artifact: PathBuf,
    /// Where artifacts are kept when this node's own directory cannot be written.
    _elsewhere: Option<tempfile::TempDir>,
}

/// Prepares code on this node before anything asks for it, and says what is wrong with it.
///
/// # Errors
/// [`LoadError`], with [`CompileError::Refused`](super::compiler::CompileError::Refused) for what its author has to mend.
pub async fn prepare(
    conf: &Conf,
    kind: Kind,
    code: &[u8],
    metrics: Arc<Metrics>,
) -> Result<Prepared, LoadError> {
    let disk = |e: &dyn std::fmt::Display| LoadError::Disk(e.to_string());
    let engine = engine::compiling().map_err(|e| disk(&e))?;
    let open =
        |directory: &Path| Artifacts::open(directory, &engine, conf.runtime.artifacts_mb << 20);
    let (artifacts, elsewhere) = match open(&conf.store.data_dir) {
        Ok(artifacts) => (artifacts, None),
        // An operator's own machine need not have a node's directory; every edge prepares for itself.
        Err(_) => {
            let directory = tempfile::tempdir().map_err(|e| disk(&e))?;
            (
                open(directory.path()).map_err(|e| disk(&e))?,
                Some(directory),
            )
        }
    };
    let maker = Maker {
        artifacts: Arc::new(artifacts),
        compiler: Compiler::new(Bounds::new(conf), 1, metrics.clone()),
        engine,
        metrics,
    };
    let hash = CodeHash::of(code);
    let upload = std::future::ready(Ok(Bytes::copy_from_slice(code)));
    let (name, (handlers, has_modules)) = match kind {
        Kind::Component => {
            let job = Job::Component;
            maker.make(hash, Form::Component, job, upload).await?;
            (hash, (vec!["fetch".to_owned()], false))
        }
        Kind::JavaScript => {
            let (image, _) = maker.worker(hash, upload).await?;
            (javascript::worker_name(&hash), javascript::facts(&image))
        }
    };
    Ok(Prepared {
        hash,
        handlers,
        has_modules,
        artifact: maker.artifacts.path(&name),
        _elsewhere: elsewhere,
    })
}
