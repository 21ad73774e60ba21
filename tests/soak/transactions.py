"""A phone's transactions over UDP with the timers of RFC 3261 17 and 13.3.1.4, for thousands of calls at once."""

import asyncio
import re

from harness import sip

T1, T2 = 0.5, 4.0
LIFE = 64 * T1
_BRANCH = re.compile(r"branch=([^;\s,]+)")


def branch_of(message):
    return _BRANCH.search(message.all("Via")[0]).group(1)


def response(received, status, phrase, tag, headers=(), body=""):
    lines = [f"SIP/2.0 {status} {phrase}"]
    for name, value in received.headers:
        if name.lower() in ("via", "from", "to", "call-id", "cseq"):
            mark = f";tag={tag}" if name.lower() == "to" and not sip.tag_of(value) else ""
            lines.append(f"{name}: {value}{mark}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


class Repeated:
    """Sends now and again after T1, 2 T1, 4 T1 ... (at most T2 where `capped`), until stopped or LIFE has passed."""

    def __init__(self, phone, data, capped, on_timeout):
        self._phone, self._data, self._capped, self._on_timeout = phone, data, capped, on_timeout
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + LIFE
        self._pause = T1
        self._timer = None
        self._send()

    def _send(self):
        self._phone.send(self._data)
        wait = min(self._pause, max(0.0, self._end - self._loop.time()))
        self._pause = min(2 * self._pause, T2) if self._capped else 2 * self._pause
        self._timer = self._loop.call_later(wait, self._again)

    def _again(self):
        if self._loop.time() < self._end - 0.001:
            self._send()
            return
        self._timer = None
        self._on_timeout()

    def slow_down(self):
        """A 1xx to a request that is not INVITE (17.1.2.2)."""
        self._pause = T2

    def stop(self):
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Phone(asyncio.DatagramProtocol):
    """A subclass has on_request(message), which answers with reply(), and on_response(message) for those that are new
    to it or belong to an INVITE."""

    def __init__(self, server):
        self.server = server
        self.asking = {}  # (branch, method) of a request of ours: Repeated
        self.answers = {}  # (branch, method) of a request to us: what we said last
        self.repeating = {}  # branch or Call-ID of an INVITE to us: Repeated, until its ACK
        self.failures = []

    def connection_made(self, transport):
        self.transport = transport
        self.host = "%s:%d" % transport.get_extra_info("sockname")

    def send(self, data):
        self.transport.sendto(data, self.server)

    def via(self, branch):
        return f"SIP/2.0/UDP {self.host};branch={branch}"

    def ask(self, method, branch, data, on_timeout):
        self.asking[branch, method] = Repeated(self, data, method != "INVITE", on_timeout)

    def reply(self, received, data):
        self.answers[branch_of(received), received.method] = data
        self.send(data)

    def reply_until_ack(self, received, data, key, on_timeout=lambda: None):
        """A final response to an INVITE; `key`: its branch, or for a 2xx its Call-ID."""
        self.answers[branch_of(received), "INVITE"] = data
        self.repeating[key] = Repeated(self, data, True, on_timeout)

    def acknowledged(self, key):
        """Whether this ACK ended a repetition."""
        repeated = self.repeating.pop(key, None)
        if repeated:
            repeated.stop()
        return repeated is not None

    def datagram_received(self, data, _):
        try:
            self._receive(sip.Message(data))
        except Exception as error:  # told at the end; the loop would only print it
            self.failures.append(f"{type(error).__name__}: {error} at {data[:200]!r}")

    def _receive(self, message):
        if message.status:
            self._take_response(message)
        elif message.method == "ACK":
            self.on_ack(message)
        elif (known := (branch_of(message), message.method)) in self.answers:
            self.send(self.answers[known])
        else:
            self.on_request(message)

    def _take_response(self, message):
        key = (branch_of(message), message.method)
        asked = self.asking.get(key)
        if asked and message.status < 200 and message.method != "INVITE":
            asked.slow_down()
        elif asked:
            asked.stop()
            if message.status >= 200:
                del self.asking[key]
        if asked or message.method == "INVITE":
            self.on_response(message)
