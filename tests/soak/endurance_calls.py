"""Calls that pass through the server in the endurance soak, and end in each way."""

import asyncio
import time

from endurance_scene import Recurring
from harness.stubs import pb
from harness.wait import SCALE
from loss_call import LIMIT, Call

# How calls end, and how often.
ENDINGS = {"caller gives up": 1, "API, ringing": 2, "caller": 2, "callee": 2, "API": 3}


class Calls(Recurring):
    async def _one(self):
        scene, rng = self._scene, self._scene.rng
        (ending,) = rng.choices(list(ENDINGS), list(ENDINGS.values()))
        call = Call(next(self._numbers), ending)
        call.user, call.outcome = f"through-{call.number}", "OK"
        scene.seen["through calls"] += 1
        if not await scene.ring(call):
            return
        await asyncio.sleep(rng.uniform(0.1, 1))
        if ending not in ("caller gives up", "API, ringing"):
            scene.callee.pick_up(call)
            await scene.within(call.talks, LIMIT * SCALE)
            await scene.within(scene.over, rng.uniform(0.5, 5))
        call.asked_at = time.monotonic()
        await self._end(call)
        await scene.within(call.over, LIMIT * SCALE)
        scene.judge(call, call.complaints())

    async def _end(self, call):
        if call.moment.startswith("API"):
            intent = self._scene.rng.choice((pb.INTENT_QUIET, pb.INTENT_BUSY, pb.INTENT_ELSEWHERE))
            await self._scene.terminate(sip_call_id=call.call_id, intent=intent)
        elif call.moment == "callee":
            self._scene.callee.hang_up(call)
        else:
            self._scene.caller.hang_up(call)
