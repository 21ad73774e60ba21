"""The main program of a benchmark: its command line, its table, its faults."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys

from servers import Failed


def main(run, rows, faults, quick, first=44, last=10, sharing="which the generator shares"):
    """The exit code.

    run(binaries, quick) gives all runs by name, rows(runs) (figure, measured, target) of each line of the table,
    faults(runs, quick) a text for each thing that fails it. `quick`: what --quick does. `first`, `last`: widths of columns.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures of every run here")
    parser.add_argument("binaries", type=pathlib.Path)
    options = parser.parse_args()
    binaries = options.binaries.resolve()
    os.environ["ADIEU_BIN"] = str(binaries)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that processes are ended
    try:
        runs = run(binaries, options.quick)
    except (Failed, AssertionError, subprocess.TimeoutExpired) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        options.json.write_text(json.dumps(runs, indent=2) + "\n")
    print(f"\n{'figure':{first}} {'measured':>10} {'target':>{last}}")
    for figure, measured, target in rows(runs):
        print(f"{figure:{first}} {measured:>10} {target:>{last}}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {sharing}")
    wrong = list(faults(runs, options.quick))
    for fault in wrong:
        print(f"bench: {fault}", file=sys.stderr)
    return 1 if wrong else 0


def not_whole(runs, quick):
    """A fault for each run that the generator says lost something."""
    return [f"{name}: calls were lost" for name, figures in runs.items() if not figures["whole"]]
