"""Asks servers in turn, round after round, and counts what it costs them."""

import contextlib
import dataclasses
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from results import Row, Waits
from servers import CLIENT_CORE, GUESTS, HERE, SCRIPTS, SERVER_CORE, TICKS_PER_SECOND
from servers import Absent, BenchError, Cirque, Nginx, Server, WasmtimeServe, Workerd, cpu_s, tree

# What a run may take beyond the time that its rate gives it.
RUN_SLACK_S = 60
# Runs a server's caches full before it is measured.
WARM_S = 0.4
# The part of the two cores that others may use before a measurement is repeated.
DISTURBED = 0.05
# An open loop that is itself this late says more about the asker than about the server.
LATE_US = 1_000

PEERS = {Nginx: "nginx", Workerd: "workerd", WasmtimeServe: "`wasmtime serve`"}


@dataclasses.dataclass
class Case:
    """One server asked in one way."""

    name: str
    server: Server
    host: str = "hello.test"
    path: str = "/"
    rate: int = 8000
    body_bytes: int = 0
    # Hosts to ask in turn instead of the one.
    hosts: list = dataclasses.field(default_factory=list)
    # What each round gave: from visitors.py, and with --bursts from h2load.
    singles: list = dataclasses.field(default_factory=list)
    bursts: list = dataclasses.field(default_factory=list)

    def costs(self):
        return [single["us"] for single in self.singles]

    def median(self, what):
        return statistics.median(single[what] for single in self.singles)

    def errors(self):
        return sum(single["errors"] for single in self.singles + self.bursts)


class Bench:
    """One group of a run: what it is measured with, and what has to end with it."""

    def __init__(self, options, directory, shared, on_end):
        self.options, self.directory, self.on_end = options, directory, on_end
        # Of the whole run: remarks below the table, without repetition, and the engine.
        self.shared = shared
        # Processes that take part without being measured.
        self.helpers = []

    # -- servers

    def edge(self, name, *more, settings=(), scripts=False):
        """An edge; where it runs scripts, with an engine that is compiled already and a script `hello`."""
        return Cirque(name, self.directory, self.options.cirque, more, settings, self.engine() if scripts else None)

    def engine(self):
        """A data directory to copy: the engine is compiled once for all edges of a run."""
        data = self.shared.directory / "engine"
        if not data.exists():
            say("compiling the engine")
            edge = Cirque("engine", self.shared.directory, self.options.cirque)
            try:
                edge.deploy("hello", SCRIPTS / "hello.js")
            except BaseException:
                shutil.rmtree(data, ignore_errors=True)
                raise
        return data

    def nginx(self, *arguments, **more):
        return self.peer(Nginx, *arguments, **more)

    def workerd(self, *arguments, **more):
        return self.peer(Workerd, *arguments, **more)

    def wasmtime(self, name, guest):
        return self.peer(WasmtimeServe, name, GUESTS / f"{guest}.wasm")

    def peer(self, kind, name, *arguments, **more):
        """The peer; where it is not there, None and a remark."""
        try:
            return kind(name, self.directory, *arguments, **more)
        except Absent as why:
            self.note(f"Nothing stands beside {PEERS[kind]}: {why}.")
            return None

    def origin(self, name, location):
        """An nginx that takes part without being measured, on the core of whoever asks."""
        try:
            server = Nginx(name, self.directory, location, core=CLIENT_CORE)
        except Absent as why:
            raise BenchError(f"it needs an origin, and {why}") from None
        self.start(server)
        self.helpers.append(server.process)
        return server

    def start(self, server):
        """Starts a server that ends with the group."""
        self.on_end.callback(server.end)
        server.start()
        return server

    def note(self, text):
        if text not in self.shared.notes:
            self.shared.notes.append(text)

    def rate(self, most):
        return min(most, self.options.rate)

    # -- measuring

    def measure(self, *cases):
        """Starts the servers, warms them up, then takes the cases in turn, round after round; those of absent peers are None."""
        cases = [case for case in cases if case is not None]
        servers = []
        for case in cases:
            if case.server not in servers:
                servers.append(case.server)
        for server in servers:
            if server.process is None:
                try:
                    self.start(server)
                except BenchError as error:
                    if isinstance(server, Cirque):
                        raise
                    # The others are compared without it.
                    self.note(f"Nothing stands beside {server.name}: {error}")
                    cases = [case for case in cases if case.server is not server]
                    continue
            server.pause()
        for case in cases:
            say(f"  warming up: {case.name}")
            case.server.resume()
            warm = dataclasses.replace(case, singles=[])
            self.single(warm, max(self.options.seconds / 4, WARM_S, len(case.hosts) / case.rate))
            case.server.pause()
        for number in range(1, self.options.rounds + 1):
            for case in cases:
                say(f"  round {number} of {self.options.rounds}: {case.name}")
                case.server.resume()
                for results, ask in self.ways(case):
                    # What ran before has left its traces in the caches.
                    if not self.options.quick:
                        ask(case, WARM_S)
                    results.append(self.undisturbed(case, self.options.seconds, ask))
                case.server.pause()
        for server in servers:
            if server.process.poll() is None:
                server.resume()

    def ways(self, case):
        """How the case is asked, and where the results go."""
        yield case.singles, self.single
        # h2load knows one Host only, and gives up a connection for good when the server closes it.
        if self.options.bursts and not case.hosts and not case.body_bytes:
            yield case.bursts, self.burst

    def undisturbed(self, case, seconds, ask):
        """Asks again, a few times, where somebody else worked on these cores meanwhile."""
        for attempt in range(1, self.options.attempts + 1):
            before, began = self.strangers_s(case.server), time.monotonic()
            result = ask(case, seconds)
            share = (self.strangers_s(case.server) - before) / (time.monotonic() - began)
            if share <= DISTURBED or attempt == self.options.attempts:
                break
            say(f"    others used {share:.0%} of a core; again")
            time.sleep(1)
        self.shared.measurements += 1
        self.shared.disturbed += share > DISTURBED
        self.shared.late += result.get("late_p99", 0) > LATE_US
        return result

    def strangers_s(self, server):
        """CPU time on both cores that belongs neither to the server nor to us and whom we have started."""
        busy = 0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            if name in (f"cpu{SERVER_CORE}", f"cpu{CLIENT_CORE}"):
                # user, nice, system; interrupts belong to nobody.
                busy += sum(int(field) for field in fields[:3])
        # Ended children are in our own times.
        running = sum(cpu_s(pid) for helper in self.helpers for pid in tree(helper.pid))
        return busy / TICKS_PER_SECOND - sum(os.times()[:4]) - server.cpu_s() - running

    def single(self, case, seconds):
        """visitors.py: each visitor comes at a moment of its own; also tells how long they waited."""
        total = max(int(case.rate * seconds), 1)
        before = case.server.cpu_s()
        result = visitors(
            self.directory, case.server.port, rate=case.rate, count=total, path=case.path, body_bytes=case.body_bytes,
            hosts=case.hosts or [case.host], timeout_s=seconds * 3 + RUN_SLACK_S,
        )  # fmt: skip
        used = case.server.cpu_s() - before
        return result | {"us": used * 1e6 / total, "errors": result["not_2xx"] + result["failed"]}

    def burst(self, case, seconds):
        """h2load: a timer of 10 ms in each client, so the clients ask together."""
        total = max(int(case.rate * seconds), BURST_CLIENTS)
        command = ["-n", str(total), f"--rps={case.rate / BURST_CLIENTS:g}"]
        before = case.server.cpu_s()
        done = subprocess.run(
            h2load(case.server.port, case.host, case.path, BURST_CLIENTS, *command),
            capture_output=True,
            text=True,
            timeout=seconds * 3 + RUN_SLACK_S,
        )
        used = case.server.cpu_s() - before
        good = re.search(r"status codes: (\d+) 2xx", done.stdout)
        if not good:
            raise BenchError(f"h2load: {done.stdout}{done.stderr}")
        return {"us": used * 1e6 / total, "errors": total - int(good[1])}

    # -- rows

    def rows(self, what, ours, *beside):
        """A row for each peer that is there, given with its bar; without any, one with our own figures alone."""
        found = []
        for peer, bar in beside or [(None, None)]:
            if peer is not None and peer.singles:
                found.append(row(what, ours, peer, bar))
        return found or [row(what, ours, None, None)]

    def plain(self, what, values, **more):
        """A row of figures that stand beside nobody's."""
        return Row(what, values, **more)


def row(what, ours, peer, bar):
    with_peer = {} if peer is None else {"peer": peer.name, "theirs": peer.costs(), "their_waits": waits(peer)}
    errors = ours.errors() + (peer.errors() if peer else 0)
    bursts = None
    if ours.bursts and peer and peer.bursts:
        bursts = [a["us"] / b["us"] for a, b in zip(ours.bursts, peer.bursts)]
    return Row(what, ours.costs(), rate=ours.rate, bar=bar, waits=waits(ours), errors=errors, bursts=bursts, **with_peer)


def waits(case):
    return Waits(case.median("p50"), case.median("p99"), case.median("late_p99") > LATE_US)


BURST_CLIENTS = 32


def h2load(port, host, path, clients, *more):
    program = shutil.which("h2load")
    if program is None:
        raise BenchError("h2load is not installed")
    head = ["taskset", "-c", CLIENT_CORE, program, "--h1", "-t", "1", "-c", str(clients)]
    return [*head, f"--connect-to=127.0.0.1:{port}", *more, f"http://{host}:{port}{path}"]


def visitors(directory, port, *, rate, count, hosts, path="/", body_bytes=0, connections=64, timeout_s=120):
    """An open loop of so many requests; what visitors.py says of it."""
    command = [
        "taskset", "-c", CLIENT_CORE, sys.executable, str(HERE / "visitors.py"), "--port", str(port), "--rate", str(rate),
        "--count", str(count), "--path", path, "--body-bytes", str(body_bytes), "--connections", str(connections),
    ]  # fmt: skip
    file = directory / "asked.hosts"
    file.write_text("\n".join(hosts))
    done = subprocess.run([*command, "--hosts", str(file)], capture_output=True, text=True, timeout=timeout_s)
    if done.returncode:
        raise BenchError(f"visitors.py: {done.stderr.strip()[-300:]}")
    result = json.loads(done.stdout)
    if result["count"] == 0:
        raise BenchError(f"nobody was answered: {result}")
    return result


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def beside(bench, command):
    """Runs a command as long as the block lasts."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    bench.helpers.append(process)
    try:
        yield process
    finally:
        bench.helpers.remove(process)
        process.terminate()
        process.wait()
