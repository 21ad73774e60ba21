"""Offers twice the load that is held and prints what becomes of it beside the targets.

overload.py [--quick] [--json FILE] BIN    BIN is the folder with adieud and loadgen

adieud has one processor, the generator the others, so that the one cannot starve the other. Exit 1 when a call that rang was
not ended as asked, when a caller was refused otherwise than by 503 with Retry-After, when /metrics or the health service did
not answer, when calls fail afterwards, or when the goodput fell by more than a tenth of the best. With --quick that is only
shown: what a machine does in two seconds depends on who else is on it. Leaves nothing running.
"""

import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from harness import processors  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.metrics import scrape  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import health  # noqa: E402
from harness.wait import DEADLINE  # noqa: E402
import report  # noqa: E402
from run import load  # noqa: E402

FIRST_RATE = 400
# At twice the load, as a part of the best goodput.
KEPT = 0.9
# Calls per second before and after.
USUAL_RATE = 50
PROBE_PAUSE = 0.2


class Probe:
    """Asks /metrics and the health service in turns, as a monitor would. Its own thread, until the block ends."""

    def __init__(self, server):
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.asked, self.slowest, self.faults = 0, 0.0, []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        with Api(self._server.grpc) as api:
            while not self._stop.wait(PROBE_PAUSE):
                self._time(lambda: scrape(self._server.metrics))
                self._time(lambda: self._healthy(api))

    def _healthy(self, api):
        status = api.health.Check(health.HealthCheckRequest(), timeout=DEADLINE).status
        if status != health.HealthCheckResponse.SERVING:
            self.faults.append(f"health: {health.HealthCheckResponse.ServingStatus.Name(status)}")

    def _time(self, ask):
        begin = time.monotonic()
        try:
            ask()
        except (OSError, AssertionError, grpc.RpcError) as error:
            self.faults.append(repr(error))
        self.asked += 1
        self.slowest = max(self.slowest, time.monotonic() - begin)


def search(binaries, target, quick):
    """Runs at growing rates, until one is not held: a call was refused, or not heard at once."""
    runs, rate = [], FIRST_RATE
    while not runs or (runs[-1]["good"] == runs[-1]["calls"] and not runs[-1]["sent_again"]):
        rate = rate * (2 if quick else 1.25) if runs else rate
        runs.append(load(binaries, target, "overload", "--rate", rate, "--seconds", 1.5 if quick else 5))
    return runs


def run(binaries, quick):
    """All runs, by name; those of the search and of the best rate are lists."""
    runs = {}
    with processors.shared_out():
        server = Server()
    with server:
        target = ["--sip", "%s:%d" % server.sip(), "--grpc", server.grpc, "--server-pid", str(server.pid)]
        usual = ["latency", "--rate", USUAL_RATE, "--seconds", 1 if quick else 10]
        runs["before"] = load(binaries, target, *usual)
        runs["search"] = search(binaries, target, quick)
        held = max([entry["rate"] for entry in runs["search"][:-1]] or [FIRST_RATE])
        # The best is measured anew on both sides of the overload: what a machine can do changes within minutes.
        best = ["overload", "--rate", max(runs["search"], key=lambda entry: entry["goodput"])["rate"],
                "--seconds", 1.5 if quick else 10]
        runs["best"] = [load(binaries, target, *best)]
        with Probe(server) as probe:
            runs["twice"] = load(binaries, target, "overload", "--rate", 2 * held, "--seconds", 4 if quick else 30)
        runs["twice"].update(probes=probe.asked, probe_max_ms=round(1000 * probe.slowest), probe_faults=probe.faults)
        runs["after"] = load(binaries, target, *usual)
        if not quick:
            runs["best"].append(load(binaries, target, *best))
    return runs


def kept(runs):
    """The goodput at twice the load as a part of the best one."""
    return runs["twice"]["goodput"] / max(1, mean(runs["best"], "goodput"))


def mean(runs, figure):
    return sum(entry[figure] for entry in runs) / len(runs)


def rows(runs):
    """(figure, measured, target) for the table; an empty target is only worth knowing."""
    before, twice, after = (runs[name] for name in ("before", "twice", "after"))
    best = {figure: mean(runs["best"], figure) for figure in ("goodput", "rate_reached", "cpu_part")}
    yield "best goodput, calls/s", round(best["goodput"]), ""
    yield "  offered then, calls/s", round(best["rate_reached"]), ""
    yield "offered at twice the held load, calls/s", twice["rate_reached"], twice["rate"]
    yield "  goodput, calls/s", twice["goodput"], ""
    yield "  as part of the best", f"{kept(runs):.2f}", f">= {KEPT}"
    yield "  per second of adieud's CPU time", round(twice["goodput"] / max(0.01, twice["cpu_part"])), ""
    yield "    the same at the best goodput", round(best["goodput"] / max(0.01, best["cpu_part"])), ""
    yield "  refused with 503 and Retry-After", twice["refused"], ""
    yield "  never heard of", twice["unheard"], ""
    yield "  INVITEs sent again", twice["sent_again"], ""
    yield "  rang, and not ended as asked", twice["wrong"], "0"
    yield "  p50 from INVITE to 180, ms", twice["ring_p50_ms"], ""
    yield "  p99 from INVITE to 180, ms", twice["ring_p99_ms"], "500"
    yield "  p50 from TerminateCall to 486, ms", twice["end_p50_ms"], ""
    yield "  p99 from TerminateCall to 486, ms", twice["end_p99_ms"], ""
    yield "  /metrics and health asked", twice["probes"], ""
    yield "    not answered", len(twice["probe_faults"]), "0"
    yield "    the slowest answer, ms", twice["probe_max_ms"], ""
    yield "calls lost within 5 s after it", after["failures"], "0"
    yield "  p50 from TerminateCall to 486, ms", after["p50_ms"], before["p50_ms"]
    yield "  p99 from TerminateCall to 486, ms", after["p99_ms"], before["p99_ms"]


def faults(runs, quick):
    """What is not as it must be."""
    for name in ("before", "twice", "after"):
        if not runs[name]["whole"]:
            yield f"{name}: not every call went as it should"
    yield from (f"meanwhile: {fault}" for fault in runs["twice"]["probe_faults"])
    if not runs["twice"]["good"]:
        yield "no call was served"
    if quick:
        return
    if kept(runs) < KEPT:
        yield f"the goodput fell to {kept(runs):.2f} of the best, at least {KEPT} must be kept"
    if not runs["twice"]["refused"]:
        yield "nobody was refused: there was no overload"


if __name__ == "__main__":
    sys.exit(report.main(run, rows, faults, "20 s: a coarse search, 4 s of overload",
                         sharing="one of which the server has"))
