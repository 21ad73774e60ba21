#!/usr/bin/python3
"""Kills a real adieud amid through calls, again and again, on one store, while the phones live on.

    ADIEU_BIN=build/dev/bin tests/soak/recover.py --rounds 4 [--rate 50] [--calls 500] [--seed 1]

Calls come at --rate, about --calls at once; they ring, talk, refresh their session timers and are hung up by either phone or
by TerminateCall. After each kill -9 the next process must list every call in which both phones are, half of them are ended
over the API at once, and of some one phone has lost its power meanwhile. At the end no phone may be left in a call or have
been in one beyond its session timer, and every termination that was acknowledged must be on record. Exit 0: so it was. 1: it
was not; the calls are told.
"""

import argparse
import asyncio
import collections
import json
import os
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

from harness.api import UNLIMITED, Api  # noqa: E402
from harness.server import Server, free_port  # noqa: E402
from harness.stubs import pb, rpc  # noqa: E402
from harness.wait import DEADLINE, SCALE  # noqa: E402
from phones import Phone as Sockets  # noqa: E402
from recover_call import EXPIRES, SLACK, Call  # noqa: E402
from recover_phones import Callee, Caller  # noqa: E402

# Seconds of a process between its start and its end, and of nobody between two.
LIFE, GAP = (3.0, 9.0), (0.0, 1.5)
RING = (0.05, 1.0)
# Phones that lose their power with each kill.
FAILING = 4
# Calls whose caller hears nothing: it gives up after so long.
GIVE_UP = 12.0


class Recovery:
    def __init__(self, arguments, rng, folder):
        self.arguments, self.rng, self.folder = arguments, rng, folder
        self.port = free_port()
        self.calls = []
        self.tasks = set()
        self.placing = True
        self.seen = collections.Counter()
        self.starts = []  # seconds from the start of a process until it serves, with calls recovered
        self.wrong = []
        self.server = self.stub = None

    # The server.

    def config(self):
        return json.dumps({
            "sip": {"listeners": [{"name": "main", "address": f"127.0.0.1:{self.port}", "transports": ["udp"]}]},
            "routes": [{"name": "through", "forward": {"targets": [f"sip:{self.callee.host}"]}}],
            "limits": {"recovered_calls_max_age": "3600s"}})

    async def start(self):
        begin = time.monotonic()
        self.server = await asyncio.to_thread(
            Server, config=self.config(), sip_listen=None, store=f"sqlite:{self.folder}/adieu.db")
        self.starts.append(time.monotonic() - begin)
        self.channel = grpc.aio.insecure_channel(self.server.grpc, options=UNLIMITED)
        self.stub = rpc.CallControlServiceStub(self.channel)

    async def kill(self):
        os.kill(self.server.pid, signal.SIGKILL)
        self.stub = None
        for call in self.calls:
            call.lived_through += call.established
        await self.channel.close()
        await asyncio.to_thread(self.server.kill)

    # The calls.

    async def place(self):
        begin, placed = time.monotonic(), 0
        while self.placing:
            if sum(not call.over.is_set() for call in self.calls) < self.arguments.calls:
                call = Call(len(self.calls))
                call.loop_time = time.monotonic
                self.calls.append(call)
                self.live(self.one(call))
            placed += 1
            await asyncio.sleep(max(0.0, begin + placed / self.arguments.rate - time.monotonic()))

    def live(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def one(self, call):
        self.callee.expected[call.user] = call
        self.caller.invite(call)
        if not await self.within(call.rings, GIVE_UP):
            return await self.give_up(call)
        await asyncio.sleep(self.rng.uniform(*RING))
        self.callee.pick_up(call)
        if not await self.within(call.talks, GIVE_UP):
            return await self.give_up(call)
        self.live(self.refresh(call))
        talk = self.rng.uniform(1.0, 2 * self.arguments.calls / self.arguments.rate)
        if not await self.within(call.over, talk):
            await self.hang_up(call)

    async def within(self, event, seconds):
        try:
            await asyncio.wait_for(event.wait(), seconds * SCALE)
        except asyncio.TimeoutError:
            return False
        return True

    async def give_up(self, call):
        """The user hears nothing for long, and hangs up. Nobody may be there who hears it."""
        if call.caller.ended or call.caller.gone:
            return
        self.caller.hang_up(call)
        if not await self.within(call.over, 5) and not call.answered:
            call.orphan = True
            call.caller.end("given up")
            call.callee.end("rings no more")

    async def refresh(self, call):
        while not await self.within(call.over, EXPIRES / 2 / SCALE):
            if call.caller.talks and not call.hung_up:
                self.caller.refresh(call)

    async def hang_up(self, call):
        if not call.established:  # one phone has no power: the other one waits
            return
        who = self.rng.choice(["caller", "callee", "API"])
        if who == "API":
            await self.terminate(call)
        else:
            (self.caller if who == "caller" else self.callee).hang_up(call)

    async def terminate(self, call):
        """Again and again until a process takes it; what it acknowledges is kept."""
        while not call.over.is_set():
            try:
                if self.stub:
                    ended = await self.stub.TerminateCall(
                        pb.TerminateCallRequest(sip_call_id=call.call_id), timeout=DEADLINE)
                    call.terminations.append(ended.name)
                    self.seen["terminations"] += 1
                    return
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:  # something else ends it
                    return
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                    if call.established:
                        call.caller.wrong.append(f"TerminateCall: {error.code().name} {error.details()}")
                    return
            await asyncio.sleep(0.05)

    # What the next process knows.

    async def listed(self):
        names, page = set(), ""
        while True:
            answer = await self.stub.ListCalls(pb.ListCallsRequest(page_size=1000, page_token=page), timeout=DEADLINE)
            names |= {call.caller.sip_call_id for call in answer.calls if call.state != pb.CALL_STATE_TERMINATED}
            page = answer.next_page_token
            if not page:
                return names

    async def judge(self, established):
        """Every call in which both phones still are is listed; half of them are ended."""
        listed = await self.listed()
        for call in established:
            if call.established and call.call_id not in listed:
                self.wrong.append(f"{call}: both phones are in it, and it is not listed")
        left = [call for call in established if call.established]
        self.seen["calls lived through a kill"] += len(left)
        await asyncio.gather(*(self.terminate(call) for call in self.rng.sample(left, len(left) // 2)))

    def cut_power(self):
        candidates = [call for call in self.calls if call.established]
        for call in self.rng.sample(candidates, min(FAILING, len(candidates))):
            self.rng.choice([call.caller, call.callee]).fail()
            self.seen["phones without power"] += 1

    async def rounds(self):
        loop = asyncio.get_running_loop()
        _, self.callee = await loop.create_datagram_endpoint(
            lambda: Callee(("127.0.0.1", self.port)), sock=Sockets.open_socket())
        _, self.caller = await loop.create_datagram_endpoint(
            lambda: Caller(("127.0.0.1", self.port)), sock=Sockets.open_socket())
        await self.start()
        self.live(self.place())
        for number in range(self.arguments.rounds):
            await asyncio.sleep(self.rng.uniform(*LIFE) * SCALE)
            await self.kill()
            self.cut_power()
            established = [call for call in self.calls if call.established]
            await asyncio.sleep(self.rng.uniform(*GAP))
            await self.start()
            await self.judge(established)
            if (number + 1) % 10 == 0:
                print(f"recover: {number + 1} kills, {len(self.calls)} calls", flush=True)
            if self.wrong:
                break
        self.placing = False
        limit = time.monotonic() + (EXPIRES + SLACK + 40) * SCALE
        while not all(call.over.is_set() for call in self.calls) and time.monotonic() < limit:
            await asyncio.sleep(0.2)
        for task in list(self.tasks):
            task.cancel()

    def check(self):
        for call in self.calls:
            self.wrong += [f"{call}: {what}" for what in call.complaints()]
        self.wrong += self.caller.failures + self.callee.failures
        with Api(self.server.grpc) as api:
            recorded = {termination.name for termination in api.terminations(page_size=1000)}
        for call in self.calls:
            lost = [name for name in call.terminations if name not in recorded]
            self.wrong += [f"{call}: {name} was acknowledged and is not on record" for name in lost]

    def figures(self):
        in_call = [end for call in self.calls for end in (call.caller, call.callee) if end.talking_since]
        self.seen["calls"] = len(self.calls)
        self.seen["established"] = sum(call.talks.is_set() for call in self.calls)
        self.seen["nobody heard of"] = sum(call.orphan for call in self.calls)
        self.seen["callees never acknowledged"] = sum(call.callee.ended == "never acknowledged" for call in self.calls)
        starts = sorted(self.starts[1:])
        print(f"recover: {dict(self.seen)}")
        print(f"recover: longest in a call beyond the last refresh {max(end.overtime for end in in_call) + EXPIRES:.1f} s of "
              f"{EXPIRES} s; start with recovery {starts[len(starts) // 2]:.2f} s, at most {starts[-1]:.2f} s")


async def run(recovery):
    try:
        await recovery.rounds()
        await asyncio.to_thread(recovery.check)
    finally:
        if recovery.server:
            recovery.server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--rate", type=float, default=50, help="calls per second")
    parser.add_argument("--calls", type=int, default=500, help="at once")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    arguments = parser.parse_args()
    print(f"recover: seed {arguments.seed}, {arguments.rounds} rounds", flush=True)
    folder = tempfile.mkdtemp(prefix="adieu-recover-")
    recovery, begin = Recovery(arguments, random.Random(arguments.seed), folder), time.monotonic()
    try:
        asyncio.run(run(recovery))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    recovery.figures()
    for complaint in recovery.wrong[:40]:
        print(f"recover: {complaint}", file=sys.stderr)
    if not recovery.wrong and not recovery.seen["calls lived through a kill"]:
        recovery.wrong.append("no call lived through a kill")
    print(f"recover: {time.monotonic() - begin:.0f} s; "
          f"{f'FAILED, {len(recovery.wrong)} complaints' if recovery.wrong else 'no phone was left in a call'}")
    return 1 if recovery.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
