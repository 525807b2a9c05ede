#!/usr/bin/env python3
"""What does a request cost the edge in CPU time, beside its peers on the same machine in the same minutes, and how long do visitors
wait? Also: what do uploads, idle connections, tenants and metrics cost?

Each server runs alone on core 0 (the others are stopped, not ended), whoever asks runs on core 1. All of a group are asked at the
same rates, in rounds that take the servers in turn, so that a busy neighbour on the machine disturbs all of them alike. CPU time is
user and system time of the whole process, over a counted number of requests. Peers are nginx, Pingora alone in the same program,
workerd, and `wasmtime serve` where that is installed; who is absent is skipped. benches/README.md says how to read the table.

    python3 benches/load/run.py                          everything; about half an hour
    python3 benches/load/run.py --quick                  two minutes on a quiet machine; for trying, not for quoting
    python3 benches/load/run.py --groups hello,cache     some groups

Needs Linux, Python 3, taskset, nginx, h2load and python3-cryptography; `make setup-bench` installs them.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from groups import GROUPS
from measure import Bench, say
from results import Row, machine, text
from servers import CLIENT_CORE, ROOT, Absent, BenchError, raise_file_limit, workerd


@dataclasses.dataclass
class Shared:
    """What the groups of a run have in common."""

    directory: Path
    notes: list = dataclasses.field(default_factory=list)
    measurements: int = 0
    # Those that others disturbed in each attempt, and those whose asker was itself late.
    disturbed: int = 0
    late: int = 0


def main():
    options = parsed()
    raise_file_limit()
    # All but the servers, which choose for themselves, stays off their core.
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    # Ended from outside, the servers end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    where, rows, began = machine(options), [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cirque-bench-") as directory:
        # nginx gives up root, and still has to reach its files.
        os.chmod(directory, 0o755)
        shared = Shared(Path(directory))
        for name in options.groups or GROUPS:
            rows += measured(name, options, shared)
    where["seconds"] = round(time.monotonic() - began)
    table = text(where, rows, remarks(shared, where), options)
    print(table)
    if options.results:
        Path(options.results).write_text(table, encoding="utf-8")
    if options.json:
        everything = {"machine": where, "rows": [dataclasses.asdict(row) for row in rows], "notes": shared.notes}
        Path(options.json).write_text(json.dumps(everything, indent=1) + "\n")
    failed = [row.group for row in rows if row.failed]
    errors = sum(row.errors for row in rows)
    if failed or errors:
        sys.exit(f"failed: {', '.join(failed) or 'no group'}; not answered with 2xx: {errors}")


def measured(name, options, shared):
    """The rows of one group; one that says why when it has no figures."""
    say(f"{name}:")
    directory = shared.directory / name
    directory.mkdir()
    directory.chmod(0o755)
    with contextlib.ExitStack() as on_end:
        on_end.callback(shutil.rmtree, directory, ignore_errors=True)
        try:
            rows = GROUPS[name](Bench(options, directory, shared, on_end))
        except BenchError as error:
            rows = [Row(name, failed=" ".join(str(error).split()))]
        except Exception as error:
            traceback.print_exc()
            rows = [Row(name, failed=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")]
    for row in rows:
        row.group = name
        say(row.line())
    return rows


def remarks(shared, where):
    notes = list(shared.notes)
    if shared.disturbed:
        share = f"{shared.disturbed} of {shared.measurements} measurements"
        notes.append(f"Others worked on these cores during {share}: read them as noise.")
    if shared.late:
        share = f"{shared.late} of {shared.measurements} measurements"
        notes.append(f"In {share} the asker itself was more than 1 ms late at p99: waits with a ~ say little.")
    return [*notes, f"The run took {where['seconds'] // 60} min {where['seconds'] % 60} s."]


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda text: text.split(",")
    parser.add_argument("--cirque", default=str(ROOT / "target" / "release" / "cirque"), help="the binary to measure")
    parser.add_argument("--groups", type=words, help=f"some of {','.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="two short rounds with fewer tenants, nothing repeated")
    parser.add_argument("--rounds", type=int, help="5; quick: 2")
    parser.add_argument("--seconds", type=float, help="how long each case is asked in each round: 4; quick: 0.5")
    parser.add_argument("--attempts", type=int, help="how often a measurement that others disturb is made: 5; quick: 1")
    parser.add_argument("--tenants", type=int, help="tenants with code of their own: 1000; quick: 30")
    parser.add_argument("--cold", type=int, help="workers that nobody has asked for, of each kind: 100; quick: 15")
    parser.add_argument("--rate", type=int, default=8000, help="the most requests a second; costly cases are asked less often")
    parser.add_argument("--bursts", action="store_true", help="also ask with h2load, which sends in bursts")
    results = str(ROOT / "benches" / "RESULTS.md")
    parser.add_argument("--results", default=results, help="where the table is written; empty: nowhere")
    parser.add_argument("--json", help="write all figures here")
    parser.add_argument("--fetch", action="store_true", help="fetch the peer that npm has, and end")
    options = parser.parse_args()
    if options.fetch:
        with contextlib.suppress(Absent):
            workerd()
        sys.exit()
    short = {"rounds": 2, "seconds": 0.5, "attempts": 1, "tenants": 30, "cold": 15}
    long = {"rounds": 5, "seconds": 4.0, "attempts": 5, "tenants": 1000, "cold": 100}
    for name, value in (short if options.quick else long).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.cirque = str(Path(options.cirque).resolve())
    if not os.access(options.cirque, os.X_OK):
        sys.exit(f"{options.cirque} is not there: cargo build --release")
    if os.cpu_count() < 2:
        sys.exit("a server and whoever asks it need a core each")
    if unknown := set(options.groups or ()) - set(GROUPS):
        sys.exit(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    return options


if __name__ == "__main__":
    main()
