#!/usr/bin/python3
"""Calls through a real adieud that are ended while their callee answers: the 200 leaves within 2 ms of our CANCEL.

    ADIEU_BIN=build/dev/bin tests/soak/glare.py --calls 3000 [--rate 100] [--seed 1]

Half of the callees answer all the same when the CANCEL was there first, as a phone behind a slow network does; the others
then say 487. Every call must end at both ends, each 200 must get its ACK and after it one BYE, and the record must say what
the phones saw. Exit 0: so it was. 1: it was not; the calls are told.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import random
import secrets
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from harness.api import UNLIMITED, Api  # noqa: E402
from harness.metrics import scrape  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb, rpc  # noqa: E402
from harness.through import endings  # noqa: E402
from harness.wait import SCALE, until  # noqa: E402
from phones import Callee, Caller, GlareCall  # noqa: E402

WINDOW = 0.002
# Every timer of both legs, twice over.
PATIENCE = 2 * 32 + 2


class Glare:
    """The load: places the calls, ends each one, and lets the callee answer around the moment when the CANCEL comes."""

    def __init__(self, server, arguments, rng):
        self.server = server
        self.arguments = arguments
        self.rng = rng
        self.delays = collections.deque([0.004], maxlen=41)  # seconds from our request to the CANCEL at the callee
        self.calls = []
        self.refused = []

    def answer_delay(self):
        return max(0.0, statistics.median(self.delays) + self.rng.uniform(-WINDOW, WINDOW))

    async def run(self, caller, callee):
        async with grpc.aio.insecure_channel(self.server.grpc, options=UNLIMITED) as channel:
            self.stub = rpc.CallControlServiceStub(channel)
            begin, tasks = time.monotonic(), []
            for i in range(self.arguments.calls):
                call = GlareCall(i, stubborn=self.rng.random() < 0.5)
                self.calls.append(call)
                tasks.append(asyncio.create_task(self.one(caller, callee, call)))
                await asyncio.sleep(max(0.0, begin + i / self.arguments.rate - time.monotonic()))
            await asyncio.gather(*tasks)

    async def one(self, caller, callee, call):
        caller.invite(call)
        callee.expect(call)
        await asyncio.wait_for(call.rings.wait(), 30 * SCALE)
        asked = time.monotonic()
        asyncio.get_running_loop().call_later(self.answer_delay(), callee.pick_up, call)
        try:
            await self.stub.TerminateCall(
                pb.TerminateCallRequest(sip_call_id=call.call_id, intent=pb.INTENT_ELSEWHERE), timeout=30 * SCALE)
        except grpc.aio.AioRpcError as error:
            self.refused.append((call, error))
        try:
            await asyncio.wait_for(call.over.wait(), PATIENCE * SCALE)
        except asyncio.TimeoutError:
            return  # told by check()
        if call.cancelled_at:
            self.delays.append(call.cancelled_at - asked)


def outcome_of(call):
    """What the record must say of the two legs, after what the phones saw."""
    if call.final == 200:
        return {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    return {"caller": "FINAL_RESPONSE ENDED", "callee": "ANSWERED_FIRST" if call.answered else "ENDED"}


def check(server, glare):
    """Every complaint, one line each, and how often each ending came."""
    complaints = [f"{call}: TerminateCall: {error.code().name} {error.details()}" for call, error in glare.refused]
    for call in glare.calls:
        complaints += [f"{call}: {what}" for what in call.complaints()]
    wanted = {call.call_id: call for call in glare.calls}
    seen = collections.Counter()
    with Api(server.grpc) as api:
        until(lambda: scrape(server.metrics).value("adieu_calls") == 0, "no call is left", PATIENCE * SCALE)
        found = {call.caller.sip_call_id: call for call in api.list()}
        records = {termination.call: termination for termination in until(
            lambda: settled(api, len(glare.calls)), "every termination settled", PATIENCE * SCALE)}
    for call_id, call in wanted.items():
        listed = found.get(call_id)
        if listed is None:
            complaints.append(f"{call}: not listed")
            continue
        if listed.state != pb.CALL_STATE_TERMINATED or listed.ended_by != pb.ENDED_BY_ADIEU:
            complaints.append(f"{call}: {pb.CallState.Name(listed.state)} {pb.EndedBy.Name(listed.ended_by)}")
        legs, right = endings(records[listed.name]), outcome_of(call)
        seen["answered before" if call.final == 200 else right["callee"].lower()] += 1
        if legs.get("caller") != right["caller"] or not legs.get("callee", "").endswith(right["callee"]):
            complaints.append(f"{call}: recorded {legs}, right is {right}")
    page = scrape(server.metrics)
    for name, labels in (("adieu_glare_total", {"kind": "answered_first"}),
                         ("adieu_terminations_total", {"outcome": "answered_first"})):
        if page.value(name, **labels) != seen["answered_first"]:
            counted = page.value(name, **labels)
            complaints.append(f"{name}{labels} is {counted:.0f}, {seen['answered_first']} calls were answered first")
    return complaints, seen


def settled(api, count):
    """The terminations, once there are so many and each leg's outcome is final."""
    found = api.terminations(page_size=1000)
    return found if len(found) >= count and all(leg.HasField("end_time") for t in found for leg in t.legs) else None


async def load(server, glare, callee_socket):
    loop = asyncio.get_running_loop()
    _, callee = await loop.create_datagram_endpoint(lambda: Callee(server.sip()), sock=callee_socket)
    _, caller = await loop.create_datagram_endpoint(lambda: Caller(server.sip()), sock=Caller.open_socket())
    await glare.run(caller, callee)
    return caller, callee


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=100, help="calls per second")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    arguments = parser.parse_args()
    print(f"glare: seed {arguments.seed}, {arguments.calls} calls at {arguments.rate:.0f}/s", flush=True)

    callee_socket = Callee.open_socket()
    route = {"name": "glare", "forward": {"targets": ["sip:127.0.0.1:%d;transport=udp" % callee_socket.getsockname()[1]]}}
    config = {"routes": [route], "limits": {"ended_calls": arguments.calls + 1000}}
    with Server(config=json.dumps(config)) as server:
        glare = Glare(server, arguments, random.Random(arguments.seed))
        begin = time.monotonic()
        caller, callee = asyncio.run(load(server, glare, callee_socket))
        complaints, seen = check(server, glare)
        complaints += caller.strays + callee.strays
    print(f"glare: {arguments.calls} calls in {time.monotonic() - begin:.0f} s, the CANCEL came "
          f"{statistics.median(glare.delays) * 1000:.1f} ms after the request; {dict(seen)}")
    # A run in which one side always won has tested nothing.
    if min(seen["ended"], seen["answered_first"]) < arguments.calls / 50:
        complaints.append(f"the answers did not come around the CANCEL: {dict(seen)}")
    for complaint in complaints[:40]:
        print(f"glare: {complaint}", file=sys.stderr)
    verdict = f"FAILED, {len(complaints)} complaints" if complaints else "every call ended, every outcome right"
    print(f"glare: {verdict}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
