"""adieud and two phones in a network namespace of their own: baresip does not call over loopback."""

import contextlib
import json
import os
import pathlib
import socket
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "integration")]

import pytest  # noqa: E402

from baresip import Baresip  # noqa: E402
from harness.cli import adieu  # noqa: E402
from harness.namespace import Namespace, Refused, run  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.wait import until  # noqa: E402
from linphone import Linphone  # noqa: E402

HOST, INTERFACE = "10.88.0.1", "phones0"


def _free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def network():
    try:
        namespace = Namespace()
        with namespace.inside():
            for command in (f"link add {INTERFACE} type veth peer name other", f"addr add {HOST}/24 dev {INTERFACE}",
                            f"link set {INTERFACE} up", "link set other up"):
                run(f"ip {command}")
            yield namespace
    except Refused as refused:
        # The machines of .ci can.
        (pytest.fail if os.environ.get("ADIEU_CI") else pytest.skip)(f"no network namespace here: {refused}")


class World:
    """The phones by name, and adieud, which sends a call for `linphone` or `baresip` on to it."""

    def __init__(self, stack, folder):
        self.phones = {}
        for kind, more in ((Linphone, ()), (Baresip, (INTERFACE,))):
            (folder / kind.name).mkdir()
            self.phones[kind.name] = kind(folder / kind.name, HOST, _free_port(), *more)
            stack.callback(self.phones[kind.name].close)
        routes = [{"name": name, "match": {"request_uri": {"prefix": f"sip:{name}@"}},
                   "forward": {"targets": [phone.target]}} for name, phone in self.phones.items()]
        config = {"sip": {"listeners": [{"name": "phones", "address": f"{HOST}:0"}]}, "routes": routes}
        self.server = stack.enter_context(Server(config=json.dumps(config), sip_listen=None))

    def uri(self, name):
        return "sip:%s@%s:%d" % (name, *self.server.sip())

    def adieu(self, *arguments):
        done = adieu(self.server.grpc, *arguments, "-o", "json")
        assert done.code == 0, done
        return done.json()

    def call(self, state):
        """The name of the one live call, once it is in this state."""
        return until(lambda: self.adieu("calls", "list", "--state", state).get("calls"), f"a call is {state}")[0]["name"]

    def terminate(self, state, intent="quiet"):
        """As an operator ends a call; back when both legs are settled."""
        told = self.adieu("calls", "terminate", self.call(state), "--intent", intent, "--wait", "ended")
        return {leg["side"]: leg["outcome"] for leg in told["legs"]}


@pytest.fixture(scope="session")
def world(network):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="adieu-phones-", ignore_cleanup_errors=True))
        yield World(stack, pathlib.Path(folder))
