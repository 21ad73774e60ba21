"""Runs the adieu program as a person or a script would."""

import json
import os
import pathlib
import subprocess

from harness.server import binary
from harness.wait import SCALE

_SUPPRESSIONS = pathlib.Path(__file__).resolve().parents[1] / "lsan.supp"


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\nstdout:\n{self.out}\nstderr:\n{self.err}"


def adieu(server_address, *arguments, stdin="", seconds=30 * SCALE):
    command = [binary("adieu"), "--server", server_address, *arguments]
    environment = {**os.environ, "LSAN_OPTIONS": f"suppressions={_SUPPRESSIONS}:print_suppressions=0"}
    return Result(subprocess.run(command, capture_output=True, timeout=seconds, input=stdin.encode(), env=environment))


def watching(server_address, *arguments):
    """Starts a command that does not end by itself; the caller ends it."""
    return subprocess.Popen(
        [binary("adieu"), "--server", server_address, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
