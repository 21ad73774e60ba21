"""Waiting with a deadline. Machines are noisy: a deadline only bounds a failure, no test asserts on speed."""

import os
import threading
import time

# Sanitizer builds are slower: ADIEU_TEST_SCALE stretches every deadline.
SCALE = float(os.environ.get("ADIEU_TEST_SCALE", "1"))
# Seconds.
DEADLINE = 30 * SCALE

_never = threading.Event()


class Deadline:
    def __init__(self, seconds=DEADLINE):
        self._end = time.monotonic() + seconds

    def left(self):
        return max(0.0, self._end - time.monotonic())

    def over(self):
        return time.monotonic() >= self._end


def until(probe, what, seconds=DEADLINE):
    """Returns the first true value of probe(), or fails with its last value."""
    deadline = Deadline(seconds)
    while True:
        value = probe()
        if value:
            return value
        if deadline.over():
            raise AssertionError(f"not within {seconds:.0f} s: {what}; last value: {value!r}")
        _never.wait(0.02)
