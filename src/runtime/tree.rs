//! A visitor's request is a tree of invocations: workers call workers. What they share stands here: how deep it may
//! go, how long it may take, how many requests it may send.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use moka::sync::Cache;

use super::via::Via;
use crate::traces::{Scope, SpanContext};

/// Invocations below one another; Cloudflare's bound is the same.
pub(super) const DEPTH_MAX: u8 = 16;
/// Trees known by their number at a time: those that have sent a request out.
const TREES_MAX: u64 = 100_000;

/// What the edge knows of a visitor's request, for every worker that has a part in it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The request's name in logs.
    pub id: Box<str>,
    /// When it began.
    pub began: Instant,
    /// Whether the visitor came over TLS.
    pub is_tls: bool,
    /// The version of HTTP that the visitor speaks.
    pub http: &'static str,
    /// The version of TLS and the cipher, as OpenSSL names them.
    pub tls: Option<(Cow<'static, str>, Cow<'static, str>)>,
    /// What the operator says of the hostname, as JSON.
    pub host_metadata: Option<Arc<str>>,
    /// Where it comes from, when a worker sent it.
    pub via: Option<Via>,
    /// Its place in a trace, where requests are traced.
    pub scope: Option<Scope>,
}

impl Visit {
    /// A request that begins now, of which nothing else is known.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            began: Instant::now(),
            is_tls: false,
            http: "HTTP/1.1",
            tls: None,
            host_metadata: None,
            via: None,
            scope: None,
        }
    }

    /// `request.cf` of a worker that the operator trusts, as JSON.
    ///
    /// Source: Cloudflare docs, "Request: incoming request cf properties".
    pub(super) fn cf(&self) -> String {
        let mut cf = format!(r#"{{"httpProtocol":"{}""#, self.http);
        // Writing into a string does not fail.
        if let Some((version, cipher)) = &self.tls {
            let _ = write!(cf, r#","tlsVersion":"{version}","tlsCipher":"{cipher}""#);
        }
        if let Some(metadata) = &self.host_metadata {
            let _ = write!(cf, r#","hostMetadata":{metadata}"#);
        }
        cf.push('}');
        cf
    }
}

/// Where an invocation stands in its request's tree.
#[derive(Clone)]
pub(super) struct Place {
    pub visit: Arc<Visit>,
    /// Invocations from the first down to this one.
    pub depth: u8,
    /// When the whole tree has to be done; its first invocation decides that.
    pub deadline: Option<Instant>,
    /// What the tree above may still send; a tree's first invocation has nothing above it.
    pub above: Option<Arc<Budget>>,
    /// Its place in a trace.
    pub scope: Option<Scope>,
}

impl Place {
    /// Where a visitor's request begins, or goes on that a worker has sent.
    pub(super) fn of(visit: Arc<Visit>, trees: &Trees) -> Self {
        let via = visit.via.as_ref();
        Self {
            depth: via.map_or(1, |via| via.depth.saturating_add(1)),
            deadline: via.map(|via| visit.began + via.left),
            above: via.map(|via| trees.enter(via)),
            scope: visit.scope.clone(),
            visit,
        }
    }

    /// Where a worker stands that is called from here.
    pub(super) fn below(&self, budget: Arc<Budget>) -> Self {
        Self {
            visit: self.visit.clone(),
            depth: self.depth.saturating_add(1),
            deadline: self.deadline,
            above: Some(budget),
            scope: self.scope.clone(),
        }
    }

    /// How long an invocation here may take, of the `wall` that it would have for itself.
    pub(super) fn begin(&mut self, wall: Duration) -> Duration {
        match self.deadline {
            None => {
                self.deadline = Some(self.visit.began + wall);
                wall
            }
            Some(deadline) => wall.min(deadline.saturating_duration_since(Instant::now())),
        }
    }
}

/// Requests that an invocation, and all that come of it, may still send.
pub(super) struct Budget {
    left: AtomicU64,
    above: Option<Arc<Budget>>,
    /// The number of the tree that this budget is the root of.
    tree: OnceLock<u64>,
}

impl Budget {
    pub(super) fn new(requests_max: u64, above: Option<Arc<Self>>) -> Self {
        Self {
            left: AtomicU64::new(requests_max),
            above,
            tree: OnceLock::new(),
        }
    }

    /// Takes one request, here and all the way up; nothing is taken when one of them has none left.
    pub(super) fn take(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        if taken.is_err() {
            return false;
        }
        let is_granted = self.above.as_ref().is_none_or(|above| above.take());
        if !is_granted {
            self.left.fetch_add(1, Ordering::Relaxed);
        }
        is_granted
    }

    /// Requests that may still be sent.
    fn left(&self) -> u64 {
        let own = self.left.load(Ordering::Relaxed);
        self.above
            .as_ref()
            .map_or(own, |above| own.min(above.left()))
    }

    fn root(self: &Arc<Self>) -> &Arc<Self> {
        self.above.as_ref().map_or(self, Self::root)
    }
}

/// The budgets of trees whose requests may come back through the front door.
pub(super) struct Trees(Cache<u64, Arc<Budget>>);

impl Trees {
    /// Forgets a tree after `wall_max`, when all of it has ended.
    pub(super) fn new(wall_max: Duration) -> Self {
        Self(
            Cache::builder()
                .max_capacity(TREES_MAX)
                .time_to_live(wall_max)
                .build(),
        )
    }

    /// What a request that leaves this node says of the tree it belongs to, and of the span that it is sent by.
    pub(super) fn leave(
        &self,
        budget: &Arc<Budget>,
        place: &Place,
        span: Option<SpanContext>,
    ) -> Via {
        let root = budget.root();
        let tree = *root.tree.get_or_init(|| {
            let tree = random();
            self.0.insert(tree, root.clone());
            tree
        });
        let left = place.deadline.map_or(Duration::ZERO, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        Via {
            tree,
            depth: place.depth,
            requests_left: budget.left(),
            left,
            span,
        }
    }

    /// The budget of the tree that a request belongs to. All of a tree that comes to this node shares one.
    pub(super) fn enter(&self, via: &Via) -> Arc<Budget> {
        self.0.get_with(via.tree, || {
            let budget = Budget::new(via.requests_left, None);
            // It is known under this number, wherever its own requests go.
            let _ = budget.tree.set(via.tree);
            Arc::new(budget)
        })
    }
}

/// A number that nobody guesses, and that another node does not come up with.
fn random() -> u64 {
    let mut bytes = [0; 8];
    // The system's generator fails before it was ever seeded, and then this process would not be here.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_shared_by_all_below_it() {
        let root = Arc::new(Budget::new(3, None));
        let (a, b) = (
            Budget::new(10, Some(root.clone())),
            Budget::new(1, Some(root.clone())),
        );
        assert!(a.take() && b.take());
        assert!(!b.take(), "its own is used up");
        assert_eq!((root.left(), a.left(), b.left()), (1, 1, 0));
        assert!(a.take());
        assert!(!a.take() && !root.take(), "the root's is used up");
        assert_eq!(
            a.left.load(Ordering::Relaxed),
            8,
            "what was not granted is given back"
        );
    }

    #[test]
    fn a_tree_that_comes_back_has_what_it_had_left() {
        let trees = Trees::new(Duration::from_secs(30));
        let root = Arc::new(Budget::new(5, None));
        let child = Arc::new(Budget::new(50, Some(root.clone())));
        assert!(child.take());
        let mut place = Place {
            visit: Arc::new(Visit {
                host_metadata: Some(r#"{"plan":1}"#.into()),
                ..Visit::new("a")
            }),
            depth: 2,
            deadline: None,
            above: None,
            scope: None,
        };
        assert_eq!(
            place.visit.cf(),
            r#"{"httpProtocol":"HTTP/1.1","hostMetadata":{"plan":1}}"#
        );
        assert_eq!(place.begin(Duration::from_secs(3)), Duration::from_secs(3));
        let via = trees.leave(&child, &place, None);
        assert_eq!((via.depth, via.requests_left), (2, 4));
        assert!(Arc::ptr_eq(&trees.enter(&via), &root));
        // Another node knows of the tree only what the request says, and the same at each of its requests.
        let elsewhere = Trees::new(Duration::from_secs(30));
        let there = elsewhere.enter(&via);
        assert!((0..4).all(|_| there.take()) && !elsewhere.enter(&via).take());
        assert_eq!(elsewhere.leave(&there, &place, None).tree, via.tree);
    }
}
