"""A visitor's TLS: CPU time of a full handshake and of a resumed one with one request each, beside nginx."""

from measure import say
from results import Row
from servers import BenchError


def handshakes(bench):
    try:
        import handshakes as tls
    except ImportError as error:
        raise BenchError(f"{error}: it needs python3-cryptography") from None
    chain, key = tls.certificate(["one.test"])
    edge = bench.edge("edge", settings=tls.settings())
    # Before anything is written into the store: the key that seals has an id.
    edge.record([tls.record(tls.key_id(edge), "one.test", chain, key)])
    servers = {"here": bench.start(edge), "nginx": tls.nginx(bench, chain, key)}
    count = 100 if bench.options.quick else 600
    sides = [name for name, server in servers.items() if server]
    found = {(side, what): [] for side in sides for what in ("full", "resumed")}
    context = tls.client()
    for number in range(bench.options.rounds + 1):
        for side in sides:
            say(f"  round {number} of {bench.options.rounds}: handshakes, {side}" if number else f"  warming up: {side}")
            full, resumed = tls.costs_us(servers[side], context, count if number else count // 4)
            if number:
                found[side, "full"].append(full)
                found[side, "resumed"].append(resumed)
    beside = lambda what: {"peer": "nginx", "theirs": found["nginx", what]} if "nginx" in sides else {}
    name = "a {} handshake, ECDSA P-256, TLS 1.3"
    return [Row(name.format(what), found["here", what], **beside(what)) for what in ("full", "resumed")]
