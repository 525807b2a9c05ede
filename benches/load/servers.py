"""The servers that are measured, each in a process of its own, and what they use of the machine."""

import contextlib
import itertools
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCRIPTS = HERE / "workers"
GUESTS = ROOT / "tests" / "workers" / "built"
SERVER_CORE, CLIENT_CORE = "0", "1"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# A server that has not begun to answer by then never will.
START_TIMEOUT_S = 30
# What a command may take: the first deployment of a node compiles the engine.
COMMAND_TIMEOUT_S = 120
# Below the ports that Linux gives to outgoing connections.
PORTS = itertools.count(21_000)
PORTS_END = 32_000


class BenchError(Exception):
    """Why a group has no figures."""


class Absent(Exception):
    """A peer that is not on this machine."""


class Server:
    """A server in a process of its own; stopped while another one is measured."""

    def __init__(self, name, directory, core=SERVER_CORE):
        self.name, self.directory, self.core = name, directory, core
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.directory / f"{self.name}.log", "wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", self.core, *self.command()],
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{self.name} does not answer on port {self.port}: {self.said()}")
            time.sleep(0.02)

    def said(self):
        """The end of its log, on one line."""
        return " ".join((self.directory / f"{self.name}.log").read_text(errors="replace").split())[-300:]

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

    def cpu_with_ended_s(self):
        """The same with that of children that have ended."""
        return self.cpu_s() + children_s(self.process.pid)

    def resident_kb(self):
        return sum(resident_kb(pid) for pid in tree(self.process.pid))


class Nginx(Server):
    """One nginx worker with the given content of its location."""

    def __init__(self, name, directory, location, access="off", http="", listen="", core=SERVER_CORE):
        self.binary = nginx()
        super().__init__(name, directory, core)
        home = directory / name
        home.mkdir()
        temporary = "".join(
            f"    {kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.file = home / "nginx.conf"
        self.file.write_text(
            f"""daemon off; worker_processes 1; pid {home}/pid; error_log stderr error;
events {{ worker_connections 16384; }}
http {{
{temporary}    access_log {access}; keepalive_requests 1000000000; default_type text/plain;
    {http}
    server {{ listen 127.0.0.1:{self.port}; {listen} client_max_body_size 0; location / {{ {location} }} }}
}}
"""
        )

    def command(self):
        return [self.binary, "-p", str(self.file.parent), "-c", str(self.file)]


def nginx():
    # Debian keeps it where only root looks.
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or absent("nginx is not installed")


class Cirque(Server):
    """An edge with the embedded store; one thread that serves, access records and metrics on."""

    def __init__(self, name, directory, binary, more=(), settings=(), data=None):
        super().__init__(name, directory)
        self.binary, self.more = binary, list(more)
        self.data = directory / name
        if data is not None:
            shutil.copytree(data, self.data, ignore=ignore_sockets)
        self.ops_port = free_port()
        settings = [
            f"store.data_dir={self.data}",
            f"listen.http=127.0.0.1:{self.port}",
            f"listen.ops=127.0.0.1:{self.ops_port}",
            "listen.api=",
            "runtime.threads=1",
            "runtime.heavy_threads=1",
            # Where no script is, the engine would be compiled beside the first requests that are measured.
            f"runtime.javascript={'false' if data is None else 'true'}",
            "limits.keepalive_requests=1000000000",
            "log.access=true",
            "log.level=warn",
            *settings,
        ]
        self.settings = [part for setting in settings for part in ("--set", setting)]

    def command(self):
        return [self.binary, *self.settings, "run", *self.more]

    def run(self, *arguments):
        command = [self.binary, *self.settings, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S)
        if done.returncode:
            raise BenchError(f"cirque {' '.join(arguments)}: {' '.join(done.stderr.split())}")
        return done.stdout

    def deploy(self, name, guest):
        self.run("deploy", name, str(guest))
        self.run("route", f"{name}.test", name)

    def record(self, rows):
        """Writes records into the store; an edge that runs hears of them like those of any other node."""
        with contextlib.closing(sqlite3.connect(self.data / "store.db", timeout=30)) as db, db:
            db.executemany("INSERT INTO records (key, value) VALUES (?, ?)", rows)

    def recorded(self, key):
        with contextlib.closing(sqlite3.connect(self.data / "store.db", timeout=30)) as db:
            return db.execute("SELECT value FROM records WHERE key = ?", [key]).fetchone()[0]

    def share(self, name, others):
        """Gives other names the record of one script, and hostnames."""
        value = self.recorded(f"cirque:script:{{_}}:{name}")
        self.record([(f"cirque:script:{{_}}:{other}", value) for other in others])
        self.route_all(name, others)

    def route_all(self, name, others):
        """Leads <other>.test to the script of that name, as <name>.test leads to its own."""
        value = self.recorded(f"cirque:hostname:{name}.test")
        self.record([(f"cirque:hostname:{other}.test", value.replace(name.encode(), other.encode())) for other in others])


def ignore_sockets(folder, names):
    return [name for name in names if (Path(folder) / name).is_socket()]


# The package of workerd that JavaScript is measured beside.
WORKERD = "@cloudflare/workerd-linux-64@1.20261117.1"


class Workerd(Server):
    """workerd: warm, each worker in one isolate for all requests.

    `workers` are names with sources, the first of them answers; `bindings` and `more` are Cap'n Proto text for the first one."""

    def __init__(self, name, directory, workers, bindings="", more="", network=()):
        self.binary = workerd()
        super().__init__(name, directory)
        home = directory / name
        home.mkdir()
        services = []
        for number, (worker, source) in enumerate(workers.items()):
            (home / f"{worker}.js").write_text(source)
            extra = f", bindings = [{bindings}]{more}" if number == 0 and (bindings or more) else ""
            services.append(
                f'(name = "{worker}", worker = (modules = [(name = "worker", esModule = embed "{worker}.js")], '
                f'compatibilityDate = "2026-11-01"{extra}))'
            )
        if network:
            allowed = ", ".join(f'"{address}"' for address in network)
            services.append(f'(name = "internet", network = (allow = [{allowed}]))')
        self.file = home / "workerd.capnp"
        self.file.write_text(
            f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [{", ".join(services)}],
  sockets = [(name = "http", address = "127.0.0.1:{self.port}", http = (), service = "{next(iter(workers))}")]);
"""
        )

    def command(self):
        return [self.binary, "serve", str(self.file)]


def workerd():
    """The program, from the npm registry when it is not there yet."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cirque-bench"
    binary = home / "node_modules" / "@cloudflare" / "workerd-linux-64" / "bin" / "workerd"
    if not binary.exists():
        npm = shutil.which("npm") or absent("workerd is not there, nor npm to fetch it")
        home.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-save", "--prefix", str(home), WORKERD]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            absent(f"npm gave no {WORKERD}")
    return str(binary)


class WasmtimeServe(Server):
    """`wasmtime serve`: a fresh sandbox for each request, without tenants, limits, metering or records."""

    def __init__(self, name, directory, guest):
        self.binary = wasmtime()
        super().__init__(name, directory)
        self.guest = guest

    def command(self):
        # One thread, as the others have.
        environment = ["env", "TOKIO_WORKER_THREADS=1"]
        return [*environment, self.binary, "serve", "-S", "cli", "--addr", f"127.0.0.1:{self.port}", str(self.guest)]


def wasmtime():
    return shutil.which("wasmtime") or absent("the wasmtime command line is not installed")


class Redis(Server):
    """An empty Redis that keeps nothing."""

    def __init__(self, name, directory, core=CLIENT_CORE):
        self.binary = shutil.which("redis-server") or absent("redis-server is not installed")
        super().__init__(name, directory, core)

    def command(self):
        return [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]

    def write(self, pairs):
        """Sets keys, many at a time."""
        with socket.create_connection(("127.0.0.1", self.port)) as it:
            for start in range(0, len(pairs), 500):
                part = pairs[start : start + 500]
                text = b""
                for key, value in part:
                    key, value = key.encode(), value.encode()
                    text += b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(key), key, len(value), value)
                it.sendall(text)
                waiting = len(part)
                while waiting:
                    waiting -= it.recv(65536).count(b"\n")


def absent(why):
    raise Absent(why)


# --- the machine ---------------------------------------------------------------------------------------------------


def tree(pid):
    """A process and its children."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                pids += tree(int(child))
    return pids


def cpu_s(pid):
    """User and system time of all threads that a process has and had."""
    # The process's CPU clock, which holds what utime + stime of /proc/<pid>/stat hold, in nanoseconds instead of ticks of 10 ms.
    # See CLOCK_PROCESS_CPUTIME_ID in clock_getcpuclockid(3); Python has no name for that of another process.
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND if fields else 0


def children_s(pid):
    """CPU time of a process's children that have ended."""
    fields = stat(pid)
    return (int(fields[13]) + int(fields[14])) / TICKS_PER_SECOND if fields else 0


def stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def resident_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def free_port():
    """A port that no connection gets by itself, tried once and handed out once."""
    for port in itertools.takewhile(lambda port: port < PORTS_END, PORTS):
        with socket.socket() as listener, contextlib.suppress(OSError):
            # As servers do; a port that a run before has left is free to them.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port
    raise BenchError("no port is free")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def raise_file_limit():
    """As many open files as the machine lets this process and its servers have; gives their number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
