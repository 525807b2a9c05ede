"""Many tenants: does their number matter, what does the first request to one cost, and what one that is only loaded?"""

import http.client
import time

from measure import Case, say
from results import Row, Waits
from servers import GUESTS, SCRIPTS, BenchError

# Their records are read, and the memory of the first ones is not that of the rest.
LOADED_FIRST = 5


def many(bench):
    """One tenant beside many, of one code and of codes of their own."""
    distinct = bench.options.tenants
    components, scripts = bench.edge("components"), bench.edge("scripts", scripts=True)
    components.deploy("hello", GUESTS / "hello.wasm")
    deploy_distinct(bench, components, "own", distinct, component)
    deploy_distinct(bench, scripts, "own", distinct, script)
    counts = (1_000, 10_000)
    shared = [f"shared{n}" for n in range(max(counts))]
    components.share("hello", shared)
    rate = bench.rate(4000)
    case = lambda name, edge, hosts: Case(name, edge, hosts=[f"{host}.test" for host in hosts], rate=rate)
    one = case("one tenant", components, ["hello"])
    of_many = {count: case(f"{count} tenants", components, shared[:count]) for count in counts}
    own = case(f"{distinct} components", components, [f"own{n}" for n in range(distinct)])
    one_script = case("one script", scripts, ["hello"])
    own_scripts = case(f"{distinct} scripts", scripts, [f"own{n}" for n in range(distinct)])
    workerd = bench.workerd("workerd", {"hello": (SCRIPTS / "hello.js").read_text()})
    workerd = workerd and Case("workerd with one", workerd, rate=rate)
    bench.measure(one, *of_many.values(), own, one_script, own_scripts, workerd)
    rows = []
    for count, case in of_many.items():
        rows += bench.rows(f"{count:,} tenants in turn, one code", case, (one, None))
    # What is wanted is wanted of a thousand.
    bars = (2, 3, 1.0) if distinct >= 1_000 else (None, None, None)
    return [
        *rows,
        *bench.rows(f"{distinct:,} tenants in turn, components of their own", own, (one, bars[0])),
        *bench.rows(f"{distinct:,} tenants in turn, scripts of their own", own_scripts, (one_script, bars[1]), (workerd, bars[2])),
    ]


def component(n):
    """A custom section makes it another component with the same work to do."""
    name = f"tenant{n}".encode()
    section = bytes([1, ord("n")]) + name
    return "wasm", (GUESTS / "hello.wasm").read_bytes() + bytes([0, len(section)]) + section


def script(n):
    return "js", f"// tenant {n}\n{(SCRIPTS / 'hello.js').read_text()}".encode()


def deploy_distinct(bench, edge, prefix, count, code):
    """Scripts with code of their own, and a hostname for each."""
    if "hello" not in edge.run("list"):
        raise BenchError("the edge has no script `hello` to lead hostnames as it does")
    for n in range(count):
        if n % 100 == 0:
            say(f"  deploying {n} of {count} {prefix}")
        suffix, text = code(n)
        file = bench.directory / f"distinct.{suffix}"
        file.write_bytes(text)
        edge.run("deploy", f"{prefix}{n}", str(file))
    edge.route_all("hello", [f"{prefix}{n}" for n in range(count)])


def cold(bench):
    """The first request to workers that nobody has asked for, the second, and what those that were asked keep."""
    count = bench.options.cold
    edge = bench.edge("cold", scripts=True)
    deploy_distinct(bench, edge, "script", count, script)
    deploy_distinct(bench, edge, "component", count, component)
    rounds = {prefix: {"first": [], "second": [], "first_ms": [], "second_ms": []} for prefix in ("script", "component")}
    kept = {"script": [], "component": []}
    isolates = isolates_of(bench, count)
    for number in range(bench.options.rounds):
        bench.start(edge)
        # The engine is made ready when the edge starts.
        until_quiet(edge)
        for prefix, found in rounds.items():
            say(f"  round {number + 1} of {bench.options.rounds}: first requests, {prefix}s")
            first, second = [], []
            for n in range(count):
                first.append(get(edge, f"{prefix}{n}.test"))
                second.append(get(edge, f"{prefix}{n}.test"))
                if n == LOADED_FIRST - 1:
                    before_kb = edge.resident_kb()
            kept[prefix].append((edge.resident_kb() - before_kb) / (count - LOADED_FIRST))
            # The very first also warms up what all of them share.
            for name, asked in (("first", first[1:]), ("second", second[1:])):
                found[name].append(sum(cpu for cpu, _ in asked) / len(asked))
                found[f"{name}_ms"] += [wall for _, wall in asked]
        edge.end()
    rows = []
    for prefix, what in (("script", "a JavaScript worker"), ("component", "a component")):
        found = rounds[prefix]
        rows.append(
            Row(f"the first request to {what}", found["first"], peer="its second", theirs=found["second"],
                waits=percentiles(found["first_ms"]), their_waits=percentiles(found["second_ms"]))
        )  # fmt: skip
        peer = {"peer": "an isolate of workerd", "theirs": isolates} if isolates and prefix == "script" else {}
        rows.append(Row(f"resident, {what} that was asked once", kept[prefix], unit="kB", **peer))
    return rows


def isolates_of(bench, count):
    """What workerd keeps for each of so many workers, in kB, a figure for each round; it makes all of them when it starts."""
    source = (SCRIPTS / "hello.js").read_text()
    workers = lambda number: {f"hello{n}": f"// tenant {n}\n{source}" for n in range(number)}
    few, many = bench.workerd("few", workers(LOADED_FIRST)), bench.workerd("many", workers(count))
    found = []
    for _ in range(bench.options.rounds if few and many else 0):
        resident = []
        for server in (few, many):
            bench.start(server)
            until_quiet(server)
            resident.append(server.resident_kb())
            server.end()
        found.append((resident[1] - resident[0]) / (count - LOADED_FIRST))
    return found


def get(edge, hostname):
    """A request on a connection of its own: CPU time and wall time in µs."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    connection.connect()
    before, began = edge.cpu_s(), time.perf_counter()
    connection.request("GET", "/", headers={"Host": hostname})
    response = connection.getresponse()
    response.read()
    wall = time.perf_counter() - began
    # What is done after the answer belongs to it too.
    time.sleep(0.002)
    used = edge.cpu_s() - before
    connection.close()
    if response.status != 200:
        raise BenchError(f"{hostname} answers with {response.status}")
    return used * 1e6, wall * 1e6


def percentiles(values):
    values = sorted(values)
    return Waits(values[len(values) // 2], values[min(int(len(values) * 0.99), len(values) - 1)])


def until_quiet(server, least_s=0.3, most_s=20):
    """Waits until a server does nothing any more that nobody has asked for."""
    deadline = time.monotonic() + most_s
    before = server.cpu_s()
    while time.monotonic() < deadline:
        time.sleep(least_s)
        now = server.cpu_s()
        if now - before < 0.02 * least_s:
            return
        before = now
