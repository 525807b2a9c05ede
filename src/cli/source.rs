//! The files of an upload, as what they are: a component, or the modules of a JavaScript worker.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{CliError, source_maps};
use crate::control::bound::Bound;
use crate::control::upload::is_service_worker;
use crate::model::Bundle;
use crate::model::bundle::{Content, Module, Syntax};
use crate::model::script::Kind;

/// What metadata says of an upload's files.
#[derive(Default)]
pub(super) struct Said {
    /// `main_module`: the module to begin with.
    pub main_module: Option<String>,
    /// `body_part`: the script of a service worker.
    pub body_part: Option<String>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    /// The modules that bindings name.
    pub bound: Vec<Bound>,
}

/// Reads an upload's files, the main one first.
///
/// # Errors
/// [`CliError`] that names the file and says what to do.
pub(super) fn read(files: &[PathBuf], said: Said) -> Result<(Kind, Vec<u8>), CliError> {
    let Some((main, others)) = files.split_first() else {
        return Err(CliError::Other("no file was named".into()));
    };
    let content = bytes(main)?;
    if content.starts_with(b"\0asm") || extension(main) == "wasm" {
        return match others {
            [] => Ok((Kind::Component, content)),
            [other, ..] => Err(CliError::Other(format!(
                "{}: a component is a single file",
                other.display()
            ))),
        };
    }
    let text = match extension(main) {
        "ts" | "tsx" | "mts" | "jsx" => esbuild(main)?,
        "js" | "mjs" | "cjs" => text(main, content)?,
        // Uploads without a known ending are taken for components, whose checks say what they are.
        _ if others.is_empty() && said.main_module.is_none() && said.body_part.is_none() => {
            return Ok((Kind::Component, content));
        }
        _ => text(main, content)?,
    };
    let syntax = match (&said.main_module, &said.body_part) {
        (Some(_), Some(_)) => {
            return Err(CliError::Other(
                "the metadata names both a main_module and a body_part; keep one".into(),
            ));
        }
        (Some(_), None) => Syntax::Modules,
        (None, Some(_)) => Syntax::ServiceWorker,
        (None, None) if is_service_worker(&text) => Syntax::ServiceWorker,
        (None, None) => Syntax::Modules,
    };
    let directory = main.parent().unwrap_or(Path::new(""));
    let first = Module {
        name: name(main, directory),
        content: match extension(main) {
            "cjs" => Content::CommonJs(text),
            _ => Content::Module(text),
        },
    };
    let main_name = said
        .main_module
        .or(said.body_part)
        .unwrap_or_else(|| first.name.clone());
    let mut modules = vec![first];
    for file in others {
        modules.push(Module {
            name: name(file, directory),
            content: module(file)?,
        });
    }
    for bound in &said.bound {
        let found = modules.iter_mut().find(|module| module.name == bound.part);
        let module = found.ok_or_else(|| CliError::Other(bound.missing().to_string()))?;
        let content = module.content.clone().into_bytes();
        *module = bound
            .module(content)
            .map_err(|e| CliError::Other(e.to_string()))?;
    }
    source_maps::add(&mut modules, directory);
    let failed = |e| CliError::Other(format!("{}: {e}", main.display()));
    let mut bundle = Bundle::new(syntax, &main_name, modules).map_err(|e| failed(e.to_string()))?;
    bundle.compatibility_date = said.compatibility_date;
    bundle.compatibility_flags = said.compatibility_flags;
    bundle.bound = said.bound.into_iter().map(|b| (b.name, b.part)).collect();
    Ok((Kind::JavaScript, bundle.to_bytes()))
}

/// A module by its file's ending.
fn module(file: &Path) -> Result<Content, CliError> {
    let content = bytes(file)?;
    Ok(match extension(file) {
        "js" | "mjs" => Content::Module(text(file, content)?),
        "cjs" => Content::CommonJs(text(file, content)?),
        "json" => Content::Json(text(file, content)?),
        "txt" | "html" | "sql" | "md" | "css" => Content::Text(text(file, content)?),
        "bin" => Content::Data(content),
        "map" => Content::SourceMap(text(file, content)?),
        "wasm" => Content::Wasm(content),
        other => {
            return Err(CliError::Other(format!(
                "{}: the ending {other:?} stands for no kind of module; known are .js .mjs .cjs .json .txt .html \
                 .css .md .sql .bin .wasm .map",
                file.display()
            )));
        }
    })
}

/// Makes one module of a TypeScript file and all it imports.
fn esbuild(file: &Path) -> Result<String, CliError> {
    let local = Path::new("node_modules/.bin/esbuild");
    let program = if local.exists() {
        local
    } else {
        Path::new("esbuild")
    };
    let ran = Command::new(program)
        .arg(file)
        .args([
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--platform=neutral",
        ])
        .args([
            "--main-fields=module,main",
            "--conditions=workerd,worker,browser",
        ])
        .args([
            "--external:cloudflare:*",
            "--external:node:*",
            // Deployed beside it.
            "--external:*.wasm",
            "--log-level=warning",
            "--sourcemap=inline",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    match ran {
        Ok(output) if output.status.success() => text(file, output.stdout),
        Ok(_) => Err(CliError::Other(format!(
            "{}: esbuild could not bundle it",
            file.display()
        ))),
        Err(_) => Err(CliError::Other(format!(
            "{}: TypeScript needs esbuild, which is not installed; run `npm install --save-dev esbuild` here, or \
             deploy the JavaScript that your own build makes",
            file.display()
        ))),
    }
}

fn name(file: &Path, directory: &Path) -> String {
    file.strip_prefix(directory)
        .unwrap_or(file)
        .to_string_lossy()
        .into_owned()
}

fn extension(file: &Path) -> &str {
    file.extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("")
}

fn text(file: &Path, content: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(content)
        .map_err(|e| CliError::Other(format!("{}: it is not UTF-8: {e}", file.display())))
}

pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|e| CliError::Other(format!("{}: {e}", path.display())))
}
