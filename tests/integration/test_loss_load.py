"""The loss soak in its 60 s form: `scripts/soak loss` is the long one."""

import os
import pathlib
import subprocess
import sys

import pytest

from harness.wait import SCALE

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
