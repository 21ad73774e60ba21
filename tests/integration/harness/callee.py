"""Scripted phones that are called: sockets that listen, and the calls that come in."""

import select
import socket
import urllib.parse

from harness import sip
from harness.dialog import SDP, Dialog
from harness.peer import Peer, UdpPeer, log_line
from harness.wait import DEADLINE, Deadline

PHRASES = {100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
           200: "OK", 486: "Busy Here", 487: "Request Terminated", 603: "Decline"}


class Callee:
    """What a peer that is called adds. Its `server` is set once the server runs."""

    name = "callee"

    @property
    def target(self):
        """The URI under which a route finds it."""
        return f"sip:{self.host}:{self.address[1]};transport={self.transport.lower()}"

    def _offers(self, messages, user):
        """Escapes in a user part do not count (RFC 3261 19.1.4)."""
        return [m for m in messages if not m.status and m.method == "INVITE" and not m.to_tag
                and urllib.parse.unquote(sip.user_of(m.uri)) == urllib.parse.unquote(user)]

    def take(self, user, seconds=DEADLINE, **arguments):
        """The next call for this user."""
        deadline = Deadline(seconds)
        while True:
            for waiting in self.inbox.values():
                for invite in self._offers(waiting, user):
                    waiting.remove(invite)
                    return Incoming(self, invite, **arguments)
            assert not deadline.over(), f"no INVITE for {user} within {seconds:.0f} s"
            self.pump(deadline.left())

    def offered(self, user):
        """Every INVITE for this user that was sent here before the answer to an OPTIONS."""
        self.options()
        return self._offers(self.received, user)


class UdpCallee(Callee, UdpPeer):
    def __init__(self, host="127.0.0.1"):
        super().__init__(host=host)


class TcpCallee(Callee, Peer):
    """Takes connections; answers go where the request came from, its own requests over the last connection."""

    transport = "TCP"

    def __init__(self, host="127.0.0.1"):
        super().__init__(None)
        self._socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.address = self._socket.getsockname()
        self._buffers = {}  # connection: what is not a whole message yet

    def _connection(self):
        if not self._buffers:
            self._buffers[socket.create_connection(self.server, timeout=DEADLINE)] = b""
        return next(reversed(self._buffers))

    def send(self, data, to=None):
        self.log.append(log_line(self, ">", data))
        connection = to if to in self._buffers else self._connection()
        connection.settimeout(DEADLINE)
        connection.sendall(data)

    def _receive(self, seconds):
        readable, _, _ = select.select([self._socket, *self._buffers], [], [], seconds)
        messages = []
        for ready in readable:
            if ready is self._socket:
                self._buffers[ready.accept()[0]] = b""
                continue
            try:
                data = ready.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                del self._buffers[ready]
                ready.close()
                continue
            self._buffers[ready] += data
            while True:
                message, self._buffers[ready] = sip.frame(self._buffers[ready])
                if message is None:
                    break
                messages.append((message, ready))
        return messages

    def hang_up_connections(self):
        for connection in list(self._buffers):
            connection.close()
        self._buffers.clear()

    def close(self):
        self.hang_up_connections()
        super().close()


class Incoming(Dialog):
    """One INVITE that came in, checked, and the dialog that our answers make (one per To tag)."""

    def __init__(self, callee, invite, contact=None):
        super().__init__(callee, invite.call_id, 7001, contact)
        self.invite = invite
        self.tag = sip.token()
        self.final = None  # the code of our final response
        self.forks = set()  # further To tags: what belongs to them is not ours
        self.record_route = []
        assert len(invite.members("Via")) == 1, invite
        assert invite.from_tag and not invite.to_tag, invite
        assert len(invite.members("Contact")) == 1, invite
        assert 0 <= int(invite.one("Max-Forwards")) <= 254, invite
        assert not invite.has("Record-Route") and not invite.has("Route"), invite

    @property
    def local(self):
        return f"{self.invite.one('To')};tag={self.tag}"

    @property
    def expected_routes(self):
        return list(reversed(self.record_route))

    def way(self, response=None):
        return sip.uri_of(self.invite.one("Contact")), [], self.invite.one("From")

    def transmit(self, data):
        self.peer.send(data, to=self.invite.source)

    def respond(self, status, phrase=None, *, body="", headers=(), tag=None, contact=None, content_type=SDP[1]):
        """Answers the INVITE. `tag` is another To tag: a fork's."""
        given = [*headers]
        if status > 100 and (status < 300 or contact):
            given.append(("Contact", contact or self.contact))
        if body:
            given.append(("Content-Type", content_type))
        if tag is None and status < 300:
            routes = [route for name, value in headers if name == "Record-Route" for route in sip.split_list(value)]
            self.record_route = routes or self.record_route
        if tag is not None:
            self.forks.add(tag)
        elif status >= 200:
            self.final = status
        self.transmit(sip.response_to(
            self.invite, status, PHRASES.get(status, "Whatever") if phrase is None else phrase, given, body,
            "" if status == 100 else tag or self.tag))

    def ring(self, **arguments):
        self.respond(180, **arguments)

    def accept(self, body=sip.ANSWER, **arguments):
        self.respond(200, body=body, **arguments)

    def expect_request(self, method, seconds=DEADLINE):
        return self.peer.expect(
            self.call_id, lambda m: not m.status and m.method == method and m.to_tag not in self.forks, method, seconds)

    def expect_ack(self, seconds=DEADLINE):
        """The ACK of our final response: its own transaction for a 2xx, the INVITE's otherwise (RFC 3261 17.1.1.3)."""
        ack = self.peer.expect(
            self.call_id, lambda m: m.method == "ACK" and not m.status and m.cseq == self.invite.cseq
            and m.to_tag not in self.forks, "ACK", seconds)
        if self.final < 300:
            self.check_in_dialog(ack)
            assert ack.branch != self.invite.branch, ack
        else:
            assert (ack.uri, ack.branch) == (self.invite.uri, self.invite.branch), ack
            assert (ack.from_tag, ack.to_tag) == (self.invite.from_tag, self.tag), ack
        return ack

    def expect_cancel(self, seconds=DEADLINE, answer=True, final=True):
        """The CANCEL, checked (RFC 3261 9.1), answered with 200, and the INVITE with 487."""
        cancel = self.expect_request("CANCEL", seconds)
        assert (cancel.uri, cancel.branch) == (self.invite.uri, self.invite.branch), cancel
        for name in ("From", "To", "Call-ID"):
            assert cancel.one(name) == self.invite.one(name), cancel
        assert cancel.all("Via") == self.invite.all("Via"), cancel
        assert cancel.all("Route") == self.invite.all("Route"), cancel
        assert cancel.cseq == self.invite.cseq, cancel
        assert not cancel.has("Require") and not cancel.has("Proxy-Require") and not cancel.body, cancel
        if answer:
            self.answer(cancel)
            if final:
                self.respond(487)
        return cancel

    def expect_cancelled(self, seconds=DEADLINE):
        """CANCEL, our 200 and 487, and the ACK. Returns the CANCEL."""
        cancel = self.expect_cancel(seconds)
        self.expect_ack(seconds)
        return cancel

    def expect_prack(self, rseq, answer=True, **arguments):
        """The PRACK of our reliable 1xx (RFC 3262 7.2)."""
        prack = self.expect_in_dialog("PRACK")
        assert prack.one("RAck").split() == [str(rseq), str(self.invite.cseq), "INVITE"], prack
        if answer:
            self.answer(prack, **arguments)
        return prack
