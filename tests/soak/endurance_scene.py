"""What all that goes on in the endurance soak shares: the server, its phones, its API, and what went wrong."""

import asyncio
import collections
import itertools
import time

import grpc

from harness.stubs import pb, rpc
from harness.wait import DEADLINE

# Texts kept of what went wrong; more are counted.
_TOLD = 40


def users(prefix):
    """The calls to a user part that begins so."""
    return pb.CallMatch(request_uri=pb.StringMatch(prefix=f"sip:{prefix}"))


def told(error):
    """What a gRPC error says, in short."""
    return f"{error.code().name} {error.details()}"


class Scene:
    """`caller`, `callee`: phones of thousands of calls. `over` is set when no more may begin."""

    def __init__(self, server, channel, caller, callee, rng):
        self.server, self.caller, self.callee, self.rng = server, caller, callee, rng
        self.stub = rpc.CallControlServiceStub(channel)
        self.policies = rpc.CancelPolicyServiceStub(channel)
        self.over = asyncio.Event()
        self.seen = collections.Counter()
        self.wrong, self.wrongs = [], 0
        self.acknowledged = {}  # name of a termination that the API told: when it was requested, in nanoseconds
        self._tasks = set()

    def tell(self, what):
        self.wrongs += 1
        if len(self.wrong) < _TOLD:
            self.wrong.append(what)

    async def pause(self, seconds):
        """Whether it goes on."""
        return not await self.within(self.over, seconds)

    async def within(self, event, seconds):
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def every(self, seconds, begin):
        """Starts begin() so often, whatever the last one does, until it is over and each has ended."""
        first, begun, tasks = time.monotonic(), 0, set()
        while not self.over.is_set():
            task = asyncio.create_task(self.guarded(begin()))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            begun += 1
            await self.pause(max(0.0, first + begun * seconds - time.monotonic()))
        await asyncio.gather(*tasks)

    async def guarded(self, coroutine):
        """What it raises is told; the others go on."""
        try:
            await coroutine
        except grpc.aio.AioRpcError as error:
            self.tell(f"{coroutine.__qualname__}: {told(error)}")
        except Exception as error:
            self.tell(f"{coroutine.__qualname__}: {type(error).__name__}: {error}")

    async def ring(self, call):
        """Places a call. False: it does not ring, and is done with; 503 is what a server says that has too much to do."""
        self.callee.expected[call.user] = call
        self.caller.invite(call)
        rang = await self.within(call.rings, DEADLINE)
        if rang and not call.caller.ended:
            return True
        if call.caller.ended == 503:
            self.seen["calls refused with 503"] += 1
        self.judge(call, [] if call.caller.ended == 503 and call.leg is None else ["did not ring"])
        return False

    async def terminate(self, **fields):
        """The termination; it is on record from now on."""
        termination = await self.stub.TerminateCall(pb.TerminateCallRequest(**fields), timeout=DEADLINE)
        self.acknowledge(termination)
        return termination

    def acknowledge(self, termination):
        self.acknowledged[termination.name] = termination.request_time.ToNanoseconds()
        self.seen["terminations acknowledged"] += 1

    def judge(self, call, complaints):
        """What is wrong with a call that should be over. The phones forget it."""
        for what in complaints:
            self.tell(f"{call}: {what}")
        self.caller.forget(call)
        self.callee.forget(call)


class Recurring:
    """What begins again every `pause` seconds: _one() is the whole of it, _numbers gives each a number."""

    def __init__(self, scene, pause):
        self._scene, self._pause = scene, pause
        self._numbers = itertools.count()

    async def run(self):
        await self._scene.every(self._pause, self._one)
