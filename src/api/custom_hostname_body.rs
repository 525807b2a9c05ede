//! What clients say of custom hostnames, read from whatever content type it comes as.

use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::Request;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::Shared;
use super::body::read;
use super::errors::{ApiError, codes};
use crate::control::certificates::{SslChange, Upload};
use crate::control::custom_hostnames::HostnameChange;
use crate::control::hostname_rules::HostnameError;
use crate::model::custom_hostname::SslMethod;

/// Bytes of a body: two chains with their keys, and everything else.
const BYTES_MAX: usize = 1 << 20;

/// A JSON object; no body is an empty one.
pub(super) struct Fields(pub Map<String, Value>);

impl FromRequest<Shared> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, api: &Shared) -> Result<Self, ApiError> {
        let bytes = read(api, request.into_body(), BYTES_MAX).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        let error = |why: String| {
            let message = format!("Unable to decode the JSON request body: {why}");
            ApiError::new(
                axum::http::StatusCode::BAD_REQUEST,
                codes::HOSTNAME_BODY,
                message,
            )
        };
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(error("it is no object".into())),
            // What was sent may be a key, so none of it is repeated.
            Err(e) => Err(error(format!("at line {} column {}", e.line(), e.column()))),
        }
    }
}

impl Fields {
    /// A text that is needed.
    pub(super) fn needed(&self, name: &'static str) -> Result<&str, HostnameError> {
        match text(&self.0, name)? {
            Some(Some(text)) => Ok(text),
            _ => Err(HostnameError::Shape(format!("`{name}` is missing"))),
        }
    }

    /// What is said of a custom hostname.
    pub(super) fn change(&self) -> Result<HostnameChange, HostnameError> {
        let fields = &self.0;
        let owned = |text: Option<Option<&str>>| text.map(|text| text.map(str::to_owned));
        Ok(HostnameChange {
            metadata: fields
                .get("custom_metadata")
                .map(|metadata| match metadata {
                    Value::Null => None,
                    metadata => Some(metadata.clone()),
                }),
            origin: owned(text(fields, "custom_origin_server")?),
            is_operators: false,
            origin_sni: owned(text(fields, "custom_origin_sni")?),
            ssl: match fields.get("ssl") {
                None => None,
                Some(Value::Null) => Some(None),
                Some(Value::Object(ssl)) => Some(Some(change_of_ssl(ssl)?)),
                Some(_) => {
                    return Err(HostnameError::Setting {
                        field: "ssl",
                        allowed: "an object",
                    });
                }
            },
        })
    }

    /// A certificate with its key.
    pub(super) fn upload(&self) -> Result<Upload, HostnameError> {
        upload(&self.0)
    }
}

fn change_of_ssl(ssl: &Map<String, Value>) -> Result<SslChange, HostnameError> {
    let said = |name| Ok::<_, HostnameError>(text(ssl, name)?.flatten());
    if said("type")?.is_some_and(|kind| kind != "dv") {
        return Err(HostnameError::Setting {
            field: "ssl.type",
            allowed: "`dv`",
        });
    }
    let method = match said("method")? {
        None => None,
        Some("http") => Some(SslMethod::Http),
        Some("txt") => Some(SslMethod::Txt),
        Some(_) => return Err(HostnameError::Method),
    };
    let bundle_method = said("bundle_method")?;
    if bundle_method.is_some_and(|method| !matches!(method, "ubiquitous" | "optimal" | "force")) {
        return Err(HostnameError::Setting {
            field: "ssl.bundle_method",
            allowed: "`ubiquitous`, `optimal` or `force`",
        });
    }
    let wildcard = match ssl.get("wildcard") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(wildcard)) => Some(*wildcard),
        Some(_) => {
            return Err(HostnameError::Setting {
                field: "ssl.wildcard",
                allowed: "true or false",
            });
        }
    };
    let settings = match ssl.get("settings") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(settings)) => settings.clone(),
        Some(_) => {
            return Err(HostnameError::Setting {
                field: "ssl.settings",
                allowed: "an object",
            });
        }
    };
    let uploads = match ssl.get("custom_cert_bundle") {
        None | Some(Value::Null) => match said("custom_certificate")? {
            Some(_) => vec![upload(ssl)?],
            None if said("custom_key")?.is_some() => {
                return Err(HostnameError::Certificate(
                    crate::pki::BadCertificate::Empty,
                ));
            }
            None => Vec::new(),
        },
        Some(Value::Array(bundle)) => {
            let read = |one: &Value| upload(one.as_object().ok_or(HostnameError::Pack)?);
            match bundle.len() {
                1 | 2 => bundle.iter().map(read).collect::<Result<_, _>>()?,
                _ => return Err(HostnameError::Pack),
            }
        }
        Some(_) => return Err(HostnameError::Pack),
    };
    Ok(SslChange {
        method,
        wildcard,
        bundle_method: bundle_method.map(str::to_owned),
        certificate_authority: said("certificate_authority")?.map(str::to_owned),
        settings,
        uploads,
        custom_csr_id: said("custom_csr_id")?
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
    })
}

fn upload(fields: &Map<String, Value>) -> Result<Upload, HostnameError> {
    let certificate = text(fields, "custom_certificate")?.flatten();
    let key = text(fields, "custom_key")?.flatten();
    Ok(Upload {
        certificate: certificate.unwrap_or("").to_owned(),
        key: key
            .filter(|key| !key.is_empty())
            .map(|key| Zeroizing::new(key.to_owned())),
    })
}

/// A text that may be absent, or `null`.
fn text<'a>(
    fields: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<Option<&'a str>>, HostnameError> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => Ok(Some(Some(text))),
        Some(_) => Err(HostnameError::Shape(format!("`{name}` is a text"))),
    }
}
