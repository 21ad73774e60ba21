"""The drain soak in its short form: `scripts/soak drain` is the long one. And that it tells each kind of fault."""

import pathlib
import subprocess
import sys

import pytest

from harness.wait import SCALE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

from drain_call import Call  # noqa: E402

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "drain.py"
LAST_OVER_AT = 100.0


def test_drain():
    done = subprocess.run([sys.executable, "-B", str(SOAK)], capture_output=True, timeout=280 * SCALE)
    output = (done.stdout + done.stderr).decode(errors="replace")
    print(output)
    assert done.returncode == 0, output[-8000:]


def drained(state, parked=False):
    """A call that was let go as it should be."""
    call = Call(1, state, parked)
    call.heard, call.invited_at, call.asked_at = True, 50.0, 60.0
    answered = state == "answered"
    if not parked:
        call.leg = "INVITE"
        call.callee.ended, call.callee.ended_at = "BYE" if answered else "CANCEL", 61.0
        call.callee.byes.update({1} if answered else ())
    call.final, call.retry_after = (0, "") if answered else (480, "5")
    call.caller.finals.add((200 if answered else 480, "tag"))
    call.caller.byes.update({1} if answered else ())
    call.caller.ended, call.caller.ended_at = "BYE" if answered else 480, 61.0
    call.look()
    return call


def refused():
    call = drained("arriving", parked=True)
    call.final = call.caller.ended = 503
    call.caller.finals = {(503, "tag")}
    return call


def unheard(invited_at):
    call = Call(1, "arriving", parked=True)
    call.invited_at = invited_at
    return call


@pytest.mark.parametrize("call", [
    drained("ringing"), drained("ringing", parked=True), drained("answered"), drained("arriving"), refused(),
    unheard(LAST_OVER_AT + 1)])
def test_nothing_is_told_of_a_call_that_was_let_go(call):
    assert not call.complaints(LAST_OVER_AT)


@pytest.mark.parametrize("call, plant, told", [
    (unheard(LAST_OVER_AT - 1), lambda call: None, "heard nothing"),
    (drained("ringing"), lambda call: setattr(call.caller, "ended", None), "the caller hangs"),
    (drained("ringing"), lambda call: setattr(call.callee, "ended", None), "the callee hangs"),
    (drained("ringing"), lambda call: setattr(call.callee, "ended", "BYE"), "its callee is over by BYE"),
    (drained("ringing"), lambda call: setattr(call, "final", 503), "its caller got 503"),
    (drained("ringing"), lambda call: setattr(call, "retry_after", ""), "with Retry-After ''"),
    (drained("answered"), lambda call: setattr(call.caller, "ended", None), "the caller hangs"),
    (drained("answered"), lambda call: setattr(call.callee, "ended", None), "over by BYE and None"),
    (drained("answered"), lambda call: call.caller.byes.add(2), "BYE twice"),
    (refused(), lambda call: setattr(call, "retry_after", ""), "503 without Retry-After"),
    (refused(), lambda call: setattr(call, "leg", "INVITE"), "refused, and sent on"),
])
def test_a_fault_is_told(call, plant, told):
    plant(call)
    assert told in "; ".join(call.complaints(LAST_OVER_AT))
