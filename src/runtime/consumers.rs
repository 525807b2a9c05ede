//! Tail consumers: workers that are told what became of other workers' invocations, after those have ended.
//!
//! One invocation of a consumer at a time takes what has gathered. It runs within the consumer's own limits, on the heavy
//! threads, and no visitor waits for it. Its own end is told to no consumer; whatever it calls or fetches stands below what
//! it was told of, so that workers which consume each other end where the depth of a tree does.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};

use http::Request;
use moka::sync::Cache;

use super::{Called, RequestBody, Runtime, Visit, WORKERS_MAX, WorkerError};
use crate::model::{Script, TenantId};
use crate::tail::{Batch, Batches};

/// What waits for the consumers of this node.
pub(super) struct Consumers {
    all: Cache<TenantId, Arc<Batches>>,
    held: Arc<AtomicUsize>,
}

impl Default for Consumers {
    fn default() -> Self {
        Self {
            all: Cache::new(WORKERS_MAX),
            held: Arc::default(),
        }
    }
}

impl Runtime {
    /// The consumers of a worker; it is none of its own.
    pub(super) fn consumers(
        self: &Arc<Self>,
        id: &TenantId,
        script: &Script,
    ) -> Arc<[Arc<Batches>]> {
        let consumers = script.tail_consumers().filter(|consumer| consumer != id);
        let batches = consumers.map(|consumer| {
            let made = || Arc::new(self.batches(consumer.clone()));
            self.consumers.all.get_with(consumer.clone(), made)
        });
        batches.collect()
    }

    fn batches(self: &Arc<Self>, consumer: TenantId) -> Batches {
        let (runtime, heavy) = (Arc::downgrade(self), self.shared.heavy.clone());
        let begin = move |batches| {
            heavy.spawn(deliver(runtime.clone(), consumer.clone(), batches));
        };
        let metrics = self.shared.metrics.clone();
        Batches::new(self.consumers.held.clone(), metrics, begin)
    }

    /// Tells a worker what became of others.
    async fn tell(self: &Arc<Self>, consumer: &TenantId, batch: &Batch) -> Result<(), WorkerError> {
        let event = format!("{{\"tail\":[{}]}}", batch.events.join(","));
        let visit = Visit::new("tail");
        let mut called = Called {
            event: &event,
            is_told: true,
            ..Called::by(visit, &self.trees)
        };
        called.place.depth = batch.depth.saturating_add(1);
        let request = Request::new(RequestBody::Empty);
        let body = self.answer(consumer, request, called).await?.into_body();
        // It has answered when its handler was done; what it asked to be waited for goes on.
        body.let_go();
        Ok(())
    }
}

/// Hands over what waits, until nothing does.
async fn deliver(runtime: Weak<Runtime>, consumer: TenantId, batches: Arc<Batches>) {
    while let Some(batch) = batches.take() {
        let count = batch.events.len();
        let told = match runtime.upgrade() {
            Some(runtime) => runtime.tell(&consumer, &batch).await,
            None => return,
        };
        match told {
            Ok(()) => batches.consumed(count),
            Err(error) => {
                batches.lost(count);
                tracing::info!(%consumer, events = count, %error, "a worker failed that consumes the tails of others");
            }
        }
    }
}
