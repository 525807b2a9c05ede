//! Requests under way: whoever asks for the same waits for the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache as Moka;
use tokio::sync::watch;

use super::key::Key;
use super::storage::Object;
use super::{CacheStatus, Failure};

/// For how many keys, and for how long, it is known that waiting is in vain: their responses are not kept.
const SOLO: (u64, Duration) = (65_536, Duration::from_secs(120));

/// What came of a request that others waited for.
#[derive(Clone)]
pub(super) enum Landed {
    /// A response for all whom it suits.
    Object(Arc<Object>, CacheStatus),
    /// A response that is nobody else's: each has to ask for himself.
    Own,
    /// None.
    Failed(Failure),
}

/// The requests under way.
pub(super) struct Flights {
    by_key: Mutex<HashMap<Key, watch::Receiver<Option<Landed>>>>,
    solo: Moka<Key, ()>,
}

impl Default for Flights {
    fn default() -> Self {
        Self {
            by_key: Mutex::default(),
            solo: Moka::builder()
                .max_capacity(SOLO.0)
                .time_to_live(SOLO.1)
                .build(),
        }
    }
}

/// A place in a flight.
pub(super) enum Seat {
    /// The one who asks.
    First(watch::Sender<Option<Landed>>),
    /// One who waits.
    Waiting(watch::Receiver<Option<Landed>>),
}

impl Flights {
    fn by_key(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<Option<Landed>>>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the request for a key, or begins it.
    pub(super) fn join(&self, key: &Key) -> Seat {
        let mut by_key = self.by_key();
        if let Some(flight) = by_key.get(key) {
            return Seat::Waiting(flight.clone());
        }
        let (sender, receiver) = watch::channel(None);
        by_key.insert(key.clone(), receiver);
        Seat::First(sender)
    }

    /// The request for a key is over.
    pub(super) fn end(&self, key: &Key) {
        self.by_key().remove(key);
    }

    /// Whether responses of this key are known not to be kept.
    pub(super) fn is_solo(&self, key: &Key) -> bool {
        self.solo.contains_key(key)
    }

    /// Remembers whether responses of a key are kept.
    pub(super) fn set_solo(&self, key: &Key, is_solo: bool) {
        match is_solo {
            true => self.solo.insert(key.clone(), ()),
            false if self.is_solo(key) => self.solo.invalidate(key),
            false => {}
        }
    }
}
