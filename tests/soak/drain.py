#!/usr/bin/python3
"""Drains a real adieud under load: calls ring, calls are answered, and new ones arrive until it is gone.

    ADIEU_BIN=build/dev/bin tests/soak/drain.py --ringing 500 --answered 500 [--rate 50] [--ringing-after 5]
        [--answered-after 15]

Half of the calls that ring are parked; all others pass through. After SIGTERM every phone must get its final response or its
BYE, once; who arrives gets 503 with Retry-After; the process must be gone within its settings and its patience with exit code
0, and every ending on record. Exit 0: so it was. 1: it was not; the calls are told.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import loss_caller  # noqa: E402
from drain_call import Call  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb  # noqa: E402
from harness.wait import DEADLINE, SCALE  # noqa: E402
from loss_callee import Callee  # noqa: E402
from phones import Phone as Sockets  # noqa: E402

# Seconds: what a drain waits for its last calls (docs/operating.md), and what the process takes to close its rooms.
PATIENCE, CLOSING = 40, 5
# Calls per second that are placed before.
PLACED_PER_SECOND = 100
# Seconds in which calls arrive before SIGTERM.
ARRIVING_BEFORE = 1.0


class Caller(loss_caller.Caller):
    def invite(self, call):
        call.invited_at = time.monotonic()
        super().invite(call)

    def on_response(self, message):
        call = self.calls[message.call_id]
        if message.method == "INVITE" and message.status == 180:
            call.rings.set()
        if message.method == "INVITE" and message.status >= 300:
            call.final, call.retry_after = message.status, message.one("Retry-After") if message.has("Retry-After") else ""
        super().on_response(message)


class Drain:
    def __init__(self, arguments, store):
        self.arguments, self.store = arguments, store
        self.calls = []
        self.arriving = True
        self.exit_code = None
        self.wrong = []

    def config(self):
        seconds = self.arguments
        return json.dumps({
            "routes": [{"name": "parked", "match": {"request_uri": {"prefix": "sip:parked-"}}, "park": {"timeout": "3600s"}},
                       {"name": "through", "forward": {"targets": [f"sip:{self.callee.host}"], "ring_timeout": "3600s"}}],
            "drain": {"ringing_after": f"{seconds.ringing_after}s", "answered_after": f"{seconds.answered_after}s"}})

    def place(self, state):
        number = len(self.calls)
        call = Call(number, state, parked=state != "answered" and number % 2 == 0)
        self.calls.append(call)
        self.callee.expected[call.user] = call
        self.caller.invite(call)
        return call

    async def settle(self, call):
        """Until it is in its state."""
        await call.rings.wait()
        if call.moment == "answered":
            self.callee.pick_up(call)
            await call.talks.wait()

    async def place_all(self):
        states = ["ringing"] * self.arguments.ringing + ["answered"] * self.arguments.answered
        tasks = []
        for state in states:
            tasks.append(asyncio.create_task(self.settle(self.place(state))))
            await asyncio.sleep(1 / PLACED_PER_SECOND)
        await asyncio.wait_for(asyncio.gather(*tasks), DEADLINE)

    async def arrive(self):
        begin, placed = time.monotonic(), 0
        while self.arriving:
            self.place("arriving")
            placed += 1
            await asyncio.sleep(max(0.0, begin + placed / self.arguments.rate - time.monotonic()))

    async def run(self):
        loop = asyncio.get_running_loop()
        # Their server is known only when it has started, and it needs to know where the callee is.
        _, self.callee = await loop.create_datagram_endpoint(lambda: Callee(None), sock=Sockets.open_socket())
        _, self.caller = await loop.create_datagram_endpoint(lambda: Caller(None), sock=Sockets.open_socket())
        server = await asyncio.to_thread(Server, config=self.config(), store=self.store)
        self.callee.server = self.caller.server = server.sip()
        try:
            await self.place_all()
            arrivals = asyncio.create_task(self.arrive())
            await asyncio.sleep(ARRIVING_BEFORE)
            self.told_at = time.monotonic()
            for call in self.calls:
                call.asked_at = self.told_at
            server.terminate()
            settings = max(self.arguments.ringing_after, self.arguments.answered_after)
            self.exit_code = await asyncio.to_thread(server.wait_exit, settings + (PATIENCE + CLOSING) * SCALE)
            self.gone_at = time.monotonic()
            self.arriving = False
            await arrivals
        finally:
            server.kill()

    def check(self):
        if self.exit_code != 0:
            self.wrong.append(f"exit code {self.exit_code}")
        held = [call for call in self.calls if call.heard and not call.is_refused]
        self.last_over_at = max((max(call.caller.ended_at, call.callee.ended_at) for call in held), default=self.gone_at)
        for call in self.calls:
            call.asked_at = call.asked_at or call.invited_at
            self.wrong += [f"{call}: {what}" for what in call.complaints(self.last_over_at)]
        self.wrong += self.caller.failures + self.callee.failures
        with Server(store=self.store) as server, Api(server.grpc) as api:
            terminations = api.terminations(page_size=1000)
        drained = [each for each in terminations if each.trigger == pb.TRIGGER_DRAIN]
        if len(drained) != len(held):
            self.wrong.append(f"{len(held)} calls were ended, {len(drained)} of them are on record")
        outcomes = collections.Counter(pb.LegOutcome.Name(leg.outcome) for each in drained for leg in each.legs)
        if set(outcomes) - {"LEG_OUTCOME_ENDED"}:
            self.wrong.append(f"outcomes on record: {dict(outcomes)}")

    def figures(self):
        def last(calls):
            ends = [max(call.caller.ended_at, call.callee.ended_at) for call in calls]
            return f"{max(ends, default=self.told_at) - self.told_at:.1f} s"

        held = [call for call in self.calls if call.heard and not call.is_refused]
        refused = [call for call in self.calls if call.is_refused]
        unheard = [call for call in self.calls if not call.heard]
        answered = [call for call in held if call.moment == "answered"]
        print(f"drain: {len(held) - len(answered)} rang, the last one over {last(set(held) - set(answered))} after SIGTERM; "
              f"{len(answered)} were answered, the last one over after {last(answered)}; {len(refused)} got 503, "
              f"{len(unheard)} met nobody; gone after {self.gone_at - self.told_at:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ringing", type=int, default=50)
    parser.add_argument("--answered", type=int, default=50)
    parser.add_argument("--rate", type=float, default=10, help="calls per second that arrive meanwhile")
    parser.add_argument("--ringing-after", type=int, default=1, help="seconds")
    parser.add_argument("--answered-after", type=int, default=3, help="seconds")
    arguments = parser.parse_args()
    print(f"drain: {arguments.ringing} ringing, {arguments.answered} answered, {arguments.rate:.0f}/s arriving", flush=True)
    folder = tempfile.mkdtemp(prefix="adieu-drain-")
    drain = Drain(arguments, f"sqlite:{folder}/adieu.db")
    try:
        asyncio.run(drain.run())
        drain.check()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    drain.figures()
    for complaint in drain.wrong[:40]:
        print(f"drain: {complaint}", file=sys.stderr)
    print(f"drain: {f'FAILED, {len(drain.wrong)} complaints' if drain.wrong else 'every phone was told, exit code 0'}")
    return 1 if drain.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
