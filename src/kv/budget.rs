//! Bytes of large values in memory: counted until the last who reads them is done, and bounded, in all and for one worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// What one worker's large values hold.
#[derive(Clone, Debug, Default)]
pub struct Share(Arc<AtomicU64>);

/// What all of them hold.
pub(super) struct Budget {
    held: Arc<AtomicU64>,
    max: u64,
    share_max: u64,
}

/// The right to hold so many bytes, given back when it is dropped.
pub struct Claim {
    held: Arc<AtomicU64>,
    share: Share,
    bytes: u64,
}

impl Budget {
    /// Room for a full cache, and for what is being moved beside it; one worker gets about half of that.
    pub(super) fn new(cache_bytes: u64, value_bytes_max: usize) -> Self {
        let value = value_bytes_max as u64;
        Self {
            held: Arc::default(),
            max: cache_bytes + 8 * value,
            share_max: cache_bytes / 2 + 4 * value,
        }
    }

    /// Lets bytes in; `None` when there are too many already.
    pub(super) fn admit(&self, share: &Share, bytes: u64) -> Option<Claim> {
        enter(&share.0, bytes, self.share_max)?;
        if enter(&self.held, bytes, self.max).is_none() {
            share.0.fetch_sub(bytes, Ordering::Relaxed);
            return None;
        }
        Some(Claim {
            held: self.held.clone(),
            share: share.clone(),
            bytes,
        })
    }
}

impl Claim {
    /// The bytes that it was for; they hold it until the last of them is gone.
    pub(super) fn hold(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held {
            bytes,
            _claim: self,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.share.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

struct Held {
    bytes: Bytes,
    _claim: Claim,
}

impl AsRef<[u8]> for Held {
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
        let budget = Budget::new(200, 0);
        let (one, other) = (Share::default(), Share::default());
        let admit = |share: &Share, bytes| {
            let claim = budget.admit(share, bytes)?;
            Some(claim.hold(Bytes::from(vec![0; 8])))
        };
        let held = admit(&one, 100).expect("one worker's share");
        assert!(admit(&one, 1).is_none(), "no more for this one");
        let rest = admit(&other, 100).expect("the rest");
        assert!(admit(&Share::default(), 1).is_none(), "no more for all");
        let part = held.slice(2..4);
        drop((held, rest));
        assert!(admit(&one, 1).is_none(), "a part of it is still read");
        drop(part);
        assert!(admit(&one, 100).is_some());
    }
}
