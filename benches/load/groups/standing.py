"""What does an edge cost that nobody asks: its memory at rest, connections that are idle, and the metrics of many tenants?"""

import contextlib
import re
import socket
import statistics
import time
import urllib.request

from measure import say, visitors
from results import Row
from servers import GUESTS, SCRIPTS, BenchError, raise_file_limit

from .tenants import until_quiet

TENANTS = 10_000
# What making them by requests may take.
MAKING_S = 60
SCRAPES = 3


def metrics(bench):
    """One scrape with many tenants, beside one with one."""
    edge = bench.edge("edge", settings=[f"log.tenants_max={TENANTS + 1}"])
    edge.deploy("hello", GUESTS / "hello.wasm")
    names = [f"shared{n}" for n in range(TENANTS)]
    edge.share("hello", names)
    bench.start(edge)
    visitors(bench.directory, edge.port, rate=200, count=20, hosts=["hello.test"])
    few = [scrape(edge) for _ in range(SCRAPES * bench.options.rounds)]
    rate = bench.rate(2000)
    count = min(TENANTS, rate * MAKING_S)
    say(f"  {count} tenants are asked once")
    before_kb = edge.resident_kb()
    made = visitors(bench.directory, edge.port, rate=rate, count=count, hosts=[f"{name}.test" for name in names])
    each_kb = (edge.resident_kb() - before_kb) / count
    many = [scrape(edge) for _ in range(SCRAPES * bench.options.rounds)]
    shown = len(set(re.findall(r'tenant="([^"]*)"', many[-1][2])))
    milliseconds = lambda scrapes, part: rounds_of([scrape[part] for scrape in scrapes])
    kilobytes = lambda scrapes: [len(scrapes[-1][2]) / 1000]
    errors = made["not_2xx"] + made["failed"]
    what = f"a scrape with {shown:,} tenants"
    return [
        Row(f"{what}, CPU", milliseconds(many, 0), unit="ms", peer="with one", theirs=milliseconds(few, 0), errors=errors),
        Row(f"{what}, as waited", milliseconds(many, 1), unit="ms", peer="with one", theirs=milliseconds(few, 1)),
        Row(f"{what}, its size", kilobytes(many), unit="kB", peer="with one", theirs=kilobytes(few)),
        bench.plain(f"resident, each of {count:,} tenants with one code that were asked once", [each_kb], unit="kB"),
    ]


def rounds_of(values):
    """The median of each round."""
    return [statistics.median(values[start : start + SCRAPES]) for start in range(0, len(values), SCRAPES)]


def scrape(edge):
    """CPU time and wall time in ms, and the text."""
    before, began = edge.cpu_s(), time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{edge.ops_port}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    return (edge.cpu_s() - before) * 1000, (time.perf_counter() - began) * 1000, text


CONNECTIONS = 5_000


def idle(bench):
    """Connections that have been answered once and stay."""
    count = min(CONNECTIONS, raise_file_limit() // 3)
    limits = [f"limits.connections={count * 2}", f"limits.connections_per_address={count * 2}"]
    limits.append("limits.keepalive_timeout_ms=600000")
    edge = bench.edge("edge", settings=limits)
    edge.deploy("hello", GUESTS / "hello.wasm")
    servers = {"here": edge, "nginx": bench.nginx("nginx", 'return 200 "Hello, World!\\n"; keepalive_timeout 600s;')}
    found = {name: [] for name, server in servers.items() if server}
    for number in range(bench.options.rounds):
        for name in found:
            say(f"  round {number + 1} of {bench.options.rounds}: {count} idle connections, {name}")
            server = servers[name]
            bench.start(server)
            with contextlib.ExitStack() as opened:
                # What the first ones need is not theirs alone.
                for _ in range(100):
                    connect(opened, server)
                before_kb = server.resident_kb()
                for _ in range(count - 100):
                    connect(opened, server)
                found[name].append((server.resident_kb() - before_kb) / (count - 100))
            server.end()
    beside = {"peer": "nginx", "theirs": found["nginx"]} if "nginx" in found else {}
    return [Row(f"resident for each of {count:,} connections", found["here"], unit="kB", **beside)]


def connect(opened, server):
    connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
    connection.sendall(b"GET / HTTP/1.1\r\nhost: hello.test\r\n\r\n")
    answer = b""
    # The answer ends with the page in both; neither closes after it.
    while b"Hello, World!\n" not in answer and not answer.endswith(b"0\r\n\r\n"):
        part = connection.recv(4096)
        if not part:
            raise BenchError(f"{server.name} closed a connection: {answer[:100]}")
        answer += part


def memory(bench):
    """Resident memory after a start and a few requests."""
    source = (SCRIPTS / "hello.js").read_text()
    component = bench.edge("component")
    component.deploy("hello", GUESTS / "hello.wasm")
    servers = {
        "component": component,
        "script": bench.edge("script", scripts=True),
        "nginx": bench.nginx("nginx", 'return 200 "Hello, World!\n";'),
        "workerd": bench.workerd("workerd", {"hello": source}),
    }
    found = {name: [] for name, server in servers.items() if server}
    for number in range(bench.options.rounds):
        say(f"  round {number + 1} of {bench.options.rounds}: at rest")
        for name in found:
            server = bench.start(servers[name])
            until_quiet(server)
            visitors(bench.directory, server.port, rate=100, count=50, hosts=["hello.test"])
            found[name].append(server.resident_kb() / 1000)
            server.end()
    beside = lambda name: {"peer": name, "theirs": found[name]} if name in found else {}
    return [
        Row("resident at rest, a component", found["component"], unit="MB", **beside("nginx")),
        Row("resident at rest, a script", found["script"], unit="MB", **beside("workerd")),
    ]
