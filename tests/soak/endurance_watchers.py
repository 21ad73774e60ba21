"""Watchers of the endurance soak: some keep up, some hang, some come and vanish."""

import asyncio

import grpc

from endurance_cable import Cable
from endurance_scene import users
from harness.api import UNLIMITED
from harness.stubs import pb, rpc
from harness.wait import DEADLINE

# So that a watcher that reads nothing fills the server's side soon.
_NARROW = [*UNLIMITED, ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1024)]
# Seconds for which one hangs, and for which one keeps up before it resumes.
_HUNG, _KEPT_UP = 20, 30
_HUNG_AT_ONCE, _KEEPING_UP = 3, 2
# Seconds between two that vanish. Each begins with all calls that are kept: 10,000 and more.
_VANISHING = 3


class Watchers:
    def __init__(self, scene):
        self._scene = scene
        self._keepers = [Keeper(scene) for _ in range(_KEEPING_UP)]

    async def run(self):
        hung = [self._scene.guarded(self._hang(i)) for i in range(_HUNG_AT_ONCE)]
        await asyncio.gather(self._scene.every(_VANISHING, self._vanish), *hung)

    async def keep_up(self):
        """Until everything is let go."""
        await asyncio.gather(*(self._scene.guarded(keeper.run()) for keeper in self._keepers))

    def let_go(self):
        for keeper in self._keepers:
            keeper.let_go.set()

    async def _hang(self, number):
        """Opens a stream and reads nothing; every other one is behind a clogged connection."""
        while not self._scene.over.is_set():
            cable = await Cable().lay(self._scene.server.grpc)
            async with grpc.aio.insecure_channel(cable.address, options=_NARROW) as channel:
                stream = rpc.CallControlServiceStub(channel).WatchCalls(pb.WatchCallsRequest(), timeout=10 * DEADLINE)
                await asyncio.wait_for(stream.initial_metadata(), DEADLINE)
                if number % 2:
                    cable.clog()
                self._scene.seen["watchers that hung"] += 1
                await self._scene.pause(_HUNG)
                cable.tear_out()

    async def _vanish(self):
        """Reads a little, then its connection is torn out, or it gives up."""
        cable = await Cable().lay(self._scene.server.grpc)
        async with grpc.aio.insecure_channel(cable.address, options=UNLIMITED) as channel:
            stream = rpc.CallControlServiceStub(channel).WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE)
            for _ in range(self._scene.rng.randrange(1, 50)):
                await stream.read()
            if self._scene.rng.random() < 0.5:
                stream.cancel()
                await asyncio.sleep(0.1)
            cable.tear_out()
            self._scene.seen["watchers that vanished"] += 1


class Keeper:
    """Keeps up with the calls that pass through; resumes where it was each time that it has gone away."""

    def __init__(self, scene):
        self._scene = scene
        self._token = ""
        self._live = set()
        self.let_go = asyncio.Event()

    async def run(self):
        while not self.let_go.is_set():
            stream = self._scene.stub.WatchCalls(
                pb.WatchCallsRequest(match=users("through-"), resume_token=self._token), timeout=10 * DEADLINE)
            reading = asyncio.create_task(self._read(stream))
            await self._scene.within(self.let_go, _KEPT_UP)
            if reading.done():
                reading.result()
                raise AssertionError("a watcher's stream ended by itself")
            if self.let_go.is_set():
                break
            stream.cancel()
            await asyncio.wait([reading])
        await self._see_the_end()
        stream.cancel()
        await asyncio.wait([reading])

    async def _read(self, stream):
        try:
            async for response in stream:
                self._take(response)
        except asyncio.CancelledError:
            pass  # by run()

    def _take(self, response):
        self._token = response.resume_token
        self._scene.seen["changes watched"] += 1
        if response.WhichOneof("change") == "call":
            ended = response.call.state == pb.CALL_STATE_TERMINATED
            (self._live.discard if ended else self._live.add)(response.call.name)
        else:
            self._live.discard(response.removed_name)

    async def _see_the_end(self):
        """All calls are over by now: so says the watch, soon."""
        end = asyncio.get_running_loop().time() + DEADLINE
        while self._live and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        if self._live:
            self._scene.tell(f"a watcher was not told of the end of {sorted(self._live)[:5]}")
