"""The glare soak in its 60 s form: `scripts/soak glare` is the long one."""

import os
import pathlib
import subprocess
import sys

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "glare.py"
SCALE = float(os.environ.get("ADIEU_TEST_SCALE", "1"))


def test_glare():
    calls, rate = 4000 / SCALE, 100 / SCALE
    done = subprocess.run([sys.executable, "-B", str(SOAK), "--calls", f"{calls:.0f}", "--rate", f"{rate:.0f}", "--seed",
                           "5407"],
                          capture_output=True, timeout=280 * SCALE, check=False)
    output = (done.stdout + done.stderr).decode(errors="replace")
    print(output)
    assert done.returncode == 0, output[-5000:]
