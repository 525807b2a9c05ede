//! What went wrong, as status and code: the one mapping of the control API.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::envelope;
use crate::control::ControlError;
use crate::control::hostname_rules::HostnameError;
use crate::model::tag::InvalidTag;
use crate::pki::BadCertificate;

/// An answer that says what went wrong.
#[derive(Debug)]
pub(super) struct ApiError {
    /// HTTP's status; clients of one kind look only at this.
    pub status: StatusCode,
    /// Cloudflare's code; clients of the other kind look only at this.
    pub code: u32,
    /// For whoever sent the request.
    pub message: String,
}

/// Cloudflare's codes.
///
/// Source: Cloudflare API and the clients' own sources; where Cloudflare publishes none, the nearest one.
pub(super) mod codes {
    pub(crate) const THROTTLED: u32 = 971;
    pub(crate) const INVALID_TOKEN: u32 = 1000;
    pub(crate) const PURGE: u32 = 1012;
    pub(crate) const NO_ROUTE: u32 = 7003;
    pub(crate) const UNAUTHORIZED: u32 = 9109;
    pub(crate) const AUTHENTICATION: u32 = 10000;
    pub(crate) const INTERNAL: u32 = 10002;
    pub(crate) const MISSING: u32 = 10003;
    pub(crate) const METHOD: u32 = 10405;
    pub(crate) const SCRIPT_NOT_FOUND: u32 = 10007;
    pub(crate) const KV_KEY_NOT_FOUND: u32 = 10009;
    pub(crate) const KV_NAMESPACE_NOT_FOUND: u32 = 10013;
    pub(crate) const KV_TITLE: u32 = 10014;
    pub(crate) const KV_BINDING: u32 = 10041;
    pub(crate) const NOT_ENTITLED: u32 = 10015;
    pub(crate) const NAME: u32 = 10016;
    pub(crate) const REFUSED: u32 = 10021;
    pub(crate) const BODY: u32 = 10026;
    pub(crate) const TOO_LARGE: u32 = 10027;
    pub(crate) const BUSY: u32 = 10035;
    pub(crate) const BINDING: u32 = 10052;
    pub(crate) const VALUE_TOO_LONG: u32 = 10054;
    pub(crate) const TOO_MANY_BINDINGS: u32 = 10055;
    pub(crate) const SECRET_NOT_FOUND: u32 = 10056;
    pub(crate) const INHERIT: u32 = 10057;
    pub(crate) const NO_HANDLER: u32 = 10068;
    pub(crate) const SERVICE_NOT_FOUND: u32 = 10090;
    pub(crate) const DISPATCHED_NOT_FOUND: u32 = 10092;
    pub(crate) const TAG_TOO_LONG: u32 = 100_102;
    pub(crate) const TOO_MANY_TAGS: u32 = 100_103;
    pub(crate) const NAMESPACE_NOT_FOUND: u32 = 100_119;
    pub(crate) const NAMESPACE_EXISTS: u32 = 100_120;
    pub(crate) const TAG_CHARACTER: u32 = 100_134;
    pub(crate) const FILTER: u32 = 100_135;
    pub(crate) const ASSET_RULES: u32 = 100_324;
    pub(crate) const HOSTNAME_BODY: u32 = 1400;
    pub(crate) const VERSION_NOT_FOUND: u32 = 100_146;
    pub(crate) const NOT_FOUND: u32 = 10_404;
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The request's body or parameters mean nothing.
    pub(super) fn body(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, codes::BODY, message)
    }

    /// A purge of nothing.
    pub(super) fn nothing_to_purge() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            codes::PURGE,
            "Request must contain one of \"purge_everything\", \"files\", \"tags\", \"hosts\" or \"prefixes\"",
        )
    }

    /// Nothing answers to this.
    pub(super) fn no_route(path: &str) -> Self {
        let shown: String = path.chars().take(200).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            codes::NO_ROUTE,
            format!("Could not route to {shown}, perhaps your object identifier is invalid?"),
        )
    }

    /// A dispatch namespace that is not there, or not for this token.
    pub(super) fn no_namespace(name: &str) -> Self {
        ControlError::NoNamespace(name.to_owned()).into()
    }
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        use ControlError as E;
        let message = error.to_string();
        let (status, code) = match &error {
            E::NoNamespace(_) => (StatusCode::NOT_FOUND, codes::NAMESPACE_NOT_FOUND),
            E::NamespaceExists(_) => (StatusCode::CONFLICT, codes::NAMESPACE_EXISTS),
            E::NamespaceMoves(..) | E::Busy | E::TooManyTails(_) => {
                (StatusCode::CONFLICT, codes::BUSY)
            }
            E::NoScript(name) if name.contains('/') => {
                (StatusCode::NOT_FOUND, codes::DISPATCHED_NOT_FOUND)
            }
            E::NoScript(_) => (StatusCode::NOT_FOUND, codes::SCRIPT_NOT_FOUND),
            E::NoCode(_) => (StatusCode::BAD_REQUEST, codes::REFUSED),
            E::NoSecret(_) => (StatusCode::NOT_FOUND, codes::SECRET_NOT_FOUND),
            E::NoVersion(_) => (StatusCode::NOT_FOUND, codes::VERSION_NOT_FOUND),
            E::Nothing { .. } => (StatusCode::NOT_FOUND, codes::NOT_FOUND),
            E::NoKvNamespace => (StatusCode::NOT_FOUND, codes::KV_NAMESPACE_NOT_FOUND),
            E::NoKvKey => (StatusCode::NOT_FOUND, codes::KV_KEY_NOT_FOUND),
            E::Hostname(error) => hostname_code(error),
            E::KvTitle => (StatusCode::BAD_REQUEST, codes::KV_TITLE),
            E::KvBinding(_) => (StatusCode::BAD_REQUEST, codes::KV_BINDING),
            E::Kv(invalid) => match StatusCode::from_u16(invalid.status()) {
                Ok(StatusCode::PAYLOAD_TOO_LARGE) => {
                    (StatusCode::PAYLOAD_TOO_LARGE, codes::TOO_LARGE)
                }
                Ok(status) => (status, codes::BODY),
                Err(_) => (StatusCode::BAD_REQUEST, codes::BODY),
            },
            E::Name(_) => (StatusCode::BAD_REQUEST, codes::NAME),
            E::Tag(InvalidTag::TooLong(_)) => (StatusCode::BAD_REQUEST, codes::TAG_TOO_LONG),
            E::Tag(InvalidTag::TooMany(_)) => (StatusCode::BAD_REQUEST, codes::TOO_MANY_TAGS),
            E::Tag(InvalidTag::Character(_) | InvalidTag::Empty) => {
                (StatusCode::BAD_REQUEST, codes::TAG_CHARACTER)
            }
            E::Filter(_) => (StatusCode::BAD_REQUEST, codes::FILTER),
            E::Binding(error) => (StatusCode::BAD_REQUEST, binding_code(error)),
            E::TailConsumer { .. } | E::Shape(_) => (StatusCode::BAD_REQUEST, codes::BINDING),
            E::Inherit(_) => (StatusCode::BAD_REQUEST, codes::INHERIT),
            E::Refused(_) => (StatusCode::BAD_REQUEST, codes::REFUSED),
            E::NoHandler(_) => (StatusCode::BAD_REQUEST, codes::NO_HANDLER),
            E::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, codes::TOO_LARGE),
            E::Session(_) => (StatusCode::BAD_REQUEST, codes::BODY),
            E::Rules(_) => (StatusCode::BAD_REQUEST, codes::ASSET_RULES),
            E::Invalid(_) => (StatusCode::BAD_REQUEST, codes::BODY),
            E::Unsupported(_) => (StatusCode::BAD_REQUEST, codes::NOT_ENTITLED),
            // A secret that came sealed and does not open was not sealed here.
            E::Seal(_) => (StatusCode::BAD_REQUEST, codes::BINDING),
            E::Store(_)
            | E::Compiler(_)
            | E::Keys(_)
            | E::OtherKey { .. }
            | E::Record { .. }
            | E::Random => {
                tracing::error!(%error, "the control API failed");
                let message = "the store cannot be asked, or this node failed; its log says why. Nothing was changed";
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, codes::INTERNAL, message);
            }
        };
        Self::new(status, code, message)
    }
}

fn binding_code(error: &crate::bindings::InvalidBinding) -> u32 {
    use crate::bindings::InvalidBinding as B;
    match error {
        B::TooMany => codes::TOO_MANY_BINDINGS,
        B::TooLong(_) => codes::VALUE_TOO_LONG,
        B::Twice(_) | B::Name(_) | B::Callee { .. } => codes::BINDING,
    }
}

/// Source: Cloudflare API, "Custom hostnames: error codes"; where Cloudflare publishes none, the nearest one.
fn hostname_code(error: &HostnameError) -> (StatusCode, u32) {
    use HostnameError as H;
    let bad = StatusCode::BAD_REQUEST;
    match error {
        H::Shape(_) => (bad, codes::HOSTNAME_BODY),
        H::Metadata(_) => (bad, 1401),
        H::Zone => (bad, 1402),
        H::Quota(_) => (StatusCode::FORBIDDEN, 1405),
        H::Duplicate(_) => (StatusCode::CONFLICT, 1406),
        H::Invalid(_) => (bad, 1407),
        H::Idna(_) => (bad, 1408),
        H::PublicSuffix(_) => (bad, 1410),
        H::Origin(_) | H::OriginAddress(_) | H::OriginSni(_) => (bad, 1415),
        H::OriginWildcard => (bad, 1420),
        H::Setting { field, .. } => (bad, setting_code(field)),
        H::Certificate(error) => (bad, certificate_code(error)),
        H::CsrId => (bad, 1430),
        H::NoCsr => (StatusCode::NOT_FOUND, 1431),
        H::Method => (bad, 1432),
        H::Id => (bad, 1435),
        H::Missing | H::NoCertificate(_) => (StatusCode::NOT_FOUND, 1436),
        H::Pack | H::OtherKind => (bad, 1444),
        H::LastCertificate => (bad, 1445),
        H::NotCovered(..) => (bad, 1446),
        H::WildcardMethod => (bad, 1448),
        H::NoFallback => (StatusCode::NOT_FOUND, 1551),
        H::Csr(_) => (bad, codes::HOSTNAME_BODY),
    }
}

fn setting_code(field: &str) -> u32 {
    match field {
        "ssl.settings.http2" => 1422,
        "ssl.settings.tls_1_2_only" => 1423,
        "ssl.settings.tls_1_3" => 1424,
        "ssl.settings.min_tls_version" => 1425,
        "ssl.type" => 1433,
        "hostname.contain" => 1437,
        "id" => 1438,
        "ssl.settings.ciphers" => 1442,
        "ssl.bundle_method" => 1449,
        field if field.starts_with("ssl.settings.ciphers") => 1443,
        _ => 1434,
    }
}

fn certificate_code(error: &BadCertificate) -> u32 {
    match error {
        BadCertificate::Empty => 1427,
        BadCertificate::Key => 1428,
        BadCertificate::OtherKey => 1429,
        BadCertificate::Chain(_) => 1441,
        BadCertificate::Leaves(_) => 1444,
        BadCertificate::Signature(_) => 1447,
        BadCertificate::Unreadable(_)
        | BadCertificate::TooLarge
        | BadCertificate::Expired(_)
        | BadCertificate::NotYet(_)
        | BadCertificate::Weak(_)
        | BadCertificate::MustStaple
        | BadCertificate::KeyKind => 1426,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.code;
        let mut response = envelope::refusal(self.status, code, self.message);
        // For the audit, which sees the response alone.
        response.extensions_mut().insert(FailedWith(code));
        if self.status == StatusCode::CONFLICT {
            // Cloudflare's clients repeat a 409 else, which only fails again.
            let headers = response.headers_mut();
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        response
    }
}

/// The code that a response failed with.
#[derive(Clone, Copy)]
pub(super) struct FailedWith(pub u32);
