"""Workers that call workers: a worker alone, behind a dispatcher, and its fetch, alone and through an outbound worker.

workerd has no dispatch namespaces: beside a dispatcher stands a worker with a service binding, beside an outbound worker one
that all of a worker's requests go through."""

import json

from measure import Case
from servers import GUESTS, SCRIPTS

DISPATCHER = """export default { fetch(request, env) {
  return env.DISPATCHER.get(request.headers.get('host').split('-')[0]).fetch(request);
} }
"""
POLICY = "export default { fetch: (request) => fetch(request) }\n"
CALLER = "export default { fetch: (request, env) => env.HELLO.fetch(request) }\n"


def dispatch(bench):
    origin = bench.origin("origin", 'return 200 "Hello, World!\\n";')
    hello = (SCRIPTS / "hello.js").read_text()
    fetching = f"export default {{ fetch: () => fetch('http://127.0.0.1:{origin.port}/') }}\n"
    edge = bench.edge("edge", settings=['egress.allow_addresses=["127.0.0.0/8"]'], scripts=True)

    def source(name, text):
        file = bench.directory / f"{name}.js"
        file.write_text(text)
        return file

    edge.deploy("policy", source("policy", POLICY))
    edge.run("deploy", "bench/hello", str(SCRIPTS / "hello.js"))
    edge.run("deploy", "bench/component", str(GUESTS / "hello.wasm"))
    edge.run("deploy", "bench/fetch", str(source("fetch", fetching)))
    binding = {"type": "dispatch_namespace", "name": "DISPATCHER", "namespace": "bench"}
    for name, more in (("dispatcher", {}), ("filtering", {"outbound": {"service": "policy"}})):
        metadata = bench.directory / f"{name}.json"
        metadata.write_text(json.dumps({"main_module": f"{name}.js", "bindings": [{**binding, **more}]}))
        edge.run("deploy", name, str(source(name, DISPATCHER)), "--metadata", str(metadata))
    for host in ("hello-a.test", "component-a.test", "fetch-a.test"):
        edge.run("route", host, "dispatcher")
    edge.run("route", "fetch-b.test", "filtering")
    # A fetch is the dearest of them, and what is compared is asked equally often.
    rate = bench.rate(500)
    ours = {
        name: Case(name, edge, host=host, rate=rate)
        for name, host in {
            "hello alone": "hello.test",
            "dispatched": "hello-a.test",
            "component": "component-a.test",
            "fetch": "fetch-a.test",
            "outbound": "fetch-b.test",
        }.items()
    }

    def peer(name, label, *arguments, **more):
        server = bench.workerd(name, *arguments, **more)
        return server and Case(label, server, rate=rate)

    private = {"network": ["private", "local"]}
    called = peer(
        "workerd-call", "workerd, service binding", {"caller": CALLER, "hello": hello},
        bindings='(name = "HELLO", service = "hello")',
    )  # fmt: skip
    fetches = peer("workerd-fetch", "workerd", {"fetch": fetching}, **private)
    filtered = peer(
        "workerd-outbound", "workerd, globalOutbound", {"fetch": fetching, "policy": POLICY},
        more=', globalOutbound = "policy"', **private,
    )  # fmt: skip
    bench.measure(*ours.values(), called, fetches, filtered)
    more = [outbound - direct for outbound, direct in zip(ours["outbound"].costs(), ours["fetch"].costs())]
    rows = [
        *bench.rows("a script's hello behind a dispatcher", ours["dispatched"], (ours["hello alone"], 2.2), (called, None)),
        *bench.rows("a component's hello behind a dispatcher", ours["component"], (ours["hello alone"], None)),
        *bench.rows("a dispatched worker's fetch", ours["fetch"], (fetches, None)),
        *bench.rows("the same through an outbound worker", ours["outbound"], (ours["fetch"], None), (filtered, None)),
    ]
    return [*rows, bench.plain("what the outbound worker adds", more, bar="15 µs")]
