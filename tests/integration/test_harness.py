"""The scripted phones against each other, without a server: what they check passes when it is right, and fails when not."""

import pytest

from harness import never, sip
from harness.callee import TcpCallee, UdpCallee
from harness.peer import TcpPeer, UdpPeer
from harness.server import ipv6_works
from harness.stubs import pb
from harness.through import steps


@pytest.fixture(params=["udp", "tcp", "udp6", "tcp6"])
def pair(request):
    """(a phone that calls, a phone that is called), connected."""
    if request.param.endswith("6") and not ipv6_works():
        pytest.skip("no IPv6 on this machine")
    host = "::1" if request.param.endswith("6") else "127.0.0.1"
    caller_kind, callee_kind = (TcpPeer, TcpCallee) if request.param.startswith("tcp") else (UdpPeer, UdpCallee)
    with callee_kind(host) as phone, caller_kind(phone.address[:2]) as peer:
        phone.server = peer.address[:2]
        yield peer, phone


@pytest.fixture
def udp():
    with UdpCallee() as phone, UdpPeer(phone.address) as peer:
        phone.server = peer.address
        yield peer, phone


def ringing(pair, **invite):
    peer, phone = pair
    call = peer.invite(**invite)
    incoming = phone.take(call.uri.partition(":")[2].partition("@")[0])
    incoming.ring()
    call.ring()
    return call, incoming


def answered(pair, **invite):
    call, incoming = ringing(pair, **invite)
    incoming.accept()
    call.final()
    incoming.expect_ack()
    return call, incoming


def test_a_call_and_everything_within_it(pair):
    """INVITE 180 200 ACK, INFO and re-INVITE both ways, BYE."""
    call, incoming = answered(pair)
    for one, other in ((call, incoming), (incoming, call)):
        number = one.send_request("INFO", headers=[("Content-Type", "text/plain")], body="hello")
        info = other.expect_in_dialog("INFO")
        assert (info.body, info.one("Content-Type")) == (b"hello", "text/plain")
        other.answer(info, headers=[("X-A", "b")], body="there")
        answer = one.reply_to("INFO", number)
        assert (answer.status, answer.one("X-A"), answer.body) == (200, "b", b"there")
        number = one.send_reinvite()
        reinvite = other.expect_in_dialog("INVITE")
        other.answer_invite(reinvite)
        one.ack(one.reply_to("INVITE", number))
        assert other.expect_in_dialog("ACK").cseq == number
        number = one.send_reinvite()
        other.answer_invite(other.expect_in_dialog("INVITE"), 488, "Not Acceptable Here")
        one.ack(one.reply_to("INVITE", number))
        assert other.expect_request("ACK").cseq == number
    number = incoming.send_request("BYE", headers=[("Reason", "SIP;cause=200")])
    assert call.expect_bye().one("Reason") == "SIP;cause=200"
    assert incoming.reply_to("BYE", number).status == 200


def test_a_call_that_is_cancelled(pair):
    call, incoming = ringing(pair)
    call.cancel(["SIP;cause=200", "Q.850;cause=16"])
    cancel = incoming.expect_cancel()
    assert cancel.members("Reason") == ["SIP;cause=200", "Q.850;cause=16"]
    assert call.reply_to("CANCEL").status == 200
    assert call.final().status == 487
    incoming.expect_ack()


def test_reliable_progress(udp):
    peer, phone = udp
    call = peer.invite()
    incoming = phone.take("bob")
    incoming.respond(183, body=sip.ANSWER, headers=[("Require", "100rel"), ("RSeq", "42")])
    number = call.next_cseq
    peer.send(call.in_dialog("PRACK", call.expect(183), headers=[("RAck", f"42 {call.cseq} INVITE")]))
    incoming.expect_prack(42)
    assert call.reply_to("PRACK", number).status == 200


def test_the_short_and_the_folded_forms_of_headers(udp):
    peer, phone = udp
    peer.invite(headers=[("s", "short"), ("X-Folded", "one\r\n  two\r\n\tthree")])
    invite = phone.take("bob").invite
    assert invite.one("Subject") == "short"
    assert invite.one("X-Folded") == "one two three"


@pytest.mark.parametrize("break_it", [
    lambda raw: raw.replace(b"CSeq: 2 BYE", b"CSeq: 1 BYE").replace(b";tag=", b";tag=x", 1),
    lambda raw: raw.replace(b"From: ", b"From: \"x\" ").replace(b"BYE sip:callee", b"BYE sip:other"),
    lambda raw: raw.replace(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nRoute: <sip:nowhere;lr>"),
    lambda raw: raw.replace(b"Max-Forwards: 70", b"Max-Forwards: 0"),
], ids=["another tag", "another target", "a route", "no hops left"])
def test_a_bye_that_breaks_the_dialog_is_seen(udp, break_it):
    call, incoming = answered(udp)
    udp[0].send(break_it(call.in_dialog("BYE")))
    with pytest.raises(AssertionError):
        incoming.expect_bye()


def test_a_cseq_that_does_not_rise_is_seen(udp):
    call, incoming = answered(udp)
    udp[0].send(call.in_dialog("INFO", cseq=9))
    udp[0].send(call.in_dialog("BYE", cseq=8))
    incoming.expect_request("INFO")
    with pytest.raises(AssertionError, match="CSeq"):
        incoming.expect_bye()


@pytest.mark.parametrize("break_it", [
    lambda raw: raw.replace(b"branch=z9hG4bK", b"branch=z9hG4bKx"),
    lambda raw: raw.replace(b"CANCEL sip:bob", b"CANCEL sip:carol"),
    lambda raw: raw.replace(b"Max-Forwards", b"Require: foo\r\nMax-Forwards"),
], ids=["another branch", "another target", "a Require"])
def test_a_cancel_that_breaks_the_transaction_is_seen(udp, break_it):
    call, incoming = ringing(udp)
    udp[0].send(break_it(call.cancel_bytes()))
    with pytest.raises(AssertionError):
        incoming.expect_cancel()


def test_an_ack_of_a_failure_belongs_to_the_transaction_of_the_invite(udp):
    call, incoming = ringing(udp)
    incoming.respond(486)
    refused = call.final(ack=False)
    call.branch = sip.branch()
    call.sent[call.cseq] = (call.branch, call.uri, [])
    call.ack(refused)
    with pytest.raises(AssertionError):
        incoming.expect_ack()


# What must never leave, planted in ladders: `side arrow what`.

def planted(text, by=pb.ENDED_BY_ADIEU):
    messages = []
    for line in text.split(","):
        side, step, cseq = (*line.split(), "1")[:3]
        message = pb.SipMessage(side=pb.LEG_SIDE_CALLER if side == "A" else pb.LEG_SIDE_CALLEE, cseq=int(cseq),
                                direction=pb.DIRECTION_RECEIVED if step[0] == "<" else pb.DIRECTION_SENT)
        if step[1:].isdigit():
            message.status_code, message.method = int(step[1:]), "INVITE"
        else:
            message.method = step[1:]
        messages.append(message)
    return pb.Call(messages=messages, ended_by=by)


GOOD = [
    "A <INVITE,B >INVITE,B <180,A >180,B >CANCEL,A >486,B <487,B >ACK,A <ACK",
    "A <INVITE,B >INVITE,B <200,B >ACK,A >200,A <ACK,A <INFO 2,B >BYE 2,A >BYE 2",
    "A <INVITE,B >INVITE,B <503,B >ACK,B >INVITE,B <180,B >CANCEL,A <CANCEL,A >487",
    "A <INVITE,B >INVITE,B <200,B >ACK,A >200,A <ACK,A <INVITE 2,B >INVITE 2,B <180 2,B <488 2,A >488 2,B >BYE 3",
]
BAD = {
    "a second final response": "A <INVITE,A >486,A >487", "a 503": "A <INVITE,A >503",
    "BYE to a ringing caller": "A <INVITE,A >180,A >BYE 2",
    "BYE before the caller's ACK": "A <INVITE,A >200,A >BYE 2", "CANCEL before a 1xx": "A <INVITE,B >INVITE,B >CANCEL",
    "CANCEL after a final": "A <INVITE,B >INVITE,B <180,B <486,B >CANCEL",
    "BYE to a ringing callee": "A <INVITE,B >INVITE,B <180,B >BYE 2",
    "BYE before our ACK": "A <INVITE,B >INVITE,B <200,B >BYE 2",
    "CANCEL of the second target before its 1xx": "A <INVITE,B >INVITE,B <180,B <503,B >ACK,B >INVITE 9,B >CANCEL 9",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_may_leave(text):
    never.check(planted(text))


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_must_never_leave_is_seen(text):
    with pytest.raises(AssertionError):
        never.check(planted(text))


def test_a_ladder_as_text():
    call = planted("A <INVITE,B >INVITE,B >INVITE,B <180,A >100,A >180,A >180,A <PRACK 2,A >200 2,A >200")
    assert (steps(call, "caller"), steps(call, "callee")) == ("<INVITE >100 >180 <PRACK >200 >200", ">INVITE <180")
