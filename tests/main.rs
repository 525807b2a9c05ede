//! Everything through the front door: real listeners, real clients, a real Redis, real guests.

mod harness;

mod cli;
mod conf;
mod guests;
mod layers;
mod routing;
mod sources;
