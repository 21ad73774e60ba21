"""Which processors a process has: one that is measured does not share its own with what measures."""

import contextlib
import os


@contextlib.contextmanager
def shared_out():
    """What starts in the block has one processor, what starts afterwards the others; with only one, nothing changes."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) > 1:
        os.sched_setaffinity(0, mine[:1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine[1:] or mine)
