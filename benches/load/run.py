#!/usr/bin/env python3
"""What does a request cost the edge in CPU time, beside bare Pingora and nginx, and how long do visitors wait?

Each server runs alone on core 0 (the others are stopped, not ended), whoever asks runs on core 1. All are asked at the
same rates, in rounds that take the servers in turn, so that a busy neighbour on the machine disturbs all of them alike.
CPU time is utime + stime of the whole process, over a counted number of requests. Compare within a table, never across
machines. benches/README.md says more.

    python3 benches/load/run.py                          everything; about twenty minutes
    python3 benches/load/run.py --groups hello           one group of cases
    python3 benches/load/run.py --cases nginx,hello      these cases alone
    python3 benches/load/run.py --markdown out.md --json out.json

Needs Linux, Python 3, taskset, nginx and h2load (Debian: nginx-light, nghttp2-client).
"""

import argparse
import contextlib
import dataclasses
import json
import os
import platform
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCRIPTS = HERE / "workers"
GUESTS = ROOT / "tests" / "workers" / "built"
SERVER_CORE, CLIENT_CORE = "0", "1"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# A server that has not begun to answer by then never will.
START_TIMEOUT_S = 20
# What a run may take beyond the time that its rate gives it.
RUN_SLACK_S = 60
# Runs a server's caches full before it is measured.
WARM_S = 0.5
# The part of a core that others may use before a measurement is repeated.
DISTURBED = 0.05
LOOPS = 32
# Below the ports that Linux gives to outgoing connections.
PORTS = iter(range(21_000, 22_000))


# --- servers -----------------------------------------------------------------------------------------------------


class Server:
    """A server in a process of its own; stopped while another one is measured."""

    def __init__(self, name, directory, core=SERVER_CORE):
        self.name, self.directory, self.core = name, directory, core
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        log = open(self.directory / f"{self.name}.log", "wb")
        self.process = subprocess.Popen(
            ["taskset", "-c", self.core, *self.command()], stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )
        log.close()
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    text = (self.directory / f"{self.name}.log").read_text(errors="replace")
                    sys.exit(f"{self.name} does not answer on port {self.port}:\n{text}")
                time.sleep(0.05)

    def signal(self, number):
        for pid in tree(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def end(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()

    def cpu_s(self):
        return sum(cpu_s(pid) for pid in tree(self.process.pid))

    def resident_mb(self):
        kb = 0
        for pid in tree(self.process.pid):
            text = Path(f"/proc/{pid}/status").read_text()
            kb += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
        return round(kb / 1024)


class Nginx(Server):
    """One nginx worker with the given content of its location."""

    def __init__(self, name, directory, location, access="off", upstream="", core=SERVER_CORE):
        super().__init__(name, directory, core)
        home = directory / name
        home.mkdir()
        temporary = "".join(
            f"    {kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.file = home / "nginx.conf"
        self.file.write_text(
            f"""daemon off; worker_processes 1; pid {home}/pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
{temporary}    access_log {access}; keepalive_requests 1000000000; default_type text/plain;
    {upstream}
    server {{ listen 127.0.0.1:{self.port}; client_max_body_size 0; location / {{ {location} }} }}
}}
"""
        )

    def command(self):
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(self.file.parent), "-c", str(self.file)]


class Cirque(Server):
    """An edge with the embedded store; one thread that serves, access records and metrics on."""

    def __init__(self, name, directory, binary, more=(), settings=()):
        super().__init__(name, directory)
        self.binary, self.more = binary, list(more)
        self.data = directory / name
        self.ops_port = free_port()
        settings = [
            f"store.data_dir={self.data}",
            f"listen.http=127.0.0.1:{self.port}",
            f"listen.ops=127.0.0.1:{self.ops_port}",
            "listen.api=",
            "runtime.threads=1",
            "runtime.heavy_threads=1",
            "limits.keepalive_requests=1000000000",
            "log.access=true",
            "log.level=warn",
            *settings,
        ]
        self.settings = [part for setting in settings for part in ("--set", setting)]

    def command(self):
        return [self.binary, *self.settings, "run", *self.more]

    def run(self, *arguments):
        done = subprocess.run([self.binary, *self.settings, *arguments], capture_output=True, text=True, timeout=120)
        if done.returncode:
            sys.exit(f"cirque {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def deploy(self, name, guest):
        self.run("deploy", name, str(guest))
        self.run("route", f"{name}.test", name)


# The package of workerd that JavaScript is measured beside.
WORKERD = "@cloudflare/workerd-linux-64@1.20261117.1"


class Workerd(Server):
    """workerd with one worker: warm, in one isolate for all requests."""

    def __init__(self, name, directory, binary, script):
        super().__init__(name, directory)
        self.binary = binary
        self.file = directory / f"{name}.capnp"
        (directory / f"{name}.js").write_bytes(script.read_bytes())
        self.file.write_text(
            f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker", esModule = embed "{name}.js")],
    compatibilityDate = "2026-11-01"))],
  sockets = [(name = "http", address = "127.0.0.1:{self.port}", http = (), service = "main")]);
"""
        )

    def command(self):
        return [self.binary, "serve", str(self.file)]


def workerd():
    """The program, from the npm registry when it is not there yet."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cirque-bench"
    binary = home / "node_modules" / "@cloudflare" / "workerd-linux-64" / "bin" / "workerd"
    if not binary.exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", str(home), WORKERD], check=True)
    return str(binary)


def tree(pid):
    """A process and its children."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                pids += tree(int(child))
    return pids


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def free_port():
    """A port that no connection gets by itself, tried once and handed out once."""
    for port in PORTS:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    sys.exit("no port is free")


# --- cases -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Case:
    """One server asked in one way."""

    group: str
    name: str
    server: Server
    host: str = "hello.test"
    path: str = "/"
    rate: int = 0
    body_bytes: int = 0
    # A file with Hosts to ask in turn.
    hosts: Path | None = None
    clients: int = 32
    bursts: list = dataclasses.field(default_factory=list)
    singles: list = dataclasses.field(default_factory=list)
    resident_mb: int = 0

    @property
    def errors(self):
        return sum(result["errors"] for result in self.bursts + self.singles)


class Bench:
    """Everything of one run."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.servers, self.cases, self.waits, self.notes = [], [], [], []
        # Processes that take part without being measured.
        self.helpers = []
        # Measurements that others disturbed in each attempt.
        self.disturbed = 0

    def add(self, case):
        wanted = self.options.cases
        if wanted and case.name not in wanted:
            return
        case.rate = case.rate or self.options.rate
        self.cases.append(case)
        if case.server not in self.servers:
            self.servers.append(case.server)

    def wants(self, group, *names):
        """Whether any case of the group is to run; spares setting up what is not."""
        if self.options.groups and group not in self.options.groups:
            return False
        return not self.options.cases or any(name in self.options.cases for name in names)

    def undisturbed(self, case, seconds, ask):
        """Asks again, a few times, where somebody else worked on these cores meanwhile."""
        for attempt in range(1, self.options.attempts + 1):
            before, began = self.strangers_s(case), time.monotonic()
            result = ask(case, seconds)
            share = (self.strangers_s(case) - before) / (time.monotonic() - began)
            if share <= DISTURBED:
                return result
            say(f"  others used {share:.0%} of the cores" + ("; again" if attempt < self.options.attempts else ""))
            time.sleep(1)
        self.disturbed += 1
        return result

    def strangers_s(self, case):
        """CPU time on both cores that belongs neither to the server nor to us and whom we have started."""
        busy = 0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            if name in (f"cpu{SERVER_CORE}", f"cpu{CLIENT_CORE}"):
                # user, nice, system; interrupts belong to nobody.
                busy += sum(int(field) for field in fields[:3])
        # Ended children are in our own times.
        running = sum(cpu_s(pid) for helper in self.helpers for pid in tree(helper.pid))
        return busy / TICKS_PER_SECOND - sum(os.times()[:4]) - case.server.cpu_s() - running

    def burst(self, case, seconds):
        """h2load: a timer of 10 ms in each client, so the clients ask together."""
        total = max(int(case.rate * seconds), case.clients)
        log = self.directory / "requests.log"
        log.unlink(missing_ok=True)
        command = [
            "taskset", "-c", CLIENT_CORE, "h2load", "--h1", "-t", "1", "-c", str(case.clients), "-n", str(total),
            f"--rps={case.rate / case.clients:g}", f"--connect-to=127.0.0.1:{case.server.port}",
        ]  # fmt: skip
        if case.body_bytes:
            body = self.directory / f"body.{case.body_bytes}"
            if not body.exists():
                body.write_bytes(b"x" * case.body_bytes)
            command += ["-d", str(body)]
        command.append(f"http://{case.host}:{case.server.port}{case.path}")
        before = case.server.cpu_s()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 3 + RUN_SLACK_S)
        used = case.server.cpu_s() - before
        good = re.search(r"status codes: (\d+) 2xx", done.stdout)
        finished = re.search(r"finished in \S+, ([\d.]+) req/s", done.stdout)
        if not good or not finished:
            sys.exit(f"h2load: {done.stdout}{done.stderr}")
        return {"us": used * 1e6 / total, "rate": float(finished[1]), "errors": total - int(good[1])}

    def single(self, case, seconds):
        """visitors.py: each visitor comes at a moment of its own; also tells how long they waited."""
        total = max(int(case.rate * seconds), 1)
        command = [
            "taskset", "-c", CLIENT_CORE, sys.executable, str(HERE / "visitors.py"), "--port", str(case.server.port),
            "--rate", str(case.rate), "--count", str(total), "--path", case.path, "--body-bytes", str(case.body_bytes),
        ]  # fmt: skip
        command += ["--hosts", str(case.hosts)] if case.hosts else ["--host", case.host]
        before = case.server.cpu_s()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 3 + RUN_SLACK_S)
        used = case.server.cpu_s() - before
        if done.returncode:
            sys.exit(f"visitors.py: {done.stderr}")
        result = json.loads(done.stdout)
        return result | {"us": used * 1e6 / total, "errors": result["not_2xx"] + result["failed"]}

    def measure(self):
        """Warms up, then takes the cases in turn, round after round."""
        options = self.options
        for server in self.servers:
            server.start()
            server.pause()
        try:
            for case in self.cases:
                case.server.resume()
                for _, ask in self.ways(case):
                    ask(case, options.seconds / 4)
                case.server.pause()
            for number in range(1, options.rounds + 1):
                for case in self.cases:
                    say(f"round {number} of {options.rounds}: {case.name}")
                    case.server.resume()
                    for results, ask in self.ways(case):
                        # What ran before has left its traces in the caches.
                        ask(case, WARM_S)
                        results.append(self.undisturbed(case, options.seconds, ask))
                    case.resident_mb = case.server.resident_mb()
                    case.server.pause()
        finally:
            for server in self.servers:
                server.end()

    def ways(self, case):
        """How the case is asked, and where the results go."""
        # h2load knows one Host only, and gives up a connection for good when the server closes it.
        if self.options.bursts and not case.hosts and not case.body_bytes:
            yield case.bursts, self.burst
        yield case.singles, self.single


# --- groups ------------------------------------------------------------------------------------------------------


def hello(bench):
    names = ("nginx", "nginx-log", "bare", "hello", "realistic")
    if not bench.wants("hello", *names):
        return
    nginx = Nginx("nginx", bench.directory, 'return 200 "Hello, World!\\n";')
    logging = Nginx("nginx-log", bench.directory, 'return 200 "Hello, World!\\n";', access="/dev/null")
    bare = Cirque("bare", bench.directory, bench.options.cirque, ["--bare"])
    edge = Cirque("edge", bench.directory, bench.options.cirque)
    for guest in ("hello", "realistic"):
        edge.deploy(guest, GUESTS / f"{guest}.wasm")
    for name, server in zip(names, (nginx, logging, bare, edge)):
        bench.add(Case("hello", name, server))
    bench.add(Case("hello", "realistic", edge, host="realistic.test"))


def echo(bench):
    sizes = {"echo-1k": (1 << 10, 4000), "echo-100k": (100 << 10, 500), "echo-1m": (1 << 20, 50)}
    if not bench.wants("echo", *sizes):
        return
    edge = Cirque("echo-edge", bench.directory, bench.options.cirque)
    edge.deploy("echo", GUESTS / "echo.wasm")
    for name, (size, rate) in sizes.items():
        bench.add(Case("echo", name, edge, host="echo.test", rate=min(rate, bench.options.rate), body_bytes=size))


def passing(bench):
    if not bench.wants("pass", "nginx-pass", "cirque-pass"):
        return
    # The origin shares the core of whoever asks.
    origin = Nginx("origin", bench.directory, 'return 200 "Hello, World!\\n";', core=CLIENT_CORE)
    origin.start()
    bench.on_end.callback(origin.end)
    bench.helpers.append(origin.process)
    upstream = f"upstream origin {{ server 127.0.0.1:{origin.port}; keepalive 64; keepalive_requests 1000000000; }}"
    location = 'proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";'
    nginx = Nginx("nginx-pass", bench.directory, location, access="/dev/null", upstream=upstream)
    edge = Cirque("pass-edge", bench.directory, bench.options.cirque)
    edge.run("route", "origin.test", f"http://127.0.0.1:{origin.port}")
    rate = min(4000, bench.options.rate)
    bench.add(Case("pass", "nginx-pass", nginx, host="origin.test", rate=rate))
    bench.add(Case("pass", "cirque-pass", edge, host="origin.test", rate=rate))


def tenants(bench):
    many = bench.options.tenants
    names = ("tenants-1", f"tenants-{many}-shared", f"tenants-{many}")
    if not bench.wants("tenants", *names):
        return
    edge = Cirque("tenants-edge", bench.directory, bench.options.cirque)
    edge.deploy("hello", GUESTS / "hello.wasm")
    share(edge.data / "store.db", "hello", [f"shared{n}" for n in range(many)])
    code = (GUESTS / "hello.wasm").read_bytes()
    for n in range(many) if bench.wants("tenants", names[2]) else ():
        if n % 100 == 0:
            say(f"deploying {n} of {many}")
        # A custom section makes it another component with the same work to do.
        name = f"tenant{n}".encode()
        section = bytes([1, ord("n")]) + name
        file = bench.directory / "tenant.wasm"
        file.write_bytes(code + bytes([0, len(section)]) + section)
        edge.run("deploy", f"tenant{n}", str(file))
    route(edge.data / "store.db", [f"tenant{n}" for n in range(many)])
    rate = min(4000, bench.options.rate)
    for name, hosts in zip(names, (["hello"], [f"shared{n}" for n in range(many)], [f"tenant{n}" for n in range(many)])):
        file = bench.directory / f"{name}.hosts"
        file.write_text("\n".join(f"{host}.test" for host in hosts))
        bench.add(Case("tenants", name, edge, hosts=file, rate=rate))


def javascript(bench):
    """Each script in a fresh sandbox here, and in workerd's warm isolate."""
    scripts = ("hello", "router", "json", "headers", "url", "stream")
    many = bench.options.tenants
    large, distinct = "js-1mb", f"js-{many}"
    names = [*(f"{side}-{script}" for script in scripts for side in ("workerd", "js")), large, distinct]
    if not bench.wants("javascript", *names):
        return
    edge = Cirque("js-edge", bench.directory, bench.options.cirque)
    rates = {"json": 1000, "stream": 200, "headers": 2000}
    program = workerd()
    for script in scripts:
        file = SCRIPTS / f"{script}.js"
        rate = min(rates.get(script, 4000), bench.options.rate)
        edge.deploy(script, file)
        beside = f"workerd-{script}"
        if bench.wants("javascript", beside):
            server = Workerd(beside, bench.directory, program, file)
            bench.add(Case("javascript", beside, server, host=f"{script}.test", rate=rate))
        bench.add(Case("javascript", f"js-{script}", edge, host=f"{script}.test", rate=rate))
    rate = min(4000, bench.options.rate)
    if bench.wants("javascript", large):
        # Data and functions that the handler never touches: what a bundle is mostly made of.
        unused = "".join(f"export function f{n}(a) {{ return a * {n} + {n * 7} + '{'x' * 60}'.length }}\n" for n in range(9000))
        file = bench.directory / "large.js"
        file.write_text(unused + (SCRIPTS / "hello.js").read_text())
        edge.deploy("large", file)
        bench.add(Case("javascript", large, edge, host="large.test", rate=rate))
    if bench.wants("javascript", distinct):
        text = (SCRIPTS / "hello.js").read_text()
        for n in range(many):
            if n % 100 == 0:
                say(f"deploying {n} of {many}")
            file = bench.directory / "distinct.js"
            file.write_text(f"// tenant {n}\n{text}")
            edge.run("deploy", f"distinct{n}", str(file))
        route(edge.data / "store.db", [f"distinct{n}" for n in range(many)])
        hosts = bench.directory / "distinct.hosts"
        hosts.write_text("\n".join(f"distinct{n}.test" for n in range(many)))
        bench.add(Case("javascript", distinct, edge, hosts=hosts, rate=rate))


def dispatch(bench):
    """A worker alone, behind a dispatcher, and its fetch, alone and through an outbound worker."""
    names = ("single", "dispatched", "dispatched-component", "direct-fetch", "outbound-fetch")
    if not bench.wants("dispatch", *names):
        return
    origin = Nginx("dispatch-origin", bench.directory, 'return 200 "Hello, World!\\n";', core=CLIENT_CORE)
    origin.start()
    bench.on_end.callback(origin.end)
    bench.helpers.append(origin.process)
    edge = Cirque("dispatch-edge", bench.directory, bench.options.cirque, settings=['egress.allow_addresses=["127.0.0.0/8"]'])
    file = bench.directory / "fetch.js"
    file.write_text(f"export default {{ fetch: () => fetch('http://127.0.0.1:{origin.port}/') }}\n")
    policy = bench.directory / "policy.js"
    policy.write_text("export default { fetch: (request) => fetch(request) }\n")
    dispatcher = bench.directory / "dispatcher.js"
    dispatcher.write_text(
        "export default { fetch(request, env) { return env.DISPATCHER.get(request.headers.get('host').split('-')[0]).fetch(request) } }\n"
    )
    binding = {"type": "dispatch_namespace", "name": "DISPATCHER", "namespace": "bench"}
    edge.deploy("single", SCRIPTS / "hello.js")
    edge.deploy("policy", policy)
    edge.run("deploy", "bench/hello", str(SCRIPTS / "hello.js"))
    edge.run("deploy", "bench/component", str(GUESTS / "hello.wasm"))
    edge.run("deploy", "bench/fetch", str(file))
    for name, more in (("dispatcher", {}), ("filtering", {"outbound": {"service": "policy"}})):
        metadata = bench.directory / f"{name}.json"
        metadata.write_text(json.dumps({"main_module": "dispatcher.js", "bindings": [{**binding, **more}]}))
        edge.run("deploy", name, str(dispatcher), "--metadata", str(metadata))
    hosts = {"dispatched": "hello-a.test", "dispatched-component": "component-a.test", "direct-fetch": "fetch-a.test"}
    for host in hosts.values():
        edge.run("route", host, "dispatcher")
    edge.run("route", "fetch-b.test", "filtering")
    hosts |= {"single": "single.test", "outbound-fetch": "fetch-b.test"}
    rate = min(2000, bench.options.rate)
    for name in names:
        bench.add(Case("dispatch", name, edge, host=hosts[name], rate=rate))


def caching(bench):
    """What is kept, beside nginx's proxy_cache; and a worker that answers from a cache of its own, beside one that does not."""
    sizes = {"1k": (1_000, 8000), "10k": (10_000, 8000), "1m": (1_000_000, 200)}
    names = [f"{side}-hit-{size}" for size in sizes for side in ("nginx", "cirque")] + ["no-match", "match-10k"]
    if not bench.wants("cache", *names):
        return
    files = bench.directory / "cached"
    files.mkdir()
    for name, (size, _) in sizes.items():
        (files / name).write_bytes(b"x" * size)
    location = f'root {files}; add_header Cache-Control "max-age=86400";'
    origin = Nginx("cache-origin", bench.directory, location, core=CLIENT_CORE)
    origin.start()
    bench.on_end.callback(origin.end)
    bench.helpers.append(origin.process)
    keep = f"proxy_cache_path {bench.directory}/kept keys_zone=kept:10m;"
    location = f"proxy_pass http://127.0.0.1:{origin.port}; proxy_cache kept;"
    nginx = Nginx("nginx-cache", bench.directory, location, access="/dev/null", upstream=keep)
    edge = Cirque("cache-edge", bench.directory, bench.options.cirque, settings=["cache.origins=true"])
    edge.run("route", "cache.test", f"http://127.0.0.1:{origin.port}")
    for name, (_, rate) in sizes.items():
        for side, server in (("nginx", nginx), ("cirque", edge)):
            rate = min(rate, bench.options.rate)
            bench.add(Case("cache", f"{side}-hit-{name}", server, host="cache.test", path=f"/{name}", rate=rate))
    worker = bench.directory / "match.js"
    worker.write_text(
        "export default { async fetch(request) {\n"
        "  const cache = await caches.open('bench'), url = 'http://bench/10k';\n"
        "  const kept = await cache.match(url);\n"
        "  if (kept) return kept;\n"
        "  await cache.put(url, new Response('x'.repeat(10000)));\n"
        "  return new Response('x'.repeat(10000));\n"
        "} }\n"
    )
    without = bench.directory / "no-match.js"
    without.write_text("const text = 'x'.repeat(10000);\nexport default { fetch: () => new Response(text) }\n")
    edge.deploy("match", worker)
    edge.deploy("without", without)
    rate = min(4000, bench.options.rate)
    bench.add(Case("cache", "no-match", edge, host="without.test", rate=rate))
    bench.add(Case("cache", "match-10k", edge, host="match.test", rate=rate))


def share(file, name, others):
    """Gives other names the record of one script; the edge finds them like any that were deployed."""
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        (value,) = db.execute("SELECT value FROM records WHERE key = ?", [f"cirque:script:{{_}}:{name}"]).fetchone()
        rows = [(f"cirque:script:{{_}}:{other}", value) for other in others]
        db.executemany("INSERT INTO records (key, value) VALUES (?, ?)", rows)
    route(file, others)


def route(file, names):
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        (value,) = db.execute("SELECT value FROM records WHERE key = 'cirque:hostname:hello.test'").fetchone()
        rows = [(f"cirque:hostname:{name}.test", value.replace(b"hello", name.encode())) for name in names]
        db.executemany("INSERT INTO records (key, value) VALUES (?, ?)", rows)


def loops(bench):
    """Light requests alone, and beside guests that loop until their limit of 50 ms ends them."""
    if not bench.wants("loops", "loops"):
        return
    options = bench.options
    edge = Cirque("loops-edge", bench.directory, options.cirque)
    for guest in ("hello", "spin"):
        edge.deploy(guest, GUESTS / f"{guest}.wasm")
    edge.start()
    seconds = max(options.seconds, 5)
    alone, beside = Case("loops", "alone", edge, rate=200), Case("loops", f"beside {LOOPS} loops", edge, rate=200)
    command = [
        "taskset", "-c", CLIENT_CORE, "h2load", "--h1", "-t", "1", "-c", str(LOOPS), "-D", str(int(seconds) + 3),
        f"--connect-to=127.0.0.1:{edge.port}", f"http://spin.test:{edge.port}/",
    ]  # fmt: skip
    try:
        bench.single(alone, 1)
        for number in range(1, options.rounds + 1):
            say(f"round {number} of {options.rounds}: loops")
            alone.singles.append(bench.undisturbed(alone, seconds, bench.single))
            spinning = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            bench.helpers.append(spinning)
            time.sleep(1)
            before = limits_exceeded(edge)
            beside.singles.append(bench.undisturbed(beside, seconds, bench.single))
            stopped = limits_exceeded(edge) - before
            bench.helpers.remove(spinning)
            spinning.terminate()
            spinning.wait()
            if stopped == 0:
                sys.exit("no loop was stopped: the light requests were alone")
            # Those that were queued run out.
            time.sleep(2.5)
        bench.notes.append(f"{stopped} loops were stopped at their CPU limit in the last round of {seconds:g} s.")
        bench.waits = [alone, beside]
    finally:
        edge.end()


def limits_exceeded(edge):
    with urllib.request.urlopen(f"http://127.0.0.1:{edge.ops_port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(r'cirque_limits_exceeded_total\{limit="cpu",tenant="spin"\} (\d+)', text)
    return int(found[1]) if found else 0


GROUPS = {"hello": hello, "echo": echo, "pass": passing, "tenants": tenants, "javascript": javascript, "dispatch": dispatch, "cache": caching, "loops": loops}


# --- results -----------------------------------------------------------------------------------------------------


def figures(values):
    """Median / best."""
    return f"{statistics.median(values):.1f} / {min(values):.1f}" if values else "–"


def median(case, what):
    return statistics.median(single[what] for single in case.singles)


def table(group, cases):
    base = next((case for case in cases if case.name in ("bare", "nginx-pass", "tenants-1", "workerd-hello", "single")), cases[0])
    cost = lambda case: statistics.median(single["us"] for single in case.singles)
    # A script is compared with the same script in workerd.
    by_name = {case.name: case for case in cases}
    beside = lambda case: by_name.get(case.name.replace("js-", "workerd-"), base)
    lines = [
        f"| {group} | requests/s | µs CPU a request, in bursts | µs CPU, one by one | to {base.name} | p50 µs | p99 µs | errors | RSS MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        lines.append(
            f"| {case.name} | {case.rate} | {figures([b['us'] for b in case.bursts])} | "
            f"{figures([s['us'] for s in case.singles])} | {cost(case) / max(cost(beside(case)), 0.001):.2f} | "
            f"{median(case, 'p50'):.0f} | {median(case, 'p99'):.0f} | {case.errors} | {case.resident_mb} |"
        )
    return lines


def waits(alone, beside):
    lines = ["| hello at 200/s | p50 µs | p90 µs | p99 µs | p99.9 µs | errors |", "|---|---|---|---|---|---|"]
    for case in (alone, beside):
        p = {what: median(case, what) for what in ("p50", "p90", "p99", "p999")}
        lines.append(f"| {case.name} | {p['p50']:.0f} | {p['p90']:.0f} | {p['p99']:.0f} | {p['p999']:.0f} | {case.errors} |")
    ratio = {what: median(beside, what) / median(alone, what) for what in ("p50", "p90", "p99", "p999")}
    lines.append("| ratio | " + " | ".join(f"{ratio[what]:.1f}" for what in ("p50", "p90", "p99", "p999")) + " | |")
    return lines


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "cores": os.cpu_count(),
        "cpu": model[1] if model else platform.machine(),
        "kernel": platform.release(),
        "date": time.strftime("%Y-%m-%d"),
    }


def report(bench):
    where = machine()
    lines = [
        f"{where['date']}, {where['cores']} cores of {where['cpu']}, Linux {where['kernel']}; "
        f"{bench.options.rounds} rounds of {bench.options.seconds:g} s; CPU median / best, waits median of rounds",
        "",
    ]
    for group in GROUPS:
        cases = [case for case in bench.cases if case.group == group]
        if cases:
            lines += [*table(group, cases), ""]
    if bench.waits:
        lines += [*waits(*bench.waits), ""]
    if bench.disturbed:
        bench.notes.append(f"{bench.disturbed} measurements were disturbed by others on these cores.")
    lines += bench.notes
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    if bench.options.markdown:
        Path(bench.options.markdown).write_text(text, encoding="utf-8")
    if bench.options.json:
        keep = ("group", "name", "rate", "body_bytes", "bursts", "singles", "resident_mb")
        cases = [{key: getattr(case, key) for key in keep} for case in bench.cases + bench.waits]
        Path(bench.options.json).write_text(json.dumps({"machine": where, "cases": cases}, indent=1) + "\n")
    return sum(case.errors for case in bench.cases + bench.waits)


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda text: text.split(",")
    parser.add_argument("--cirque", default=str(ROOT / "target" / "release" / "cirque"), help="the binary to measure")
    parser.add_argument("--groups", type=words, help=f"some of {','.join(GROUPS)}")
    parser.add_argument("--cases", type=words, help="some cases by their names in the tables")
    parser.add_argument("--rate", type=int, default=8000, help="requests a second; costly cases are asked less often")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each case is asked in each round")
    parser.add_argument("--attempts", type=int, default=5, help="how often a measurement that others disturb is made")
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--no-bursts", dest="bursts", action="store_false", help="without h2load")
    parser.add_argument("--json", help="write all figures here")
    parser.add_argument("--markdown", help="write the tables here")
    options = parser.parse_args()
    options.cirque = str(Path(options.cirque).resolve())
    if not os.access(options.cirque, os.X_OK):
        sys.exit(f"{options.cirque} is not there: cargo build --release")
    if os.cpu_count() < 2:
        sys.exit("a server and whoever asks it need a core each")
    for unknown in set(options.groups or ()) - set(GROUPS):
        sys.exit(f"there is no group {unknown}; there are {', '.join(GROUPS)}")
    # Ended from outside, the servers end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="cirque-bench-") as directory, contextlib.ExitStack() as on_end:
        # nginx gives up root, and still has to reach its files.
        os.chmod(directory, 0o755)
        bench = Bench(options, Path(directory))
        bench.on_end = on_end
        for group in GROUPS.values():
            if group is not loops:
                group(bench)
        bench.measure()
        loops(bench)
        errors = report(bench)
    sys.exit(f"{errors} requests were not answered with 2xx" if errors else 0)


if __name__ == "__main__":
    main()
