//! Responses that are kept, for each owner his own: what workers fetch, what origins answer, and what workers put there
//! themselves. One policy ([`policy`]), one store ([`storage`]).

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;

use crate::conf::CacheConf;
use crate::metrics::Metrics;
use crate::model::{CacheOwner, PurgeLog};

mod answer;
mod body;
mod fetch;
mod fields;
mod flight;
mod key;
mod own;
mod policy;
mod purge;
mod storage;

pub use body::BrokenOff;
pub use key::{Kind, address};
pub use policy::{Mode, Wishes};
pub use purge::PurgeFollower;

use flight::Flights;
use key::Prefix;
use storage::{Quota, Share, Storage};

/// What a body may fail with.
pub type BodyError = Box<dyn StdError + Send + Sync>;
/// A message's body.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;
/// Why an exchange failed, for all who waited for it.
pub type Failure = Arc<dyn StdError + Send + Sync>;

/// Says what the cache had to do with a response (Cloudflare, "Cloudflare cache responses").
pub const STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// Where responses come from that are not there.
#[async_trait]
pub trait Upstream: Send + Sync {
    /// Sends a request.
    ///
    /// # Errors
    /// Whatever there is; all who wait for the response get the same.
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Failure>;
}

/// What the cache had to do with a response, in Cloudflare's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// It was there, and fresh.
    Hit,
    /// It was not there.
    Miss,
    /// It was there, was stale, and was fetched anew.
    Expired,
    /// It was there, was stale, and was confirmed.
    Revalidated,
    /// It was there, was stale, and is being fetched anew.
    Updating,
    /// It was there, is stale, and no newer one can be had.
    Stale,
    /// The request or the response does not allow to keep it.
    Bypass,
    /// It is of a kind that is not kept.
    Dynamic,
}

impl CacheStatus {
    const ALL: [Self; 8] = [
        Self::Hit,
        Self::Miss,
        Self::Expired,
        Self::Revalidated,
        Self::Updating,
        Self::Stale,
        Self::Bypass,
        Self::Dynamic,
    ];

    /// The header's value.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Expired => "EXPIRED",
            Self::Revalidated => "REVALIDATED",
            Self::Updating => "UPDATING",
            Self::Stale => "STALE",
            Self::Bypass => "BYPASS",
            Self::Dynamic => "DYNAMIC",
        }
    }
}

/// What the cache says that it had to do with a response; nothing of one that it has not answered.
pub fn status<B>(response: &Response<B>) -> Option<CacheStatus> {
    let said = response.headers().get(&STATUS)?;
    CacheStatus::ALL
        .into_iter()
        .find(|status| said == status.word())
}

/// Whether what the cache has answered was there before it was asked for.
pub fn was_there<B>(response: &Response<B>) -> bool {
    match status(response) {
        Some(
            CacheStatus::Hit
            | CacheStatus::Revalidated
            | CacheStatus::Updating
            | CacheStatus::Stale,
        ) => true,
        Some(
            CacheStatus::Miss | CacheStatus::Expired | CacheStatus::Bypass | CacheStatus::Dynamic,
        )
        | None => false,
    }
}

/// All that is kept on this node.
pub struct Cache {
    storage: Storage,
    shares: Mutex<HashMap<CacheOwner, Arc<Share>>>,
    flights: Flights,
    /// Bytes that come in at the moment and are not in the storage yet.
    coming_in: AtomicU64,
    conf: CacheConf,
    metrics: Arc<Metrics>,
}

/// One owner's cache of one kind.
#[derive(Clone)]
pub struct Place {
    share: Arc<Share>,
    prefix: Prefix,
    /// Whether requests may say how fresh a response has to be. A worker's may; a visitor's would reach the origin as often as he
    /// likes.
    obeys_requests: bool,
}

/// Owners without anything in the cache are looked for when there are this many more of them.
const SHARES_STEP: usize = 1_024;

impl Cache {
    /// A cache with nothing in it.
    pub fn new(conf: &CacheConf, metrics: Arc<Metrics>) -> Self {
        Self {
            storage: Storage::new(conf.memory_mb << 20),
            shares: Mutex::default(),
            flights: Flights::default(),
            coming_in: AtomicU64::new(0),
            conf: conf.clone(),
            metrics,
        }
    }

    /// Whether anything is kept at all.
    pub fn is_on(&self) -> bool {
        self.conf.memory_mb > 0
    }

    /// Whether each deployment of a worker begins with nothing.
    pub fn is_fresh_on_deploy(&self) -> bool {
        self.conf.fresh_on_deploy
    }

    /// An owner's cache. One of another `epoch` is another.
    pub fn place(&self, owner: &CacheOwner, kind: Kind<'_>, epoch: &str) -> Place {
        Place {
            share: self.share(owner),
            prefix: Prefix::new(owner, kind, epoch),
            obeys_requests: !matches!(owner, CacheOwner::Origin(_)),
        }
    }

    fn share(&self, owner: &CacheOwner) -> Arc<Share> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(owner) {
            return share.clone();
        }
        if shares.len() % SHARES_STEP == SHARES_STEP - 1 {
            shares.retain(|_, share| Arc::strong_count(share) > 1 || !share.is_empty());
        }
        let metrics = match owner {
            CacheOwner::Worker(tenant) => self.metrics.tenant(tenant),
            CacheOwner::Namespace(_) => self.metrics.other().clone(),
            CacheOwner::Origin(_) => self.metrics.origin().clone(),
        };
        let quota = Quota {
            bytes: self.conf.owner_mb << 20,
            entries: self.conf.owner_entries,
        };
        let share = Arc::new(Share::new(metrics, quota));
        shares.insert(owner.clone(), share.clone());
        share
    }

    /// The owners that have something in the cache, or ask for something.
    pub fn owners(&self) -> Vec<CacheOwner> {
        let shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let used = shares.iter().filter(|(_, share)| !share.is_empty());
        used.map(|(owner, _)| owner.clone()).collect()
    }

    /// Forgets all that an owner has.
    pub fn forget_all(&self, owner: &CacheOwner) {
        if let Some(share) = self.known(owner) {
            self.storage.forget_all(&share);
        }
    }

    fn known(&self, owner: &CacheOwner) -> Option<Arc<Share>> {
        let shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.get(owner).cloned()
    }

    /// Carries out what of an owner's purges this node has not seen yet.
    pub fn purge(&self, owner: &CacheOwner, log: &PurgeLog) {
        if let Some(share) = self.known(owner) {
            self.storage.purge(&share, log);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use http_body_util::{BodyExt, Full};
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Purge, TenantId};

    /// What an owner does with one of his caches.
    #[derive(Clone, Debug)]
    enum Step {
        Keep(u32),
        LookUp,
        Forget,
        Purge(Purge),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => any::<u32>().prop_map(Step::Keep),
            6 => Just(Step::LookUp),
            1 => Just(Step::Forget),
            1 => prop_oneof![
                Just(Purge::Everything),
                (0..4u8).prop_map(|n| Purge::Url(format!("http://a/{n}"))),
                Just(Purge::Prefix("a/1".to_owned())),
                Just(Purge::Tag("even".to_owned())),
                Just(Purge::Host("b".to_owned())),
            ].prop_map(Step::Purge),
        ]
    }

    fn is_meant(purge: &Purge, url: &str, value: u32) -> bool {
        match purge {
            Purge::Everything => true,
            Purge::Url(meant) => url == meant,
            Purge::Prefix(prefix) => url.trim_start_matches("http://").starts_with(prefix),
            Purge::Tag(_) => value.is_multiple_of(2),
            Purge::Host(host) => url.starts_with(&format!("http://{host}/")),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn two_owners_with_equal_names_find_their_own_and_nothing_else(
            steps in prop::collection::vec((0..2usize, 0..2usize, 0..6u8, step()), 1..120)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let conf = CacheConf::default();
                let cache = Cache::new(&conf, Arc::new(Metrics::new(10)));
                let owners = ["one", "two"].map(|namespace| {
                    CacheOwner::Worker(TenantId::new(namespace, "shop").expect("names"))
                });
                let mut logs = [PurgeLog::default(), PurgeLog::default()];
                let mut model: HashMap<(usize, usize, String), u32> = HashMap::new();
                for (who, which, n, step) in steps {
                    let kind = [Kind::Http, Kind::Named("http")][which];
                    let place = cache.place(&owners[who], kind, "");
                    let url = format!("http://{}/{}", ["a", "b"][usize::from(n % 2)], n / 2);
                    let key = (who, which, url.clone());
                    let request = Request::new(());
                    match step {
                        Step::Keep(value) => {
                            let tag = if value.is_multiple_of(2) { "even" } else { "odd" };
                            let body = Full::new(Bytes::from(value.to_string()));
                            let body = body.map_err(|never| match never {}).boxed_unsync();
                            let mut response = Response::new(body);
                            let fields = response.headers_mut();
                            fields.insert("cache-tag", http::HeaderValue::from_static(tag));
                            let kept = cache.keep(&place, &request, &url, response).await;
                            prop_assert!(matches!(kept, Ok(true)));
                            model.insert(key, value);
                        }
                        Step::LookUp => {
                            let found = match cache.look_up(&place, &request, &url) {
                                Some(found) => {
                                    let bytes = found.into_body().collect().await;
                                    let bytes = bytes.expect("a body").to_bytes();
                                    Some(String::from_utf8_lossy(&bytes).into_owned())
                                }
                                None => None,
                            };
                            prop_assert_eq!(found, model.get(&key).map(u32::to_string));
                        }
                        Step::Forget => {
                            prop_assert_eq!(cache.forget(&place, &url), model.remove(&key).is_some());
                        }
                        Step::Purge(purge) => {
                            logs[who].add([purge.clone()]);
                            cache.purge(&owners[who], &logs[who]);
                            model.retain(|(owner, _, url), value| *owner != who || !is_meant(&purge, url, *value));
                        }
                    }
                }
                Ok(())
            })?;
        }
    }

    /// Answers everything, and counts how often it was asked.
    #[derive(Default)]
    struct Counting(std::sync::atomic::AtomicUsize);

    #[async_trait]
    impl Upstream for Counting {
        async fn send(&self, _: Request<Body>) -> Result<Response<Body>, Failure> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let body = Full::new(Bytes::from_static(b"answer"));
            let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
            let fields = response.headers_mut();
            fields.insert(
                "cache-control",
                http::HeaderValue::from_static("max-age=60"),
            );
            Ok(response)
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn what_was_read_once_is_not_asked_for_again() {
        let conf = CacheConf {
            // Nothing has to make room.
            owner_entries: 100_000,
            ..CacheConf::default()
        };
        let cache = Arc::new(Cache::new(&conf, Arc::new(Metrics::new(10))));
        let owner = CacheOwner::Worker(TenantId::new("one", "shop").expect("names"));
        let place = cache.place(&owner, Kind::Http, "");
        let upstream = Arc::new(Counting::default());
        let urls = 20_000;
        for n in 0..urls {
            let url = format!("http://a/{n}");
            // The second comes while the first is being put away.
            for _ in 0..2 {
                let mut request = Request::new(
                    http_body_util::Empty::new()
                        .map_err(|never| match never {})
                        .boxed_unsync(),
                );
                *request.uri_mut() = url.parse().expect("a URL");
                let answer =
                    cache.fetch(&place, &url, request, Wishes::default(), upstream.clone());
                let body = answer.await.expect("an answer").into_body();
                body.collect().await.expect("a body");
            }
        }
        assert_eq!(upstream.0.load(std::sync::atomic::Ordering::Relaxed), urls);
    }

    #[tokio::test]
    async fn an_owner_keeps_what_is_asked_for_most() {
        const OBJECTS: usize = 4_000;
        const KEPT: usize = 400;
        let conf = CacheConf {
            owner_entries: KEPT,
            ..CacheConf::default()
        };
        let cache = Cache::new(&conf, Arc::new(Metrics::new(10)));
        let owner = CacheOwner::Worker(TenantId::new("one", "shop").expect("names"));
        let place = cache.place(&owner, Kind::Named("zipf"), "");
        let peer = moka::sync::Cache::new(KEPT as u64);
        // The n-th object is asked for 1/n as often as the first (Zipf), in an order that is always the same.
        let mut sum = 0.0;
        let sums: Vec<f64> = (1..=OBJECTS)
            .map(|n| {
                sum += 1.0 / n as f64;
                sum
            })
            .collect();
        let mut state = 1_u64;
        let (mut ours, mut theirs, requests) = (0, 0, 60_000);
        for _ in 0..requests {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (state >> 11) as f64 / (1_u64 << 53) as f64 * sum;
            let n = sums.partition_point(|sum| *sum < at);
            let (url, request) = (format!("http://a/{n}"), Request::new(()));
            if cache.look_up(&place, &request, &url).is_some() {
                ours += 1;
            } else {
                let body = Full::new(Bytes::from_static(b"answer"));
                let response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
                let kept = cache.keep(&place, &request, &url, response).await;
                assert!(matches!(kept, Ok(true)));
            }
            if peer.contains_key(&n) && peer.get(&n).is_some() {
                theirs += 1;
            } else {
                peer.insert(n, ());
            }
        }
        let ratio = |hits: i32| f64::from(hits) / f64::from(requests);
        let (ours, theirs) = (ratio(ours), ratio(theirs));
        assert!(
            ours >= theirs - 0.03,
            "hit ratio {ours:.3}, moka {theirs:.3}"
        );
    }
}
