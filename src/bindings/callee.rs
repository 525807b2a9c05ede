//! Bindings that lead somewhere: to other workers, to files, to values, to counters, to a log.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::kv::is_id;
use crate::model::rate::Rate;
use crate::model::{REGULAR, TenantId};

/// The longest name of a dataset.
const NAME_BYTES_MAX: usize = 100;

/// Where a binding leads that a worker calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// Any user worker of a dispatch namespace.
    Dispatch {
        /// The namespace.
        namespace: String,
        /// The outbound worker of the workers called through this binding.
        outbound: Option<OutboundBinding>,
    },
    /// A regular worker.
    Service {
        /// The worker.
        worker: TenantId,
        /// The exported class that answers; empty for the default export.
        entrypoint: String,
    },
    /// The worker's own static assets.
    Assets,
    /// The key-value namespace of this id.
    Kv(Arc<str>),
    /// Counters.
    Rate(Rate),
    /// The data points of this dataset; without a name that of the binding is its own.
    Dataset(Option<String>),
    /// Nowhere on this edge.
    Nowhere,
}

/// An outbound worker, and the parameters that a call may give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundBinding {
    /// A regular worker.
    pub worker: TenantId,
    /// Names in its `env`.
    pub params: Vec<String>,
}

/// A dispatch namespace's fields.
///
/// Source: Cloudflare API, bindings of type `dispatch_namespace`; `service` and `parameters` are what wrangler's
/// configuration calls the same.
#[derive(Deserialize)]
struct Dispatch {
    namespace: String,
    #[serde(default)]
    outbound: Option<Outbound>,
}

#[derive(Deserialize)]
struct Outbound {
    #[serde(alias = "service")]
    worker: Service,
    #[serde(default, alias = "parameters")]
    params: Vec<Param>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Service {
    Name(String),
    Object { service: String },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Param {
    Name(String),
    Object { name: String },
}

#[derive(Deserialize)]
struct ServiceBinding {
    service: String,
    #[serde(default)]
    entrypoint: Option<String>,
}

impl Callee {
    /// Reads the fields of a binding of this type.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of(kind: &str, fields: &Map<String, Value>) -> Result<Self, String> {
        match kind {
            "dispatch_namespace" => {
                let Dispatch {
                    namespace,
                    outbound,
                } = read(fields)?;
                if namespace == REGULAR {
                    return Err("`namespace` is not a dispatch namespace's name".to_owned());
                }
                // The name is checked as those of its workers will be.
                TenantId::new(&namespace, "a").map_err(|e| e.to_string())?;
                let outbound = outbound.map(Outbound::read).transpose()?;
                Ok(Self::Dispatch {
                    namespace,
                    outbound,
                })
            }
            "service" => {
                let ServiceBinding {
                    service,
                    entrypoint,
                } = read(fields)?;
                Ok(Self::Service {
                    worker: TenantId::regular(&service).map_err(|e| e.to_string())?,
                    entrypoint: entrypoint
                        .filter(|name| name != "default")
                        .unwrap_or_default(),
                })
            }
            "assets" => Ok(Self::Assets),
            "kv_namespace" => match fields.get("namespace_id").and_then(Value::as_str) {
                Some(id) if is_id(id) => Ok(Self::Kv(id.into())),
                _ => Err("`namespace_id` is no id of a key-value namespace".to_owned()),
            },
            "ratelimit" => Ok(Self::Rate(Rate::read(fields)?)),
            "analytics_engine" => match fields.get("dataset") {
                None | Some(Value::Null) => Ok(Self::Dataset(None)),
                Some(Value::String(name)) if (1..=NAME_BYTES_MAX).contains(&name.len()) => {
                    Ok(Self::Dataset(Some(name.clone())))
                }
                Some(_) => Err(format!(
                    "`dataset` is a name of 1 to {NAME_BYTES_MAX} bytes"
                )),
            },
            _ => Ok(Self::Nowhere),
        }
    }
}

impl Outbound {
    fn read(self) -> Result<OutboundBinding, String> {
        let (Service::Name(worker) | Service::Object { service: worker }) = self.worker;
        let params = self.params.into_iter();
        Ok(OutboundBinding {
            worker: TenantId::regular(&worker).map_err(|e| e.to_string())?,
            params: params
                .map(|(Param::Name(name) | Param::Object { name })| name)
                .collect(),
        })
    }
}

fn read<'a, T: Deserialize<'a>>(fields: &'a Map<String, Value>) -> Result<T, String> {
    T::deserialize(fields).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, json: &str) -> Result<Callee, String> {
        Callee::of(kind, &serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn an_outbound_worker_is_named_in_either_of_two_ways() {
        let expected = Ok(Callee::Dispatch {
            namespace: "production".to_owned(),
            outbound: Some(OutboundBinding {
                worker: TenantId::regular("policy").expect("valid"),
                params: vec!["customer".to_owned()],
            }),
        });
        for json in [
            r#"{"namespace":"production","outbound":{"worker":{"service":"policy","environment":"production"},"params":[{"name":"customer"}]}}"#,
            r#"{"namespace":"production","outbound":{"service":"policy","parameters":["customer"]}}"#,
        ] {
            assert_eq!(read("dispatch_namespace", json), expected, "{json}");
        }
    }

    #[test]
    fn a_binding_that_can_lead_nowhere_is_refused() {
        for (kind, json) in [
            ("dispatch_namespace", r#"{"namespace":"_"}"#),
            ("dispatch_namespace", r#"{"namespace":"a:b"}"#),
            ("dispatch_namespace", r#"{"namespace":"a","outbound":{}}"#),
            (
                "dispatch_namespace",
                r#"{"namespace":"a","outbound":{"service":"a/b"}}"#,
            ),
            (
                "dispatch_namespace",
                r#"{"namespace":"a","outbound":{"service":"a","parameters":"b"}}"#,
            ),
            ("service", r#"{"service":"a b"}"#),
            ("analytics_engine", r#"{"dataset":""}"#),
            ("analytics_engine", r#"{"dataset":7}"#),
            ("ratelimit", "{}"),
            ("ratelimit", r#"{"namespace_id":"1"}"#),
            (
                "ratelimit",
                r#"{"namespace_id":"","simple":{"limit":1,"period":10}}"#,
            ),
            (
                "ratelimit",
                r#"{"namespace_id":"1","simple":{"limit":0,"period":10}}"#,
            ),
            (
                "ratelimit",
                r#"{"namespace_id":"1","simple":{"limit":1.5,"period":10}}"#,
            ),
            (
                "ratelimit",
                r#"{"namespace_id":"1","simple":{"limit":1,"period":30}}"#,
            ),
            (
                "ratelimit",
                r#"{"namespace_id":"1","simple":{"limit":1,"period":"10"}}"#,
            ),
        ] {
            assert!(read(kind, json).is_err(), "{kind} {json}");
        }
    }
}
