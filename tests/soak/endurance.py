#!/usr/bin/python3
"""Everything at once for a long time on one adieud, with clients that hang and vanish: nothing may grow, none may be left.

    ADIEU_BIN=build/bench/bin tests/soak/endurance.py [--seconds 3600] [--rate 600] [--through 15] [--seed 1]
        [--json FILE]

The load generator lets calls ring and ends them, --rate a second. Beside it: calls that pass through, terminations of every
kind, sweeps, changes of policies, watchers that keep up, hang and vanish, callers and clients that vanish. At the end
everything is let go: no call may be left, every call must have had its ending, every acknowledged termination be on record,
and descriptors, threads and memory be what they were. A run of 15 minutes or more also compares its parts: memory and latency
must be flat. Exit 0: so it was. 1: it was not; what was wrong is told.
"""

import argparse
import asyncio
import dataclasses
import json
import pathlib
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

import endurance_samples as samples  # noqa: E402
from endurance_calls import Calls  # noqa: E402
from endurance_load import Load  # noqa: E402
from endurance_phones import Callee, Caller  # noqa: E402
from endurance_policies import Policies, Sweeps  # noqa: E402
from endurance_scene import Scene  # noqa: E402
from endurance_terminations import Terminations, check_record  # noqa: E402
from endurance_vanishing import LOST_RINGS, UNHEARD, Vanishing  # noqa: E402
from endurance_watchers import Watchers  # noqa: E402
from harness import processors  # noqa: E402
from harness import server as servers  # noqa: E402
from harness.api import UNLIMITED  # noqa: E402
from harness.metrics import scrape  # noqa: E402
from harness.stubs import pb  # noqa: E402
from harness.wait import DEADLINE, SCALE  # noqa: E402
from phones import Phone as Sockets  # noqa: E402
from transactions import LIFE  # noqa: E402

# Seconds from which on a run is long enough to compare its parts.
FULL = 900
# Seconds between two samples, and of a window of the load.
SAMPLED, WINDOW = 10, 60
# Calls of each kind beside the load, per second.
TERMINATIONS, POLICIES, VANISHING = 5, 3, 0.5
# Seconds between two sweeps.
SWEEPS = 3
# Of the load: so much may be refused with 503 while others have the machine.
REFUSED = 0.05
# Seconds: both transactions of a caller that never answers, one after the other, and some more.
LAST_CALL = (2 * LIFE + 10) * SCALE
LIVE = pb.CallMatch(none_of=pb.CallMatchList(matches=[pb.CallMatch(state=pb.CALL_STATE_TERMINATED)]))


class Server(servers.Server):
    """Keeps the log lines that matter: an hour has millions of others."""

    def keeps(self, line):
        return b'"level":"info"' not in line or b'"ready"' in line

    def errors(self):
        return [line for line in self.log() if '"level":"error"' in line]


def config(callee):
    return json.dumps({
        "sip": {"listeners": [{"name": "main", "address": "127.0.0.1:0", "transports": ["udp", "tcp"]}]},
        "routes": [
            {"name": "through", "match": {"request_uri": {"prefix": "sip:through-"}},
             "forward": {"targets": [f"sip:{callee}"]}},
            {"name": "lost", "match": {"request_uri": {"prefix": "sip:lost-"}}, "park": {"timeout": f"{LOST_RINGS}s"}},
            {"name": "parked", "park": {"timeout": "3600s"}}]})


class Endurance:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.samples = []

    async def run(self):
        loop = asyncio.get_running_loop()
        _, callee = await loop.create_datagram_endpoint(lambda: Callee(None), sock=Sockets.open_socket())
        _, caller = await loop.create_datagram_endpoint(lambda: Caller(None), sock=Sockets.open_socket())
        with processors.shared_out():
            server = Server(config=config(callee.host), sip_listen=None, store=f"sqlite:{self.folder}/adieu.db")
        callee.server = caller.server = server.sip()
        try:
            async with grpc.aio.insecure_channel(server.grpc, options=UNLIMITED) as channel:
                self.scene = Scene(server, channel, caller, callee, random.Random(self.arguments.seed))
                await self._calls()  # the connection is there before the first sample
                samples.sample(server, 0)
                self.before = samples.sample(server, 0)
                await self._play()
                await self._quiet()
                await check_record(self.scene)
            self._judge(server)
            await asyncio.to_thread(server.stop)
        finally:
            server.kill()

    async def _calls(self):
        return (await self.scene.stub.ListCalls(pb.ListCallsRequest(match=LIVE), timeout=DEADLINE)).calls

    async def _play(self):
        scene, arguments = self.scene, self.arguments
        self.load = Load(scene, arguments.rate, min(WINDOW, max(2, arguments.seconds / 10)))
        watchers, vanishing = Watchers(scene), Vanishing(scene, VANISHING)
        keepers = asyncio.create_task(watchers.keep_up())
        loop = asyncio.get_running_loop()
        loop.call_later(max(arguments.seconds / 2, arguments.seconds - 2 * LIFE), vanishing.no_more.set)
        loop.call_later(arguments.seconds, scene.over.set)
        begin = time.monotonic()
        await asyncio.gather(*(scene.guarded(one.run()) for one in (
            self.load, Calls(scene, 1 / arguments.through), Terminations(scene, 1 / TERMINATIONS), Policies(scene, 1 / POLICIES),
            Sweeps(scene, SWEEPS), watchers, vanishing)), scene.guarded(self._measure(begin)))
        self.seconds = time.monotonic() - begin
        await self._empty()
        watchers.let_go()
        await keepers

    async def _measure(self, begin):
        pause = min(SAMPLED, self.arguments.seconds / 18)
        while await self.scene.pause(pause):
            self.samples.append(await asyncio.to_thread(samples.sample, self.scene.server, time.monotonic() - begin))
            await check_record(self.scene)

    async def _empty(self):
        """No call is left."""
        end = time.monotonic() + LAST_CALL
        while left := await self._calls():
            if time.monotonic() > end:
                self.scene.tell(f"{len(left)} calls are left: {[call.caller.sip_call_id for call in left[:5]]}")
                return
            await asyncio.sleep(0.2)

    async def _quiet(self):
        """The server is as it was before."""
        end = time.monotonic() + DEADLINE
        while True:
            self.after = await asyncio.to_thread(samples.sample, self.scene.server, 0)
            if not (told := list(samples.left(self.before, self.after))) or time.monotonic() > end:
                break
            await asyncio.sleep(0.2)
        for what in told:
            self.scene.tell(what)

    def _judge(self, server):
        scene, page = self.scene, scrape(server.metrics)
        self.refused = int(page.value("adieu_sip_rejected_total", reason="overload") +
                           page.value("adieu_sip_datagrams_dropped_total"))
        unserved = self.load.failures + scene.seen[UNHEARD] + scene.seen["calls refused with 503"]
        if unserved > self.refused:
            scene.tell(f"{unserved} calls were not served, {self.load.failures} of them of the load; "
                       f"{self.refused} INVITEs were refused or dropped")
        if self.refused > REFUSED * self.load.calls:
            scene.tell(f"{self.refused} INVITEs were refused or dropped, the load was {self.load.calls}")
        for failure in scene.caller.failures + scene.callee.failures:
            scene.tell(f"a phone failed: {failure}")
        for line in server.errors():
            scene.tell(f"the log says {line}")
        if SCALE == 1:  # a sanitizer keeps what was freed
            for what in samples.grown(self.samples, self.load.windows, self.arguments.seconds >= FULL):
                scene.tell(what)

    def figures(self):
        before, after, windows = self.before, self.after, self.load.windows
        print(f"endurance: {self.seconds:.0f} s, the load {self.load.calls} calls in {len(windows)} windows, "
              f"{self.load.failures} not ended as asked, {self.refused} refused or dropped")
        if windows:
            for line in samples.table(self.samples, windows):
                print(line)
        for name, one in (("before", before), ("after", after)):
            print(f"{name}: {one.rss / samples.MB:.1f} MB, {one.descriptors} descriptors, {one.threads} threads, "
                  f"{one.watchers:.0f} watchers")
        print("; ".join(f"{what} {number}" for what, number in sorted(self.scene.seen.items())))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--rate", type=float, default=600, help="calls of the load per second")
    parser.add_argument("--through", type=float, default=15, help="calls that pass through per second")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--json", type=pathlib.Path, help="write every sample and window here")
    arguments = parser.parse_args()
    print(f"endurance: seed {arguments.seed}, {arguments.seconds:.0f} s at {arguments.rate:.0f}/s", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("endurance: ended from outside"))  # adieud ends too
    folder = tempfile.mkdtemp(prefix="adieu-endurance-")
    endurance = Endurance(arguments, folder)
    try:
        asyncio.run(endurance.run())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    endurance.figures()
    if arguments.json:
        arguments.json.write_text(json.dumps({
            "samples": [dataclasses.asdict(one) for one in endurance.samples], "windows": endurance.load.windows}))
    scene = endurance.scene
    for what in scene.wrong:
        print(f"endurance: {what}", file=sys.stderr)
    print(f"endurance: {f'FAILED, {scene.wrongs} complaints' if scene.wrongs else 'nothing grew, nothing was left'}")
    return 1 if scene.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
