"""A TCP connection between a client and the server that can be torn out: the server gets a reset, or hears nothing."""

import asyncio
import socket
import struct

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s


def tear(writer):
    """Closes with a reset instead of an end."""
    writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


class Cable:
    """`address`: where the client goes instead of to the server."""

    async def lay(self, server):
        self._server = server  # host:port
        self._ends, self._tasks = [], set()
        self._listener = await asyncio.start_server(self._plug, "127.0.0.1", 0)
        self.address = "%s:%d" % self._listener.sockets[0].getsockname()
        return self

    async def _plug(self, reader, writer):
        host, port = self._server.rsplit(":", 1)
        there, onward = await asyncio.open_connection(host, int(port))
        self._ends += [writer, onward]
        for source, sink in ((reader, onward), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source, sink):
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass  # torn out

    def clog(self):
        """Carries nothing more: what the server says fills its buffers."""
        for task in self._tasks:
            task.cancel()

    def tear_out(self):
        self._listener.close()
        self.clog()
        for writer in self._ends:
            tear(writer)
