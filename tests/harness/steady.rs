//! Visitors who never stop: what they get while something else goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinHandle;

use super::{request, until};

/// A visitor asking for one page after the other; it ends with its test.
pub(crate) struct Steady {
    made: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    task: JoinHandle<Vec<String>>,
}

impl Steady {
    /// Asks for these hostnames in turn, and notes every answer other than this one.
    pub(crate) fn visits(port: u16, hostnames: &[&str], expected: &'static str) -> Self {
        let (made, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (count, stop) = (made.clone(), is_over.clone());
        let hostnames: Vec<String> = hostnames.iter().map(|name| (*name).to_owned()).collect();
        let task = tokio::spawn(async move {
            let mut failures = Vec::new();
            for hostname in hostnames.iter().cycle() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let answer = request(port, "GET", hostname, "/", &[], Vec::new()).await;
                if answer.status != 200 || answer.text() != expected {
                    failures.push(format!("{hostname}: {} {}", answer.status, answer.text()));
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
            failures
        });
        Self {
            made,
            is_over,
            task,
        }
    }

    /// Waits until so many more requests were answered.
    pub(crate) async fn until_more(&self, count: usize) {
        let goal = self.made.load(Ordering::Relaxed) + count;
        until("visitors were answered", async || {
            self.task.is_finished() || self.made.load(Ordering::Relaxed) >= goal
        })
        .await;
    }

    /// Fails the test when any of the answers was not the expected one.
    pub(crate) async fn was_always_answered(self) {
        self.is_over.store(true, Ordering::Relaxed);
        let failures = self.task.await.expect("the visitor was always answered");
        let made = self.made.load(Ordering::Relaxed);
        assert!(
            failures.is_empty(),
            "{} of {made} requests failed, the first: {}",
            failures.len(),
            failures[0]
        );
        assert!(made > 0, "nobody visited");
    }
}
