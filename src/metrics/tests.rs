//! The accounts against a model, and what is written.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::ledger::Counters;
use crate::model::Limit;

const INTERVAL: Duration = Duration::from_secs(15);

fn id(number: usize) -> TenantId {
    TenantId::new("n", &format!("t{number}")).expect("a name")
}

/// All samples by their series' names.
fn read(text: &[u8]) -> HashMap<String, f64> {
    let text = std::str::from_utf8(text).expect("text");
    let mut samples = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a sample");
        let value = value.parse().expect("a number");
        let before = samples.insert(series.to_owned(), value);
        assert_eq!(before, None, "{series} is there twice");
    }
    samples
}

fn tenant_of(series: &str) -> Option<&str> {
    let (_, rest) = series.split_once("tenant=\"")?;
    rest.split_once('"').map(|(tenant, _)| tenant)
}

/// Whether a series only grows.
fn is_counter(series: &str) -> bool {
    let gauges = [
        "cirque_cache_bytes",
        "cirque_in_flight",
        "cirque_memory_peak_bytes",
    ];
    !gauges.iter().any(|gauge| series.starts_with(gauge))
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A tenant answers so many requests with this status, each of so many milliseconds.
    Answer(usize, u8, bool, u16),
    /// A tenant meets a limit, uses CPU time, receives bytes.
    Use(usize, u16),
    /// Nobody refers to a tenant any more.
    LetGo(usize),
    Rank(u16),
    /// One of several readers reads.
    Read(usize),
}

const TENANTS: usize = 12;
const READERS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..TENANTS, 1..20_u8, any::<bool>(), any::<u16>())
            .prop_map(|(tenant, count, is_ok, ms)| Step::Answer(tenant, count, is_ok, ms)),
        3 => (0..TENANTS, any::<u16>()).prop_map(|(tenant, amount)| Step::Use(tenant, amount)),
        1 => (0..TENANTS).prop_map(Step::LetGo),
        3 => (1..2_000_u16).prop_map(Step::Rank),
        4 => (0..READERS).prop_map(Step::Read),
    ]
}

/// Amounts by series.
type Amounts = HashMap<String, f64>;

/// The metrics beside a model of them.
struct World {
    metrics: Metrics,
    /// Who refers to which tenant.
    held: HashMap<usize, (Arc<TenantMetrics>, Arc<Counters>)>,
    /// What was counted altogether, by series without their tenants.
    total: Amounts,
    /// What each name showed when somebody last looked.
    shown: HashMap<String, Amounts>,
    /// What names showed that have no series at the moment.
    hidden: HashMap<String, Amounts>,
    /// The same of those that were forgotten.
    lost: Amounts,
    /// How often each tenant was forgotten.
    lives: [u32; TENANTS],
    readers: [(Amounts, [u32; TENANTS]); READERS],
}

impl World {
    fn new(places: usize) -> Self {
        Self {
            metrics: Metrics::new(places).with_ledger(),
            held: HashMap::new(),
            total: Amounts::new(),
            shown: HashMap::new(),
            hidden: HashMap::new(),
            lost: Amounts::new(),
            lives: [0; TENANTS],
            readers: std::array::from_fn(|_| (Amounts::new(), [0; TENANTS])),
        }
    }

    fn hold(&mut self, tenant: usize) -> (Arc<TenantMetrics>, Arc<Counters>) {
        let metrics = &self.metrics;
        let held = self.held.entry(tenant).or_insert_with(|| {
            let own = metrics.tenant(&id(tenant));
            let usage = own.usage(|| metrics.ledger.open(&id(tenant))).clone();
            (own, usage)
        });
        held.clone()
    }

    fn count(&mut self, series: &str, amount: u64) {
        *self.total.entry(series.to_owned()).or_default() += amount as f64;
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Answer(tenant, count, is_ok, ms) => {
                let (own, _) = self.hold(tenant);
                let (status, class) = if is_ok { (200, "2xx") } else { (503, "5xx") };
                for _ in 0..count {
                    own.answered(status, Duration::from_millis(ms.into()), None);
                }
                let requests = format!("cirque_requests_total status={class}");
                self.count(&requests, count.into());
                self.count("cirque_request_duration_seconds_count", count.into());
            }
            Step::Use(tenant, amount) => {
                let (own, usage) = self.hold(tenant);
                own.limit_exceeded(Limit::Cpu);
                own.sent(Outgoing::Failed);
                usage.received(amount.into());
                self.count("cirque_limits_exceeded_total limit=cpu", 1);
                self.count("cirque_outgoing_requests_total result=failed", 1);
                self.count("cirque_request_bytes_total", amount.into());
            }
            Step::LetGo(tenant) => drop(self.held.remove(&tenant)),
            Step::Rank(seconds) => {
                self.look();
                let passed = Duration::from_secs(seconds.into());
                self.metrics.rank_tenants(passed);
                for tenant in 0..TENANTS {
                    if self.metrics.render_tenant(&id(tenant)).is_none() {
                        self.lives[tenant] += 1;
                        let hidden = self.hidden.remove(&id(tenant).to_string());
                        let hidden = hidden.or(self.shown.remove(&id(tenant).to_string()));
                        for (series, amount) in hidden.unwrap_or_default() {
                            *self.lost.entry(series).or_default() += amount;
                        }
                    }
                }
                self.look();
            }
            Step::Read(reader) => self.read(reader),
        }
    }

    /// Looks at what every name shows. What was counted is there, in one place each: shown, or shown until its name went.
    fn look(&mut self) -> Amounts {
        let mut text = Vec::new();
        self.metrics.note(self.metrics.tenants.write(&mut text));
        let samples = read(&text);
        let mut shown: HashMap<String, Amounts> = HashMap::new();
        for (series, value) in samples.iter().filter(|(series, _)| is_counter(series)) {
            if let Some(tenant) = tenant_of(series) {
                let amounts = shown.entry(tenant.to_owned()).or_default();
                amounts.insert(without_tenant(series), *value);
            }
        }
        for (tenant, amounts) in &shown {
            if let Some(before) = self.hidden.remove(tenant) {
                assert_eq!(*amounts, before, "{tenant} goes on where it was");
            }
        }
        for (tenant, amounts) in std::mem::take(&mut self.shown) {
            if !shown.contains_key(&tenant) {
                self.hidden.insert(tenant, amounts);
            }
        }
        self.shown = shown;
        let places = self.shown.values().chain(self.hidden.values());
        let mut sums = self.lost.clone();
        for (series, amount) in places.flatten() {
            *sums.entry(series.clone()).or_default() += amount;
        }
        for (series, total) in &self.total {
            assert_eq!(sums.get(series), Some(total), "{series}");
        }
        samples
    }

    /// Reads as one who comes now and then: no series has fallen, but those of tenants that were forgotten since.
    fn read(&mut self, reader: usize) {
        let now = self.look();
        let (before, lives) = &self.readers[reader];
        for (series, before) in before.iter().filter(|(series, _)| is_counter(series)) {
            let tenant = tenant_of(series).and_then(|tenant| tenant.strip_prefix("n/t"));
            let number: Option<usize> = tenant.map(|number| number.parse().expect("a number"));
            match (now.get(series), number) {
                (Some(now), Some(number)) => {
                    assert!(
                        now >= before || lives[number] != self.lives[number],
                        "{series}"
                    );
                }
                (Some(now), None) => assert!(now >= before, "{series}"),
                (None, number) => assert!(number.is_some(), "{series}"),
            }
        }
        self.readers[reader] = (now, self.lives);
    }
}

/// A series' name with its other label.
fn without_tenant(series: &str) -> String {
    let (name, labels) = series.split_once('{').expect("labels");
    let labels = labels.trim_end_matches('}').split(',');
    let others = labels.filter(|label| !label.starts_with("tenant="));
    let others: Vec<String> = others.map(|label| label.replace('"', "")).collect();
    format!("{name} {}", others.join(" ")).trim_end().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn sums_over_tenants_are_exact_and_no_series_falls(
        places in 0..8_usize,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(places);
        for step in &steps {
            world.step(step);
            let shown = world.metrics.tenants_shown.get();
            prop_assert!(shown <= places as i64, "{shown}");
        }
        world.read(0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    /// For whoever reads once between two rankings, at any moment, what every name has grown by adds up to what was counted.
    #[test]
    fn increments_add_up_for_whoever_reads_in_each_interval(
        places in 1..6_usize,
        mut rounds in prop::collection::vec(
            (prop::collection::vec((0..TENANTS, 1..30_u8, any::<bool>()), 0..8), 0..8_usize),
            1..40,
        ),
    ) {
        let mut world = World::new(places);
        // Everybody is there from the start: who comes later and finds a place has it at once, with what it has by then.
        for tenant in 0..TENANTS {
            world.hold(tenant);
        }
        let mut before: Option<Amounts> = None;
        let (mut seen, mut counted) = (0.0, 0.0);
        // What came last is seen afterwards.
        rounds.push((Vec::new(), 0));
        for (answers, read_at) in &rounds {
            let read_at = (*read_at).min(answers.len());
            let mut left = answers.iter();
            for &(tenant, count, is_ok) in left.by_ref().take(read_at) {
                world.step(&Step::Answer(tenant, count, is_ok, 1));
                counted += f64::from(count);
            }
            world.read(0);
            let now = world.readers[0].0.clone();
            for (name, value) in &now {
                if name.starts_with("cirque_requests_total{") {
                    // A new series is known from its first value on; only the first reading of all begins with 0.
                    let since = match &before {
                        None => Some(&0.0),
                        Some(before) => before.get(name),
                    };
                    seen += since.map_or(0.0, |since| value - since);
                }
            }
            // Prometheus goes on where it left a series, and so does this.
            before.get_or_insert_default().extend(now);
            for &(tenant, count, is_ok) in left {
                world.step(&Step::Answer(tenant, count, is_ok, 1));
                counted += f64::from(count);
            }
            world.step(&Step::Rank(15));
        }
        prop_assert_eq!(seen, counted);
    }
}

#[test]
fn a_tenant_without_a_place_is_counted_as_other_and_known_by_itself() {
    let metrics = Metrics::new(2);
    for number in 0..10 {
        let own = metrics.tenant(&id(number));
        own.answered(
            200,
            Duration::from_millis(1),
            Some(Duration::from_micros(700)),
        );
    }
    let found = read(&metrics.render());
    let series = |tenant| format!(r#"cirque_requests_total{{status="2xx",tenant="{tenant}"}}"#);
    assert_eq!(found[&series("n/t1")], 1.0);
    assert_eq!(found[&series("other")], 8.0);
    assert!(!found.contains_key(&series("n/t2")));
    assert_eq!(
        (found["cirque_tenants"], found["cirque_tenants_shown"]),
        (10.0, 2.0)
    );
    let own = read(&metrics.render_tenant(&id(7)).expect("it is known"));
    assert_eq!(own[&series("n/t7")], 1.0);
    let duration =
        |le| format!(r#"cirque_request_duration_seconds_bucket{{tenant="n/t7",le="{le}"}}"#);
    assert_eq!(
        (own[&duration("0.0005")], own[&duration("0.001")]),
        (0.0, 1.0)
    );
    assert_eq!(
        own[r#"cirque_first_byte_seconds_sum{tenant="n/t7"}"#],
        0.0007
    );
    assert_eq!(metrics.render_tenant(&id(11)), None);
}

#[test]
fn who_begins_to_fail_gets_a_place_and_starts_at_0() {
    let metrics = Metrics::new(4);
    let tenants: Vec<_> = (0..8).map(|number| metrics.tenant(&id(number))).collect();
    let answer = |number: usize, status, count| {
        for _ in 0..count {
            tenants[number].answered(status, Duration::ZERO, None);
        }
    };
    (0..4).for_each(|number| answer(number, 200, 1_000));
    let errors = |number: usize| {
        let series = format!(r#"cirque_requests_total{{status="5xx",tenant="n/t{number}"}}"#);
        read(&metrics.render()).get(&series).copied()
    };
    metrics.rank_tenants(INTERVAL);
    assert_eq!((errors(0), errors(6)), (Some(0.0), None));
    // One has to leave, then the other enters at 0, then it counts for itself.
    for expected in [None, None, Some(0.0)] {
        assert_eq!(errors(6), expected);
        answer(6, 500, 10);
        metrics.rank_tenants(INTERVAL);
    }
    assert_eq!(errors(6), Some(0.0));
    answer(6, 500, 3);
    assert_eq!(errors(6), Some(3.0));
    let other = r#"cirque_requests_total{status="5xx",tenant="other"}"#;
    assert_eq!(read(&metrics.render())[other], 30.0);
    let shown = (0..8).filter(|number| errors(*number).is_some());
    assert_eq!(shown.count(), 4);
}

#[test]
fn with_many_tenants_there_are_no_more_series_than_the_bound_allows() {
    const TENANTS: usize = 100_000;
    let metrics = Metrics::new(100);
    let tenants: Vec<_> = (0..TENANTS)
        .map(|number| metrics.tenant(&id(number)))
        .collect();
    let one = read(&metrics.render_tenant(&id(0)).expect("it is known")).len();
    assert_eq!(one, 72, "README and the runbooks say so");
    let nodes = |samples: &HashMap<String, f64>| {
        samples
            .keys()
            .filter(|series| tenant_of(series).is_none())
            .count()
    };
    for round in 0..4 {
        for (number, tenant) in tenants.iter().enumerate() {
            // Others come to the front each time.
            if number % 4 == round {
                tenant.answered(200, Duration::ZERO, None);
            }
        }
        metrics.rank_tenants(INTERVAL * 20);
        let found = read(&metrics.render());
        assert_eq!(found.len(), nodes(&found) + (100 + 3) * one);
        let series = r#"cirque_requests_total{status="2xx","#;
        let sum: f64 = found
            .iter()
            .filter_map(|(name, value)| name.starts_with(series).then_some(*value))
            .sum();
        assert_eq!(sum, (TENANTS / 4 * (round + 1)) as f64);
    }
}

#[test]
fn who_rests_and_is_referred_to_by_nobody_is_forgotten() {
    let metrics = Metrics::new(1);
    let held = metrics.tenant(&id(0));
    for number in 1..10 {
        metrics
            .tenant(&id(number))
            .answered(200, Duration::ZERO, None);
    }
    held.answered(200, Duration::ZERO, None);
    metrics.rank_tenants(INTERVAL);
    let known = || metrics.tenants_known.get();
    assert_eq!(known(), 10, "something came since the last ranking");
    metrics.rank_tenants(INTERVAL);
    assert_eq!(known(), 1);
    // With a place it takes longer, and then its series are told to go first.
    let lone = Metrics::new(1);
    lone.tenant(&id(0)).answered(200, Duration::ZERO, None);
    let mut rankings = 0;
    while lone.tenants_known.get() > 0 || rankings == 0 {
        lone.rank_tenants(INTERVAL);
        rankings += 1;
        assert!(rankings < 100, "it is never forgotten");
    }
    assert!(rankings > 20, "{rankings}");
    let other = r#"cirque_requests_total{status="2xx",tenant="other"}"#;
    assert_eq!(read(&metrics.render())[other], 9.0);
    assert_eq!(read(&lone.render())[other], 0.0);
    // Who comes back begins at 0; what the ledger still has of it was counted before.
    let usage = Arc::new(Counters::default());
    usage.received(1_000);
    let back = lone.tenant(&id(0));
    back.usage(|| usage.clone());
    usage.received(5);
    let bytes = read(&lone.render())[r#"cirque_request_bytes_total{tenant="n/t0"}"#];
    assert_eq!(bytes, 5.0);
}

#[test]
fn names_with_every_byte_that_names_may_have_are_labels_as_they_are() {
    let letters: String = (b'-'..=b'z')
        .map(char::from)
        .filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
        .collect();
    let odd = format!("_{letters}");
    let metrics = Metrics::new(10);
    let ids = [
        TenantId::new(&odd, &odd).expect("a name"),
        TenantId::regular(&odd).expect("a name"),
        TenantId::regular(&"a".repeat(255)).expect("a name"),
        // What has these names already goes by the names that nobody else has.
        TenantId::regular("other").expect("a name"),
        TenantId::regular("none").expect("a name"),
        TenantId::new("other", "none").expect("a name"),
    ];
    for id in &ids {
        metrics.tenant(id).answered(200, Duration::ZERO, None);
    }
    let found = read(&metrics.render());
    for id in &ids {
        let label = match id.to_string().as_str() {
            name @ ("other" | "none") => format!("_/{name}"),
            name => name.to_owned(),
        };
        assert_eq!(TenantId::parse(&label).as_ref(), Ok(id));
        let series = format!(r#"cirque_requests_total{{status="2xx",tenant="{label}"}}"#);
        assert_eq!(found[&series], 1.0, "{series}");
    }
    let other = r#"cirque_requests_total{status="2xx",tenant="other"}"#;
    assert_eq!(found[other], 0.0);
}

#[test]
fn gauges_go_with_their_tenants() {
    let metrics = Metrics::new(1);
    let (own, folded) = (metrics.tenant(&id(0)), metrics.tenant(&id(1)));
    let third = metrics.tenant(&id(2));
    for (tenant, bytes) in [(&own, 10), (&folded, 20), (&third, 5)] {
        tenant.cache_grew(bytes);
        tenant.memory_used(bytes.unsigned_abs());
        tenant
            .running
            .store(1, std::sync::atomic::Ordering::Relaxed);
    }
    let shown = |name: &str| {
        let found = read(&metrics.render());
        let series = |tenant| format!("cirque_{name}{{tenant=\"{tenant}\"}}");
        (found[&series("n/t0")], found[&series("other")])
    };
    assert_eq!(shown("cache_bytes"), (10.0, 25.0));
    assert_eq!(shown("in_flight"), (1.0, 2.0));
    // The peak of this interval or the one before, and then no more.
    for expected in [(10.0, 20.0), (10.0, 20.0), (0.0, 0.0)] {
        assert_eq!(shown("memory_peak_bytes"), expected);
        metrics.rank_tenants(INTERVAL);
    }
}
