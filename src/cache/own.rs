//! Caches that workers fill themselves: Cloudflare's Cache API.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::{Request, Response, header};
use url::Url;

use super::answer::told;
use super::body::{Filled, Filling, Stored};
use super::fetch::Counted;
use super::policy::{self, Exchange, Variance, Wishes};
use super::storage::Object;
use super::{Body, BrokenOff, Cache, CacheStatus, Place, fields};

impl Cache {
    /// What a worker's own cache has for a request.
    pub fn look_up(
        &self,
        place: &Place,
        request: &Request<()>,
        address: &str,
    ) -> Option<Response<Body>> {
        let key = place.prefix.key(address);
        let now = Instant::now();
        let entry = self.storage.get(&key);
        let found = entry.and_then(|entry| entry.select(request.headers()));
        let found = found.filter(|object| object.freshness.is_fresh(now));
        let status = match found {
            Some(_) => CacheStatus::Hit,
            None => CacheStatus::Miss,
        };
        place.share.metrics.cache_answered(status as usize);
        let response = found?.response(request.method(), request.headers(), Some(now))?;
        Some(told(response, CacheStatus::Hit))
    }

    /// Puts a response into a worker's own cache; false when it must not be kept, or is too long.
    ///
    /// # Errors
    /// Why its body broke off.
    pub async fn keep(
        &self,
        place: &Place,
        request: &Request<()>,
        address: &str,
        response: Response<Body>,
    ) -> Result<bool, BrokenOff> {
        let (mut parts, body) = response.into_parts();
        let now = Instant::now();
        let exchange = Exchange {
            method: request.method(),
            request: request.headers(),
            status: parts.status,
            response: &parts.headers,
            sent: now,
            came: now,
            now: SystemTime::now(),
        };
        let wishes = Wishes {
            everything: true,
            ..Wishes::default()
        };
        let (Some(freshness), Ok(url)) =
            (policy::freshness(&exchange, &wishes), Url::parse(address))
        else {
            return Ok(false);
        };
        let key = place.prefix.key(address);
        let ticket = place.share.ticket(&key);
        let filling = Filling::new(None);
        let counted = Counted(&self.coming_in, 0);
        let whole = match self.fill(&filling, body, counted).await {
            Filled::Whole(whole) => whole,
            Filled::TooLong => return Ok(false),
            Filled::Broken(error) => return Err(error),
        };
        parts.headers.remove(header::SET_COOKIE);
        let object = Arc::new(Object {
            status: parts.status,
            variance: Variance::new(request.headers(), &parts.headers),
            freshness,
            tags: fields::tags(&parts.headers),
            fields: parts.headers,
            body: Stored::Whole(whole),
        });
        self.storage.put(&ticket, &key, &url, object);
        Ok(true)
    }
}
