"""The loss soak in its 60 s form: `scripts/soak loss` is the long one."""

import os
import pathlib
import subprocess
import sys

import pytest

from harness.wait import SCALE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

from loss_call import LIMIT, Call  # noqa: E402

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "loss.py"
# What it exits with where no network namespace can be made.
NOT_HERE = 77


def test_loss():
    load = ["--calls", f"{1000 / SCALE:.0f}", "--rate", f"{25 / SCALE:.0f}", "--seed", "3261"]
    done = subprocess.run([sys.executable, "-B", str(SOAK), *load], capture_output=True, timeout=290 * SCALE)
    output = (done.stdout + done.stderr).decode(errors="replace")
    print(output)
    if done.returncode == NOT_HERE and not os.environ.get("ADIEU_CI"):
        pytest.skip(output.splitlines()[-1])
    assert done.returncode == 0, output[-8000:]


def over(call):
    """A call that rang and was ended as it should be."""
    call.leg, call.outcome, call.asked_at = "INVITE", "OK", 100.0
    for end in (call.caller, call.callee):
        end.ended, end.ended_at = "so", 101.0
    call.caller.finals.add((480, "tag"))
    call.look()


@pytest.mark.parametrize("plant, told", [
    (lambda call: None, ""),
    (lambda call: setattr(call.caller, "ended", None), "the caller hangs"),
    (lambda call: setattr(call.callee, "ended", None), "the callee hangs"),
    (lambda call: setattr(call.callee, "ended_at", 100.1 + LIMIT), "over after 66.1 s"),
    (lambda call: call.caller.finals.clear(), "final responses []"),
    (lambda call: call.caller.finals.add((487, "tag")), "final responses [(480, 'tag'), (487, 'tag')]"),
    (lambda call: call.caller.finals.add((480, "other")), "final responses [(480, 'other'), (480, 'tag')]"),
    (lambda call: call.caller.byes.add(1), "BYE to a caller that was never answered"),
    (lambda call: call.callee.byes.update((1, 2)), "BYE twice: set() {1, 2}"),
    (lambda call: call.callee.cancels.update("ab"), "two CANCEL transactions"),
    (lambda call: setattr(call, "outcome", "NOT_FOUND"), "the API: NOT_FOUND"),
])
def test_a_fault_is_told(plant, told):
    call = Call(1, "ringing")
    over(call)
    plant(call)
    assert "; ".join(call.complaints()) == told
