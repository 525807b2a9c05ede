//! What a worker may hold: checked when it is uploaded, opened for its requests.
//!
//! A binding never reaches beyond the script that declared it.

use std::collections::HashSet;
use std::sync::Arc;

use thiserror::Error;
use wasmtime_wasi_config::WasiConfigVariables;

use crate::model::Binding;

/// Bindings of one script; Cloudflare's bound for a Worker on a paid plan is the same.
const BINDINGS_MAX: usize = 1_000;
/// The longest value of one binding, in bytes; Cloudflare allows 5 KB, a component's configuration may be longer.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// A script's bindings, opened: ready to be handed to any number of invocations.
#[derive(Clone)]
pub struct Bindings {
    /// Environment variables (`wasi:cli/environment`).
    pub environment: Arc<[(String, String)]>,
    /// The same names and values for `wasi:config/store`.
    pub config: Arc<WasiConfigVariables>,
    /// `env` of a JavaScript worker, as a JSON object; empty when there is nothing in it.
    pub json: Arc<str>,
}

/// Bindings that cannot be used together.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidBinding {
    /// Too many of them.
    #[error("a script has at most {BINDINGS_MAX} bindings")]
    TooMany,
    /// Two under one name.
    #[error("two bindings are named {0:?}; give each its own name")]
    Twice(String),
    /// A name that is no variable's.
    #[error("{0:?} is no name for a binding: use letters, digits and `_`, and begin with no digit")]
    Name(String),
    /// A value that is too long.
    #[error("the binding {0:?} is longer than {VALUE_BYTES_MAX} bytes")]
    TooLong(String),
}

/// Whether these bindings can be opened together.
///
/// # Errors
/// [`InvalidBinding`], which names the first that cannot.
pub fn check(bindings: &[Binding]) -> Result<(), InvalidBinding> {
    if bindings.len() > BINDINGS_MAX {
        return Err(InvalidBinding::TooMany);
    }
    let mut names = HashSet::new();
    for binding in bindings {
        let name = binding.name();
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        let is_name = name.chars().next().is_some_and(is_first)
            && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
        if !is_name {
            return Err(InvalidBinding::Name(name.chars().take(64).collect()));
        }
        if !names.insert(name) {
            return Err(InvalidBinding::Twice(name.to_owned()));
        }
        if binding.text().len() > VALUE_BYTES_MAX {
            return Err(InvalidBinding::TooLong(name.to_owned()));
        }
    }
    Ok(())
}

/// Opens just what this script declared.
pub fn open(bindings: &[Binding]) -> Bindings {
    let variables: Vec<(String, String)> = bindings
        .iter()
        .map(|b| (b.name().to_owned(), b.text()))
        .collect();
    Bindings {
        json: json(bindings).into(),
        config: Arc::new(
            variables
                .iter()
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
        ),
        environment: variables.into(),
    }
}

fn json(bindings: &[Binding]) -> String {
    if bindings.is_empty() {
        return String::new();
    }
    let value = |binding: &Binding| match binding {
        Binding::PlainText { text, .. } | Binding::SecretText { text, .. } => text.clone().into(),
        Binding::Json { json, .. } => json.clone(),
    };
    let entries = bindings.iter().map(|b| (b.name().to_owned(), value(b)));
    serde_json::Value::Object(entries.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, text: &str) -> Binding {
        Binding::PlainText {
            name: name.into(),
            text: text.into(),
        }
    }

    #[test]
    fn bindings_that_cannot_be_told_apart_are_refused() {
        assert_eq!(check(&[text("A", "1"), text("B", "2")]), Ok(()));
        assert_eq!(
            check(&[text("A", "1"), text("A", "2")]),
            Err(InvalidBinding::Twice("A".into()))
        );
        for name in ["", "1A", "A=B", "A\0", "Ä", "A B"] {
            assert_eq!(
                check(&[text(name, "1")]),
                Err(InvalidBinding::Name(name.into())),
                "{name:?}"
            );
        }
        assert_eq!(
            check(&[text("A", &"x".repeat(VALUE_BYTES_MAX + 1))]),
            Err(InvalidBinding::TooLong("A".into()))
        );
    }
}
