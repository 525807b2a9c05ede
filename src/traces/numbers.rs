//! Numbers of traces and spans, and the time as OTLP has it.

use std::time::{SystemTime, UNIX_EPOCH};

/// A number that nobody else has: W3C Trace Context asks for random ones, so that the share of traces which are sent can
/// be told by their numbers. Never 0.
pub(super) fn next() -> u64 {
    loop {
        match rand::random() {
            0 => {}
            number => return number,
        }
    }
}

/// The same for a trace.
pub(super) fn trace() -> u128 {
    u128::from(next()) << 64 | u128::from(next())
}

/// Nanoseconds since 1970.
pub(super) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
}
