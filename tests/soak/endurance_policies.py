"""Cancel policies that come, change and go in the endurance soak, and sweeps by one that stays."""

import asyncio
import time

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from endurance_scene import Recurring, users
from harness.api import final_response
from harness.policies import policy, rule
from harness.stubs import pb
from harness.wait import DEADLINE, SCALE
from loss_call import LIMIT, Call

SWEEP = "sweep"
# Calls of one sweep.
_SWEPT = 8
# Calls per second of those that are broken off.
_PACE = 20
_STATUS = 410


class Policies(Recurring):
    """Each lives for a while. None matches a call."""

    async def _one(self):
        scene, service = self._scene, self._scene.policies
        quiet = pb.Treatment(as_intent=pb.INTENT_QUIET)
        elsewhere = pb.Treatment(cancel_reasons=[pb.Reason(sip_status=200)])
        rules = [rule(treatment, trigger, f"rule-{trigger}", match=users("nobody-")) for trigger, treatment in (
            (pb.TRIGGER_REQUEST, quiet), (pb.TRIGGER_ARRIVAL, quiet), (pb.TRIGGER_CALLER_CANCEL, elsewhere))]
        wanted = policy(f"passing-{next(self._numbers)}", *rules, priority=scene.rng.randrange(100))
        made = await service.CreateCancelPolicy(pb.CreateCancelPolicyRequest(cancel_policy=wanted), timeout=DEADLINE)
        for _ in range(2):
            await asyncio.sleep(scene.rng.uniform(0, 0.5))
            made.priority = scene.rng.randrange(100)
            made = await service.UpdateCancelPolicy(pb.UpdateCancelPolicyRequest(
                cancel_policy=made, update_mask=FieldMask(paths=["priority"])), timeout=DEADLINE)
        await service.DeleteCancelPolicy(
            pb.DeleteCancelPolicyRequest(name=made.name, etag=made.etag), timeout=DEADLINE)
        scene.seen["policies made, changed and deleted"] += 1


class Sweeps(Recurring):
    """Over calls that ring for it. Every other one is broken off and goes on with its id."""

    async def run(self):
        wanted = policy(SWEEP, rule(final_response(_STATUS), match=users("swept-")))
        await self._scene.policies.CreateCancelPolicy(
            pb.CreateCancelPolicyRequest(cancel_policy=wanted), timeout=DEADLINE)
        await super().run()

    async def _one(self):
        scene, number = self._scene, next(self._numbers)
        calls = [Call(i, "ringing") for i in range(_SWEPT)]
        for call in calls:
            call.user, call.outcome = f"swept-{number}-{call.number}", "OK"
        calls = [call for call, rings in zip(calls, await asyncio.gather(*map(scene.ring, calls))) if rings]
        if not calls:
            return
        for call in calls:
            call.asked_at = time.monotonic()
        request = pb.ApplyCancelPolicyRequest(
            policy=f"cancelPolicies/{SWEEP}", match=users(f"swept-{number}-"), max_calls=_SWEPT, request_id=f"sweep-{number}")
        if number % 2:
            request.calls_per_second = _PACE
            await self._break_off(request)
        last = await self._apply(request)
        if (last.matched_count, last.ended_count) != (len(calls), len(calls)):
            scene.tell(f"{last.sweep} ended {last.ended_count} of {last.matched_count}, {len(calls)} rang")
        for call in calls:
            await scene.within(call.over, LIMIT * SCALE)
            wrong = call.complaints()
            if {status for status, _ in call.caller.finals} != {_STATUS}:
                wrong.append("not ended by the sweep's policy")
            scene.judge(call, wrong)
        scene.seen["sweeps"] += 1

    async def _break_off(self, request):
        """The client goes away after the first ending."""
        stream = self._scene.stub.ApplyCancelPolicy(request, timeout=DEADLINE)
        async for message in stream:
            if message.ended_count:
                break
        stream.cancel()
        self._scene.seen["sweeps broken off"] += 1

    async def _apply(self, request):
        """The last message. While the server does not know that the client before went away, it says so."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                async for last in self._scene.stub.ApplyCancelPolicy(request, timeout=DEADLINE):
                    for termination in last.terminations:
                        self._scene.acknowledge(termination)
                return last
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.ABORTED or time.monotonic() > end:
                    raise
            await asyncio.sleep(0.05)
