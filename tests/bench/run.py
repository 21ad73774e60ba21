"""Runs the benchmarks against built programs and prints the figures beside their targets.

run.py [--quick] [--json FILE] BIN    BIN is the folder with adieud, loadgen and bare_nua

Exit 1 when a call was lost. Figures never fail it: they depend on the machine. Leaves nothing running.
"""

import json
import subprocess
import sys

import report
from servers import Failed, adieud, bare_nua

RUN_SECONDS = 600


def load(binaries, target, *mode):
    """The figures of one run of loadgen."""
    command = [str(part) for part in (binaries / "loadgen", *target, *mode)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=RUN_SECONDS)
    if not done.stdout.strip():
        raise Failed(f"loadgen {' '.join(map(str, mode))} said nothing (exit {done.returncode})")
    figures = json.loads(done.stdout)
    figures["whole"] = done.returncode == 0
    return figures


def run(binaries, quick):
    """All runs, by name."""
    seconds = 3 if quick else 15
    runs = {}
    with adieud(binaries) as target:
        runs["50/s"] = load(binaries, target, "latency", "--rate", 50, "--seconds", seconds)
        if quick:
            runs["500/s"] = load(binaries, target, "latency", "--rate", 500, "--seconds", seconds)
        else:
            runs["500/s"] = load(binaries, target, "latency", "--rate", 500, "--seconds", seconds, "--ringing", 5000)
            runs["clean"] = load(binaries, target, "clean")
    with adieud(binaries) as target:
        runs["storm"] = load(binaries, target, "storm", "--calls", 2000 if quick else 10000)
    with bare_nua(binaries) as target:
        runs["bare 500/s"] = load(binaries, target, "bare", "--rate", 500, "--seconds", seconds)
        if not quick and runs["clean"]["calls"]:
            rate = runs["clean"]["rate_reached"]
            runs["bare clean"] = load(binaries, target, "bare", "--rate", rate, "--seconds", 5)
    return runs


def rows(runs):
    """(figure, measured, target) for the table; an empty target is only worth knowing."""
    slow, fast, storm, bare = (runs[name] for name in ("50/s", "500/s", "storm", "bare 500/s"))
    yield "p50 at 50/s, ms", slow["p50_ms"], ""
    yield "p99 at 50/s, ms", slow["p99_ms"], ""
    yield f"p50 at 500/s, {fast['ringing']} ringing, ms", fast["p50_ms"], "0.25"
    yield f"p99 at 500/s, {fast['ringing']} ringing, ms", fast["p99_ms"], "0.8"
    yield "CPU per call at 500/s, us", fast["cpu_us_per_call"], "300"
    yield "  the same of a bare NUA, us", bare["cpu_us_per_call"], ""
    if "clean" in runs:
        clean = runs["clean"]
        yield "calls/s without a retransmission", clean["rate_reached"], "3000"
        yield "  p50 at that rate, ms", clean["p50_ms"], ""
        yield "  p99 at that rate, ms", clean["p99_ms"], ""
        yield "  CPU per call at that rate, us", clean["cpu_us_per_call"], ""
    if "bare clean" in runs:
        yield "    the same of a bare NUA, us", runs["bare clean"]["cpu_us_per_call"], ""
    whole = storm["calls"] == 10000
    yield f"calls ringing at once, of {storm['calls']} listed", storm["listed"], storm["calls"]
    yield "  kB per ringing call", storm["kb_per_ringing_call"], "20"
    yield "  s to end them, one RPC each", storm["end_seconds"], "0.6" if whole else ""
    yield "  lost", storm["lost"], "0"
    yield "  final responses sent again", storm["retransmissions"], ""
    yield "  CPU per call, us", storm["cpu_us_per_call"], ""
    yield "calls lost in all the other runs", sum(entry.get("failures", 0) for entry in runs.values()), "0"


if __name__ == "__main__":
    sys.exit(report.main(run, rows, report.not_whole, "20 s: shorter, fewer calls, no search", last=8))
