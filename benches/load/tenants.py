#!/usr/bin/env python3
"""What does a JavaScript tenant cost before its first request, and while it is only there?

CPU time of a deployment, all in (the command line and its child); the first request to a worker that no one has asked for yet, and
the second; bytes on disk and resident bytes for each of many tenants with code of their own.

    cargo build --release && benches/load/tenants.py [target/release/cirque] [tenants]
"""

import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/release/cirque"
TENANTS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
DEPLOYED_FIRST = 5


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def cpu_ms(usage):
    return (usage.ru_utime + usage.ru_stime) * 1000


def run(settings, *arguments):
    """Runs the command line; gives the CPU time that it and its children took, and the wall time, in ms."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([BINARY, *arguments, *settings], check=True, stdout=subprocess.DEVNULL)
    wall = (time.perf_counter() - began) * 1000
    return cpu_ms(resource.getrusage(resource.RUSAGE_CHILDREN)) - cpu_ms(before), wall


def get(port, hostname):
    """A request on a connection of its own: its wall time in ms."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", "/", headers={"Host": hostname})
    response = connection.getresponse()
    body = response.read()
    wall = (time.perf_counter() - began) * 1000
    connection.close()
    return response.status, body, wall


def edge_cpu_ms(pid):
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e6


def resident(pid):
    """Resident bytes, and those among them that belong to this process alone."""
    sums = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        sums[name] = int(value) * 1024
    return sums["Rss:"], sums["Private_Clean:"] + sums["Private_Dirty:"], sums["Anonymous:"]


def disk(folder):
    return sum(it.stat().st_blocks * 512 for it in folder.rglob("*") if it.is_file())


def show(what, values, unit):
    print(f"{what}: median {statistics.median(values):.2f} {unit}, from {min(values):.2f} to {max(values):.2f}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        port, ops = free_port(), free_port()
        settings = []
        for setting in (f"store.data_dir={folder}/data", f"listen.http=127.0.0.1:{port}", f"listen.ops=127.0.0.1:{ops}", "log.access=false"):
            settings += ["--set", setting]
        script = folder / "hello.js"

        def deploy(name, text):
            script.write_text(f'export default {{ fetch() {{ return new Response("{text}") }} }}')
            return run(settings, "deploy", name, str(script))

        cpu, wall = deploy("first", "first")
        print(f"the first deployment of a node, which makes the engine: {cpu:.0f} ms of CPU, {wall:.0f} ms")
        deployed = [deploy(f"t{index}", f"hello {index}") for index in range(DEPLOYED_FIRST)]
        before_disk = disk(folder / "data" / "artifacts")
        deployed += [deploy(f"t{index}", f"hello {index}") for index in range(DEPLOYED_FIRST, TENANTS)]
        show("deploy: CPU", [cpu for cpu, _ in deployed], "ms")
        show("deploy: wall", [wall for _, wall in deployed], "ms")
        more = disk(folder / "data" / "artifacts") - before_disk
        print(f"on disk, a tenant: {more / (TENANTS - DEPLOYED_FIRST) / 1024:.0f} KiB of artifacts")
        for index in range(TENANTS):
            run(settings, "route", f"t{index}.test", f"t{index}")
        with (folder / "log").open("w") as log:
            edge = subprocess.Popen([BINARY, "run", *settings], stdout=log, stderr=log)
        try:
            while True:
                try:
                    if get(ops, "localhost") and get(port, "nobody.test")[0] == 404:
                        break
                except OSError:
                    time.sleep(0.05)
            # The engine is made ready when the edge starts; give it the time.
            time.sleep(2)
            first, second, cpu = [], [], []
            baseline = None
            for index in range(TENANTS):
                before = edge_cpu_ms(edge.pid)
                status, body, wall = get(port, f"t{index}.test")
                assert (status, body.decode()) == (200, f"hello {index}"), (status, body)
                cpu.append(edge_cpu_ms(edge.pid) - before)
                first.append(wall)
                second.append(get(port, f"t{index}.test")[2])
                if index == DEPLOYED_FIRST - 1:
                    baseline = resident(edge.pid)
            print(f"the first request of all: {first[0]:.2f} ms")
            show("first request to a worker that nobody has asked for: wall", first[1:], "ms")
            show("first request: CPU of the edge", cpu[1:], "ms")
            show("second request: wall", second, "ms")
            now = resident(edge.pid)
            names = ("resident", "private", "anonymous")
            for name, then, later in zip(names, baseline, now):
                print(f"{name}, a loaded tenant: {(later - then) / (TENANTS - DEPLOYED_FIRST) / 1024:.1f} KiB")
            print(f"resident with {TENANTS} tenants: {now[0] >> 20} MiB")
        finally:
            edge.terminate()
            edge.wait()


if __name__ == "__main__":
    main()
