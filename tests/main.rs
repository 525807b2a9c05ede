//! Everything through the front door: real listeners, real clients, a real Redis, real guests.
#![expect(unreachable_pub, reason = "a test binary exports nothing")]

mod harness;

mod cli;
mod clustered;
mod conf;
mod dashboards;
mod guests;
mod layers;
mod routing;
mod sources;
mod tls;
