"""Components: what does a fresh sandbox for each request cost, beside servers that have none, and beside wasmtime's own?"""

from measure import Case
from servers import GUESTS, SCRIPTS


def hello(bench):
    nginx = bench.nginx("nginx", 'return 200 "Hello, World!\\n";', access="/dev/null")
    nginx = nginx and Case("nginx `return 200`", nginx)
    bare = Case("bare Pingora", bench.edge("bare", "--bare"))
    edge = bench.edge("edge")
    for guest in ("hello", "realistic"):
        edge.deploy(guest, GUESTS / f"{guest}.wasm")
    ours = {guest: Case(guest, edge, host=f"{guest}.test") for guest in ("hello", "realistic")}
    serve = {guest: bench.wasmtime(f"wasmtime-{guest}", guest) for guest in ours}
    serve = {guest: server and Case("wasmtime serve", server) for guest, server in serve.items()}
    cases = [nginx, bare, *ours.values(), *serve.values()]
    for case in filter(None, cases):
        case.rate = bench.rate(8000)
    bench.measure(*cases)
    return [
        *bench.rows("Pingora alone, in this program", bare, (nginx, None)),
        *bench.rows("a component's page", ours["hello"], (bare, 2.5), (nginx, None), (serve["hello"], None)),
        *bench.rows(
            "a realistic component's 1 kB of HTML", ours["realistic"], (bare, 3.2), (nginx, None), (serve["realistic"], None)
        ),
    ]


SIZES = {"1 kB": (1 << 10, 4000), "100 kB": (100 << 10, 500), "1 MB": (1 << 20, 50)}


def echo(bench):
    """A body both ways."""
    edge = bench.edge("edge", scripts=True)
    edge.deploy("component", GUESTS / "echo.wasm")
    edge.deploy("script", SCRIPTS / "echo.js")
    workerd = bench.workerd("workerd", {"echo": (SCRIPTS / "echo.js").read_text()})
    serve = bench.wasmtime("wasmtime", "echo")
    rows, cases = [], []
    for name, (size, rate) in SIZES.items():
        asked = {"rate": bench.rate(rate), "body_bytes": size}
        component = Case(f"component {name}", edge, host="component.test", **asked)
        script = Case(f"script {name}", edge, host="script.test", **asked)
        peers = [workerd and Case("workerd", workerd, **asked), serve and Case("wasmtime serve", serve, **asked)]
        cases += [component, script, *peers]
        rows.append((name, component, script, *peers))
    bench.measure(*cases)
    made = []
    for name, component, script, workerd, serve in rows:
        made += bench.rows(f"{name}, component", component, (serve, None), (workerd, None))
        made += bench.rows(f"{name}, JavaScript", script, (workerd, None))
    return made
