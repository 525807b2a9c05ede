//! Where guests may go: the operator's lists, and what no list opens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use url::Host;

use super::EgressError;
use super::address::{effective, is_public};
use crate::conf::{EgressRules, Parsed};
use crate::model::{HostnamePattern, Origin};

/// A listener of this process, or another place that is the edge's own: its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its address, or the name it goes by.
    pub host: Host,
    /// Its port.
    pub port: u16,
}

impl Own {
    /// What nobody but the operator has the edge connect to, whatever the lists allow. The visitors' doors are not among
    /// it: they are for everyone.
    pub fn of(parsed: &Parsed) -> Vec<Self> {
        let listeners = parsed.ops.into_iter().chain(parsed.api);
        let servers = parsed.store.servers().into_iter();
        let servers = servers.filter_map(|(host, port)| {
            let host = Host::parse(&host).ok()?;
            Some(Self { host, port })
        });
        listeners.map(Self::from).chain(servers).collect()
    }
}

impl From<SocketAddr> for Own {
    fn from(address: SocketAddr) -> Self {
        let host = match address.ip().to_canonical() {
            IpAddr::V4(v4) => Host::Ipv4(v4),
            IpAddr::V6(v6) => Host::Ipv6(v6),
        };
        Self {
            host,
            port: address.port(),
        }
    }
}

/// Where origins may be that somebody else than the operator names: where guests may go, as far as addresses are
/// concerned.
#[derive(Clone)]
pub struct Reach(pub(super) Policy);

impl Reach {
    /// By these settings.
    pub fn new(parsed: &Parsed) -> Self {
        // What guests may ask for says nothing of where a platform's customers have their servers.
        let rules = EgressRules {
            allow_hosts: Vec::new(),
            deny_hosts: Vec::new(),
            allow_ports: vec![0..=u16::MAX],
            ..parsed.egress.clone()
        };
        Self(Policy::new(rules, Own::of(parsed)))
    }

    /// Whether an address may be connected to. The edge's own places that go by a name are found by [`Reach::own_names`].
    pub fn admits_address(&self, address: IpAddr, port: u16) -> bool {
        self.0.check_address(address, port).is_ok()
    }

    /// Names of the edge's own places at this port: what they resolve to is not to be connected to.
    pub fn own_names(&self, port: u16) -> impl Iterator<Item = &str> {
        self.0.own_names(port)
    }

    /// Whether an origin may be named, as far as its host says; a name says little before it is resolved.
    pub fn admits(&self, origin: &Origin) -> bool {
        // As URLs are read: there are many spellings of one address.
        let address = match Host::parse(origin.host.as_str()) {
            Ok(Host::Ipv4(v4)) => v4.into(),
            Ok(Host::Ipv6(v6)) => v6.into(),
            // Always this machine (RFC 6761 §6.3).
            Ok(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost") => {
                Ipv4Addr::LOCALHOST.into()
            }
            Ok(Host::Domain(name)) => return self.own_names(origin.port).all(|own| own != name),
            Err(_) => return false,
        };
        self.admits_address(address, origin.port)
    }
}

impl Default for Reach {
    /// Whatever is public.
    fn default() -> Self {
        Self(Policy::new(EgressRules::default(), Vec::new()))
    }
}

/// What every request of every guest is held against.
#[derive(Clone)]
pub(super) struct Policy {
    rules: Arc<EgressRules>,
    own: Arc<[Own]>,
}

impl Policy {
    pub(super) fn new(rules: EgressRules, own: Vec<Own>) -> Self {
        Self {
            rules: Arc::new(rules),
            own: own.into(),
        }
    }

    /// Whether a host may be named at all; the addresses that it leads to are checked when it is dialled.
    pub(super) fn check_host(&self, host: &Host) -> Result<(), EgressError> {
        let text = host.to_string();
        let name = text.strip_suffix('.').unwrap_or(&text);
        let is_listed = |list: &[HostnamePattern]| list.iter().any(|item| covers(item, name));
        let rules = &self.rules;
        if is_listed(&rules.deny_hosts) {
            return Err(EgressError::HostDenied(name.into()));
        }
        match rules.allow_hosts.is_empty() || is_listed(&rules.allow_hosts) {
            true => Ok(()),
            false => Err(EgressError::HostNotAllowed(name.into())),
        }
    }

    pub(super) fn check_port(&self, port: u16) -> Result<(), EgressError> {
        match self.rules.allow_ports.iter().any(|r| r.contains(&port)) {
            true => Ok(()),
            false => Err(EgressError::Port(port)),
        }
    }

    pub(super) fn check_address(&self, address: IpAddr, port: u16) -> Result<(), EgressError> {
        // Each form for itself, or a list would be passed by under another one.
        let forms = [address, effective(address)];
        let is_listed = |list: &[ipnet::IpNet]| {
            let mut nets = list.iter();
            nets.any(|net| forms.iter().any(|form| net.contains(form)))
        };
        if is_listed(&self.rules.deny_addresses) {
            return Err(EgressError::AddressDenied(address));
        }
        let [_, goal] = forms;
        // The system takes the unspecified address for this machine.
        let is_allowed = is_public(address) || is_listed(&self.rules.allow_addresses);
        if !is_allowed || goal.is_unspecified() {
            return Err(EgressError::Prohibited(address));
        }
        let is_own = |own: &Own| own.port == port && is_heard_at(&own.host, goal);
        match self.own.iter().any(is_own) {
            true => Err(EgressError::Own(address)),
            false => Ok(()),
        }
    }

    /// Names of the edge's own places at this port: what they resolve to is not for guests.
    pub(super) fn own_names(&self, port: u16) -> impl Iterator<Item = &str> {
        let own = self.own.iter().filter(move |own| own.port == port);
        own.filter_map(|own| match &own.host {
            Host::Domain(name) => Some(name.as_str()),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        })
    }
}

/// Whether a pattern covers a name, or an address as a URL writes it.
fn covers(pattern: &HostnamePattern, name: &str) -> bool {
    match pattern {
        HostnamePattern::Any => true,
        HostnamePattern::Exact(host) => host.as_str() == name,
        HostnamePattern::Below(host) => name
            .strip_suffix(host.as_str())
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
    }
}

/// Whether a listener at `host` takes connections made to `address`.
fn is_heard_at(host: &Host, address: IpAddr) -> bool {
    let listens = match host {
        Host::Ipv4(v4) => IpAddr::V4(*v4),
        Host::Ipv6(v6) => IpAddr::V6(*v6),
        Host::Domain(_) => return false,
    };
    listens == address || listens.is_unspecified() && is_local(address)
}

/// Whether an address is one of this machine's.
///
/// The system is asked which address it would send from: to itself, a machine sends from the address it sends to.
/// No packet leaves, and interfaces that come and go need not be followed.
fn is_local(address: IpAddr) -> bool {
    let any: SocketAddr = match address {
        IpAddr::V4(_) => ([0; 4], 0).into(),
        IpAddr::V6(_) => ([0; 16], 0).into(),
    };
    let source = std::net::UdpSocket::bind(any).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    address.is_loopback() || source.is_ok_and(|source| source.ip() == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: EgressRules, own: &[&str]) -> Policy {
        let own = own.iter().map(|text| {
            let address: SocketAddr = text.parse().expect(text);
            address.into()
        });
        Policy::new(rules, own.collect())
    }

    fn patterns(texts: &[&str]) -> Vec<HostnamePattern> {
        let read = |text: &&str| HostnamePattern::parse(text).expect("a pattern");
        texts.iter().map(read).collect()
    }

    fn networks(texts: &[&str]) -> Vec<ipnet::IpNet> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    #[test]
    fn hosts_are_held_against_both_lists() {
        let rules = |allow: &[&str], deny: &[&str]| EgressRules {
            allow_hosts: patterns(allow),
            deny_hosts: patterns(deny),
            ..EgressRules::default()
        };
        for (allow, deny, host, expected) in [
            (&[][..], &[][..], "example.com", "ok"),
            (&[], &["example.com"], "example.com", "deny"),
            (&[], &["example.com"], "EXAMPLE.com.", "deny"),
            (&[], &["example.com"], "www.example.com", "ok"),
            (&[], &["*.example.com"], "www.example.com", "deny"),
            (&[], &["*.example.com"], "a.b.example.com", "deny"),
            (&[], &["*.example.com"], "example.com", "ok"),
            (&[], &["*.example.com"], "badexample.com", "ok"),
            (&[], &["xn--bcher-kva.example"], "Bücher.example", "deny"),
            (&["*.good.example"], &[], "api.good.example", "ok"),
            (&["*.good.example"], &[], "good.example", "allow"),
            (&["*.good.example"], &[], "api.good.example.evil", "allow"),
            (
                &["*.good.example"],
                &["api.good.example"],
                "api.good.example",
                "deny",
            ),
            (&["*"], &["example.com"], "example.com", "deny"),
            (&["good.example"], &[], "8.8.8.8", "allow"),
            (&["8.8.8.8"], &[], "0x08080808", "ok"),
            (&[], &["[2606:4700::1111]"], "[2606:4700:0::1111]", "deny"),
        ] {
            let host = Host::parse(host).expect(host);
            let found = match policy(rules(allow, deny), &[]).check_host(&host) {
                Ok(()) => "ok",
                Err(EgressError::HostDenied(_)) => "deny",
                Err(EgressError::HostNotAllowed(_)) => "allow",
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{allow:?} {deny:?} {host}");
        }
    }

    #[test]
    fn origins_are_named_where_guests_may_go() {
        let rules = EgressRules {
            allow_addresses: networks(&["10.1.0.0/16", "127.0.0.0/8"]),
            ..EgressRules::default()
        };
        let mut own = policy(rules, &["127.0.0.1:9090", "0.0.0.0:9080"]);
        let redis = Own {
            host: Host::parse("redis.internal").expect("a name"),
            port: 6379,
        };
        own.own = own.own.iter().cloned().chain([redis]).collect();
        let reach = Reach(own);
        for (origin, expected) in [
            ("origin.example.com", true),
            ("9.9.9.9", true),
            ("http://10.1.2.3:8000", true),
            ("http://127.0.0.1:8000", true),
            ("http://localhost:8000", true),
            ("http://10.2.0.1", false),
            ("http://169.254.169.254", false),
            ("http://2852039166", false),
            ("http://0xa9.0xfe.0xa9.0xfe", false),
            ("http://[::1]:8000", false),
            ("http://[fd00::1]", false),
            ("http://[::ffff:10.2.0.1]", false),
            ("http://0.0.0.0:8000", false),
            ("http://127.0.0.1:9090", false),
            ("http://127.1:9090", false),
            ("http://localhost:9090", false),
            ("http://a.localhost:9080", false),
            ("http://127.0.0.9:9080", false),
            ("http://redis.internal:6379", false),
            ("http://redis.internal", true),
        ] {
            let origin = Origin::of_server(origin).expect(origin);
            assert_eq!(reach.admits(&origin), expected, "{origin}");
        }
        let nobody = Reach::default();
        let local = Origin::of_server("localhost").expect("an origin");
        assert!(!nobody.admits(&local));
    }

    #[test]
    fn addresses_are_denied_before_they_are_allowed() {
        let rules = EgressRules {
            allow_addresses: networks(&["10.0.0.0/8", "127.0.0.0/8", "0.0.0.0/0", "::1/128"]),
            deny_addresses: networks(&["10.1.0.0/16", "9.9.9.0/24", "2606:4700::/32"]),
            ..EgressRules::default()
        };
        let policy = policy(rules, &["127.0.0.1:9090", "0.0.0.0:9080", "10.2.0.1:6379"]);
        for (address, port, expected) in [
            ("10.0.0.1", 80, "ok"),
            ("10.1.0.1", 80, "deny"),
            ("::ffff:10.1.0.1", 80, "deny"),
            ("64:ff9b::10.1.0.1", 80, "deny"),
            ("2002:0a01:0001::1", 80, "deny"),
            ("9.9.9.9", 443, "deny"),
            ("::ffff:9.9.9.9", 443, "deny"),
            ("9.9.8.9", 443, "ok"),
            ("2606:4700::1111", 443, "deny"),
            ("fd00::1", 443, "private"),
            ("127.0.0.1", 9090, "own"),
            ("::ffff:127.0.0.1", 9090, "own"),
            ("127.0.0.1", 9091, "ok"),
            ("127.0.0.1", 9080, "own"),
            ("127.0.0.2", 9080, "own"),
            ("::1", 9080, "own"),
            ("9.9.8.9", 9080, "ok"),
            ("0.0.0.0", 80, "private"),
            ("::", 80, "private"),
            ("::ffff:0.0.0.0", 80, "private"),
            ("10.2.0.1", 6379, "own"),
            ("10.2.0.1", 6380, "ok"),
        ] {
            let found = match policy.check_address(address.parse().expect(address), port) {
                Ok(()) => "ok",
                Err(EgressError::AddressDenied(_)) => "deny",
                Err(EgressError::Prohibited(_)) => "private",
                Err(EgressError::Own(_)) => "own",
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{address} {port}");
        }
    }
}
