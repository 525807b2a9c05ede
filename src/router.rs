//! Hostname → place: exact before the longest wildcard, from memory wherever it was asked before.

use std::sync::Arc;

use thiserror::Error;

use crate::model::{Hostname, HostnameStatus, Route};
use crate::store::keys;
use crate::store::known::{Found, Known, Unavailable};
use crate::store::records::Fallback;

/// Finds where hostnames lead.
pub struct Router {
    routes: Arc<Known<Route>>,
    zones: Arc<Known<Fallback>>,
}

/// A hostname that leads nowhere.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum RouteError {
    /// No record covers it.
    #[error("no record covers this hostname")]
    UnknownHost,
    /// It may be known, but the store is away and this node has not served it before.
    #[error("the store is away, and this node has not served the hostname before")]
    StoreAway,
    /// There is a record, but it cannot be read.
    #[error("the hostname's record cannot be read")]
    Unreadable,
    /// It is a custom hostname, and not to be served now.
    #[error("the custom hostname is {}", .0.name())]
    Inactive(HostnameStatus),
    /// It is a custom hostname, and neither it nor its zone says where it leads.
    #[error("the custom hostname has no origin, and its zone has no fallback origin")]
    NoOrigin,
}

impl Router {
    /// Routes by these records.
    pub fn new(routes: Arc<Known<Route>>, zones: Arc<Known<Fallback>>) -> Self {
        Self { routes, zones }
    }

    /// Where the hostname leads; waits for the store only for names this node has not served.
    ///
    /// # Errors
    /// [`RouteError`], each variant its own answer.
    pub async fn route(&self, hostname: &Hostname) -> Result<Arc<Route>, RouteError> {
        // The hot path: one look into memory, and one allocation for the key.
        let exact = format!("{}{}", keys::HOSTNAME, hostname.as_str());
        if let Found::Present(route) = self.routes.peek(&exact) {
            match &*route {
                Route::Worker(..) | Route::Origin(..) => return Ok(route),
                Route::Custom(_, route)
                    if matches!(**route, Route::Worker(..) | Route::Origin(..)) =>
                {
                    return Ok(route.clone());
                }
                _ => {}
            }
        }
        let mut candidates = vec![exact];
        candidates.extend(
            hostname
                .wildcards()
                .map(|below| format!("{}*.{below}", keys::HOSTNAME)),
        );
        candidates.push(format!("{}*", keys::HOSTNAME));
        let mut rest = candidates.as_slice();
        let mut inactive: Option<(Box<str>, HostnameStatus)> = None;
        while let Some((index, route)) = self.first(rest).await? {
            rest = &rest[index + 1..];
            let (zone, route) = match &*route {
                Route::Custom(zone, route) => (Some(zone.clone()), route.clone()),
                _ => (None, route),
            };
            if let Some((claiming, _)) = &inactive
                && zone.as_ref().is_none_or(|zone| zone == claiming)
            {
                continue;
            }
            match &*route {
                Route::Worker(..) | Route::Origin(..) => return Ok(route),
                Route::Zone(zone, metadata) => {
                    return self.by_zone(zone, metadata.clone(), rest).await;
                }
                // A claim that nobody has proven takes nothing away from another zone's wildcard above it.
                Route::Inactive(status @ (HostnameStatus::Pending | HostnameStatus::Moved))
                    if zone.is_some() && inactive.is_none() =>
                {
                    inactive = zone.map(|zone| (zone, *status));
                }
                Route::Inactive(status) => return Err(RouteError::Inactive(*status)),
                Route::Custom(..) => {}
            }
        }
        Err(match inactive {
            Some((_, status)) => RouteError::Inactive(status),
            None => self.unknown(),
        })
    }

    /// Where a custom hostname leads that does not say so itself: to the worker that a wildcard above it leads to, of the
    /// operator's or its own zone's, else to the zone's fallback origin.
    async fn by_zone(
        &self,
        zone: &str,
        metadata: Option<Arc<str>>,
        mut above: &[String],
    ) -> Result<Arc<Route>, RouteError> {
        loop {
            let (index, route) = match self.first(above).await {
                Ok(Some(found)) => found,
                // Its own record is there: it is served by what this node knows.
                Ok(None) | Err(RouteError::StoreAway) => break,
                Err(error) => return Err(error),
            };
            let is_foreign = matches!(&*route, Route::Custom(other, _) if &**other != zone);
            if let (Route::Worker(tenant, _), false) = (route.plain(), is_foreign) {
                return Ok(Arc::new(Route::Worker(tenant.clone(), metadata)));
            }
            above = &above[index + 1..];
        }
        let found = self.zones.get(&keys::zone(zone)).await;
        let fallback = found.map_err(RouteError::from)?;
        let route = fallback.and_then(|fallback| fallback.0.clone());
        route.ok_or(RouteError::NoOrigin)
    }

    /// The first candidate that exists, and which it is.
    async fn first(
        &self,
        candidates: &[String],
    ) -> Result<Option<(usize, Arc<Route>)>, RouteError> {
        if let Some(found) = self.in_memory(candidates) {
            return Ok(found);
        }
        let loaded = self.routes.load(candidates).await;
        for (index, found) in loaded.into_iter().enumerate() {
            // A candidate that wins over those after it may exist: better no answer than another tenant's.
            if let Some(route) = found.map_err(RouteError::from)? {
                for absent in &candidates[..index] {
                    self.routes.keep_absent(absent);
                }
                return Ok(Some((index, route)));
            }
        }
        Ok(None)
    }

    /// The first candidate that exists, as far as memory knows all that would win over it; `None` when it does not.
    fn in_memory(&self, candidates: &[String]) -> Option<Option<(usize, Arc<Route>)>> {
        for (index, candidate) in candidates.iter().enumerate() {
            match self.routes.peek(candidate) {
                Found::Present(route) => return Some(Some((index, route))),
                Found::Absent => {}
                Found::Unknown => return None,
            }
        }
        Some(None)
    }

    /// What it means that nothing was found.
    fn unknown(&self) -> RouteError {
        match self.routes.is_live() {
            true => RouteError::UnknownHost,
            // What was not there when the store was last heard may be there now.
            false => RouteError::StoreAway,
        }
    }
}

impl From<Unavailable> for RouteError {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::StoreAway => Self::StoreAway,
            Unavailable::Unreadable => Self::Unreadable,
        }
    }
}
