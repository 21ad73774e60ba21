"""Runs the benchmark of sweeps against built programs and prints the figures beside their targets.

sweep.py [--quick] [--json FILE] BIN    BIN is the folder with adieud and loadgen

Exit 1 when a call was lost. Figures never fail it: they depend on the machine. Leaves nothing running.
"""

import sys

import report
from run import load
from servers import adieud


def run(binaries, quick):
    """All runs, by name."""
    calls, paced_calls, rate = (1000, 300, 300) if quick else (10000, 5000, 500)
    runs = {}
    with adieud(binaries) as target:
        runs["unpaced"] = load(binaries, target, "sweep", "--calls", calls)
    with adieud(binaries) as target:
        runs["paced"] = load(binaries, target, "sweep", "--calls", paced_calls, "--rate", rate)
    return runs


def rows(runs):
    """(figure, measured, target) for the table; an empty target is only worth knowing."""
    free, paced = runs["unpaced"], runs["paced"]
    yield f"s to end {free['calls']} ringing calls, unpaced", free["end_seconds"], "0.5" if free["calls"] == 10000 else ""
    yield "  s to the last message", free["replied_seconds"], ""
    yield "  lost", free["lost"], "0"
    yield "  final responses sent again", free["retransmissions"], ""
    yield "  CPU per call, us", free["cpu_us_per_call"], ""
    yield "  TerminateCall of others meanwhile, p50, ms", free["others_p50_ms"], ""
    yield "    the slowest, ms", free["others_max_ms"], ""
    yield f"calls/s with a pace of {paced['rate']}", paced["rate_reached"], f"{paced['rate']} +- 5 %"
    yield "  lost", paced["lost"], "0"
    yield "  CPU per call, us", paced["cpu_us_per_call"], ""
    yield "  TerminateCall of others meanwhile, p50, ms", paced["others_p50_ms"], ""


if __name__ == "__main__":
    sys.exit(report.main(run, rows, report.not_whole, "10 s: fewer calls", first=48))
