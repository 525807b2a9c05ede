//! What operators and their programs change: namespaces, scripts, tags, secrets, tokens, hostnames.
//!
//! The command line and the control API both come here, so a change means the same whoever makes it. It writes the
//! store and never touches the data plane, which hears of every change from the store.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Semaphore;

use crate::assets::InvalidRules;
use crate::bindings::InvalidBinding;
use crate::conf::{Conf, HostnameRules};
use crate::egress::Reach;
use crate::metrics::Metrics;
use crate::model::binding::InvalidShape;
use crate::model::kv::InvalidKv;
use crate::model::tag::{InvalidFilter, InvalidTag};
use crate::model::tenant::InvalidName;
use crate::runtime::{LoadError, compiler::CompileError};
use crate::secrets::{KeyError, Keyring, SealError};
use crate::store::custom_hostnames::RecordError;
use crate::store::{KeyValue, StoreError};

pub mod account;
pub mod assets;
pub mod audit;
pub mod bound;
pub mod certificates;
pub mod consumers;
pub mod csrs;
pub mod custom_hostnames;
pub mod domains;
pub mod explain;
pub mod hostname_list;
pub mod hostname_rules;
pub mod index;
pub mod kv;
pub mod namespaces;
pub mod purge;
mod reseal;
pub mod scripts;
pub mod secrets;
pub mod tails;
pub mod tokens;
pub mod upload;
pub mod usage;
pub mod versions;
pub mod zones;

/// How often a change is tried again when somebody else changes the same record at the same time.
const ATTEMPTS: usize = 10;

/// What changes are made with.
pub struct Control {
    /// The settings.
    pub conf: Conf,
    /// The records.
    pub store: Arc<dyn KeyValue>,
    /// What seals secrets.
    pub keyring: Arc<Keyring>,
    metrics: Arc<Metrics>,
    /// The strict values of `hostnames`.
    hostnames: HostnameRules,
    /// Where origins may be that are named through the API.
    reach: Reach,
    /// Hostnames are claimed one at a time, so that each is counted.
    claims: Semaphore,
    /// Told of key-value namespaces that are deleted.
    kv_deleted: tokio::sync::Notify,
    /// Uploads are checked a few at a time, each in a process of its own.
    compilers: Semaphore,
}

/// Who makes a change.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The id of a token, or `cli`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the request came from.
    pub ip: String,
    /// The request's id.
    pub request_id: String,
}

/// Why a change was not made. Nothing is changed then.
#[derive(Debug, Error)]
pub enum ControlError {
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such namespace.
    #[error("there is no dispatch namespace {0:?}; create it first")]
    NoNamespace(String),
    /// There is one already.
    #[error("there is a dispatch namespace {0:?} already")]
    NamespaceExists(String),
    /// It is being renamed.
    #[error("the dispatch namespace {0:?} is being renamed to {1:?}; try again when that is done")]
    NamespaceMoves(String, String),
    /// There is no such script.
    #[error("there is no worker {0}")]
    NoScript(String),
    /// A script is uploaded first, then its settings can be changed.
    #[error("there is no worker {0} yet, and this upload has no module; upload its code first")]
    NoCode(String),
    /// There is no such secret.
    #[error("the worker has no secret {0:?}")]
    NoSecret(String),
    /// There is no such version.
    #[error("the worker has no version {0:?}")]
    NoVersion(String),
    /// There is no such domain, route or token.
    #[error("there is no {what} {name:?}")]
    Nothing {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// There is no such key-value namespace.
    #[error("namespace not found")]
    NoKvNamespace,
    /// There is no such key.
    #[error("key not found")]
    NoKvKey,
    /// Another key-value namespace has the title.
    #[error("a namespace with this account ID and title already exists")]
    KvTitle,
    /// A binding names a key-value namespace that is not there.
    #[error("KV namespace '{0}' not found; create it first, or bind another")]
    KvBinding(String),
    /// A tail consumer that cannot be one.
    #[error("`tail_consumers[{index}]` cannot be used: {why}")]
    TailConsumer {
        /// Which of them.
        index: usize,
        /// Why.
        why: String,
    },
    /// Something that cannot be in a key-value namespace.
    #[error(transparent)]
    Kv(#[from] InvalidKv),
    /// Something about a custom hostname, or its certificate.
    #[error(transparent)]
    Hostname(#[from] hostname_rules::HostnameError),
    /// As many tails are open as may be.
    #[error("{0}, and there may be no more; end one of them")]
    TooManyTails(String),
    /// A name nobody can have.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A tag nobody can have.
    #[error(transparent)]
    Tag(#[from] InvalidTag),
    /// No filter.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// A binding of no shape.
    #[error(transparent)]
    Shape(#[from] InvalidShape),
    /// Bindings that cannot be together.
    #[error(transparent)]
    Binding(#[from] InvalidBinding),
    /// An `inherit` binding of something that is not there.
    #[error(
        "the binding {0:?} is to be inherited, but the worker that is there has none of that name"
    )]
    Inherit(String),
    /// What was uploaded is no worker; the text is for its author.
    #[error("{0}")]
    Refused(String),
    /// What was uploaded answers to nothing.
    #[error("{0}")]
    NoHandler(String),
    /// More than fits.
    #[error("{0}")]
    TooLarge(String),
    /// A token of no assets upload session.
    #[error(transparent)]
    Session(#[from] assets::InvalidSession),
    /// `_headers` or `_redirects` cannot be read.
    #[error(transparent)]
    Rules(#[from] InvalidRules),
    /// Something about the request cannot be meant.
    #[error("{0}")]
    Invalid(String),
    /// It means something that this edge does not do.
    #[error("{0}")]
    Unsupported(String),
    /// Somebody else changes the same thing all the time.
    #[error("it is being changed by somebody else at the same time; try again")]
    Busy,
    /// The worker could not be compiled; nothing its author did.
    #[error("the upload could not be checked: {0}")]
    Compiler(String),
    /// Secrets cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There are no keys for secrets.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The secrets in the store were sealed elsewhere.
    #[error(
        "the store's secrets are sealed with the key {theirs}, which {source_} does not hold; copy the key file of the \
         node that made them, or set `secrets.key_file`"
    )]
    OtherKey {
        /// The key in use.
        theirs: String,
        /// Where our keys come from.
        source_: String,
    },
    /// A record in the store cannot be read.
    #[error("the record {key} cannot be read: {reason}")]
    Record {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// There is no randomness.
    #[error("the system gives no random numbers")]
    Random,
}

impl From<RecordError> for ControlError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => Self::Store(error),
            RecordError::Unreadable { key, reason } => Self::Record { key, reason },
            RecordError::Busy => Self::Busy,
        }
    }
}

impl From<LoadError> for ControlError {
    fn from(error: LoadError) -> Self {
        use crate::runtime::checks::Refusal;
        match error {
            LoadError::Compile(CompileError::Refused(refusal)) => match refusal {
                Refusal::TooLarge { .. } => Self::TooLarge(refusal.to_string()),
                Refusal::NoScriptHandler => Self::NoHandler(refusal.to_string()),
                refusal => Self::Refused(refusal.to_string()),
            },
            error => Self::Compiler(error.to_string()),
        }
    }
}

impl Control {
    /// Works on this store with these settings and keys.
    pub fn new(
        conf: &Conf,
        store: Arc<dyn KeyValue>,
        keyring: Arc<Keyring>,
        metrics: Arc<Metrics>,
    ) -> Self {
        // Settings that cannot be read start nothing.
        let parsed = conf.parsed().ok();
        Self {
            conf: conf.clone(),
            store,
            keyring,
            metrics,
            kv_deleted: tokio::sync::Notify::new(),
            compilers: Semaphore::new(conf.runtime.compilers),
            reach: parsed.as_ref().map(Reach::new).unwrap_or_default(),
            hostnames: parsed.map(|parsed| parsed.hostnames).unwrap_or_default(),
            claims: Semaphore::new(1),
        }
    }

    /// Works on this store with these settings, and the keys they name.
    ///
    /// # Errors
    /// [`KeyError`] when there are no keys for secrets.
    pub fn open(
        conf: &Conf,
        store: Arc<dyn KeyValue>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, KeyError> {
        let keyring = Arc::new(Keyring::open(conf)?);
        Ok(Self::new(conf, store, keyring, metrics))
    }

    /// A record with the bytes it was read from; `None` when there is none.
    async fn read<R: DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<(R, Bytes)>, ControlError> {
        let found = self.store.get(&[key.to_owned()]).await?.pop().flatten();
        let Some(bytes) = found else { return Ok(None) };
        let record = serde_json::from_slice(&bytes).map_err(|e| ControlError::Record {
            key: key.to_owned(),
            reason: e.to_string(),
        })?;
        Ok(Some((record, bytes)))
    }
}

/// The time now, RFC 3339 in UTC with microseconds.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let rounded = now
        .replace_nanosecond(now.microsecond() * 1_000)
        .unwrap_or(now);
    rounded.format(&Rfc3339).unwrap_or_default()
}

/// 32 random hex digits.
fn random_id() -> Result<String, ControlError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ControlError::Random)?;
    Ok(hex(&bytes))
}

/// A random UUID (RFC 9562, version 4).
fn random_uuid() -> Result<String, ControlError> {
    crate::secrets::random_uuid().map_err(|_| ControlError::Random)
}

/// 32 hex digits that stand for a text.
pub(crate) fn stable_id(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 32 hex digits as a UUID is written.
pub(crate) fn dashed(id: &str) -> String {
    match id.len() {
        32 if id.is_ascii() => format!(
            "{}-{}-{}-{}-{}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..]
        ),
        _ => id.to_owned(),
    }
}

fn json(record: &impl Serialize) -> Bytes {
    serde_json::to_vec(record)
        .expect("records have text keys and plain values")
        .into()
}
