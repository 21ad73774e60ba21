"""Where a page is followed: a network namespace of its own, so that the default ports are free."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent / "lint")]

import pytest  # noqa: E402

from harness.namespace import Namespace, Refused  # noqa: E402
from reader import Reader  # noqa: E402

not_run = pytest.StashKey()


@pytest.fixture
def reader():
    try:
        namespace = Namespace()
    except Refused as refused:
        # The machines of .ci can.
        (pytest.fail if os.environ.get("ADIEU_CI") else pytest.skip)(f"no network namespace here: {refused}")
    with namespace.inside(), Reader(os.environ["ADIEU_BIN"]) as opened:
        yield opened
    namespace.close()


def pytest_terminal_summary(terminalreporter, config):
    """What the tests of this folder did not run, and why."""
    for line in config.stash.get(not_run, []):
        terminalreporter.write_line(f"not run: {line}")
