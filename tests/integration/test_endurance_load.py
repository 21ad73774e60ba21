"""The endurance soak in its short form: `scripts/soak endurance` is the hour. And that it tells each kind of fault."""

import pathlib
import subprocess
import sys

import pytest

from harness.wait import SCALE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import endurance_samples  # noqa: E402
from endurance_samples import MB, Sample  # noqa: E402

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "endurance.py"


def test_endurance():
    load = ["--seconds", "20", "--rate", f"{100 / SCALE:.0f}", "--through", f"{15 / SCALE:.0f}"]
    done = subprocess.run([sys.executable, "-B", str(SOAK), *load], capture_output=True, timeout=280 * SCALE)
    output = (done.stdout + done.stderr).decode(errors="replace")
    print(output)
    assert done.returncode == 0, output[-8000:]


def samples(*megabytes):
    return [Sample(10 * i, rss=each * MB) for i, each in enumerate(megabytes)]


def windows(*milliseconds):
    return [{"p50_ms": each, "p99_ms": 10 * each} for each in milliseconds]


FLAT = samples(*[40, 60] + [100, 101] * 5)


@pytest.mark.parametrize("after, told", [
    (Sample(0, descriptors=20, threads=30), []),
    (Sample(0, descriptors=24, threads=38), []),
    (Sample(0, descriptors=25, threads=30), ["25 descriptors are left, 20 were there before"]),
    (Sample(0, descriptors=20, threads=39), ["39 threads are left, 30 were there before"]),
    (Sample(0, descriptors=20, threads=30, watchers=1), ["1 watchers are left"]),
])
def test_what_is_left_is_told(after, told):
    assert list(endurance_samples.left(Sample(0, descriptors=20, threads=30), after)) == told


@pytest.mark.parametrize("measured, latencies, full, told", [
    (FLAT, windows(1, 2, 1), True, []),
    (FLAT, windows(1, 2, 3.1), True, ["p50_ms of the last third is 3.1 times", "p99_ms of the last third is 3.1 times"]),
    (FLAT, windows(1, 2, 30), False, []),
    (samples(40, 60, *[100, 100] * 4, 106, 106), windows(1, 1, 1), True, ["grew from 100 to 106 MB"]),
    (samples(40, 60, *range(100, 200, 10)), windows(1, 1, 1), True, ["grew from 105 to 185 MB"]),
    (samples(40, 168), windows(1), False, []),
    (samples(40, 169), windows(1), False, ["grew by 129 MB"]),
])
def test_what_grew_is_told(measured, latencies, full, told):
    found = list(endurance_samples.grown(measured, latencies, full))
    assert len(found) == len(told) and all(text in line for text, line in zip(told, found)), found
