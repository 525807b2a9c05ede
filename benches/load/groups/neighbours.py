"""What do visitors notice of a neighbour who attacks? Light requests alone, and beside guests that loop until their limit of
50 ms ends them."""

import re
import time
import urllib.request

from measure import Case, beside, h2load, say, waits
from results import Row
from servers import GUESTS, BenchError

LOOPS = 32
# Those that were queued run out.
AFTER_S = 2.5


def loops(bench):
    options = bench.options
    edge = bench.edge("edge")
    for guest in ("hello", "spin"):
        edge.deploy(guest, GUESTS / f"{guest}.wasm")
    bench.start(edge)
    # A percentile of few requests is one request's luck.
    seconds = max(options.seconds, 2 if options.quick else 5)
    alone, attacked = Case("alone", edge, rate=200), Case("beside loops", edge, rate=200)
    attack = h2load(edge.port, "spin.test", "/", LOOPS, "-D", str(int(seconds * options.attempts) + 10))
    bench.single(alone, 1)
    for number in range(1, options.rounds + 1):
        say(f"  round {number} of {options.rounds}: beside {LOOPS} loops")
        alone.singles.append(bench.undisturbed(alone, seconds, bench.single))
        with beside(bench, attack):
            time.sleep(0.5)
            before = stopped(edge)
            attacked.singles.append(bench.undisturbed(attacked, seconds, bench.single))
            if stopped(edge) == before:
                raise BenchError("no loop was stopped: the light requests were alone")
        time.sleep(AFTER_S)
    times = {what: ([s[what] for s in attacked.singles], [s[what] for s in alone.singles]) for what in ("p50", "p99")}
    errors = attacked.errors() + alone.errors()
    rows = []
    for what, bar in (("p50", None), ("p99", 1.25)):
        ours, theirs = times[what]
        compared = {"peer": "without them", "theirs": theirs, "bar": bar}
        rows.append(Row(f"{what} of a hello beside {LOOPS} endless loops", ours, rate=200, errors=errors, **compared))
    rows[0].waits, rows[0].their_waits = waits(attacked), waits(alone)
    return rows


def stopped(edge):
    """Loops that were ended at their limit of CPU time."""
    with urllib.request.urlopen(f"http://127.0.0.1:{edge.ops_port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(r'cirque_limits_exceeded_total\{limit="cpu",tenant="spin"\} (\d+)', text)
    return int(found[1]) if found else 0
