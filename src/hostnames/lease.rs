//! Which node looks after custom hostnames: one at a time, without anybody's clock.
//!
//! Whoever holds the lease changes its record again and again. Another takes it when the record has stayed the same for
//! longer than a holder would leave it, by its own watch. A holder that could not renew in time has stopped by then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::store::{KeyValue, StoreError, Write, keys};

/// How often a holder renews.
const RENEW: Duration = Duration::from_secs(3);
/// How long after its last renewal a holder takes it to be lost.
const LOST: Duration = Duration::from_secs(10);
/// How long a record must stay the same for another to take the lease.
const STALE: Duration = Duration::from_secs(15);

/// This node's view of the lease.
pub(super) struct Lease {
    store: Arc<dyn KeyValue>,
    node: String,
    beat: u64,
    /// Since when it is held, as of the last renewal.
    held: Option<Instant>,
    seen: Option<(Option<Bytes>, Instant)>,
}

impl Lease {
    pub(super) fn new(store: Arc<dyn KeyValue>) -> Self {
        use std::hash::{BuildHasher, RandomState};
        let random = RandomState::new().hash_one(std::process::id());
        Self {
            store,
            node: format!("{random:016x}"),
            beat: 0,
            held: None,
            seen: None,
        }
    }

    /// Whether this node had it when it was last asked.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some_and(|at| at.elapsed() < LOST)
    }

    /// Renews it, or takes it when nobody else does; whether this node has it.
    pub(super) async fn hold(&mut self) -> Result<bool, StoreError> {
        if self.held.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(true);
        }
        let began = Instant::now();
        let key = keys::CUSTOM_HOSTNAMES_LEASE.to_owned();
        let there = self
            .store
            .get(std::slice::from_ref(&key))
            .await?
            .pop()
            .flatten();
        let ours = self.text(self.beat);
        let is_free = match &there {
            None => true,
            Some(record) if *record == ours && self.beat > 0 => true,
            Some(_) => match &self.seen {
                Some((seen, since)) if *seen == there => since.elapsed() >= STALE,
                _ => {
                    self.seen = Some((there.clone(), Instant::now()));
                    false
                }
            },
        };
        if !is_free {
            self.held = None;
            return Ok(false);
        }
        let next = self.text(self.beat + 1);
        let put = Write::Put(key.clone(), next);
        if self.store.write_if(&[(key, there)], &[put]).await? {
            self.beat += 1;
            self.held = Some(began);
            self.seen = None;
            return Ok(true);
        }
        self.held = None;
        Ok(false)
    }

    fn text(&self, beat: u64) -> Bytes {
        format!("{} {beat}", self.node).into()
    }
}
