//! The timers of an instance, by when they are due. JavaScript keeps the callbacks under the same numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::host;

pub struct Timers {
    /// (due in µs since 1970, number): numbers grow, so that equal times keep their order.
    queue: BTreeSet<(u64, u32)>,
    due_us: BTreeMap<u32, u64>,
    last: u32,
}

impl Timers {
    pub const fn new() -> Self {
        Self {
            queue: BTreeSet::new(),
            due_us: BTreeMap::new(),
            last: 0,
        }
    }

    pub fn start(&mut self, delay_ms: f64) -> u32 {
        // What is no number, or below zero, is zero (HTML §8.7).
        let delay_us = (delay_ms.max(0.0) * 1000.0).min(LONGEST_US) as u64;
        self.last += 1;
        let due_us = host::now_us() as u64 + delay_us;
        self.queue.insert((due_us, self.last));
        self.due_us.insert(self.last, due_us);
        self.last
    }

    pub fn cancel(&mut self, number: u32) {
        if let Some(due_us) = self.due_us.remove(&number) {
            self.queue.remove(&(due_us, number));
        }
    }

    /// How long until the next, in ms; -1 when there is none.
    pub fn wait_ms(&self) -> f64 {
        match self.queue.first() {
            Some((due_us, _)) => (*due_us as f64 - host::now_us()).max(0.0) / 1000.0,
            None => -1.0,
        }
    }

    /// The last number there is: a round runs no timers that its own callbacks start.
    pub fn newest(&self) -> u32 {
        self.last
    }

    /// Takes the next one that is due.
    pub fn take_due(&mut self, newest: u32) -> Option<u32> {
        let now_us = host::now_us() as u64;
        let (due_us, number) = *self.queue.iter().find(|(_, number)| *number <= newest)?;
        if due_us > now_us {
            return None;
        }
        self.cancel(number);
        Some(number)
    }
}

/// Two centuries; beyond, the sum would lose its µs.
const LONGEST_US: f64 = 6.0e15;
