//! `cirque bench`: a load on a running edge, to see what it bears before visitors do.
//!
//! An open loop: requests are due at times drawn beforehand, whatever has become of those before, and a wait is counted from when
//! the request was due. A load that asks again once it is answered asks a slow edge less, and makes it look well.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use http::uri::PathAndQuery;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::{CliError, say};
use clients::{Clients, Failure, Visited};
use mix::{Draw, Mix, Visit};
use waits::Waits;

mod clients;
mod mix;
mod tls;
mod waits;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque bench http://127.0.0.1:8080/ --tenants names.txt --rate 2000 --duration 60
  cirque bench https://shop.test:8443/ --http2 --ca ca.pem     where shop.test leads to this machine

A line of names.txt is `hostname [weight] [path]`. Whoever has no weight is asked for by Zipf's law: the first the most often.
Waits are counted from when a request was due, so an edge that stalls is charged for all who came meanwhile.")]
pub(super) struct Arguments {
    /// Where to send requests; its hostname and path are asked for where --tenants names no others
    url: Url,
    /// Requests a second, on the mean; they come at random, as independent visitors do
    #[arg(long, default_value_t = 100.0, value_parser = rate)]
    rate: f64,
    /// Seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    duration: u64,
    /// A file with the hostnames to ask for, one on each line
    #[arg(long, value_name = "FILE")]
    tenants: Option<PathBuf>,
    /// How uneven hostnames without a weight are: 0 for evenly
    #[arg(long, default_value_t = 1.0, value_name = "EXPONENT", value_parser = exponent)]
    zipf: f64,
    /// Connections at a time. Over TLS each is for one hostname, and makes way when another one is due
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    connections: u16,
    /// Speak HTTP/2; over TLS only
    #[arg(long)]
    http2: bool,
    /// A PEM file with the authorities to trust instead of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Take any certificate
    #[arg(long)]
    insecure: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Load a host that is not this machine. It takes resources from everybody whom that host serves
    #[arg(long)]
    i_may_load_this_host: bool,
}

/// Requests that may be under way, waiting for a connection included. Those that are due beyond are not made.
const UNDER_WAY_MAX: usize = 50_000;
/// Due times that are on their way from the clock to the requests.
const DUE_MAX: usize = 1_024;

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok();
    rate.filter(|rate| (0.001..=1_000_000.0).contains(rate))
        .ok_or_else(|| "a rate is from 0.001 to 1000000".into())
}

fn exponent(text: &str) -> Result<f64, String> {
    let exponent = text.parse().ok();
    exponent
        .filter(|exponent| (0.0..=10.0).contains(exponent))
        .ok_or_else(|| "an exponent is from 0 to 10".into())
}

pub(super) fn bench(arguments: &Arguments) -> Result<(), CliError> {
    let other = |e: String| CliError::Other(e);
    let is_tls = match arguments.url.scheme() {
        "http" => false,
        "https" => true,
        scheme => return Err(other(format!("there is no load over {scheme}"))),
    };
    if arguments.http2 && !is_tls {
        return Err(other("HTTP/2 needs an https URL".into()));
    }
    let mix = mix(arguments)?;
    let tls = is_tls.then(|| tls::config(arguments)).transpose()?;
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| other(format!("the command could not start: {e}")))?;
    let load = tokio.block_on(async {
        let address = address(arguments).await?;
        let connections = usize::from(arguments.connections);
        let clients = Clients::new(address, tls, arguments.http2, connections);
        Ok::<_, CliError>(run(arguments, &mix, clients).await)
    })?;
    load.say(arguments, mix.len());
    match load.answers.is_empty() {
        true => Err(other("nobody was answered".into())),
        false => Ok(()),
    }
}

fn mix(arguments: &Arguments) -> Result<Mix, CliError> {
    let url = &arguments.url;
    let path = match url.query() {
        None => url.path().to_owned(),
        Some(query) => format!("{}?{query}", url.path()),
    };
    let path: PathAndQuery = path
        .parse()
        .map_err(|_| CliError::Other(format!("`{path}` is no path")))?;
    match &arguments.tenants {
        Some(file) => {
            let fail = |reason: String| CliError::Other(format!("{}: {reason}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|e| fail(e.to_string()))?;
            Mix::parse(&text, &path, arguments.zipf).map_err(fail)
        }
        None => Ok(Mix::one(Visit {
            hostname: url.host_str().unwrap_or_default().to_owned(),
            path,
        })),
    }
}

/// Where the URL leads; nobody else's machine without permission.
async fn address(arguments: &Arguments) -> Result<SocketAddr, CliError> {
    let url = &arguments.url;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(80);
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|e| CliError::Other(format!("{host}: {e}")))?;
    let addresses: Vec<SocketAddr> = found.collect();
    let foreign = addresses.iter().find(|it| !it.ip().is_loopback());
    match (addresses.first(), foreign) {
        (None, _) => Err(CliError::Other(format!("{host} has no address"))),
        (_, Some(foreign)) if !arguments.i_may_load_this_host => Err(CliError::Other(format!(
            "{host} is not this machine but {}; whoever may put a load on it says --i-may-load-this-host",
            foreign.ip()
        ))),
        (Some(first), _) => Ok(*first),
    }
}

/// What became of a load.
#[derive(Debug, Default)]
struct Load {
    seconds: f64,
    sent: u64,
    /// Due, and not made: too many were under way.
    left_out: u64,
    answers: BTreeMap<u16, u64>,
    failures: BTreeMap<Failure, u64>,
    bytes: u64,
    opened: u64,
    waits: Waits,
    /// How long after its time each request was made: that is this program's own delay.
    late: Waits,
}

async fn run(arguments: &Arguments, mix: &Mix, clients: Clients) -> Load {
    let (clock, mut due) = mpsc::channel(DUE_MAX);
    let (rate, began) = (arguments.rate, Instant::now());
    let end = began + Duration::from_secs(arguments.duration);
    let pacer = std::thread::spawn(move || pace(&clock, rate, began, end));
    let clients = Arc::new(clients);
    let mut load = Load::default();
    let mut visits = JoinSet::new();
    let mut draw = Draw::new(2);
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            moment = due.recv() => {
                let Some(moment) = moment else { break };
                let visit = mix.pick(draw.part()).clone();
                if visits.len() >= UNDER_WAY_MAX {
                    load.left_out += 1;
                    continue;
                }
                load.sent += 1;
                load.late.add(moment.elapsed());
                let clients = clients.clone();
                visits.spawn(async move { clients.visit(&visit, moment).await });
            }
            Some(done) = visits.join_next(), if !visits.is_empty() => load.add(done),
            _ = &mut stop => break,
        }
    }
    load.seconds = began.elapsed().as_secs_f64();
    // Its next word is not heard any more, and it ends.
    due.close();
    while let Some(done) = visits.join_next().await {
        load.add(done);
    }
    let _ = tokio::task::spawn_blocking(|| pacer.join()).await;
    load
}

/// Says when a request is due. A thread of its own: tokio's clock has steps of a millisecond.
fn pace(clock: &mpsc::Sender<Instant>, rate: f64, began: Instant, end: Instant) {
    let mut draw = Draw::new(1);
    let mut due = began;
    loop {
        // The gaps between independent visitors.
        due += Duration::from_secs_f64(-(1.0 - draw.part()).ln() / rate);
        if due >= end {
            pause(end.saturating_duration_since(Instant::now()), clock);
            return;
        }
        pause(due.saturating_duration_since(Instant::now()), clock);
        if clock.blocking_send(due).is_err() {
            return;
        }
    }
}

/// Sleeps in parts, to see when nobody listens any more.
#[expect(
    clippy::disallowed_methods,
    reason = "this thread does nothing but wait for the next moment"
)]
fn pause(mut time: Duration, clock: &mpsc::Sender<Instant>) {
    const PART: Duration = Duration::from_millis(100);
    while !time.is_zero() && !clock.is_closed() {
        let part = time.min(PART);
        std::thread::sleep(part);
        time -= part;
    }
}

impl Load {
    fn add(&mut self, done: Result<Visited, tokio::task::JoinError>) {
        let Ok(visited) = done else {
            *self.failures.entry(Failure::Broken).or_default() += 1;
            return;
        };
        self.opened += visited.opened;
        self.bytes += visited.bytes;
        match visited.answer {
            Ok(status) => {
                *self.answers.entry(status.as_u16()).or_default() += 1;
                self.waits.add(visited.wait);
            }
            Err(failure) => *self.failures.entry(failure).or_default() += 1,
        }
    }

    fn say(&self, arguments: &Arguments, tenants: usize) {
        let answered: u64 = self.answers.values().sum();
        let failed: u64 = self.failures.values().sum();
        let achieved = self.sent as f64 / self.seconds.max(f64::MIN_POSITIVE);
        let ms = |waits: &Waits, share| waits.share(share).as_secs_f64() * 1000.0;
        let shares = [
            ("p50", 0.5),
            ("p90", 0.9),
            ("p99", 0.99),
            ("p99.9", 0.999),
            ("max", 1.0),
        ];
        if arguments.json {
            let waits: serde_json::Map<_, _> = shares
                .iter()
                .map(|(name, share)| ((*name).to_owned(), ms(&self.waits, *share).into()))
                .collect();
            let failures: BTreeMap<String, u64> = self
                .failures
                .iter()
                .map(|(why, count)| (why.to_string(), *count))
                .collect();
            say(&json!({
                "seconds": self.seconds,
                "tenants": tenants,
                "rate": arguments.rate,
                "achieved_rate": achieved,
                "sent": self.sent,
                "left_out": self.left_out,
                "answered": answered,
                "failed": failed,
                "statuses": self.answers,
                "failures": failures,
                "waits_ms": waits,
                "late_p99_ms": ms(&self.late, 0.99),
                "body_bytes": self.bytes,
                "connections_opened": self.opened,
            })
            .to_string());
            return;
        }
        say(&format!(
            "{} requests in {:.1} s, {achieved:.1} a second of {} wanted, to {tenants} hostnames, {} connections opened",
            self.sent, self.seconds, arguments.rate, self.opened
        ));
        if self.left_out > 0 {
            say(&format!(
                "{} more were due and not made: {UNDER_WAY_MAX} were under way",
                self.left_out
            ));
        }
        for (status, count) in &self.answers {
            say(&format!("  {status}  {count}"));
        }
        for (why, count) in &self.failures {
            say(&format!("  {why}  {count}"));
        }
        let waits = shares.map(|(name, share)| format!("{name} {:.2}", ms(&self.waits, share)));
        say(&format!("waits in ms  {}", waits.join("  ")));
        say(&format!(
            "{failed} failed, {:.1} MB of bodies; requests were made {:.2} ms late at p99",
            self.bytes as f64 / 1e6,
            ms(&self.late, 0.99)
        ));
    }
}
