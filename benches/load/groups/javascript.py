"""JavaScript: each script in a fresh sandbox here, and in workerd's one warm isolate."""

from measure import Case
from servers import SCRIPTS

# Requests a second, and the bar.
RATES = {
    "hello": (4000, 0.7),
    "router": (4000, 1.0),
    "json": (1000, None),
    "headers": (2000, None),
    "url": (4000, None),
    "stream": (200, None),
}
QUICK = ("hello", "router", "json")
WHAT = {
    "hello": "hello",
    "router": "router: URL, two headers read, three set",
    "json": "JSON, 10 kB parsed and written",
    "headers": "20 headers set and read",
    "url": "URL, parameters, a regular expression",
    "stream": "a stream of 100 chunks",
}


def javascript(bench):
    edge = bench.edge("edge", scripts=True)
    pairs = {}
    for name in QUICK if bench.options.quick else RATES:
        edge.deploy(name, SCRIPTS / f"{name}.js")
        rate = bench.rate(RATES[name][0])
        server = bench.workerd(f"workerd-{name}", {name: (SCRIPTS / f"{name}.js").read_text()})
        pairs[name] = (Case(name, edge, host=f"{name}.test", rate=rate), server and Case("workerd", server, rate=rate))
    file = bench.directory / "large.js"
    file.write_text(large())
    edge.deploy("large", file)
    bundle = Case("1 MB bundle", edge, host="large.test", rate=bench.rate(4000))
    bench.measure(*(case for pair in pairs.values() for case in pair), bundle)
    rows = []
    for name, (ours, theirs) in pairs.items():
        rows += bench.rows(WHAT[name], ours, (theirs, RATES[name][1]))
    return rows + bench.rows("hello in a bundle of 1 MB", bundle, (pairs["hello"][0], 1.3))


def large():
    """Data and functions that the handler never touches: what a bundle is mostly made of."""
    unused = "".join(f"export function f{n}(a) {{ return a * {n} + {n * 7} + '{'x' * 60}'.length }}\n" for n in range(9000))
    return unused + (SCRIPTS / "hello.js").read_text()
