//! Hostname → place: exact before the longest wildcard, from memory wherever it was asked before.

use std::sync::Arc;

use thiserror::Error;

use crate::model::{Hostname, Route};
use crate::store::keys;
use crate::store::known::{Found, Known, Unavailable};

/// Finds where hostnames lead.
pub struct Router {
    routes: Arc<Known<Route>>,
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
}

impl Router {
    /// Routes by these records.
    pub fn new(routes: Arc<Known<Route>>) -> Self {
        Self { routes }
    }

    /// Where the hostname leads; waits for the store only for names this node has not served.
    ///
    /// # Errors
    /// [`RouteError`], each variant its own answer.
    pub async fn route(&self, hostname: &Hostname) -> Result<Arc<Route>, RouteError> {
        // The hot path: one look into memory, and one allocation for the key.
        let exact = format!("{}{}", keys::HOSTNAME, hostname.as_str());
        if let Found::Present(route) = self.routes.peek(&exact) {
            return Ok(route);
        }
        let mut candidates = vec![exact];
        candidates.extend(
            hostname
                .wildcards()
                .map(|below| format!("{}*.{below}", keys::HOSTNAME)),
        );
        candidates.push(format!("{}*", keys::HOSTNAME));
        if let Some(route) = self.in_memory(&candidates)? {
            return Ok(route);
        }
        let loaded = self.routes.load(&candidates).await;
        for (index, found) in loaded.into_iter().enumerate() {
            match found {
                Ok(Some(route)) => {
                    for absent in &candidates[..index] {
                        self.routes.keep_absent(absent);
                    }
                    return Ok(route);
                }
                Ok(None) => {}
                // A candidate that wins over those after it may exist: better no answer than another tenant's.
                Err(Unavailable::StoreAway) => return Err(RouteError::StoreAway),
                Err(Unavailable::Unreadable) => return Err(RouteError::Unreadable),
            }
        }
        match self.routes.is_live() {
            true => Err(RouteError::UnknownHost),
            false => Err(RouteError::StoreAway),
        }
    }

    /// The first candidate that exists, as far as memory knows all that would win over it.
    fn in_memory(&self, candidates: &[String]) -> Result<Option<Arc<Route>>, RouteError> {
        for candidate in candidates {
            match self.routes.peek(candidate) {
                Found::Present(route) => return Ok(Some(route)),
                Found::Absent => {}
                Found::Unknown => return Ok(None),
            }
        }
        match self.routes.is_live() {
            true => Err(RouteError::UnknownHost),
            // What was not there when the store was last heard may be there now.
            false => Err(RouteError::StoreAway),
        }
    }
}
