"""The main load of the endurance soak: windows of the load generator, each with its figures."""

import asyncio
import json

from harness.server import binary
from harness.wait import DEADLINE


class Load:
    """Back to back until it is over, each window `seconds` long. The generator itself prints the figures of each."""

    def __init__(self, scene, rate, seconds):
        self._scene, self._rate, self._seconds = scene, rate, seconds
        self.windows = []

    async def run(self):
        while not self._scene.over.is_set():
            self.windows.append(await self._window())

    async def _window(self):
        server = self._scene.server
        command = [binary("loadgen"), "--sip", "%s:%d" % server.sip(), "--grpc", server.grpc, "--server-pid", str(server.pid),
                   "latency", "--rate", str(self._rate), "--seconds", str(self._seconds)]
        running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            said, _ = await asyncio.wait_for(running.communicate(), self._seconds + DEADLINE)
        finally:
            if running.returncode is None:
                running.kill()
        if not said.strip():
            raise AssertionError(f"loadgen said nothing (exit {running.returncode})")
        return json.loads(said)

    @property
    def calls(self):
        return sum(window["calls"] for window in self.windows)

    @property
    def failures(self):
        return sum(window["failures"] for window in self.windows)
