"""The table that a run ends with."""

import dataclasses
import os
import platform
import re
import shutil
import statistics
import subprocess
import time
import typing
from pathlib import Path

import servers

COLUMNS = ("", "a second", "here", "beside", "it", "ratio", "of the rounds", "bar", "p50, p99 µs", "its p50, p99")


class Waits(typing.NamedTuple):
    """In µs; late where the asker itself was, so that they say little."""

    p50: float
    p99: float
    is_late: bool = False


@dataclasses.dataclass
class Row:
    """One line: our figures, one for each round, and a peer's of the same rounds."""

    what: str
    ours: list = dataclasses.field(default_factory=list)
    unit: str = "µs"
    peer: str = ""
    theirs: list = dataclasses.field(default_factory=list)
    # What the ratio may be; or a text, where it is not the ratio that counts.
    bar: float | str | None = None
    rate: int | None = None
    waits: Waits | None = None
    their_waits: Waits | None = None
    errors: int = 0
    # The ratios when asked in bursts.
    bursts: list | None = None
    # Why there are no figures.
    failed: str = ""
    group: str = ""

    def ratios(self):
        return sorted(ours / theirs for ours, theirs in zip(self.ours, self.theirs) if theirs > 0)

    def line(self):
        if self.failed:
            return f"| {self.group} | | failed: {self.failed.replace('|', '/')} | | | | | | | |"
        what = f"{self.group}: {self.what}" + (f" ({self.errors} not answered with 2xx)" if self.errors else "")
        ratios, ratio, spread = self.ratios(), "", ""
        if ratios:
            ratio = digits(statistics.median(ratios))
            spread = f"{digits(ratios[0])} to {digits(ratios[-1])}"
            if self.bursts:
                spread += f"; in bursts {digits(statistics.median(self.bursts))}"
        theirs = figure(self.theirs, self.unit) if self.theirs else ""
        cells = [what, self.rate or "", figure(self.ours, self.unit), self.peer, theirs, ratio, spread, self.against_bar(ratios)]
        cells += [both(self.waits), both(self.their_waits)]
        return "| " + " | ".join(str(cell) for cell in cells) + " |"

    def against_bar(self, ratios):
        if self.bar is None or isinstance(self.bar, str):
            return self.bar or ""
        if not ratios:
            return f"{self.bar:g}"
        return f"{self.bar:g}: {'met' if statistics.median(ratios) <= self.bar else 'missed'}"


def figure(values, unit):
    if not values:
        return "–"
    return f"{digits(statistics.median(values))} {unit}"


def digits(value):
    """Three of them say all that a measurement knows."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def both(waits):
    return f"{'~' if waits.is_late else ''}{waits.p50:,.0f}, {waits.p99:,.0f}" if waits else ""


def machine(options):
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1e6, 1),
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
        "versions": versions(options),
    }


def versions(options):
    """What was measured, as each program says itself, and what the edge is made of."""
    found = {"cirque": said(options.cirque, "--version")}
    commit = said("git", "-C", str(servers.ROOT), "rev-parse", "--short", "HEAD")
    if commit:
        found["cirque"] += f" (sources at {commit})"
    locked = (servers.ROOT / "Cargo.lock").read_text()
    for name in ("wasmtime", "pingora", "rustls"):
        found[name] = re.search(rf'name = "{name}"\nversion = "([^"]+)"', locked)[1]
    peers = {"nginx": (servers.nginx, "-v"), "workerd": (servers.workerd, "--version"), "wasmtime serve": (servers.wasmtime, "--version")}
    for name, (program, flag) in peers.items():
        try:
            found[name] = said(program(), flag)
        except servers.Absent:
            found[name] = "absent"
    found["h2load"] = said("h2load", "--version") or "absent"
    return found


def said(program, *arguments):
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    text = (done.stdout + done.stderr).strip() if done.returncode == 0 else ""
    found = re.search(r"\d+[.-]\d[\w.+-]*", text)
    return found[0] if found else text


def text(where, rows, notes, options):
    """All of a run, as Markdown."""
    lines = [
        "# Results",
        "",
        "Written by `make bench`; `benches/README.md` says how to read it.",
        "",
        f"- {where['date']}, {where['cores']} cores of {where['cpu']}, {where['memory_gb']} GB, Linux {where['kernel']}, "
        f"load {where['load']:.1f} at the start",
        "- " + ", ".join(f"{name} {version}" for name, version in where["versions"].items()),
        f"- {options.rounds} rounds of {options.seconds:g} s; what is here and beside it is the median of the rounds, "
        "the ratio that of the rounds' ratios",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|---" * len(COLUMNS) + "|",
    ]
    lines += [row.line() for row in rows]
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"
