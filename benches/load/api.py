#!/usr/bin/env python3
"""How much does the control API take: uploads, lists of many scripts, and what do visitors notice of it?

    python3 benches/load/api.py                              the embedded store
    python3 benches/load/api.py --store redis://127.0.0.1:6379/   an empty Redis of your own

Fills a namespace with scripts of one code (so the store is measured, not the compiler), lists and filters them, uploads
scripts that are all new, and asks a worker for pages at a fixed rate meanwhile. `run.py --groups uploads` measures uploads alone, in
rounds, and shares what is here. Needs what run.py needs.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import measure
from results import machine
from servers import GUESTS, ROOT, BenchError, Cirque, free_port

WRITERS = 8
PAGES = 200
BOUNDARY = "cirque-bench"
ATTEMPTS = 100


class Api:
    """One connection to the API, kept."""

    def __init__(self, port, token, account=""):
        self.port, self.token, self.account = port, token, account
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None, content_type="application/json"):
        headers = {"authorization": f"Bearer {self.token}", "content-type": content_type}
        for attempt in range(2):
            try:
                self.connection.request(method, f"/client/v4{path}", body, headers)
                answer = json.loads(self.connection.getresponse().read())
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # It was idle for longer than the API keeps it.
                self.connection.close()
                if attempt:
                    raise
        if not answer["success"]:
            raise BenchError(f"{method} {path}: {answer['errors']}")
        return answer

    def namespaces(self, rest=""):
        return f"/accounts/{self.account}/workers/dispatch/namespaces{rest}"

    def upload(self, name, code, tags=()):
        metadata = json.dumps({"main_module": "w.js", "tags": list(tags)})
        parts = [("metadata", "application/json", metadata), ("w.js", "application/javascript+module", code)]
        body = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n'
            for field, kind, text in parts
        )
        path = self.namespaces(f"/bench/scripts/{name}")
        self.ask("PUT", path, f"{body}--{BOUNDARY}--\r\n", f"multipart/form-data; boundary={BOUNDARY}")


def milliseconds(work, count):
    """What each of so many turns took."""
    waits = []
    for turn in range(count):
        began = time.monotonic()
        work(turn)
        waits.append((time.monotonic() - began) * 1000)
    return waits


def percentiles(waits):
    waits = sorted(waits)
    return f"{statistics.median(waits):.1f} | {waits[int(len(waits) * 0.99)]:.1f}"


def side_by_side(api, count, each):
    """A number of turns, shared by some writers; how long all of it took."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def write():
        own = Api(api.port, api.token, api.account)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            each(own, number)

    began = time.monotonic()
    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return time.monotonic() - began


def open_api(make, start, settings=()):
    """An edge with its API, both running, and a namespace `bench`; `make` makes it, `start` starts it."""
    port = free_port()
    edge = make("api", settings=[f"listen.api=127.0.0.1:{port}", "api.failures_per_minute=1000", *settings])
    start(edge)
    token = edge.run("token", "create", "bench").splitlines()[-1]
    for attempt in range(ATTEMPTS):
        api = Api(port, token)
        try:
            api.account = api.ask("GET", "/accounts")["result"][0]["id"]
            api.ask("POST", api.namespaces(), json.dumps({"name": "bench"}))
            return edge, api
        except (OSError, http.client.HTTPException, BenchError):
            # The listener may open after that of visitors, and the token has to be heard of.
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cirque", default=str(ROOT / "target" / "release" / "cirque"))
    parser.add_argument("--store", default="", help="a store's URL; without it the embedded one")
    parser.add_argument("--scripts", type=int, default=10_000)
    parser.add_argument("--uploads", type=int, default=100, help="new code, uploaded while visitors come")
    parser.add_argument("--rate", type=int, default=200, help="visitors a second")
    options = parser.parse_args()
    lines = []

    def told(what, figures):
        lines.append(f"| {what} | {figures} |")
        print(lines[-1], flush=True)

    with tempfile.TemporaryDirectory(prefix="cirque-bench-") as directory:
        started = []

        def make(name, settings):
            return Cirque(name, Path(directory), str(Path(options.cirque).resolve()), settings=settings)

        def start(edge):
            started.append(edge)
            edge.start()

        def visitors(count):
            return measure.visitors(Path(directory), edge.port, rate=options.rate, count=count, hosts=["visited.test"])

        try:
            edge, api = open_api(make, start, [f"store.url={options.store}"] if options.store else [])
            edge.deploy("visited", GUESTS / "hello.wasm")
            same = "export default { fetch: () => new Response('same') };"
            api.upload("first", same)
            told("", "p50 ms | p99 ms")
            took = side_by_side(
                api, options.scripts, lambda own, n: own.upload(f"s{n:06}", same, [f"plan-{n % 3}", f"customer-{n}"])
            )
            told(f"{options.scripts} uploads of known code, {WRITERS} at a time", f"{options.scripts / took:.0f}/s | ")
            scripts = api.namespaces("/bench/scripts")
            cursor = ""

            def page(_):
                nonlocal cursor
                info = api.ask("GET", f"{scripts}?limit=100&cursor={cursor}")["result_info"]
                cursor = info["cursor"]

            told("a page of 100", percentiles(milliseconds(page, PAGES)))
            told("a page of 1000", percentiles(milliseconds(lambda _: api.ask("GET", f"{scripts}?limit=1000"), PAGES // 4)))
            one = lambda n: api.ask("GET", f"{scripts}?tags=customer-{n * 7}:yes")
            told("the one script of a tag", percentiles(milliseconds(one, PAGES)))
            some = lambda _: api.ask("GET", f"{scripts}?tags=plan-1:yes&limit=100")
            told("100 of the third that has a tag", percentiles(milliseconds(some, PAGES)))
            alone = visitors(options.rate * 5)
            ended = threading.Event()
            uploading = threading.Thread(
                target=lambda: (
                    told(
                        f"{options.uploads} uploads of new code, {WRITERS} at a time",
                        f"{options.uploads / side_by_side(api, options.uploads, lambda own, n: own.upload(f'n{n}', same + f'// {n}')):.1f}/s | ",
                    ),
                    ended.set(),
                )
            )
            uploading.start()
            beside = []
            asked = Api(api.port, api.token, api.account)
            waits = []
            while not ended.is_set():
                beside.append(visitors(options.rate))
                waits += milliseconds(lambda _: asked.ask("GET", f"{scripts}?limit=1"), 5)
            uploading.join()
            told("a page of 1 while that lasts", percentiles(waits))
            for what in ("p50", "p99"):
                now = statistics.median(run[what] for run in beside)
                told(f"visitors' {what} meanwhile, to that without", f"{now / alone[what]:.2f} | ")
            errors = sum(run["not_2xx"] + run["failed"] for run in [alone, *beside])
            told("visitors not answered with 2xx", f"{errors} | ")

            def delete(_):
                return api.ask("DELETE", f"{scripts}?tags=plan-2:yes&limit=1000")["result"]["has_more"]

            began, pages = time.monotonic(), 1
            while delete(0):
                pages += 1
            took = time.monotonic() - began
            told(f"a third of them deleted by tag, {pages} requests", f"{took * 1000:.0f} all | ")
            began = time.monotonic()
            api.ask("DELETE", api.namespaces("/bench"))
            told("the namespace deleted with the rest", f"{(time.monotonic() - began) * 1000:.0f} | ")
        except BenchError as error:
            sys.exit(str(error))
        finally:
            for edge in started:
                edge.end()
    where = machine(options)
    print(f"\n{where['date']}, {where['cores']} cores of {where['cpu']}, Linux {where['kernel']}")


if __name__ == "__main__":
    main()
