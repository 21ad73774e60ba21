"""Scripted SIP peers over raw sockets, and the calls they place."""

import collections
import select
import socket
import ssl
import time
import weakref

from harness import sip, trust
from harness.dialog import Dialog
from harness.wait import DEADLINE, Deadline

# What a failed test shows of its peers.
live = weakref.WeakSet()


def traffic(since):
    """Every message that a live peer sent or received after this moment, a line each, in the order of time."""
    lines = [line for peer in list(live) for line in list(peer.log) if line[0] >= since]
    return "\n".join(text for _, text in sorted(lines))


def log_line(peer, arrow, raw, begin=time.monotonic()):
    """`12.345 alice:5060 > BYE sip:... | CSeq | Call-ID | what tells most`"""
    head = raw.partition(b"\r\n\r\n")[0].decode("utf-8", "backslashreplace").split("\r\n")
    told = [line for line in head[1:] if sip.long_name(line.partition(":")[0].strip()) in (
        "call-id", "cseq", "reason", "rseq", "rack", "retry-after")]
    body = len(raw.partition(b"\r\n\r\n")[2])
    now = time.monotonic()
    text = " | ".join([head[0], *told, *([f"body {body}"] if body else [])])
    return now, f"{now - begin:9.3f} {peer.name}:{peer.address[1]} {arrow} {text}"


class Peer:
    """One socket that talks to the server. Messages are kept per Call-ID until a test asks for them.

    Retransmissions (messages with the same bytes) are counted in `repeats`, not delivered again.
    """

    transport = ""
    name = "alice"

    def __init__(self, server_address):
        self.server = server_address
        self.inbox = collections.defaultdict(collections.deque)
        self.repeats = collections.Counter()
        self.received = []
        self._seen = set()
        self.log = collections.deque(maxlen=400)
        live.add(self)

    # What a subclass does: send bytes (to whom `to` means, the server by default), return the messages that are there
    # within `seconds`, each with its source.
    def send(self, data, to=None):
        raise NotImplementedError

    def _receive(self, seconds):
        raise NotImplementedError

    @property
    def host(self):
        host = self.address[0]
        return f"[{host}]" if ":" in host else host

    @property
    def server_host(self):
        host, port = self.server
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def contact(self):
        parameter = "" if self.transport == "UDP" else f";transport={self.transport.lower()}"
        return f"<sip:{self.name}@{self.host}:{self.address[1]}{parameter}>"

    def via(self, branch):
        return f"SIP/2.0/{self.transport} {self.host}:{self.address[1]};rport;branch={branch}"

    def pump(self, seconds=0.0):
        """Takes in what is there; waits up to `seconds` for the first message."""
        took = False
        for raw, source in self._receive(seconds):
            took = True
            self.log.append(log_line(self, "<", raw))
            message = sip.Message(raw, source)
            if raw in self._seen:
                self.repeats[raw] += 1
                continue
            self._seen.add(raw)
            self.received.append(message)
            self.inbox[message.call_id].append(message)
        return took

    def expect(self, call_id, wanted, what, seconds=DEADLINE):
        """The first message of this Call-ID for which wanted(message); earlier ones stay."""
        deadline = Deadline(seconds)
        while True:
            for message in self.inbox[call_id]:
                if wanted(message):
                    self.inbox[call_id].remove(message)
                    return message
            if deadline.over():
                rest = "\n".join(map(repr, self.inbox[call_id]))
                raise AssertionError(f"no {what} within {seconds:.0f} s; received instead:\n{rest}")
            self.pump(deadline.left())

    def expect_repeat(self, message, count=1, seconds=DEADLINE):
        """Waits until the same bytes came `count` times more."""
        deadline = Deadline(seconds)
        while self.repeats[message.raw] < count:
            assert not deadline.over(), f"not repeated {count} times in {seconds:.0f} s:\n{message!r}"
            self.pump(deadline.left())

    def options(self, **extra):
        """Asks whether the server lives; the answer comes after all that was sent before on this socket."""
        call_id = sip.token()
        headers = [("Via", self.via(sip.branch())), ("Max-Forwards", "70"),
                   ("From", f"<sip:alice@{self.host}>;tag={sip.token()}"), ("To", f"<sip:{self.server_host}>"),
                   ("Call-ID", call_id), ("CSeq", "1 OPTIONS"), *extra.get("headers", [])]
        self.send(sip.request("OPTIONS", f"sip:{self.server_host}", headers))
        return self.expect(call_id, lambda m: m.status >= 200, "answer to OPTIONS")

    def invite(self, **arguments):
        call = Call(self, **arguments)
        call.send_invite()
        return call

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()


class UdpPeer(Peer):
    transport = "UDP"

    def __init__(self, server_address=None, buffer_bytes=1 << 22, host=None):
        super().__init__(server_address)
        host = host or ("::1" if ":" in server_address[0] else "127.0.0.1")
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self.address = self._socket.getsockname()

    def send(self, data, to=None):
        self.log.append(log_line(self, ">", data))
        self._socket.sendto(data, to or self.server)

    def _receive(self, seconds):
        select.select([self._socket], [], [], seconds)
        messages = []
        for _ in range(1000):
            try:
                messages.append(self._socket.recvfrom(65535))
            except BlockingIOError:
                break
            except ConnectionRefusedError:
                continue
        return messages


class TcpPeer(Peer):
    transport = "TCP"

    def __init__(self, server_address):
        super().__init__(server_address)
        self._socket = socket.create_connection(server_address, timeout=DEADLINE)
        self.address = self._socket.getsockname()
        self._buffer = b""
        self.closed = False

    def send(self, data, to=None):
        self.log.append(log_line(self, ">", data))
        self._socket.settimeout(DEADLINE)
        self._socket.sendall(data)

    def _readable(self, seconds):
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _receive(self, seconds):
        if self.closed:
            raise AssertionError("the server closed the connection")
        if self._readable(seconds):
            try:
                data = self._socket.recv(1 << 20)
            except (ConnectionResetError, ssl.SSLEOFError):
                data = b""
            self.closed = not data
            self._buffer += data
        messages = []
        while True:
            message, self._buffer = sip.frame(self._buffer)
            if message is None:
                return messages
            messages.append((message, None))


class TlsPeer(TcpPeer):
    """Trusts `ca` and shows `identity` (harness.trust), if there is one."""

    transport = "TLS"

    def __init__(self, server_address, ca, identity=None):
        super().__init__(server_address)
        self._socket = trust.client_context(ca, identity).wrap_socket(self._socket, server_hostname=server_address[0])

    def _readable(self, seconds):
        return bool(self._socket.pending()) or super()._readable(seconds)


class Call(Dialog):
    """One INVITE of a peer and the dialog it makes."""

    def __init__(self, peer, *, user="bob", from_user="alice", call_id=None, from_tag=None, cseq=1, branch=None,
                 user_agent="FooPhone/1.0", offer=sip.OFFER, headers=(), contact=None, uri=None, from_uri=None,
                 from_name="", to=None, max_forwards=70, content_type="application/sdp"):
        super().__init__(peer, call_id or sip.token(), cseq + 1, contact)
        self.from_tag = from_tag or sip.token()
        self.branch = branch or sip.branch()
        self.cseq = cseq
        self.uri = uri or f"sip:{user}@{peer.server_host}"
        self.from_ = f"{from_name}<{from_uri or f'sip:{from_user}@{peer.host}'}>;tag={self.from_tag}"
        self.local = self.from_
        self.to = to or f"<sip:{user}@{peer.server_host}>"
        self.max_forwards = max_forwards
        self.offer = offer
        self.content_type = content_type
        self.extra = list(headers)
        self.user_agent = user_agent
        self.answered = None  # the 2xx
        self.early = None  # the last 1xx that made a dialog

    @property
    def expected_routes(self):
        return [route for name, value in self.extra if name.lower() == "record-route" for route in sip.split_list(value)]

    def way(self, response=None):
        response = response or self.answered or self.early
        contact = response.all("Contact")
        uri = sip.uri_of(contact[0]) if contact else self.uri
        return uri, list(reversed(response.members("Record-Route"))), response.one("To")

    def invite_bytes(self, branch=None):
        headers = [("Via", self.peer.via(branch or self.branch))]
        if self.max_forwards is not None:
            headers.append(("Max-Forwards", str(self.max_forwards)))
        headers += [("From", self.from_), ("To", self.to), ("Call-ID", self.call_id), ("CSeq", f"{self.cseq} INVITE")]
        if self.contact:
            headers.append(("Contact", self.contact))
        if self.user_agent:
            headers.append(("User-Agent", self.user_agent))
        headers += self.extra
        if self.offer:
            headers.append(("Content-Type", self.content_type))
        self.sent[self.cseq] = (branch or self.branch, self.uri, [])
        return sip.request("INVITE", self.uri, headers, self.offer or "")

    def send_invite(self):
        self.peer.send(self.invite_bytes())

    def _check(self, response):
        """What every response must echo (RFC 3261 8.2.6.2)."""
        assert f"branch={self.branch}" in response.all("Via")[0], response
        assert response.one("From") == self.from_, response
        to = response.one("To")
        assert to == self.to or to.startswith(self.to + ";tag="), response
        if response.status > 100:
            assert response.to_tag, f"no To tag: {response}"
            if response.status < 200:
                self.early = response
        return response

    def expect(self, status, seconds=DEADLINE):
        """A response to the INVITE with this code."""
        return self._check(self.peer.expect(
            self.call_id, lambda m: m.status == status and m.method == "INVITE" and m.cseq == self.cseq,
            f"{status} to INVITE", seconds))

    def final(self, seconds=DEADLINE, ack=True):
        """The final response, acknowledged unless ack=False."""
        response = self._check(self.peer.expect(
            self.call_id, lambda m: m.status >= 200 and m.method == "INVITE" and m.cseq == self.cseq,
            "final response to INVITE", seconds))
        if response.status < 300:
            self.answered = response
        if ack:
            self.ack(response)
        return response

    def ring(self):
        """Waits for the 180."""
        return self.expect(180)

    def finals(self):
        """Every different final response to the INVITE that came so far."""
        return [m for m in self.peer.received
                if m.call_id == self.call_id and m.method == "INVITE" and m.cseq == self.cseq and m.status >= 200]

    def no_final(self):
        """Nothing final is here, and nothing was sent before the answer to an OPTIONS."""
        self.peer.options()
        for message in self.peer.inbox[self.call_id]:
            assert message.status < 200 or message.method != "INVITE", f"unexpected: {message}"
            assert message.status, f"unexpected: {message}"

    def cancel_bytes(self, reason=None):
        headers = [("Via", self.peer.via(self.branch)), ("Max-Forwards", "70"), ("From", self.from_), ("To", self.to),
                   ("Call-ID", self.call_id), ("CSeq", f"{self.cseq} CANCEL")]
        for value in [reason] if isinstance(reason, str) else reason or []:
            headers.append(("Reason", value))
        return sip.request("CANCEL", self.uri, headers)

    def cancel(self, reason=None):
        self.peer.send(self.cancel_bytes(reason))

    def prack(self, response, **arguments):
        """Acknowledges a reliable 1xx (RFC 3262) and returns the answer."""
        rack = f"{response.one('RSeq')} {self.cseq} INVITE"
        headers = [("RAck", rack), *arguments.pop("headers", [])]
        return self.ask("PRACK", response, headers=headers, **arguments)
