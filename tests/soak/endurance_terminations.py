"""Terminations of every kind in the endurance soak, and whether each that was acknowledged is on record."""

import asyncio
import time

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from endurance_scene import Recurring, told
from harness.stubs import pb
from harness.wait import DEADLINE, SCALE
from loss_call import LIMIT, Call

INTENTS = [value for value in pb.Intent.values() if value]
# Of the requests, how many are repeated with their id, and how many are tried first.
_REPEATED, _TRIED = 0.3, 0.3


class Terminations(Recurring):
    """Parked calls, each ended by its name or its Call-ID with any intent."""

    async def _one(self):
        scene, rng = self._scene, self._scene.rng
        call = Call(next(self._numbers), "ringing")
        call.user, call.outcome = f"ended-{call.number}", "OK"
        if not await scene.ring(call):
            return
        fields = {"intent": rng.choice(INTENTS)}
        if rng.random() < 0.5:
            fields["name"] = await self._name(call)
        else:
            fields["sip_call_id"] = call.call_id
        if rng.random() < _TRIED:
            await self._try(call, fields)
        call.asked_at = time.monotonic()
        if rng.random() < _REPEATED:
            termination = await self._repeat(call, {**fields, "request_id": call.call_id})
        else:
            termination = await scene.terminate(**fields)
        await scene.within(call.over, LIMIT * SCALE)
        wrong = call.complaints()
        if {status for status, _ in call.caller.finals} != {termination.legs[0].status_code}:
            wrong.append(f"adieud says {termination.legs[0].status_code}")
        scene.judge(call, wrong)
        await self._refused("FAILED_PRECONDITION", **fields)
        if rng.random() < 0.3:
            await self._refused("NOT_FOUND", sip_call_id=f"unknown-{call.call_id}")

    async def _name(self, call):
        match = pb.CallMatch(sip_call_ids=pb.StringList(values=[call.call_id]))
        answer = await self._scene.stub.ListCalls(pb.ListCallsRequest(match=match), timeout=DEADLINE)
        return answer.calls[0].name

    async def _try(self, call, fields):
        shown = await self._scene.stub.TerminateCall(
            pb.TerminateCallRequest(validate_only=True, **fields), timeout=DEADLINE)
        self._scene.seen["terminations tried first"] += 1
        if shown.name or call.caller.ended:
            self._scene.tell(f"{call}: validate_only did something")

    async def _repeat(self, call, fields):
        """Two at once and one later: one termination."""
        ended = list(await asyncio.gather(*(self._scene.terminate(**fields) for _ in range(2))))
        ended.append(await self._scene.terminate(**fields))
        self._scene.seen["terminations repeated"] += 2
        if len({termination.name for termination in ended}) != 1:
            self._scene.tell(f"{call}: a repeated request made {[termination.name for termination in ended]}")
        return ended[0]

    async def _refused(self, code, **fields):
        try:
            await self._scene.stub.TerminateCall(pb.TerminateCallRequest(**fields), timeout=DEADLINE)
        except grpc.aio.AioRpcError as error:
            self._scene.seen["terminations refused"] += 1
            if error.code().name != code:
                self._scene.tell(f"{code} expected: {told(error)}")
        else:
            self._scene.tell(f"{code} expected, was accepted: {fields}")


async def check_record(scene):
    """Whether what was acknowledged since the last check is on record. The store keeps a million: an hour has more."""
    wanted, scene.acknowledged = scene.acknowledged, {}
    if not wanted:
        return
    begin, end = Timestamp(), Timestamp()
    begin.FromNanoseconds(min(wanted.values()))
    end.FromNanoseconds(max(wanted.values()) + 1_000_000)
    page = ""
    while True:
        answer = await scene.stub.ListTerminations(
            pb.ListTerminationsRequest(start_time=begin, end_time=end, page_size=1000, page_token=page), timeout=DEADLINE)
        for termination in answer.terminations:
            wanted.pop(termination.name, None)
        page = answer.next_page_token
        if not page:
            break
    for name in wanted:
        scene.tell(f"{name} was acknowledged and is not on record")
