//! What a worker and its visitor know of each other: whether the visitor is still there, and whether that matters.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

/// Shared by the worker's host and whoever holds its answer.
#[derive(Default)]
pub(in crate::runtime) struct Visitor {
    /// Why the worker should outlive its visitor (`host.keep`).
    keep: AtomicU32,
    is_gone: AtomicBool,
    was_told: AtomicBool,
    waker: AtomicWaker,
}

impl Visitor {
    pub(super) fn keep(&self, flags: u32) {
        self.keep.store(flags, Ordering::Relaxed);
    }

    /// Whether the worker has something to do, or to be told, after its visitor has left.
    pub(in crate::runtime) fn is_kept(&self) -> bool {
        self.keep.load(Ordering::Relaxed) != 0
    }

    /// The visitor left.
    pub(in crate::runtime) fn leave(&self) {
        self.is_gone.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Ready once, when the visitor has left and somebody wants to know.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_kept() || self.was_told.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        self.waker.register(cx.waker());
        match self.is_gone.load(Ordering::Acquire) {
            true => {
                self.was_told.store(true, Ordering::Relaxed);
                Poll::Ready(())
            }
            false => Poll::Pending,
        }
    }
}
