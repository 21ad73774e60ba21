"""Two phones for thousands of calls: asyncio over raw UDP. They answer what repeats with what they said before."""

import asyncio
import collections
import re
import socket
import time

from harness import sip

T1 = 0.5
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
NORMAL = 'Q.850;cause=16;text="Normal call clearing"'
_HEAD = re.compile(rb"(?:SIP/2\.0 (\d{3})|([A-Z]+) (\S+) SIP/2\.0)")


class GlareCall:
    """One call as the two phones saw it."""

    def __init__(self, number, stubborn):
        self.number = number
        self.user = f"glare-{number}"
        self.call_id = sip.token()
        self.stubborn = stubborn  # answers although the CANCEL was there first
        self.rings = asyncio.Event()
        self.over = asyncio.Event()
        # The caller's end.
        self.final = 0
        self.finals = set()
        self.acknowledged = False
        self.caller_byes = 0
        # The callee's end.
        self.leg = None
        self.answered = False
        self.refused = False
        self.got_ack = False
        self.cancels = 0
        self.cancelled_at = 0.0
        self.callee_byes = 0
        self.bye_reason = ""
        self.wrong = []

    def __str__(self):
        return f"call {self.number} ({self.call_id})"

    def caller_is_done(self):
        return bool(self.final) and self.acknowledged and (self.final != 200 or self.caller_byes > 0)

    def callee_is_done(self):
        return self.got_ack and (self.refused or self.callee_byes > 0)

    def look(self):
        if self.caller_is_done() and self.callee_is_done():
            self.over.set()

    def complaints(self):
        told = list(self.wrong)
        if len(self.finals) != 1:
            told.append(f"final responses {self.finals}")
        if not self.caller_is_done():
            told.append(f"the caller is left: {self.final}, {self.caller_byes} BYE")
        if not self.callee_is_done():
            told.append(f"the callee is left: answered {self.answered}, refused {self.refused}, ACK {self.got_ack}, "
                        f"{self.callee_byes} BYE")
        if self.final != 200 and self.caller_byes:
            told.append("BYE to a caller that was never answered")
        if self.refused and self.callee_byes:
            told.append("BYE to a callee that never answered")
        if self.callee_byes and self.bye_reason != (NORMAL if self.final == 200 else ELSEWHERE):
            told.append(f"Reason of the BYE: {self.bye_reason}")
        if max(self.caller_byes, self.callee_byes, self.cancels) > 1:
            told.append(f"ended twice: {self.caller_byes} and {self.callee_byes} BYE, {self.cancels} CANCEL")
        return told


class Message:
    """What these phones look at."""

    def __init__(self, data):
        head, _, _ = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        found = _HEAD.match(data)
        self.status = int(found.group(1) or 0)
        self.uri = (found.group(3) or b"").decode()
        self.headers = collections.defaultdict(list)
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()].append(value.strip())
        number, self.method = self.one("cseq").split()
        self.cseq = int(number)

    def one(self, name):
        return self.headers[name][0] if self.headers[name] else ""


def response(request, status, phrase, tag="", more=(), body=""):
    lines = [f"SIP/2.0 {status} {phrase}"]
    lines += [f"Via: {value}" for value in request.headers["via"]]
    to = request.one("to") + (f";tag={tag}" if tag and ";tag=" not in request.one("to") else "")
    lines += [f"From: {request.one('from')}", f"To: {to}", f"Call-ID: {request.one('call-id')}",
              f"CSeq: {request.one('cseq')}", *more,
              f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Phone(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server
        self.calls = {}
        self.strays = []
        self.answers = {}  # (Call-ID, branch, method) of a request: what we said, for its copies

    @staticmethod
    def open_socket():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        return made

    def connection_made(self, transport):
        self.transport = transport
        self.host = "%s:%d" % transport.get_extra_info("sockname")

    def send(self, data):
        self.transport.sendto(data, self.server)

    def again(self, data, wanted, pause=T1):
        """Sends until wanted() is false (RFC 3261 13.3.1.4, 17.1.1.2)."""
        if not wanted():
            return
        self.send(data)
        if pause < 64 * T1:
            asyncio.get_running_loop().call_later(pause, self.again, data, wanted,
                                                  min(2 * pause, 4.0) if pause >= T1 else T1)

    def datagram_received(self, data, _):
        message = Message(data)
        call = self.calls.get(message.one("call-id"))
        if message.status:
            if call:
                self.on_response(call, message)
            return
        key = (message.one("call-id"), sip.tag_of(message.one("to")), message.one("via"), message.method)
        if key in self.answers:
            if self.answers[key]:
                self.send(self.answers[key])
            return
        self.answers[key] = self.on_request(call, message) or b""
        if self.answers[key]:
            self.send(self.answers[key])

    def on_response(self, call, message):
        raise NotImplementedError

    def on_request(self, call, message):
        """Returns the answer."""
        raise NotImplementedError


class Caller(Phone):
    def invite(self, call):
        self.calls[call.call_id] = call
        call.branch, call.tag = sip.branch(), sip.token()
        call.uri = "sip:%s@%s:%d" % (call.user, *self.server)
        data = sip.request("INVITE", call.uri, [
            ("Via", f"SIP/2.0/UDP {self.host};rport;branch={call.branch}"), ("Max-Forwards", "70"),
            ("From", f"<sip:alice@127.0.0.1>;tag={call.tag}"), ("To", f"<{call.uri}>"), ("Call-ID", call.call_id),
            ("CSeq", "1 INVITE"),
            ("Contact", f"<sip:alice@{self.host}>"), ("User-Agent", "FooPhone/1.0"), ("Content-Type", "application/sdp")],
            sip.OFFER)
        call.heard = False
        self.again(data, lambda: not call.heard)

    def on_response(self, call, message):
        call.heard = True
        if message.method != "INVITE" or message.status < 180:
            return
        if message.status < 200:
            call.rings.set()
            return
        call.final = message.status
        call.finals.add(message.status)
        self.acknowledge(call, message)
        call.look()

    def acknowledge(self, call, message):
        answered = message.status < 300
        uri = sip.uri_of(message.one("contact")) if answered else call.uri
        branch = sip.branch() if answered else call.branch
        self.send(sip.request("ACK", uri, [
            ("Via", f"SIP/2.0/UDP {self.host};rport;branch={branch}"), ("Max-Forwards", "70"),
            ("From", f"<sip:alice@127.0.0.1>;tag={call.tag}"), ("To", message.one("to")), ("Call-ID", call.call_id),
            ("CSeq", "1 ACK")]))
        call.acknowledged = True

    def on_request(self, call, message):
        if call is None or message.method != "BYE":
            self.strays.append(f"the caller got {message.method} of {message.one('call-id')}")
            return response(message, 481, "Call/Transaction Does Not Exist")
        call.caller_byes += 1
        if not call.acknowledged:
            call.wrong.append("BYE to the caller before its ACK")
        call.look()
        return response(message, 200, "OK")


class Callee(Phone):
    def __init__(self, server):
        super().__init__(server)
        self.expected = {}

    def expect(self, call):
        self.expected[call.user] = call

    def pick_up(self, call):
        """The user takes the call: 200, unless we have said 487."""
        if call.refused or call.answered or call.leg is None:
            return
        call.answered = True
        more = [f"Contact: <sip:callee@{self.host}>", "Content-Type: application/sdp"]
        self.again(response(call.leg, 200, "OK", call.callee_tag, more, sip.ANSWER), lambda: not call.got_ack)

    def on_request(self, call, message):
        if message.method == "INVITE":
            return self.on_invite(message)
        if call is None:
            self.strays.append(f"the callee got {message.method} of {message.one('call-id')}")
            return response(message, 481, "Call/Transaction Does Not Exist")
        return {"ACK": self.on_ack, "CANCEL": self.on_cancel, "BYE": self.on_bye}[message.method](call, message)

    def on_invite(self, message):
        call = self.expected.get(sip.user_of(message.uri))
        if call is None or call.leg is not None:
            self.strays.append(f"an INVITE for {message.uri} that nobody sent")
            return response(message, 486, "Busy Here", "stray")
        call.leg, call.callee_tag = message, sip.token()
        self.calls[message.one("call-id")] = call
        return response(message, 180, "Ringing", call.callee_tag, [f"Contact: <sip:callee@{self.host}>"])

    def on_ack(self, call, message):
        if not (call.answered or call.refused):
            call.wrong.append("ACK before a final response")
        call.got_ack = True
        call.look()

    def on_cancel(self, call, message):
        call.cancels += 1
        call.cancelled_at = time.monotonic()
        if message.one("reason") != ELSEWHERE:
            call.wrong.append(f"Reason of the CANCEL: {message.one('reason')}")
        if not call.answered and not call.stubborn:
            call.refused = True
            self.again(response(call.leg, 487, "Request Terminated", call.callee_tag), lambda: not call.got_ack)
        return response(message, 200, "OK", call.callee_tag)

    def on_bye(self, call, message):
        call.callee_byes += 1
        call.bye_reason = message.one("reason")
        if not call.answered:
            call.wrong.append("BYE to the callee on an early dialog")
        elif not call.got_ack:
            call.wrong.append("BYE to the callee before its ACK")
        call.look()
        return response(message, 200, "OK")
