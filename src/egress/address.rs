//! Which addresses belong to the public internet, in whatever form one is hidden in another.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet.
///
/// Source: the IANA special-purpose address registries (RFC 6890). IPv4 inside IPv6 counts as [`effective`] says.
pub fn is_public(address: IpAddr) -> bool {
    match effective(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// Where packets to an address end up: for IPv4 inside IPv6 (mapped, NAT64, 6to4) that IPv4 address.
pub(super) fn effective(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => embedded_v4(v6).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    !matches!(
        (a, b, c, d),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, ..)
            | (169, 254, ..)
            | (172, 16..=31, ..)
            | (192, 168, ..)
            | (198, 18..=19, ..)
            | (192, 0, 0 | 2, _)
            | (192, 31, 196, _)
            | (192, 52, 193, _)
            | (192, 88, 99, _)
            | (192, 175, 48, _)
            | (198, 51, 100, _)
            | (203, 0, 113, _)
            // Azure's host answers machines under this one, which no registry sets aside.
            | (168, 63, 129, 16)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is global unicast; of it, these are set aside. Teredo and ORCHID lie in the first.
    let is_special = matches!(
        (segments[0], segments[1]),
        (0x2001, 0x0000..=0x01ff | 0x0db8) | (0x2620, 0x004f) | (0x3fff, 0x0000..=0x0fff)
    );
    // ISATAP (RFC 5214 §6.1): below any prefix, the IPv4 address of a machine behind a tunnel.
    let is_tunnelled = match segments {
        [.., 0 | 0x0200, 0x5efe, high, low] => !is_public_v4(joined(high, low)),
        _ => false,
    };
    segments[0] & 0xe000 == 0x2000 && !is_special && !is_tunnelled
}

fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        // IPv4-mapped (RFC 4291 §2.5.5.2).
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(joined(high, low)),
        // NAT64 (RFC 6052 §2.1). The local-use prefix 64:ff9b:1::/48 has no one place for it, and is not public.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(joined(high, low)),
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Some(joined(high, low)),
        _ => None,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_private_in_every_form() {
        for text in [
            // This host, this network.
            "0.0.0.0",
            "0.1.2.3",
            "0.255.255.255",
            "127.0.0.1",
            "127.0.0.2",
            "127.255.255.254",
            "::",
            "::1",
            // Private use, carriers.
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "fc00::1",
            "fd00::1",
            "fdff:ffff::1",
            "fec0::1",
            // Link-local, and what clouds tell their machines there and elsewhere.
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "168.63.129.16",
            "192.0.0.192",
            // Protocols, documentation, benchmarks.
            "192.0.0.1",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "2001:db8::1",
            "2001:2::1",
            "2620:4f:8000::1",
            "3fff::1",
            "100::1",
            "5f00::1",
            // Multicast, reserved, broadcast.
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "ff0e::1",
            // IPv4 within IPv6.
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "::127.0.0.1",
            "::7f00:1",
            "::8.8.8.8",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1:7f00:0:100::",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:470::5efe:a00:1",
            "2a00::200:5efe:7f00:1",
            "fe80::5efe:808:808",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "168.63.129.15",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "64:ff9b::101:101",
            "::ffff:8.8.8.8",
            "2001:470::5efe:808:808",
        ] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }
}
