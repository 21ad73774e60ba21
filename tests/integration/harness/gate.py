"""A gate in front of adieud's gRPC port, for clients that must stand what a network and a busy server do: it passes
everything on, and fails the first TerminateCalls in the ways that it is told."""

import concurrent.futures

import grpc

from harness.wait import DEADLINE, until

TERMINATE = "/adieu.v1.CallControlService/TerminateCall"
WATCH = "/adieu.v1.CallControlService/WatchCalls"


def refuse(_request, _forward):
    """The server's queue is full: nothing is done."""
    return grpc.StatusCode.RESOURCE_EXHAUSTED


def lose_answer(request, forward):
    """The server does what it is asked, and the connection is gone before the answer."""
    forward(request)
    return grpc.StatusCode.UNAVAILABLE


class Gate(grpc.GenericRpcHandler):
    """Knows no message: bytes in, bytes out. Watches get streams, everything else one answer."""

    def __init__(self, server, failures=()):
        self._failures = list(failures)
        # The bytes of each TerminateCall, and how many watches were opened.
        self.terminations = []
        self.watches = 0
        self._onward = grpc.insecure_channel(server)
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=[self])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, details):
        if details.method == WATCH:
            return grpc.unary_stream_rpc_method_handler(self._watch)
        if details.method == TERMINATE:
            return grpc.unary_unary_rpc_method_handler(self._terminate)
        forward = self._onward.unary_unary(details.method)
        return grpc.unary_unary_rpc_method_handler(lambda request, _: forward(request, timeout=DEADLINE))

    def _watch(self, request, context):
        stream = self._onward.unary_stream(WATCH)(request)
        context.add_callback(stream.cancel)
        self.watches += 1
        try:
            yield from stream
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                raise

    def _terminate(self, request, context):
        def forward(request):
            return self._onward.unary_unary(TERMINATE)(request, timeout=DEADLINE)
        self.terminations.append(request)
        if self._failures:
            context.abort(self._failures.pop(0)(request, forward), "the gate is shut")
        return forward(request)

    def wait_watched(self):
        until(lambda: self.watches, "a watch")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.stop(0).wait(DEADLINE)
        self._onward.close()
