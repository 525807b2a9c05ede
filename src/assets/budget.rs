//! Bytes of files in memory: counted until the last visitor who reads them is done, and bounded, in all and for one worker.
//!
//! The cache alone would not bound them: who reads slowly holds what the cache has let go long since.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::Metrics;
use bytes::Bytes;

/// What one worker's files hold.
#[derive(Clone, Debug, Default)]
pub struct Share(Arc<AtomicU64>);

/// What all files hold.
pub(super) struct Budget {
    held: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    max: u64,
    share_max: u64,
}

/// The right to hold so many bytes, given back when it is dropped.
pub(super) struct Claim {
    held: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    share: Share,
    bytes: u64,
}

impl Budget {
    /// Room for a full cache, and for what is being sent beside it; one worker gets no more than half of that room.
    pub(super) fn new(cache_bytes: u64, file_bytes_max: u64, metrics: Arc<Metrics>) -> Self {
        Self {
            held: Arc::default(),
            metrics,
            max: 2 * cache_bytes + 4 * file_bytes_max,
            share_max: cache_bytes + cache_bytes / 2 + 2 * file_bytes_max,
        }
    }

    /// Lets bytes in; `None` when there are too many already.
    pub(super) fn admit(&self, share: &Share, bytes: u64) -> Option<Claim> {
        enter(&share.0, bytes, self.share_max)?;
        if enter(&self.held, bytes, self.max).is_none() {
            share.0.fetch_sub(bytes, Ordering::Relaxed);
            return None;
        }
        let moved = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.metrics.assets_bytes.add(moved);
        Some(Claim {
            held: self.held.clone(),
            metrics: self.metrics.clone(),
            share: share.clone(),
            bytes,
        })
    }
}

impl Claim {
    /// The bytes that it was for; they hold it until the last of them is gone.
    pub(super) fn hold(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Counted {
            bytes,
            _claim: self,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.share.0.fetch_sub(self.bytes, Ordering::Relaxed);
        let moved = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        self.metrics.assets_bytes.sub(moved);
    }
}

struct Counted {
    bytes: Bytes,
    _claim: Claim,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn enter(count: &AtomicU64, bytes: u64, max: u64) -> Option<u64> {
    let more = |now: u64| now.checked_add(bytes).filter(|then| *then <= max);
    count
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_until_the_last_of_them_is_gone() {
        let metrics = Arc::new(Metrics::new(0));
        let budget = Budget::new(100, 0, metrics.clone());
        let (one, other) = (Share::default(), Share::default());
        let admit = |share: &Share, bytes| {
            let claim = budget.admit(share, bytes)?;
            Some(claim.hold(Bytes::from(vec![0; 8])))
        };
        let held = admit(&one, 150).expect("one worker's share");
        assert!(admit(&one, 1).is_none(), "no more for this one");
        assert!(admit(&other, 51).is_none(), "no more for all");
        let more = admit(&other, 50).expect("the rest");
        assert_eq!(metrics.assets_bytes.get(), 200);
        let part = held.slice(2..4);
        drop(held);
        assert!(admit(&one, 1).is_none(), "a part of it is still read");
        drop(part);
        assert!(admit(&one, 150).is_some());
        drop(more);
        assert_eq!(metrics.assets_bytes.get(), 0);
    }
}
