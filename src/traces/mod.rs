//! Traces: which request asked whom, and how long each step took; sent to a collector as OTLP, as are log records.
//!
//! A request's spans are gathered ([`span`]) until it is known whether they are sent, then wait in a queue that has a bound,
//! from which a task of its own sends them ([`export`]). Nothing here ever waits on a request's path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use http::{HeaderMap, HeaderValue};

use crate::conf::{ContextRule, TracesConf};
use crate::metrics::Metrics;

mod context;
mod export;
mod logs;
mod message;
mod numbers;
mod queue;
mod span;

pub use context::{SpanContext, SpanId, TraceId};
pub use export::{ExportSetupError, Exporters};
pub use logs::{LogRecord, LogRecords, Severity};
pub use span::{Kind, Scope, Span, Value, known_method, method, micros};

use message::Batch;
use queue::Queue;
use span::Recording;

/// Spans that have ended, in all requests under way: about 40 MB. What comes beyond is left out, and counted.
const HELD_MAX: usize = 100_000;

/// Begins traces, and decides which of them are sent.
pub struct Tracer {
    queue: Arc<Queue<Batch>>,
    /// Below this number, of 2⁵⁶, a trace is sent.
    threshold: u64,
    rule: ContextRule,
    spans_max: u32,
    errors_per_second: u32,
    /// The second that failures are counted in, and how many there were.
    failures: AtomicU64,
    held: AtomicUsize,
    began: Instant,
    metrics: Arc<Metrics>,
}

/// How a trace begins here.
struct Begin {
    trace: TraceId,
    parent: Option<SpanId>,
    is_sampled: bool,
    state: Option<HeaderValue>,
    link: Option<SpanContext>,
    began: Instant,
}

impl Tracer {
    fn new(conf: &TracesConf, queue: Arc<Queue<Batch>>, metrics: Arc<Metrics>) -> Self {
        Self {
            queue,
            threshold: (conf.ratio * RANDOM_NUMBERS as f64) as u64,
            rule: conf.context,
            spans_max: conf.spans_max,
            errors_per_second: match conf.errors {
                true => conf.errors_per_second,
                false => 0,
            },
            failures: AtomicU64::new(0),
            held: AtomicUsize::new(0),
            began: Instant::now(),
            metrics,
        }
    }

    /// The span of a visitor's request. `own` is what a node of this platform says of a request that one of its workers
    /// sent; it counts more than what the request's header says.
    pub fn serve(
        self: &Arc<Self>,
        headers: &HeaderMap,
        own: Option<SpanContext>,
        began: Instant,
    ) -> Span {
        let said = || SpanContext::of(headers);
        let begin = match (own, self.rule) {
            (Some(own), _) => Begin {
                is_sampled: own.is_sampled,
                state: None,
                ..self.go_on(own, began)
            },
            (None, ContextRule::Restart) => Begin {
                link: said(),
                ..self.anew(began)
            },
            (None, rule) => match said() {
                None => self.anew(began),
                Some(said) => Begin {
                    state: context::state(headers),
                    is_sampled: match rule {
                        ContextRule::Trust => said.is_sampled,
                        // Not by its number: the visitor chose that.
                        ContextRule::Restart | ContextRule::Continue => {
                            self.is_sampled(numbers::next())
                        }
                    },
                    ..self.go_on(said, began)
                },
            },
        };
        Recording::begin(self, begin, Kind::Server)
    }

    /// The span of what nobody asked for.
    pub fn begin(self: &Arc<Self>, name: &'static str) -> Span {
        let span = Recording::begin(self, self.anew(Instant::now()), Kind::Internal);
        span.rename(name);
        span
    }

    fn anew(&self, began: Instant) -> Begin {
        let trace = numbers::trace();
        Begin {
            trace: TraceId(trace),
            parent: None,
            is_sampled: self.is_sampled(trace as u64),
            state: None,
            link: None,
            began,
        }
    }

    fn go_on(&self, from: SpanContext, began: Instant) -> Begin {
        Begin {
            trace: from.trace,
            parent: Some(from.span),
            ..self.anew(began)
        }
    }

    /// Whether a trace with this number is sent. As elsewhere its last 56 bits say so (OpenTelemetry, "Probability sampling"),
    /// so that others with the same share choose the same traces.
    fn is_sampled(&self, number: u64) -> bool {
        number % RANDOM_NUMBERS >= RANDOM_NUMBERS - self.threshold
    }

    fn keeps_errors(&self) -> bool {
        self.errors_per_second > 0
    }

    fn spans_max(&self) -> u32 {
        self.spans_max
    }

    /// Whether one more trace that failed is sent within this second.
    fn admit_failure(&self) -> bool {
        let second = self.began.elapsed().as_secs() & 0xffff_ffff;
        let most = u64::from(self.errors_per_second);
        let next = |word: u64| match (word >> 32 == second, word & 0xffff_ffff) {
            (true, count) if count >= most => None,
            (true, count) => Some(second << 32 | (count + 1)),
            (false, _) => (most > 0).then_some(second << 32 | 1),
        };
        let taken = self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        taken.is_ok()
    }

    /// Takes a place for a span that has ended.
    fn hold(&self) -> bool {
        let held = self.held.fetch_add(1, Ordering::Relaxed);
        if held >= HELD_MAX {
            self.held.fetch_sub(1, Ordering::Relaxed);
        }
        held < HELD_MAX
    }

    fn release(&self, spans: usize) {
        self.held.fetch_sub(spans, Ordering::Relaxed);
    }

    /// Hands spans to whoever sends them, or loses them.
    fn offer(&self, batch: Batch) {
        let spans = &self.metrics.spans;
        if batch.left_out > 0 {
            let counter = spans.with_label_values(&["left_out"]);
            counter.inc_by(batch.left_out.into());
        }
        if !batch.spans.is_empty() {
            self.queue.offer(batch);
        }
    }
}

/// Of a trace's number, as many are random at least (W3C Trace Context, level 2).
const RANDOM_NUMBERS: u64 = 1 << 56;

#[cfg(test)]
mod tests {
    use super::*;

    fn tracer(conf: TracesConf) -> Arc<Tracer> {
        let metrics = Arc::new(Metrics::new(1));
        let queue = Queue::new(1 << 20, metrics.spans.clone());
        Arc::new(Tracer::new(&conf, Arc::new(queue), metrics))
    }

    #[test]
    fn the_share_of_traces_is_what_was_asked_for() {
        for (ratio, least, most) in [(0.0, 0, 0), (0.25, 2_100, 2_900), (1.0, 10_000, 10_000)] {
            let conf = TracesConf {
                ratio,
                ..TracesConf::default()
            };
            let tracer = tracer(conf);
            let begun = || tracer.serve(&HeaderMap::new(), None, Instant::now());
            let sampled = (0..10_000).filter(|_| begun().scope().context().is_sampled);
            let sampled = sampled.count();
            assert!((least..=most).contains(&sampled), "{ratio}: {sampled}");
        }
    }

    #[test]
    fn a_visitors_context_counts_as_much_as_the_rule_says() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let said = SpanContext::parse(text.as_bytes()).expect("a context");
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", text.parse().expect("a value"));
        for (context, goes_on, is_sampled) in [
            (ContextRule::Restart, false, false),
            (ContextRule::Continue, true, false),
            (ContextRule::Trust, true, true),
        ] {
            let conf = TracesConf {
                ratio: 0.0,
                context,
                ..TracesConf::default()
            };
            let tracer = tracer(conf);
            let span = tracer.serve(&headers, None, Instant::now());
            let now = span.scope().context();
            assert_eq!(now.trace == said.trace, goes_on, "{context:?}");
            assert_eq!(now.is_sampled, is_sampled, "{context:?}");
            assert_ne!(now.span, said.span);
            // What this platform says of itself counts everywhere.
            let own = SpanContext {
                trace: TraceId(1),
                span: SpanId(2),
                is_sampled: true,
            };
            let span = tracer.serve(&headers, Some(own), Instant::now());
            let now = span.scope().context();
            assert_eq!((now.trace, now.is_sampled), (own.trace, true));
        }
    }

    #[test]
    fn only_so_many_failures_are_sent_in_a_second() {
        let conf = TracesConf {
            errors_per_second: 3,
            ..TracesConf::default()
        };
        let tracer = tracer(conf);
        let admitted = (0..100).filter(|_| tracer.admit_failure()).count();
        // The test may go on into the next second, not further.
        assert!((3..=6).contains(&admitted), "{admitted}");
    }
}
