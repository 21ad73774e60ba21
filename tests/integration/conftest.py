"""Fixtures. One server is shared by the session; a test that needs exact counts or another setting starts its own."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import pytest  # noqa: E402

from harness import server as servers  # noqa: E402
from harness.api import Api  # noqa: E402
from harness import peer as peers  # noqa: E402
from harness import trust  # noqa: E402
from harness.peer import TcpPeer, UdpPeer  # noqa: E402
from harness.through import Through  # noqa: E402

_SHARED = """
sip:
  listeners:
    - {name: v4, address: "127.0.0.1:0"}
"""
_SHARED_V6 = """    - {name: v6, address: "[::1]:0"}
"""


# When the test began.
_BEGAN = pytest.StashKey()


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: waits for a SIP timer of 32 s")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in servers.live:
            report.sections.append((f"adieud {server.pid} stderr", server.tail()))
        report.sections.append(("messages of the peers", peers.traffic(item.stash.get(_BEGAN, 0.0))))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.stash[_BEGAN] = time.monotonic()


@pytest.fixture(scope="session")
def server():
    config = _SHARED + (_SHARED_V6 if servers.ipv6_works() else "")
    started = servers.Server(config=config, sip_listen=None)
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def server_lives(request):
    """A test that kills the shared server fails itself, not the next one."""
    yield
    if "server" in request.fixturenames:
        assert request.getfixturevalue("server").alive(), "the shared adieud died in this test"
    if "through" in request.fixturenames:
        assert request.getfixturevalue("through").server.alive(), "the shared adieud died in this test"


@pytest.fixture(scope="session")
def api(server):
    with Api(server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def through():
    """A server that sends calls on to scripted phones. A file that needs other routes has a fixture of its own."""
    with Through() as started:
        yield started


@pytest.fixture
def peer(server):
    with UdpPeer(server.sip("v4")) as caller:
        yield caller


@pytest.fixture(params=["udp", "tcp", "udp6", "tcp6"])
def any_peer(request, server):
    """A peer on each transport and address family."""
    kind = TcpPeer if request.param.startswith("tcp") else UdpPeer
    listener = "v6" if request.param.endswith("6") else "v4"
    if listener not in server.listeners:
        pytest.skip("no IPv6 on this machine")
    with kind(server.sip(listener)) as caller:
        yield caller


@pytest.fixture(scope="module")
def ca():
    """Of servers."""
    return trust.Authority()


@pytest.fixture(scope="module")
def clients():
    return trust.Authority("clients CA")
