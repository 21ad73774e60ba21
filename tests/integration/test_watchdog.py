"""A SIP agent that does not turn any more ends the process: liveness first, then exit code 3, and the next one goes on.

The agent's thread is stopped from outside, by ptrace: no other part of the process notices, as when a call of the SIP
library does not return.
"""

import ctypes
import os
import pathlib

import grpc
import pytest

from harness.mortal import Mortal
from harness.stubs import health, pb
from harness.wait import DEADLINE, until

NOT_SERVING = health.HealthCheckResponse.NOT_SERVING
SEIZE, INTERRUPT = 0x4206, 0x4207

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def stop_thread(pid, name):
    """Stops one thread of a process for as long as it lives. Returns its id."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            thread = int(task.name)
            break
    else:
        raise AssertionError(f"no thread {name}")
    if _libc.ptrace(SEIZE, thread, None, None) != 0:
        pytest.skip(f"ptrace: {os.strerror(ctypes.get_errno())}")
    assert _libc.ptrace(INTERRUPT, thread, None, None) == 0
    os.waitpid(thread, 0x40000000)  # __WALL
    return thread


def test_a_stuck_agent_ends_the_process_and_the_next_one_goes_on():
    with Mortal() as mortal:
        call = mortal.answered()
        mortal.wait_dialogs(call.name, lambda dialogs: dialogs.caller.acknowledged, "the ACK")
        watch = mortal.api.health.Watch(health.HealthCheckRequest(service="adieu.live"), timeout=DEADLINE)
        seen = []
        thread = stop_thread(mortal.server.pid, "sip-agent")
        try:
            for answer in watch:
                seen.append(answer.status)
        except grpc.RpcError as gone:
            assert gone.code() == grpc.StatusCode.UNAVAILABLE
        assert seen[-1] == NOT_SERVING
        os.waitpid(thread, 0x40000000)
        assert mortal.server.wait_exit(DEADLINE) == 3
        assert any("the SIP agent is stuck" in line for line in mortal.server.log())
        mortal.die()
        mortal.rise()
        later = mortal.api.terminate_later(call.name)
        call.caller.expect_bye()
        call.callee.expect_bye()
        assert later.result().legs
        until(lambda: call.get().state == pb.CALL_STATE_TERMINATED, "the end of the call")
