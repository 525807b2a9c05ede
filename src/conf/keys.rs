//! Settings from several sources laid over each other, each key remembering where it came from.

use std::collections::HashMap;
use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::{Conf, ConfError};

/// The prefix of environment variables that are settings.
const VARIABLE_PREFIX: &str = "CIRQUE_";
/// Variables with the prefix that are no settings.
const VARIABLES_RESERVED: [&str; 4] = ["CIRQUE_API", "CIRQUE_CONFIG", "CIRQUE_LOG", "CIRQUE_TOKEN"];

/// The settings so far.
pub(super) struct Merged {
    known: Table,
    values: Table,
    origins: HashMap<String, String>,
}

impl Merged {
    /// Begins with every key that exists, at its default.
    pub(super) fn new(defaults: Table) -> Self {
        Self {
            values: defaults.clone(),
            known: defaults,
            origins: HashMap::new(),
        }
    }

    /// Lays a TOML file over what is there.
    pub(super) fn file(&mut self, path: &Path, text: &str) -> Result<(), ConfError> {
        let at = |offset: usize| {
            let line = text[..offset.min(text.len())]
                .bytes()
                .filter(|b| *b == b'\n')
                .count()
                + 1;
            format!("{}:{line}", path.display())
        };
        let syntax = |error: toml::de::Error| ConfError::Syntax {
            origin: at(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        };
        let places = DeTable::parse(text).map_err(syntax)?;
        let values: Table = toml::from_str(text).map_err(syntax)?;
        for (table, keys) in places.get_ref() {
            let origin = at(table.span().start);
            let Some(keys) = keys.get_ref().as_table() else {
                self.check(table.get_ref(), None, &origin)?;
                return Err(ConfError::Value {
                    origin,
                    key: table.get_ref().to_string(),
                    message: format!(
                        "is a table; write `[{}]` and its keys below",
                        table.get_ref()
                    ),
                });
            };
            self.check(table.get_ref(), None, &origin)?;
            for (key, _) in keys {
                let origin = at(key.span().start);
                let value = values
                    .get(table.get_ref().as_ref())
                    .and_then(|t| t.get(key.get_ref().as_ref()));
                let Some(value) = value.cloned() else {
                    continue;
                };
                self.set(table.get_ref(), key.get_ref(), value, origin)?;
            }
        }
        Ok(())
    }

    /// Lays `CIRQUE_<TABLE>__<KEY>` variables over what is there.
    pub(super) fn environment(&mut self, variables: &[(String, String)]) -> Result<(), ConfError> {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(VARIABLE_PREFIX) else {
                continue;
            };
            if VARIABLES_RESERVED.contains(&name.as_str()) {
                continue;
            }
            let origin = format!("environment variable {name}");
            let lower = rest.to_ascii_lowercase();
            let Some((table, key)) = lower.split_once("__") else {
                return Err(ConfError::Syntax {
                    origin,
                    message: "is no setting; they are named CIRQUE_<TABLE>__<KEY>, as in CIRQUE_LISTEN__HTTP".into(),
                });
            };
            self.set_text(table, key, text, origin)?;
        }
        Ok(())
    }

    /// Lays `table.key=value` flags over what is there.
    pub(super) fn flags(&mut self, flags: &[String]) -> Result<(), ConfError> {
        for flag in flags {
            let origin = format!("--set {flag}");
            let parts = flag
                .split_once('=')
                .and_then(|(path, text)| Some((path.trim().split_once('.')?, text)));
            let Some(((table, key), text)) = parts else {
                return Err(ConfError::Syntax {
                    origin,
                    message: "is no setting; write table.key=value, as in --set listen.http=127.0.0.1:8080".into(),
                });
            };
            self.set_text(table, key, text.trim(), origin)?;
        }
        Ok(())
    }

    /// Where a key's value came from.
    pub(super) fn origin(&self, key: &str) -> String {
        self.origins
            .get(key)
            .cloned()
            .unwrap_or_else(|| "default settings".into())
    }

    /// The settings as their type.
    pub(super) fn read(&self) -> Result<Conf, ConfError> {
        Value::Table(self.values.clone())
            .try_into()
            .map_err(|error: toml::de::Error| {
                // Kinds were compared when each key was set, so what is left is a word that is no variant.
                let message = error.message().to_owned();
                let key = self
                    .origins
                    .keys()
                    .find(|key| self.is_bad(key))
                    .cloned()
                    .unwrap_or_default();
                ConfError::Value {
                    origin: self.origin(&key),
                    key,
                    message: format!("cannot be used: {message}"),
                }
            })
    }

    /// Whether this key alone, over the defaults, already fails.
    fn is_bad(&self, path: &str) -> bool {
        let Some((table, key)) = path.split_once('.') else {
            return false;
        };
        let Some(value) = self.values.get(table).and_then(|t| t.get(key)) else {
            return false;
        };
        let mut alone = self.known.clone();
        if let Some(Value::Table(keys)) = alone.get_mut(table) {
            keys.insert(key.to_owned(), value.clone());
        }
        Value::Table(alone).try_into::<Conf>().is_err()
    }

    /// Sets a key from text, read as the kind its default has.
    fn set_text(
        &mut self,
        table: &str,
        key: &str,
        text: &str,
        origin: String,
    ) -> Result<(), ConfError> {
        let default = self.check(table, Some(key), &origin)?;
        let value = match default {
            Some(Value::String(_)) | None => Some(Value::String(text.to_owned())),
            Some(Value::Integer(_)) => text.replace('_', "").parse().ok().map(Value::Integer),
            Some(Value::Float(_)) => text.parse().ok().map(Value::Float),
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Array(_)) => {
                let items = text
                    .trim_start_matches('[')
                    .trim_end_matches(']')
                    .split(',');
                let items = items
                    .map(|item| item.trim().trim_matches('"'))
                    .filter(|item| !item.is_empty());
                Some(Value::Array(
                    items.map(|item| Value::String(item.to_owned())).collect(),
                ))
            }
            Some(_) => None,
        };
        let Some(value) = value else {
            let kind = default.map_or("value", kind);
            return Err(ConfError::Value {
                origin,
                key: format!("{table}.{key}"),
                message: format!("is {text:?}, but needs {kind}"),
            });
        };
        self.set(table, key, value, origin)
    }

    fn set(
        &mut self,
        table: &str,
        key: &str,
        value: Value,
        origin: String,
    ) -> Result<(), ConfError> {
        let path = format!("{table}.{key}");
        let mut value = value;
        if let Some(default) = self.check(table, Some(key), &origin)? {
            // `1` is a number like `1.0`.
            if let (Value::Float(_), Value::Integer(whole)) = (default, &value) {
                value = Value::Float(*whole as f64);
            }
            let is_negative = matches!((default, &value), (Value::Integer(d), Value::Integer(v)) if *d >= 0 && *v < 0);
            if !default.same_type(&value) || is_negative {
                let shown: String = value.to_string().chars().take(80).collect();
                let message = format!("is {shown}, but needs {}", kind(default));
                return Err(ConfError::Value {
                    origin,
                    key: path,
                    message,
                });
            }
        }
        if let Some(Value::Table(keys)) = self.values.get_mut(table) {
            keys.insert(key.to_owned(), value);
        }
        self.origins.insert(path, origin);
        Ok(())
    }

    /// The default of a key that exists; of a table when no key is given.
    fn check(
        &self,
        table: &str,
        key: Option<&str>,
        origin: &str,
    ) -> Result<Option<&Value>, ConfError> {
        let found = self.known.get(table).and_then(Value::as_table);
        match (found, key) {
            (Some(_), None) => Ok(None),
            (Some(keys), Some(key)) if keys.contains_key(key) => Ok(keys.get(key)),
            _ => {
                let written = key.map_or(table.to_owned(), |key| format!("{table}.{key}"));
                Err(ConfError::UnknownKey {
                    origin: origin.to_owned(),
                    nearest: self.nearest(&written),
                    key: written,
                })
            }
        }
    }

    /// The key most like this one, if any is like it at all.
    fn nearest(&self, written: &str) -> Option<String> {
        let tables = self.known.keys().map(String::to_owned);
        let keys = self
            .known
            .iter()
            .filter_map(|(table, keys)| Some((table, keys.as_table()?)));
        let keys =
            keys.flat_map(|(table, keys)| keys.keys().map(move |key| format!("{table}.{key}")));
        let all: Vec<String> = match written.contains('.') {
            true => keys.collect(),
            // A key written outside its table is looked for in all of them.
            false => tables.chain(keys).collect(),
        };
        let likeness = |candidate: &str| {
            let name = candidate.rsplit('.').next().unwrap_or(candidate);
            let own = written.rsplit('.').next().unwrap_or(written);
            strsim::jaro_winkler(candidate, written).max(strsim::jaro_winkler(name, own) - 0.02)
        };
        all.into_iter()
            .map(|candidate| (likeness(&candidate), candidate))
            .filter(|(score, _)| *score > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, candidate)| candidate)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number, 0 or above",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list of texts, as in [\"a\", \"b\"]",
        Value::Table(_) => "a table",
    }
}
