"""Runs the benchmark of calls that pass through, beside Kamailio and SIPp, and prints the figures beside their targets.

through.py [--quick] [--json FILE] BIN    BIN is the folder with adieud and loadgen

Exit 1 when a call was lost at the common rate or in the storm. Figures never fail it. Leaves nothing running.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import servers
from servers import Failed

RUN_SECONDS = 600
POLICIES = 20


class Bench:
    def __init__(self, binaries, callee):
        self.binaries = binaries
        self.callee = callee
        self.address = "%s:%d" % callee.getsockname()

    def loadgen(self, target, what, *arguments, pids=()):
        """The figures of one run. `target`: flags of the server; none: straight to the callee."""
        target = [flag for at, flag in enumerate(target) if "--grpc" not in target[max(0, at - 1):at + 1]]
        command = [str(part) for part in (self.binaries / "loadgen", *target, "through", what, "--callee-fd",
                                          self.callee.fileno(), *pids, *arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=RUN_SECONDS,
                              pass_fds=[self.callee.fileno()])
        if not done.stdout.strip():
            raise Failed(f"loadgen {what} said nothing (exit {done.returncode})")
        figures = json.loads(done.stdout)
        figures["whole"] = figures.get("lost", 1) == 0
        return figures

    def sipp(self, rate, seconds):
        """SIPp straight to SIPp: the CPU time of both per call."""
        sipp = shutil.which("sipp")
        if not sipp:
            return None
        port = servers.free_address().rsplit(":", 1)[1]
        calls = int(rate * seconds)
        with tempfile.TemporaryDirectory(prefix="adieu-sipp-") as folder:
            options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
            with servers.process([sipp, "-sn", "uas", "-i", "127.0.0.1", "-p", port, "-nostdin"], **options) as uas:
                uac = subprocess.Popen([sipp, "-sn", "uac", "-i", "127.0.0.1", "-r", str(rate), "-m", str(calls), "-d", "150",
                                        "-nostdin", "-timeout", f"{int(seconds) + 30}s", f"127.0.0.1:{port}"],
                                       stdin=subprocess.DEVNULL, **options)
                _, status, usage = os.wait4(uac.pid, 0)
                uac.returncode = os.waitstatus_to_exitcode(status)
                ticks = pathlib.Path(f"/proc/{uas.pid}/stat").read_text().rsplit(")", 1)[1].split()
        cpu = usage.ru_utime + usage.ru_stime + (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
        return {"mode": "sipp", "rate": rate, "calls": calls, "cpu_us_per_call": cpu * 1e6 / calls,
                "whole": uac.returncode == 0}

    def run(self, quick):
        """All runs, by name."""
        rate, seconds, rounds = (100, 2, 1) if quick else (300, 8, 4)
        common = ("load", "--rate", rate, "--seconds", seconds)
        runs = {"direct": self.loadgen((), *common)}
        with contextlib.ExitStack() as stack:
            adieud = stack.enter_context(servers.adieud(self.binaries, self.address))
            decided = stack.enter_context(servers.adieud(self.binaries, self.address, POLICIES))
            proxy = stack.enter_context(servers.kamailio(self.address)) if servers.KAMAILIO else None
            for turn in range(rounds):
                # Next to each other, in turns: what one run has of the machine the other has too.
                for name, target in (("adieud", adieud), ("policies", decided))[::1 if turn % 2 == 0 else -1]:
                    runs[f"{name} {turn}"] = self.loadgen(target, *common)
                if proxy:
                    runs[f"kamailio {turn}"] = self.loadgen(proxy[0], *common, pids=proxy[1])
                if sipp := self.sipp(rate, seconds):
                    runs[f"sipp {turn}"] = sipp
            if not quick:
                search = ("search", "--from", 500, "--seconds", 4)
                runs["adieud clean"] = self.loadgen(adieud, *search)
                if proxy:
                    runs["kamailio clean"] = self.loadgen(proxy[0], *search, pids=proxy[1])
        with servers.adieud(self.binaries, self.address) as target:
            storm = (200, 200, 1) if quick else (5000, 400, 45)
            runs["storm"] = self.loadgen(target, "storm", "--calls", storm[0], "--rate", storm[1], "--rest", storm[2])
        return runs


def mean(runs, name, key):
    found = [figures[key] for label, figures in runs.items() if label.startswith(name + " ") and label[-1].isdigit()]
    return round(sum(found) / len(found), 3) if found else ""


def rows(runs):
    """(figure, adieud, kamailio, other, target)."""
    direct, storm = runs["direct"], runs["storm"]
    rate = direct["rate"]
    for key, name in (("p50_ms", "p50"), ("p99_ms", "p99")):
        yield (f"latency per message at {rate:.0f}/s, {name}, ms", mean(runs, "adieud", key), mean(runs, "kamailio", key),
               direct[key], "")
    yield (f"CPU per call at {rate:.0f}/s, us", mean(runs, "adieud", "cpu_us_per_call"),
           mean(runs, "kamailio", "cpu_us_per_call"), mean(runs, "sipp", "cpu_us_per_call"), "500")
    with_policies = mean(runs, "policies", "cpu_us_per_call")
    yield f"  with {POLICIES} policies that every trigger asks, us", with_policies, "", "", ""
    yield "  that is, times as much", round(with_policies / mean(runs, "adieud", "cpu_us_per_call"), 3), "", "", "1.05"
    if "adieud clean" in runs:
        clean, other = runs["adieud clean"], runs.get("kamailio clean", {})
        yield "calls/s without a retransmission", clean.get("rate", 0), other.get("rate", ""), "", ""
        yield "  CPU per call at that rate, us", clean.get("cpu_us_per_call", ""), other.get("cpu_us_per_call", ""), "", "500"
    yield f"kB per answered call, {storm['calls']} at once", storm["kb_per_answered_call"], "", "", "32"
    for key, name in (("before", "before"), ("answered", "answered"), ("ended", "ended"), ("rested", "after a rest")):
        yield f"  MB resident, {name}", storm[f"rss_mb_{key}"], "", "", ""
    yield "calls lost", sum(figures.get("lost", 0) for figures in runs.values()), "", "", "0"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="20 s: shorter, fewer calls, no search")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures of every run here")
    parser.add_argument("binaries", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that processes are ended
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as callee:
        callee.bind(("127.0.0.1", 0))
        try:
            runs = Bench(options.binaries.resolve(), callee).run(options.quick)
        except (Failed, subprocess.TimeoutExpired) as error:
            print(f"through: {error}", file=sys.stderr)
            return 1
    if options.json:
        options.json.write_text(json.dumps(runs, indent=2) + "\n")
    print(f"\n{'figure':46} {'adieud':>9} {'kamailio':>9} {'direct':>9} {'target':>7}")
    for row in rows(runs):
        print("{:46} {:>9} {:>9} {:>9} {:>7}".format(*(str(cell) for cell in row)))
    print("direct: the generator without a server for the latency, SIPp straight to SIPp for the CPU time of both")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, which the generator shares")
    return 0 if all(figures["whole"] for label, figures in runs.items() if label.startswith(("adieud", "policies", "storm"))) else 1


if __name__ == "__main__":
    sys.exit(main())
