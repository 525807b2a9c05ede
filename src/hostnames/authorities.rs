//! Certificate authorities: which are asked, with which account, and which are left alone for a while.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use instant_acme::{
    Account, AccountCredentials, BodyWrapper, BytesResponse, Error, ExternalAccountKey, HttpClient,
    NewAccount,
};

use crate::conf::AcmeConf;
use crate::egress::Egress;
use crate::model::TenantId;
use crate::secrets::Keyring;
use crate::store::{KeyValue, Write, keys};

/// Names that clients of Cloudflare's API have for authorities, and the hosts of their directories.
const NAMES: [(&str, &str); 5] = [
    ("lets_encrypt", "acme-v02.api.letsencrypt.org"),
    ("google", "dv.acme-v02.api.pki.goog"),
    ("ssl_com", "acme.ssl.com"),
    ("zerossl", "acme.zerossl.com"),
    ("buypass", "api.buypass.com"),
];
/// How long an authority is left alone after it failed once; twice as long each further time.
const REST: Duration = Duration::from_secs(30);
/// The longest time an authority is left alone.
const REST_MAX: Duration = Duration::from_secs(3_600);
/// Time for one exchange with an authority.
const EXCHANGE: Duration = Duration::from_secs(30);

/// All authorities of the settings, in their order.
pub(super) struct Authorities {
    all: Vec<Authority>,
    http: Arc<Egress>,
    store: Arc<dyn KeyValue>,
    keyring: Arc<Keyring>,
    email: String,
}

/// One authority.
pub(super) struct Authority {
    /// Its name in records.
    pub(super) name: String,
    directory: String,
    binding: Option<(String, String)>,
    account: tokio::sync::Mutex<Option<Account>>,
    rest: Mutex<Rest>,
}

#[derive(Default)]
struct Rest {
    failures: u32,
    until: Option<Instant>,
}

impl Authorities {
    pub(super) fn new(
        conf: &AcmeConf,
        http: Egress,
        store: Arc<dyn KeyValue>,
        keyring: Arc<Keyring>,
    ) -> Self {
        let first = Some(&conf.directory).filter(|directory| !directory.is_empty());
        let all = first.into_iter().chain(&conf.further_directories);
        let all = all.enumerate().map(|(index, directory)| Authority {
            name: name(directory),
            directory: directory.clone(),
            binding: (index == 0 && !conf.eab_key_id.is_empty())
                .then(|| (conf.eab_key_id.clone(), conf.eab_key.clone())),
            account: tokio::sync::Mutex::default(),
            rest: Mutex::default(),
        });
        Self {
            all: all.collect(),
            http: Arc::new(http),
            store,
            keyring,
            email: conf.email.clone(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The authority of a name.
    pub(super) fn named(&self, name: &str) -> Option<&Authority> {
        self.all.iter().find(|authority| authority.name == name)
    }

    /// The authorities to ask, one after the other: the wanted one first; after refusals, from the next one on.
    pub(super) fn in_order(&self, wanted: &str, refusals: u32) -> Vec<&Authority> {
        let first = self.all.iter().position(|a| a.name == wanted).unwrap_or(0);
        let from = (first + refusals as usize) % self.all.len().max(1);
        let mut order: Vec<&Authority> = self.all.iter().collect();
        order.rotate_left(from);
        order
    }

    /// The account there; made when there is none yet.
    pub(super) async fn account(&self, authority: &Authority) -> Result<Account, Error> {
        let mut known = authority.account.lock().await;
        if let Some(account) = &*known {
            return Ok(account.clone());
        }
        let other = |reason: String| Error::Other(reason.into());
        let key = keys::acme_account(&authority.name);
        let place = format!("acme account {}", authority.name);
        let there = self.store.get(std::slice::from_ref(&key)).await;
        let there = there.map_err(|e| other(e.to_string()))?.pop().flatten();
        let builder = || {
            Account::builder_with_http(Box::new(Http {
                egress: self.http.clone(),
                pool: TenantId::regular("acme").expect("a name"),
            }))
        };
        if let Some(sealed) = there {
            let sealed = String::from_utf8_lossy(&sealed);
            let opened = self.keyring.open_sealed(&place, &sealed);
            let opened = zeroize::Zeroizing::new(opened.map_err(|e| other(e.to_string()))?);
            let credentials: AccountCredentials = serde_json::from_str(&opened)?;
            let account = builder().from_credentials(credentials).await?;
            *known = Some(account.clone());
            return Ok(account);
        }
        let contact = format!("mailto:{}", self.email);
        let contact: &[&str] = match self.email.is_empty() {
            true => &[],
            false => &[&contact],
        };
        let binding = authority.binding.as_ref().map(|(id, key)| {
            let key = URL_SAFE_NO_PAD.decode(key.trim_end_matches('='));
            key.map(|key| ExternalAccountKey::new(id.clone(), &key))
        });
        let binding = binding.transpose();
        let binding = binding.map_err(|_| other("`acme.eab_key` is no base64url".into()))?;
        let wanted = NewAccount {
            contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let made = builder().create(&wanted, authority.directory.clone(), binding.as_ref());
        let (account, credentials) = made.await?;
        let text = zeroize::Zeroizing::new(serde_json::to_string(&credentials)?);
        let sealed = self.keyring.seal(&place, &text);
        let sealed = sealed.map_err(|e| other(e.to_string()))?;
        let put = Write::Put(key, Bytes::from(sealed));
        let written = self.store.write(&[put]).await;
        written.map_err(|e| other(e.to_string()))?;
        tracing::info!(
            authority = authority.name,
            "an account was made at a certificate authority"
        );
        *known = Some(account.clone());
        Ok(account)
    }
}

impl Authority {
    /// How long it is still to be left alone.
    pub(super) fn rests(&self) -> Option<Duration> {
        let until = self.lock().until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// It has answered.
    pub(super) fn answered(&self) {
        *self.lock() = Rest::default();
    }

    /// It has failed, or said that it is asked too often.
    pub(super) fn failed(&self) {
        let mut rest = self.lock();
        let pause = REST
            .saturating_mul(1 << rest.failures.min(10))
            .min(REST_MAX);
        rest.failures += 1;
        rest.until = Some(Instant::now() + pause);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error says something of the order, and not of the authority or the way there.
pub(super) fn is_refusal(error: &Error) -> bool {
    match error {
        Error::Api(problem) => {
            let kind = problem.r#type.as_deref().unwrap_or("");
            let is_server = problem.status.is_some_and(|status| status >= 500);
            // Most limits are a hostname's or a domain's: another's order may pass.
            !is_server && !kind.ends_with(":serverInternal")
        }
        _ => false,
    }
}

/// An authority's name: the one that clients know, else its host, with its port if it has one of its own.
fn name(directory: &str) -> String {
    let url = url::Url::parse(directory).ok();
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    });
    let host = host.unwrap_or_default();
    let known = NAMES.iter().find(|(_, theirs)| *theirs == host);
    known.map_or(host, |(name, _)| (*name).to_owned())
}

/// instant-acme's requests, by our own way out.
struct Http {
    egress: Arc<Egress>,
    pool: TenantId,
}

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let (egress, pool) = (self.egress.clone(), self.pool.clone());
        let request = request.map(|body| body.map_err(|never| match never {}).boxed_unsync());
        Box::pin(async move {
            let sent = egress.fetch(&pool, request, Some(EXCHANGE)).await;
            let response = sent.map_err(|error| Error::Other(Box::new(error)))?;
            Ok(BytesResponse::from(response.map(|body| {
                body.map_err(std::io::Error::other).boxed_unsync()
            })))
        })
    }
}
