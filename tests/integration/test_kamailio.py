"""Kamailio in front and behind, each in the path by Record-Route, the one behind with the callee registered:

    caller          A           adieud          B          callee
      | --INVITE--> | --INVITE--> | --INVITE--> | --INVITE--> |

Each request within a dialog, each CANCEL and each ending goes through both proxies.
"""

import contextlib
import json
import re

import pytest

from harness import sip
from harness.api import Api
from harness.kamailio import Kamailio
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import until

SDP = ("Content-Type", "application/sdp")
ANSWER = sip.OFFER.replace("alice", "bob")
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


def reply(peer, received, status, phrase, headers=(), body="", tag=""):
    lines = [f"SIP/2.0 {status} {phrase}"]
    for name, value in received.headers:
        if name.lower() in ("via", "from", "to", "call-id", "cseq", "record-route"):
            mark = f";tag={tag}" if tag and name.lower() == "to" and not sip.tag_of(value) else ""
            lines.append(f"{name}: {value}{mark}")
    lines += [f"{name}: {value}" for name, value in headers]
    peer.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode())


def offered(phone, contact):
    """The INVITE that reached this contact."""
    def probe():
        phone.pump(0.1)
        return next((m for m in phone.received if m.method == "INVITE" and m.uri == sip.uri_of(contact)), None)
    return until(probe, f"an INVITE for {contact}")


class World:
    """The four, and who is who by port."""

    def __init__(self, stack):
        self.b = stack.enter_context(Kamailio())
        route = {"name": "through", "forward": {"targets": ["sip:%s:%d" % self.b.address]}}
        config = {"sip": {"listeners": [{"name": "v4", "address": "127.0.0.1:0"}]}, "routes": [route]}
        self.server = stack.enter_context(Server(config=json.dumps(config), sip_listen=None))
        self.api = stack.enter_context(Api(self.server.grpc))
        self.a = stack.enter_context(Kamailio(onward=self.server.sip()))
        self.caller = stack.enter_context(UdpPeer(self.a.address))
        self.phone = stack.enter_context(UdpPeer(self.b.address))
        self.names = {self.a.port: "A", self.b.port: "B", self.server.sip()[1]: "adieu",
                      self.caller.address[1]: "caller", self.phone.address[1]: "callee"}

    def way(self, message):
        """`B adieu`: whom a request came through, the last one first."""
        ports = [re.match(r"SIP/2\.0/UDP [^:;\s]+:(\d+)", via).group(1) for via in message.members("Via")]
        return " ".join(self.names[int(port)] for port in ports)

    def register(self, user, phone=None):
        phone = phone or self.phone
        domain = "%s:%d" % self.b.address
        call_id = sip.token()
        phone.send(sip.request("REGISTER", f"sip:{domain}", [
            ("Via", phone.via(sip.branch())), ("Max-Forwards", "70"),
            ("From", f"<sip:{user}@{domain}>;tag={sip.token()}"), ("To", f"<sip:{user}@{domain}>"),
            ("Call-ID", call_id), ("CSeq", "1 REGISTER"), ("Contact", self.contact(user, phone)), ("Expires", "600")]))
        answer = phone.expect(call_id, lambda m: m.method == "REGISTER", "answer to REGISTER")
        assert answer.status == 200, answer

    def contact(self, user, phone=None):
        phone = phone or self.phone
        return f"<sip:{user}@{phone.host}:{phone.address[1]}>"


class Passing:
    """One call through all of them. `caller_asks` and `callee_asks` send a request from one end to the other."""

    def __init__(self, world):
        self.world = world
        self.user = f"bob-{sip.token()}"
        world.register(self.user)
        self.caller = world.caller.invite(user=self.user)
        self.tag, self.cseq = sip.token(), 100
        self.invite = self.take()

    def take(self):
        """The INVITE at the callee: through B, which wants to stay in the path."""
        invite = offered(self.world.phone, self.world.contact(self.user))
        assert self.world.way(invite) == "B adieu", invite
        assert invite.members("Record-Route") == [self.world.b.route], invite
        assert not invite.has("Route"), invite
        self.callee_id = invite.call_id
        return invite

    def respond(self, status, phrase, body=""):
        headers = [("Contact", self.world.contact(self.user))] if status < 300 else []
        reply(self.world.phone, self.invite, status, phrase, headers + ([SDP] if body else []), body, self.tag)

    def ring(self):
        self.respond(180, "Ringing")
        return self.caller.ring()

    def answer(self):
        self.respond(200, "OK", ANSWER)
        answered = self.caller.final()
        assert answered.status == 200 and answered.body.decode() == ANSWER, answered
        assert answered.members("Record-Route") == [self.world.a.route], answered
        self.at_callee("ACK")

    @property
    def name(self):
        return self.world.api.find(self.caller.call_id).name

    def at_callee(self, method):
        """A request that reached the callee within the dialog, through adieud and B."""
        got = self.world.phone.expect(self.callee_id, lambda m: m.method == method and not m.status and m.to_tag, method)
        assert got.uri == sip.uri_of(self.world.contact(self.user)), got
        assert (self.world.way(got), got.to_tag, got.has("Route")) == ("B adieu", self.tag, False), got
        return got

    def at_caller(self, method):
        """A request that reached the caller within the dialog, through adieud and A."""
        got = self.caller.expect_request(method)
        assert got.uri == sip.uri_of(self.caller.contact), got
        assert (self.world.way(got), got.to_tag, got.has("Route")) == ("A adieu", self.caller.from_tag, False), got
        return got

    def from_caller(self, method, headers=(), body="", cseq=None):
        self.world.caller.send(
            self.caller.in_dialog(method, self.caller.answered, headers=headers, body=body, cseq=cseq))

    def from_callee(self, method, headers=(), body="", cseq=None):
        self.cseq += cseq is None
        lines = [("Via", self.world.phone.via(sip.branch())), ("Max-Forwards", "70"),
                 *[("Route", route) for route in self.invite.members("Record-Route")],
                 ("From", f"{self.invite.one('To')};tag={self.tag}"), ("To", self.invite.one("From")),
                 ("Call-ID", self.callee_id), ("CSeq", f"{cseq or self.cseq} {method}"), *headers]
        self.world.phone.send(sip.request(method, sip.uri_of(self.invite.one("Contact")), lines, body))

    def caller_asks(self, method, headers=(), body="", answer=""):
        number = self.caller.next_cseq
        self.from_caller(method, headers, body)
        got = self.at_callee(method)
        assert got.body.decode() == body, got
        more = [("Contact", self.world.contact(self.user)), SDP] if answer else []
        reply(self.world.phone, got, 200, "OK", more, answer)
        final = self.caller.reply_to(method, number)
        assert (final.status, final.body.decode()) == (200, answer), final
        if method == "INVITE":
            self.from_caller("ACK", cseq=number)
            self.at_callee("ACK")

    def callee_asks(self, method, headers=(), body="", answer=""):
        self.from_callee(method, headers, body)
        got = self.at_caller(method)
        assert got.body.decode() == body, got
        more = [("Contact", self.caller.contact), SDP] if answer else []
        reply(self.world.caller, got, 200, "OK", more, answer)
        final = self.world.phone.expect(self.callee_id, lambda m: m.method == method and m.status >= 200, method)
        assert (final.status, final.body.decode()) == (200, answer), final
        if method == "INVITE":
            self.from_callee("ACK", cseq=self.cseq)
            self.at_caller("ACK")

    def callee_is_cancelled(self):
        """The CANCEL at the callee, hop by hop from B (RFC 3261 16.10); then 487 and its ACK."""
        phone = self.world.phone
        cancel = phone.expect(self.callee_id, lambda m: m.method == "CANCEL" and not m.status, "CANCEL")
        assert (cancel.uri, cancel.all("Via")[0]) == (self.invite.uri, self.invite.all("Via")[0]), cancel
        reply(phone, cancel, 200, "OK", tag=self.tag)
        self.refuse(487, "Request Terminated")
        return cancel

    def refuse(self, status, phrase):
        self.respond(status, phrase)
        ack = self.world.phone.expect(self.callee_id, lambda m: m.method == "ACK", f"ACK of {status}")
        assert (self.world.way(ack), ack.uri) == ("B", self.invite.uri), ack

    def ended(self, by):
        call = self.world.api.wait_state(self.name, pb.CALL_STATE_TERMINATED)
        assert (call.ended_by, call.callee.state) == (by, pb.CALL_STATE_TERMINATED), call

    def expect_hops(self, a, b):
        self.world.a.expect_hops(self.caller.call_id, *a)
        self.world.b.expect_hops(self.callee_id, *b)


@pytest.fixture(scope="module")
def world():
    with contextlib.ExitStack() as stack:
        yield World(stack)


@pytest.fixture
def call(world):
    return Passing(world)


ROUTED = ["INVITE", "ACK routed", "INVITE routed", "ACK routed", "INFO routed"]
INFO = [("Content-Type", "application/dtmf-relay")], "Signal=5\r\n"


def reinvite(contact):
    return [("Contact", contact), SDP], sip.OFFER, ANSWER


def test_the_caller_asks_and_hangs_up(call):
    call.ring()
    call.answer()
    call.caller_asks("INVITE", *reinvite(call.caller.contact))
    call.caller_asks("INFO", *INFO)
    call.caller_asks("BYE")
    call.ended(pb.ENDED_BY_CALLER)
    call.expect_hops([*ROUTED, "BYE routed"], [*ROUTED, "BYE routed"])


def test_the_callee_asks_and_hangs_up(call):
    call.ring()
    call.answer()
    call.callee_asks("INVITE", *reinvite(call.world.contact(call.user)))
    call.callee_asks("INFO", *INFO)
    call.callee_asks("BYE")
    call.ended(pb.ENDED_BY_CALLEE)
    call.expect_hops([*ROUTED, "BYE routed"], [*ROUTED, "BYE routed"])


def test_the_caller_cancels(call):
    call.ring()
    call.caller.cancel(reason='SIP;cause=200;text="picked up"')
    assert call.caller.reply_to("CANCEL").status == 200
    assert call.callee_is_cancelled().one("Reason") == 'SIP;cause=200;text="picked up"'
    assert call.caller.final().status == 487
    call.ended(pb.ENDED_BY_CALLER)
    call.expect_hops(["INVITE", "CANCEL", "ACK"], ["INVITE", "CANCEL", "ACK"])


def test_the_callee_refuses(call):
    call.ring()
    call.refuse(486, "Busy Here")
    assert call.caller.final().status == 486
    call.ended(pb.ENDED_BY_CALLEE)
    call.expect_hops(["INVITE", "ACK"], ["INVITE", "ACK"])


@pytest.mark.parametrize("intent, status, reason", [
    (pb.INTENT_QUIET, 487, None),
    (pb.INTENT_BUSY, 486, None),
    (pb.INTENT_ELSEWHERE, 487, ELSEWHERE),
])
def test_terminated_while_ringing(call, intent, status, reason):
    call.ring()
    call.world.api.terminate(call.name, intent=intent)
    cancel = call.callee_is_cancelled()
    if reason:
        assert cancel.one("Reason") == reason
    assert call.caller.final().status == status
    call.ended(pb.ENDED_BY_ADIEU)
    call.expect_hops(["INVITE", "ACK"], ["INVITE", "CANCEL", "ACK"])


def test_two_phones_ring(world):
    """B rings both phones of one user; the ending reaches each."""
    user = f"bob-{sip.token()}"
    with UdpPeer(world.b.address) as second:
        contacts = {phone: world.contact(user, phone) for phone in (world.phone, second)}
        for phone in contacts:
            world.register(user, phone)
        caller = world.caller.invite(user=user)
        invites = {phone: offered(phone, contact) for phone, contact in contacts.items()}
        for phone, invite in invites.items():
            reply(phone, invite, 180, "Ringing", [("Contact", contacts[phone])], tag=str(phone.address[1]))
        caller.ring()
        world.api.terminate(world.api.find(caller.call_id).name, intent=pb.INTENT_ELSEWHERE)
        for phone, invite in invites.items():
            cancel = phone.expect(invite.call_id, lambda m: m.method == "CANCEL" and not m.status, "CANCEL")
            assert cancel.one("Reason") == ELSEWHERE
            reply(phone, cancel, 200, "OK", tag=str(phone.address[1]))
            reply(phone, invite, 487, "Request Terminated", tag=str(phone.address[1]))
            phone.expect(invite.call_id, lambda m: m.method == "ACK", "ACK of 487")
        assert caller.final().status == 487
        world.api.wait_state(world.api.find(caller.call_id).name, pb.CALL_STATE_TERMINATED)


def test_terminated_when_answered(call):
    call.ring()
    call.answer()
    call.world.api.terminate(call.name)
    reply(call.world.caller, call.at_caller("BYE"), 200, "OK")
    reply(call.world.phone, call.at_callee("BYE"), 200, "OK")
    call.ended(pb.ENDED_BY_ADIEU)
    call.expect_hops(["INVITE", "ACK routed", "BYE routed"], ["INVITE", "ACK routed", "BYE routed"])
