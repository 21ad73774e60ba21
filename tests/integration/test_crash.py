"""The crash soak in its short form: `scripts/soak crash` is the long one. And that its ledger sees each kind of loss."""

import pathlib
import subprocess
import sys

import pytest

from harness.stubs import pb
from harness.wait import SCALE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

from crash_ledger import Change, Ending, PolicyEntry  # noqa: E402

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "crash.py"


def test_crash():
    done = subprocess.run([sys.executable, "-B", str(SOAK), "--rounds", "8", "--seed", "9"], capture_output=True,
                          timeout=280 * SCALE)
    output = (done.stdout + done.stderr).decode(errors="replace")
    print(output)
    assert done.returncode == 0, output[-8000:]


def policy(description, etag):
    return pb.CancelPolicy(name="cancelPolicies/a", description=description, etag=etag)


OLD, NEW = policy("old", "1"), policy("new", "2")


@pytest.mark.parametrize("told, wanted, found, wrong", [
    (None, "new", None, False),
    (None, "new", NEW, False),
    (OLD, None, None, False),
    (OLD, None, OLD, False),
    (OLD, "new", OLD, False),
    (OLD, "new", NEW, False),
    (OLD, "new", None, True),
    (OLD, "new", policy("old", "0"), True),
    (OLD, "new", policy("other", "2"), True),
    (None, "new", OLD, True),
])
def test_a_policy_that_is_not_as_it_was_told_is_seen(told, wanted, found, wrong):
    entry = PolicyEntry("cancelPolicies/a")
    entry.answered(told)
    entry.open = Change(None, wanted)
    assert bool(entry.complaints(found)) == wrong
    # Nothing was asked for: it is as it was told.
    entry.open = None
    assert bool(entry.complaints(found)) == (found != told)


@pytest.mark.parametrize("told, found, wrong", [
    ("terminations/1", ["terminations/1"], False),
    ("", ["terminations/1"], False),
    ("", [], False),
    ("terminations/1", [], True),
    ("terminations/1", ["terminations/2"], True),
    ("", ["terminations/1", "terminations/2"], True),
])
def test_a_termination_that_is_lost_or_there_twice_is_seen(told, found, wrong):
    ending = Ending(pb.TerminateCallRequest(note="t1"), told)
    assert bool(ending.complaints({"t1": found})) == wrong
