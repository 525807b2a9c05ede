//! What a worker may use up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The limits one invocation runs under, every one of them decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of the guest.
    pub cpu: Duration,
    /// Memory of the guest, in bytes: all its linear memories together.
    pub memory_bytes: usize,
    /// Wall time from the first instruction to the last, also after the response.
    pub wall: Duration,
    /// Outgoing requests it may start.
    pub subrequests: u32,
    /// Invocations of this worker at a time.
    pub concurrency: u32,
    /// Bytes it may write to its log in one invocation.
    pub log_bytes: usize,
}

/// A limit that was passed; the name is the metric's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// CPU time.
    Cpu,
    /// Memory.
    Memory,
    /// Wall time.
    Wall,
    /// Outgoing requests.
    Subrequests,
    /// Outgoing connections at a time.
    Connections,
    /// Invocations of one worker at a time.
    Concurrency,
    /// Invocations of all workers at a time.
    Instances,
    /// Bytes written to the worker's log.
    Log,
    /// Workers that call workers, one below the other.
    Depth,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 9] = [
        Self::Cpu,
        Self::Memory,
        Self::Wall,
        Self::Subrequests,
        Self::Connections,
        Self::Concurrency,
        Self::Instances,
        Self::Log,
        Self::Depth,
    ];

    /// The metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Wall => "wall",
            Self::Subrequests => "subrequests",
            Self::Connections => "connections",
            Self::Concurrency => "concurrency",
            Self::Instances => "instances",
            Self::Log => "log",
            Self::Depth => "depth",
        }
    }

    /// What visitors and calling workers are told; Cloudflare's words where it has some.
    pub fn message(self) -> &'static str {
        match self {
            Self::Cpu => "Worker exceeded CPU time limit.",
            Self::Memory => "Worker exceeded memory limit.",
            Self::Wall => "Worker exceeded wall time limit.",
            Self::Subrequests => "Too many subrequests.",
            Self::Concurrency => {
                "The worker is serving as many requests as it may. Please try again shortly."
            }
            Self::Instances => {
                "The edge is serving as many requests as it can. Please try again shortly."
            }
            Self::Connections | Self::Log => "Worker exceeded resource limits.",
            Self::Depth => {
                "Subrequest depth limit exceeded. This request recursed through Workers too many times."
            }
        }
    }
}

/// The limits a script asks for; what it leaves out is the configured default.
///
/// Source: Cloudflare docs, Workers for Platforms, "Custom limits" (`cpu_ms`, `subrequests`); the others are ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptLimits {
    /// CPU time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Memory in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
    /// Wall time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// Outgoing requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subrequests: Option<u32>,
    /// Invocations at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
}

impl ScriptLimits {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These limits, and for what they leave out those of `other`.
    pub fn or(&self, other: &Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms.or(other.cpu_ms),
            memory_mb: self.memory_mb.or(other.memory_mb),
            wall_ms: self.wall_ms.or(other.wall_ms),
            subrequests: self.subrequests.or(other.subrequests),
            concurrency: self.concurrency.or(other.concurrency),
        }
    }

    /// Limits that are nowhere above these; what these leave out stays.
    pub fn lower(&self, limits: &Limits) -> Limits {
        let millis = |asked: Option<u64>, limit: Duration| {
            asked.map_or(limit, |ms| limit.min(Duration::from_millis(ms)))
        };
        let count = |asked: Option<u32>, limit: u32| asked.map_or(limit, |asked| limit.min(asked));
        let bytes = self.memory_mb.map(|mb| usize::try_from(mb.saturating_mul(1 << 20)).unwrap_or(usize::MAX));
        Limits {
            cpu: millis(self.cpu_ms, limits.cpu),
            memory_bytes: bytes.map_or(limits.memory_bytes, |bytes| limits.memory_bytes.min(bytes)),
            wall: millis(self.wall_ms, limits.wall),
            subrequests: count(self.subrequests, limits.subrequests),
            concurrency: count(self.concurrency, limits.concurrency),
            log_bytes: limits.log_bytes,
        }
    }

    /// These limits over the defaults, none above its ceiling.
    pub fn resolve(&self, defaults: &Limits, ceilings: &Limits) -> Limits {
        let pick = |asked: Option<u64>, default: u64, ceiling: u64| {
            asked.unwrap_or(default).clamp(1, ceiling.max(1))
        };
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        let mebi = |bytes: usize| (bytes >> 20) as u64;
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let count = |asked: Option<u32>, default: u32, ceiling: u32| {
            narrow(pick(asked.map(u64::from), default.into(), ceiling.into()))
        };
        Limits {
            cpu: Duration::from_millis(pick(
                self.cpu_ms,
                millis(defaults.cpu),
                millis(ceilings.cpu),
            )),
            memory_bytes: (pick(
                self.memory_mb,
                mebi(defaults.memory_bytes),
                mebi(ceilings.memory_bytes),
            ) as usize)
                << 20,
            wall: Duration::from_millis(pick(
                self.wall_ms,
                millis(defaults.wall),
                millis(ceilings.wall),
            )),
            // A script may ask for no outgoing requests at all.
            subrequests: self
                .subrequests
                .unwrap_or(defaults.subrequests)
                .min(ceilings.subrequests),
            concurrency: count(self.concurrency, defaults.concurrency, ceilings.concurrency),
            log_bytes: defaults.log_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_gets_what_it_asks_for_up_to_the_ceiling() {
        let limits = |ms, mb: usize, n| Limits {
            cpu: Duration::from_millis(ms),
            memory_bytes: mb << 20,
            wall: Duration::from_millis(ms * 10),
            subrequests: n,
            concurrency: n,
            log_bytes: 1,
        };
        let (defaults, ceilings) = (limits(50, 64, 10), limits(100, 128, 20));
        assert_eq!(
            ScriptLimits::default().resolve(&defaults, &ceilings),
            defaults
        );
        let greedy = ScriptLimits {
            cpu_ms: Some(u64::MAX),
            memory_mb: Some(u64::MAX),
            wall_ms: Some(u64::MAX),
            subrequests: Some(u32::MAX),
            concurrency: Some(u32::MAX),
        };
        assert_eq!(greedy.resolve(&defaults, &ceilings), ceilings);
        let modest = ScriptLimits {
            cpu_ms: Some(5),
            subrequests: Some(0),
            ..ScriptLimits::default()
        };
        let found = modest.resolve(&defaults, &ceilings);
        assert_eq!(
            (found.cpu, found.subrequests),
            (Duration::from_millis(5), 0)
        );
    }
}
