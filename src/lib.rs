//! Cirque: a reverse proxy that runs its tenants' WebAssembly workers at the edge.
//!
//! The layers, from the top: `cli` starts it, `app` puts it together, `api` is the operators' door and `proxy` the
//! visitors', `control` changes records, `runtime` runs workers with what `bindings` gives them, `secrets` seals, `pki` reads certificates, `router`, `limiter`, `egress` and `assets` are the
//! proxy's organs, `store` keeps records, `metrics` and `logs` tell operators, `tail` whoever watches a worker, `relay` across nodes, `traces` a collector, `ledger` and `usage` count what tenants use up, `conf` is what they set,
//! and `model` is what exists. Each uses only what stands below it.

pub mod api;
pub mod app;
pub mod assets;
pub mod bindings;
pub mod cache;
pub mod cli;
pub mod conf;
pub mod control;
pub mod egress;
pub mod hostnames;
pub mod kv;
pub mod ledger;
pub mod limiter;
pub mod logs;
pub mod metrics;
pub mod model;
pub mod pki;
pub mod proxy;
pub mod rates;
pub mod relay;
pub mod router;
pub mod runtime;
pub mod schedules;
pub mod secrets;
pub mod store;
pub mod tail;
pub mod tls;
pub mod traces;
pub mod usage;
