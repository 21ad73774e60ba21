"""Measures what INVITEs that nobody wants cost, while good calls go on, and prints the figures beside their targets.

flood.py [--quick] [--json FILE] BIN    BIN is the folder with adieud and loadgen

Exit 1 when a good call was lost, when a refused INVITE was not counted, when one costs more than a tenth of an accepted one,
or when memory grew. Leaves nothing running.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

from harness.metrics import scrape  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.wait import until  # noqa: E402
import report  # noqa: E402
from run import load  # noqa: E402

# Good calls, each of which rings for a second and is ended over the API.
RATE = 200
# INVITEs of a scanner per second. What the kernel lets through is read and parsed, so it cannot be as many as can be sent.
SCANS = 2000
# Part of what an accepted INVITE costs.
COST_LIMIT = 0.1
GROWTH_LIMIT_KB = 16 * 1024

FRIEND, STRANGER = "127.0.0.1", "127.0.0.2"
CONFIG = {"sip": {"listeners": [{"name": "main", "address": f"{FRIEND}:0", "transports": ["udp"]}],
                  "allow": [f"{FRIEND}/32"]},
          # So few that the good calls do not make it grow.
          "limits": {"ended_calls": 500}}


def run(binaries, quick):
    """All runs, by name."""
    runs = {}
    with Server(config=json.dumps(CONFIG), sip_listen=None) as server:
        target = ["--sip", "%s:%d" % server.sip(), "--grpc", server.grpc, "--server-pid", str(server.pid)]
        good = ["latency", "--rate", RATE, "--seconds", 2 if quick else 30]

        def counted(name, **labels):
            return int(scrape(server.metrics).value(name, **labels))

        runs["accepted"] = load(binaries, target, "storm", "--calls", 500 if quick else 10000)
        runs["quiet"] = load(binaries, target, *good)
        refused = runs["refused"] = load(binaries, target, *good, "--flood-from", f"{STRANGER}:0")
        dropped = "adieu_sip_datagrams_dropped_total"
        until(lambda: counted(dropped) >= refused["flood"], "every refused INVITE is counted")
        refused["dropped"] = counted(dropped)
        scans = runs["scanner"] = load(binaries, target, *good, "--flood-from", f"{FRIEND}:0", "--flood-rate", SCANS,
                                       "--flood-agent", "friendly-scanner")
        scans["dropped"] = counted("adieu_sip_rejected_total", reason="scanner")
    return runs


def cost(runs, name):
    """Microseconds of CPU that an INVITE of this flood took beside the good calls."""
    return max(0, runs[name]["cpu_us"] - runs["quiet"]["cpu_us"]) / runs[name]["flood"]


def rows(runs):
    """(figure, measured, target) for the table; an empty target is only worth knowing."""
    accepted, quiet, refused, scanner = (runs[name] for name in ("accepted", "quiet", "refused", "scanner"))
    seconds = quiet["calls"] / quiet["rate_reached"]
    yield "CPU per accepted INVITE, us", accepted["cpu_us_per_ring"], ""
    yield "INVITEs refused by sip.allow", refused["flood"], ""
    yield "  per second", round(refused["flood"] / seconds), ""
    yield "  CPU of each, us", round(cost(runs, "refused"), 3), ""
    yield "  as part of an accepted one", f"{cost(runs, 'refused') / accepted['cpu_us_per_ring']:.4f}", COST_LIMIT
    yield "  counted as dropped", refused["dropped"], refused["flood"]
    yield "  growth of memory meanwhile, kB", refused["growth_kb"], f"< {GROWTH_LIMIT_KB}"
    yield f"good calls lost, of {refused['calls']}", refused["failures"], "0"
    yield "  p50, ms", refused["p50_ms"], ""
    yield "  p99, ms", refused["p99_ms"], ""
    yield "  p50 without a flood, ms", quiet["p50_ms"], ""
    yield "  p99 without a flood, ms", quiet["p99_ms"], ""
    yield "INVITEs of a scanner", scanner["flood"], ""
    yield "  CPU of each, us", round(cost(runs, "scanner"), 1), ""
    yield "  as part of an accepted one", f"{cost(runs, 'scanner') / accepted['cpu_us_per_ring']:.2f}", ""
    yield "  counted as such", scanner["dropped"], scanner["flood"]
    yield f"good calls lost, of {scanner['calls']}", scanner["failures"], "0"


def faults(runs, quick):
    """What is not as it must be."""
    refused = runs["refused"]
    for name, figures in runs.items():
        if not figures["whole"]:
            yield f"{name}: calls were lost"
    if cost(runs, "refused") > COST_LIMIT * runs["accepted"]["cpu_us_per_ring"]:
        yield f"a refused INVITE costs more than {COST_LIMIT} of an accepted one"
    if runs["scanner"]["dropped"] < runs["scanner"]["flood"]:
        yield "INVITEs of the scanner were not counted"
    for name in ("refused", "scanner"):
        if runs[name]["growth_kb"] > GROWTH_LIMIT_KB:
            yield f"{name}: memory grew by {runs[name]['growth_kb']} kB"
    if not refused["flood"]:
        yield "there was no flood"


if __name__ == "__main__":
    sys.exit(report.main(run, rows, faults, "15 s: a flood of 2 s"))
