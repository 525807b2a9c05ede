"""Plain origins: passing through to one, and answering from what is kept, beside nginx doing the same."""

from measure import Case


def passing(bench):
    # The origin shares the core of whoever asks.
    origin = bench.origin("origin", 'return 200 "Hello, World!\\n";')
    upstream = f"upstream origin {{ server 127.0.0.1:{origin.port}; keepalive 64; keepalive_requests 1000000000; }}"
    location = 'proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";'
    nginx = bench.nginx("nginx", location, access="/dev/null", http=upstream)
    edge = bench.edge("edge")
    edge.run("route", "origin.test", f"http://127.0.0.1:{origin.port}")
    asked = {"host": "origin.test", "rate": bench.rate(4000)}
    ours, theirs = Case("passing", edge, **asked), nginx and Case("nginx `proxy_pass`", nginx, **asked)
    bench.measure(ours, theirs)
    return bench.rows("through to an origin", ours, (theirs, None))


SIZES = {"1 kB": (1_000, 8000), "10 kB": (10_000, 8000), "1 MB": (1_000_000, 200)}
MATCH = """export default { async fetch(request) {
  const cache = await caches.open('bench'), url = 'http://bench/10k';
  const kept = await cache.match(url);
  if (kept) return kept;
  await cache.put(url, new Response('x'.repeat(10000)));
  return new Response('x'.repeat(10000));
} }
"""
OWN = "const text = 'x'.repeat(10000);\nexport default { fetch: () => new Response(text) }\n"


def caching(bench):
    files = bench.directory / "files"
    files.mkdir()
    for size, _ in SIZES.values():
        (files / str(size)).write_bytes(b"x" * size)
    origin = bench.origin("origin", f'root {files}; add_header Cache-Control "max-age=86400";')
    keep = f"proxy_cache_path {bench.directory}/kept keys_zone=kept:10m;"
    location = f"proxy_pass http://127.0.0.1:{origin.port}; proxy_cache kept;"
    nginx = bench.nginx("nginx", location, access="/dev/null", http=keep)
    edge = bench.edge("edge", settings=["cache.origins=true"], scripts=True)
    edge.run("route", "cache.test", f"http://127.0.0.1:{origin.port}")
    pairs = {}
    for name, (size, rate) in SIZES.items():
        asked = {"host": "cache.test", "path": f"/{size}", "rate": bench.rate(rate)}
        pairs[name] = Case(f"hit {name}", edge, **asked), nginx and Case("nginx `proxy_cache`", nginx, **asked)
    for name, source in (("match", MATCH), ("own", OWN)):
        file = bench.directory / f"{name}.js"
        file.write_text(source)
        edge.deploy(name, file)
    match = Case("caches.match", edge, host="match.test", rate=bench.rate(4000))
    own = Case("10 kB of its own", edge, host="own.test", rate=bench.rate(4000))
    bench.measure(*(case for pair in pairs.values() for case in pair), match, own)
    rows = []
    for name, (ours, theirs) in pairs.items():
        rows += bench.rows(f"a hit, {name}", ours, (theirs, 1.0))
    return rows + bench.rows("a worker that answers 10 kB from `caches.match`", match, (own, None))
