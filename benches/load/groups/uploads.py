"""Uploads: how many does the control API take, what does one cost all in, and what do visitors notice?"""

import threading

from api import WRITERS, open_api, side_by_side
from measure import say, visitors
from results import Row
from servers import GUESTS

SAME = "export default { fetch: () => new Response('same') };"


def uploads(bench):
    options = bench.options
    known, new, visits = (60, 12, 200) if options.quick else (500, 60, 1_000)
    edge, api = open_api(lambda name, settings: bench.edge(name, settings=settings, scripts=True), bench.start)
    edge.deploy("visited", GUESTS / "hello.wasm")
    api.upload("first", SAME)
    found = {name: [] for name in ("known", "known_cpu", "new", "new_cpu")}
    waits = {what: ([], []) for what in ("p50", "p99")}
    errors = 0
    for number in range(options.rounds):
        say(f"  round {number + 1} of {options.rounds}: uploads")

        def measured(name, count, upload):
            before = edge.cpu_with_ended_s()
            took = side_by_side(api, count, upload)
            found[name].append(count / took)
            found[f"{name}_cpu"].append((edge.cpu_with_ended_s() - before) * 1000 / count)

        measured("known", known, lambda own, n: own.upload(f"k{number}-{n}", SAME))
        measured("new", new, lambda own, n: own.upload(f"n{number}-{n}", f"{SAME}// {number} {n}"))
        # By themselves, so that visitors cost the uploads nothing.
        ask = lambda count: visitors(bench.directory, edge.port, rate=200, count=count, hosts=["visited.test"])
        alone = ask(visits)
        ended = threading.Event()

        def upload_on(own, n):
            if not ended.is_set():
                own.upload(f"v{number}-{n}", f"{SAME}// visited {number} {n}")

        uploading = threading.Thread(target=lambda: side_by_side(api, 100_000, upload_on))
        uploading.start()
        try:
            attacked = ask(visits)
        finally:
            ended.set()
            uploading.join()
        for what, (ours, theirs) in waits.items():
            ours.append(attacked[what])
            theirs.append(alone[what])
        errors += sum(asked["not_2xx"] + asked["failed"] for asked in (alone, attacked))
    return [
        Row(f"known code, {WRITERS} writers", found["known"], unit="a second"),
        Row("known code, CPU all in", found["known_cpu"], unit="ms"),
        Row(f"new JavaScript, {WRITERS} writers", found["new"], unit="a second"),
        Row("new JavaScript, CPU all in", found["new_cpu"], unit="ms", peer="known code", theirs=found["known_cpu"]),
        *(
            Row(f"visitors' {what} while new code is uploaded", ours, peer="without", theirs=theirs, rate=200, errors=errors, bar=bar)
            for (what, (ours, theirs)), bar in zip(waits.items(), (None, 1.25))
        ),
    ]
