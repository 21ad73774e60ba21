"""Runs SIPp with one of the scenarios."""

import pathlib
import subprocess
import tempfile

from harness.wait import SCALE

SCENARIOS = pathlib.Path(__file__).resolve().parents[1] / "scenarios"


class Sipp:
    """A running SIPp. Always ended. It calls the server, or with `port` waits there for calls."""

    def __init__(self, scenario, server_address, calls, rate=50, seconds=40 * SCALE, extra=(), port=None):
        self._folder = tempfile.TemporaryDirectory(prefix="adieu-sipp-")
        self._errors = pathlib.Path(self._folder.name) / "errors"
        host, server_port = server_address
        load = ["-p", str(port)] if port else ["-r", str(rate), "-l", str(calls), f"{host}:{server_port}"]
        self._process = subprocess.Popen(
            ["sipp", "-sf", str(SCENARIOS / scenario), "-m", str(calls), "-i", host, "-nostdin", "-timeout",
             f"{int(seconds)}s", "-timeout_error", "-trace_err", "-error_file", str(self._errors), *extra, *load],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self._folder.name)
        self._seconds = seconds

    def wait(self):
        """Fails unless every call went as the scenario says."""
        try:
            output, _ = self._process.communicate(timeout=self._seconds + 30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            output, _ = self._process.communicate()
        errors = self._errors.read_text(errors="replace") if self._errors.exists() else ""
        tail = output.decode(errors="replace")[-3000:]
        assert self._process.returncode == 0, f"sipp exit {self._process.returncode}:\n{tail}\n{errors[-3000:]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(30)
        self._folder.cleanup()
