"""The example programs do what they say, in each language: against the real server, with a real call."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from harness.gate import Gate, lose_answer, refuse
from harness.server import binary, free_port
from harness.stubs import pb
from harness.wait import SCALE

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SECONDS = 300 * SCALE


def run(command, folder, **environment):
    # Debian's Python first: its grpc_tools is a Debian package too.
    environment = {**os.environ, "PATH": f"/usr/bin:{os.environ['PATH']}", **environment}
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-4000:]


def copy(language, folder):
    """The example where its sources may be made: beside the protos, as in a clone."""
    (folder / "proto").symlink_to(ROOT / "proto")
    there = folder / "examples" / language
    shutil.copytree(EXAMPLES / language, there, ignore=shutil.ignore_patterns("generated", "adieuv1", "node_modules"))
    return there


def python(folder):
    there = copy("python", folder)
    run(["sh", "generate.sh"], there)
    return [sys.executable, str(there / "end_quietly.py")]


def node(_):
    run([str(ROOT / "tests/clients/npm_ci.sh"), "."], EXAMPLES / "node")
    return ["node", str(EXAMPLES / "node/end_quietly.js")]


def go(folder):
    """From Debian's packages of the libraries, which know no modules."""
    there = copy("go", folder)
    run(["sh", "generate.sh"], there)
    package = folder / "src/adieu.example/end_quietly"
    package.parent.mkdir(parents=True)
    there.rename(package)
    run(["go", "build", "-o", "end_quietly", "."], package,
        GO111MODULE="off", GOFLAGS="", GOPATH=f"{folder}:/usr/share/gocode", PWD=str(package))
    return [str(package / "end_quietly")]


def cpp(_):
    return [binary("end_quietly")]


@pytest.fixture(scope="module", params=[python, node, go, cpp], ids=lambda make: make.__name__)
def example(request, tmp_path_factory):
    """(its language, its command)."""
    return request.param.__name__, request.param(tmp_path_factory.mktemp(request.param.__name__))


class Running:
    """The example at work on a server."""

    def __init__(self, command, address):
        self._process = subprocess.Popen(
            [*command, address], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def said(self):
        """All that it said, once it has ended well."""
        try:
            out, _ = self._process.communicate(timeout=60 * SCALE)
        finally:
            self._process.kill()
        assert self._process.returncode == 0, out.decode()
        return out.decode().splitlines()


def check_ending(api, said, call):
    """What it says of the ending, and what the server has: one termination, in its name."""
    name = re.fullmatch(r"ended: (calls/\w+) by cancelPolicies/builtin quiet_baresip", said[-2])[1]
    assert said[-1] == "LEG_SIDE_CALLER LEG_ACTION_FINAL_RESPONSE 487 Call ended: LEG_OUTCOME_ENDED"
    match = pb.CallMatch(sip_call_ids=pb.StringList(values=[call.call_id]))
    (termination,) = api.stub.ListTerminations(pb.ListTerminationsRequest(match=match), timeout=30).terminations
    assert (termination.call, termination.note.partition(".")[0]) == (name, "end_quietly")
    return name


# phone           adieud         example
#   |---INVITE----->|               |
#   |<--180---------|<--ListCalls---|
#   |<--487---------|<--Terminate---|
#   |---ACK-------->|--ENDED------->|
def test_it_ends_a_call_that_rings(server, api, peer, example):
    _, command = example
    call = peer.invite(user_agent="baresip v1.0.0")
    call.ring()
    running = Running(command, server.grpc)
    assert call.final().status == 487
    said = running.said()
    name = check_ending(api, said, call)
    assert said[0] == f"rings: {name} from sip:alice@127.0.0.1"


# phone           adieud           gate          example
#   |               |<---------------|<--WatchCalls--|
#   |---INVITE----->|                |               |
#   |<--180---------|---------------RINGING--------->|
#   |               |                |<--Terminate---|
#   |               |                |--EXHAUSTED--->|
#   |<--487---------|<---------------|<--Terminate---|
#   |---ACK-------->|--ENDED-------->|--UNAVAILABLE->|
#   |               |<---------------|<--Terminate---|
#   |               |--ENDED-------->|-------------->|
def test_it_waits_for_a_call_and_asks_again(server, api, peer, example):
    language, command = example
    with Gate(server.grpc, [refuse, lose_answer]) as gate:
        running = Running(command, gate.address)
        gate.wait_watched()
        call = peer.invite(user_agent="baresip v1.0.0")
        call.ring()
        assert call.final().status == 487
        said = running.said()
        assert len(gate.terminations) == 3 and len(set(gate.terminations)) == 1
        assert pb.TerminateCallRequest.FromString(gate.terminations[0]).request_id
    check_ending(api, said, call)
    # libadieu asks again without a word.
    assert len([line for line in said if line.startswith("again: ")]) == (0 if language == "cpp" else 2)


def test_it_says_that_nobody_answers(example):
    _, command = example
    done = subprocess.run([*command, f"127.0.0.1:{free_port()}"], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120 * SCALE)
    assert done.returncode == 1
    assert re.match("unavailable", done.stderr.decode(), re.IGNORECASE), done.stderr.decode()
