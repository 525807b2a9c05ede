//! What a worker may use up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// Requests a second.
    Rate,
    /// Bytes of a request's body.
    RequestBytes,
    /// Bytes of a response's body.
    ResponseBytes,
    /// Time that a worker runs on after its response.
    WaitUntil,
    /// Time that a response's body stands still.
    BodyIdle,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 14] = [
        Self::Cpu,
        Self::Memory,
        Self::Wall,
        Self::Subrequests,
        Self::Connections,
        Self::Concurrency,
        Self::Instances,
        Self::Log,
        Self::Depth,
        Self::Rate,
        Self::RequestBytes,
        Self::ResponseBytes,
        Self::WaitUntil,
        Self::BodyIdle,
    ];

    /// The metric's label.
    pub const fn label(self) -> &'static str {
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
            Self::Rate => "rate",
            Self::RequestBytes => "request_bytes",
            Self::ResponseBytes => "response_bytes",
            Self::WaitUntil => "wait_until",
            Self::BodyIdle => "body_idle",
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
            Self::Rate => "The worker gets more requests than it may. Please try again shortly.",
            Self::RequestBytes => "The request's body is too large for the worker.",
            Self::ResponseBytes => "Worker exceeded response size limit.",
            Self::BodyIdle => "Worker's response stood still for too long.",
            Self::Connections | Self::Log | Self::WaitUntil => "Worker exceeded resource limits.",
            Self::Depth => {
                "Subrequest depth limit exceeded. This request recursed through Workers too many times."
            }
        }
    }
}

/// Declares the amounts that are limited, each once: what a script may ask for, what an invocation gets, and how one follows from
/// the other.
macro_rules! amounts {
    ($($(#[$doc:meta])+ $name:ident)*) => {
        /// The limits one invocation runs under, every one of them decided. `u64::MAX` is no bound.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])+ pub $name: u64,)*
        }

        /// The limits a script asks for; what it leaves out is the configured default.
        ///
        /// Source: Cloudflare docs, Workers for Platforms, "Custom limits" (`cpu_ms`, `subrequests`); the others are ours.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct ScriptLimits {
            $(
                $(#[$doc])+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<u64>,
            )*
        }

        impl Limits {
            /// Each with its name.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }

        impl ScriptLimits {
            /// The names of all.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// These limits, and for what they leave out those of `other`.
            pub fn or(&self, other: &Self) -> Self {
                Self { $($name: self.$name.or(other.$name),)* }
            }

            /// Limits that are nowhere above these; what these leave out stays.
            pub fn lower(&self, limits: &Limits) -> Limits {
                Limits { $($name: self.$name.map_or(limits.$name, |asked| asked.min(limits.$name)),)* }
            }

            /// These limits over the defaults, none above its ceiling.
            pub fn resolve(&self, defaults: &Limits, ceilings: &Limits) -> Limits {
                Limits { $($name: self.$name.unwrap_or(defaults.$name).min(ceilings.$name),)* }
            }
        }
    };
}

amounts! {
    /// CPU time of the guest, in milliseconds.
    cpu_ms
    /// Memory of the guest in MiB: all its linear memories and tables together.
    memory_mb
    /// Wall time in milliseconds, from the first instruction to the last, also after the response.
    wall_ms
    /// Outgoing requests, with those of all workers that it calls.
    subrequests
    /// Invocations of this worker at a time.
    concurrency
    /// Requests a second that this worker gets, counted over a second.
    requests_per_second
    /// Bytes of a request's body.
    request_bytes
    /// Bytes of a response's body.
    response_bytes
    /// Bytes that it may write to its log in one invocation.
    log_bytes
    /// Outgoing requests under way at a time; others wait.
    outgoing_connections
    /// Milliseconds that it may run on after its response.
    wait_until_ms
    /// Milliseconds that its response's body may stand still.
    body_idle_ms
}

impl Limits {
    /// CPU time of the guest.
    pub fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms)
    }

    /// Memory of the guest, in bytes.
    pub fn memory_bytes(&self) -> usize {
        usize::try_from(self.memory_mb.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
    }

    /// Wall time from the first instruction to the last.
    pub fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }
}

impl ScriptLimits {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(amount: u64) -> Limits {
        let all: ScriptLimits = serde_json::from_value(
            ScriptLimits::NAMES
                .iter()
                .map(|name| ((*name).to_owned(), serde_json::Value::from(amount)))
                .collect(),
        )
        .expect("every name is a field");
        let unbound = Limits {
            cpu_ms: u64::MAX,
            memory_mb: u64::MAX,
            wall_ms: u64::MAX,
            subrequests: u64::MAX,
            concurrency: u64::MAX,
            requests_per_second: u64::MAX,
            request_bytes: u64::MAX,
            response_bytes: u64::MAX,
            log_bytes: u64::MAX,
            outgoing_connections: u64::MAX,
            wait_until_ms: u64::MAX,
            body_idle_ms: u64::MAX,
        };
        all.lower(&unbound)
    }

    #[test]
    fn a_script_gets_what_it_asks_for_up_to_the_ceiling() {
        let (defaults, ceilings) = (limits(50), limits(100));
        let nothing = ScriptLimits::default();
        assert_eq!(nothing.resolve(&defaults, &ceilings), defaults);
        let greedy = ScriptLimits {
            cpu_ms: Some(u64::MAX),
            memory_mb: Some(u64::MAX),
            ..nothing
        };
        let found = greedy.resolve(&defaults, &ceilings);
        assert_eq!(
            (found.cpu_ms, found.memory_mb, found.wall_ms),
            (100, 100, 50)
        );
        let modest = ScriptLimits {
            cpu_ms: Some(5),
            subrequests: Some(0),
            ..nothing
        };
        let found = modest.resolve(&defaults, &ceilings);
        assert_eq!((found.cpu_ms, found.subrequests), (5, 0));
    }

    #[test]
    fn a_call_only_lowers() {
        let call = ScriptLimits {
            cpu_ms: Some(5),
            wall_ms: Some(500),
            ..ScriptLimits::default()
        };
        let found = call.lower(&limits(50));
        assert_eq!((found.cpu_ms, found.wall_ms, found.memory_mb), (5, 50, 50));
    }
}
