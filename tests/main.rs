//! Everything through the front door: real listeners, real clients, a real Redis, real guests.
#![expect(clippy::disallowed_methods, reason = "tests connect as visitors do")]

mod harness;

mod api;
mod api_refusals;
mod artifacts;
mod bundles;
mod cli;
mod clients;
mod clustered;
mod conf;
mod connections;
mod dashboards;
mod deploy;
mod dev;
mod differential;
mod dispatch;
mod egress;
mod engine;
mod guard;
mod guests;
mod javascript;
mod javascript_api;
mod javascript_errors;
mod javascript_fetch;
mod javascript_hostile;
mod javascript_html;
mod javascript_intl;
mod javascript_node;
mod javascript_slow;
mod javascript_wasm;
mod languages;
mod layers;
mod lifecycle;
mod limits;
mod outbound;
mod passthrough;
mod prepared;
mod records;
mod routing;
mod sources;
mod store;
mod streams;
mod tenants;
mod tls;
mod wpt;
