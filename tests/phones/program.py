"""A phone without a screen: it reads commands, and tells what happens in lines of text."""

import os
import re
import subprocess
import threading

from harness.wait import DEADLINE, Deadline


class Program:
    """What it says is read from where the last expect() stopped."""

    def __init__(self, command, folder, environment):
        self.folder = folder
        self._lines = []
        self._next = 0
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "HOME": str(folder), "LC_ALL": "C", **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(line.rstrip())
                self._changed.notify_all()

    def say(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def expect(self, pattern, seconds=DEADLINE):
        """The next line that matches; those before it are passed over."""
        deadline = Deadline(seconds)
        with self._changed:
            while True:
                while self._next < len(self._lines):
                    self._next += 1
                    found = re.search(pattern, self._lines[self._next - 1])
                    if found:
                        return found
                if deadline.over():
                    raise AssertionError(f"no {pattern!r} within {seconds:.0f} s; it said:\n{self.tail()}")
                self._changed.wait(deadline.left())

    def mark(self):
        return len(self._lines)

    def since(self, mark, pattern):
        """All that matched since then."""
        return [found.group(1) for line in self._lines[mark:] if (found := re.search(pattern, line))]

    def tail(self, lines=80):
        return "\n".join(line for line in self._lines[-400:] if line.strip() and "bit/s" not in line)[-120 * lines:]

    def close(self):
        self._process.kill()
        self._process.wait(30)
        self._reader.join(10)
