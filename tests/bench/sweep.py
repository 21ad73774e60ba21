"""Runs the benchmark of sweeps against built programs and prints the figures beside their targets.

sweep.py [--quick] [--json FILE] BIN    BIN is the folder with adieud and loadgen

Exit 1 when a call was lost. Figures never fail it: they depend on the machine. Leaves nothing running.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys

from run import load
from servers import Failed, adieud


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="10 s: fewer calls")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures of every run here")
    parser.add_argument("binaries", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that processes are ended
    try:
        runs = run(options.binaries.resolve(), options.quick)
    except (Failed, subprocess.TimeoutExpired) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        options.json.write_text(json.dumps(runs, indent=2) + "\n")
    print(f"\n{'figure':48} {'measured':>10} {'target':>10}")
    for figure, measured, target in rows(runs):
        print(f"{figure:48} {measured:>10} {target:>10}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, which the generator shares")
    return 0 if all(entry["whole"] for entry in runs.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
