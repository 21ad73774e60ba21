"""Kamailio as a proxy that stays in the path, and what it saw."""

import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading

from harness import sip
from harness.wait import SCALE, until

CONFIG = pathlib.Path(__file__).resolve().parents[1] / "kamailio" / "proxy.cfg"
_HOP = re.compile(r"hop (\S+) (\S+) (.*)$")


def _free_port():
    """Kamailio cannot take a free port by itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kamailio:
    """A proxy that sends new calls to `onward`, or, without one, a registrar that sends them to who registered."""

    def __init__(self, onward=None):
        self._folder = tempfile.mkdtemp(prefix="adieu-kamailio-")
        self._lines = []
        for _ in range(3):
            self.address = ("127.0.0.1", _free_port())
            self._start(["-A", 'NEXT="sip:%s:%d"' % onward] if onward else ["-A", "WITH_REGISTRAR"])
            if self._answers():
                return
            self._end()
        self.close()
        raise AssertionError("kamailio does not answer:\n" + "\n".join(self._lines))

    @property
    def port(self):
        return self.address[1]

    @property
    def route(self):
        """How Record-Route and Route name it."""
        return "<sip:%s:%d;lr>" % self.address

    def _start(self, defines):
        self._process = subprocess.Popen(
            ["kamailio", "-f", str(CONFIG), "-DD", "-E", "-m", "16", "-M", "4", "-Y", self._folder,
             "-P", f"{self._folder}/pid", "-l", "udp:%s:%d" % self.address, *defines],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def _read(self, process):
        for line in process.stderr:
            self._lines.append(line.rstrip())

    def _answers(self):
        """Whether it answers OPTIONS, and not somebody else on its port."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.connect(self.address)
            asker.settimeout(0.1)
            own = "%s:%d" % asker.getsockname()

            def probe():
                if self._process.poll() is not None:
                    return "ended"
                try:
                    asker.send(sip.request("OPTIONS", "sip:%s:%d" % self.address, [
                        ("Via", f"SIP/2.0/UDP {own};branch={sip.branch()}"), ("Max-Forwards", "5"),
                        ("From", f"<sip:probe@{own}>;tag={sip.token()}"), ("To", "<sip:%s:%d>" % self.address),
                        ("Call-ID", sip.token()), ("CSeq", "1 OPTIONS")]))
                    return sip.Message(asker.recv(65535)).one("Server", "none")
                except (TimeoutError, ConnectionRefusedError):
                    return ""
            return until(probe, "kamailio answers OPTIONS", 20 * SCALE) == "kamailio"

    def hops(self, call_id):
        """`INVITE`, `BYE routed`, ...: the requests of a Call-ID that it sent on, a repeated one once; `routed` by Route
        with this proxy alone in it."""
        seen = []
        for line in list(self._lines):
            found = _HOP.search(line)
            if found and found.group(2) == call_id:
                route = found.group(3).strip()
                what = {"<null>": "", self.route: " routed"}.get(route, f" Route: {route}")
                if seen[-1:] != [found.group(1) + what]:
                    seen.append(found.group(1) + what)
        return seen

    def expect_hops(self, call_id, *wanted):
        """Exactly these, once they are all there."""
        try:
            until(lambda: self.hops(call_id) == list(wanted), "the hops", 10 * SCALE)
        except AssertionError:
            raise AssertionError(f"the proxy saw {self.hops(call_id)}, not {list(wanted)}") from None

    def _end(self):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(10)

    def close(self):
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
