//! What tenants used up, in the store: every process writes what it has counted ([`fold`]), days that are over are put together
//! ([`sums`]), and whoever bills reads it.
//!
//! A process writes absolute amounts under a key of its own, and a sum holds the amounts of each process by itself, so what is
//! repeated, late or interrupted changes nothing. Nothing here is ever asked on a request's path.

pub mod fold;
pub mod sums;

pub use fold::Folder;
