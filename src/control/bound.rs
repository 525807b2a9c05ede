//! Bindings whose values are parts of the upload itself: `wasm_module`, `text_blob`, `data_blob`.

use super::ControlError;
use super::upload::{Entry, Metadata, Part};
use crate::model::Binding;
use crate::model::bundle::{Content, Module};

/// One of them.
///
/// Source: Cloudflare API, `bindings` of an upload's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The worker finds it under this name.
    pub name: String,
    /// Which part it is.
    pub part: String,
    is_text: bool,
    is_wasm: bool,
}

impl Bound {
    /// Those among an upload's bindings.
    pub fn all(metadata: &Metadata) -> Vec<Self> {
        let entries = metadata.bindings.iter().flatten();
        let all = entries.filter_map(|entry| match entry {
            Entry::New(Binding::Kept {
                kind: kind @ ("wasm_module" | "text_blob" | "data_blob"),
                name,
                fields,
            }) => Some(Self {
                name: name.clone(),
                part: plain(fields.get("part")?.as_str()?).to_owned(),
                is_text: *kind == "text_blob",
                is_wasm: *kind == "wasm_module",
            }),
            _ => None,
        });
        all.collect()
    }

    /// The module that a part is, whatever its content type says.
    ///
    /// # Errors
    /// [`ControlError::Refused`] when it cannot be.
    pub fn module(&self, content: Vec<u8>) -> Result<Module, ControlError> {
        let refused = |is: &str| {
            let Self { name, part, .. } = self;
            ControlError::Refused(format!("the part {part:?} of the binding {name:?} is {is}"))
        };
        let content = match (self.is_text, self.is_wasm) {
            (true, _) => {
                let text = String::from_utf8(content);
                Content::Text(text.map_err(|_| refused("a text, but no UTF-8"))?)
            }
            (_, true) if !content.starts_with(b"\0asm") => {
                return Err(refused(
                    "to be a WebAssembly module, and does not begin like one",
                ));
            }
            (_, true) => Content::Wasm(content),
            _ => Content::Data(content),
        };
        Ok(Module {
            name: self.part.clone(),
            content,
        })
    }

    /// What is said when there is no such part.
    pub fn missing(&self) -> ControlError {
        let Self { name, part, .. } = self;
        ControlError::Refused(format!(
            "the binding {name:?} names the part {part:?}, which is none of those that were uploaded; upload it beside the main module"
        ))
    }
}

/// Takes the parts that bindings name out of an upload.
///
/// # Errors
/// [`ControlError::Refused`] for the first that is not there, or is not what it is to be.
pub(super) fn take(bound: &[Bound], parts: &mut Vec<Part>) -> Result<Vec<Module>, ControlError> {
    let mut modules: Vec<Module> = Vec::new();
    for bound in bound {
        let is_it = |part: &Part| {
            [&part.name, &part.field]
                .map(|name| plain(name))
                .contains(&&*bound.part)
        };
        let module = match parts.iter().position(is_it) {
            Some(at) => bound.module(parts.remove(at).content)?,
            // Two bindings may name one part.
            None => match modules.iter().find(|module| module.name == bound.part) {
                Some(module) if bound.module(module.content.clone().into_bytes())? == *module => {
                    continue;
                }
                _ => return Err(bound.missing()),
            },
        };
        modules.push(module);
    }
    Ok(modules)
}

fn plain(name: &str) -> &str {
    name.trim_start_matches("./")
}
