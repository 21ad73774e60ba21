"""What is to be done later."""

import heapq
import itertools
import time


class Agenda:
    """Actions by the time they are due. One thread; an action may add others."""

    def __init__(self):
        self._due = []
        self._serial = itertools.count()

    def later(self, seconds, action):
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._serial), action))

    def run_due(self):
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()

    def clear(self):
        self._due.clear()

    def __len__(self):
        return len(self._due)
