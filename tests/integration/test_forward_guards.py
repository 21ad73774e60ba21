"""Messages of a callee, or within a call, that kill an unguarded stack (b2bua's traps): the server lives, nobody is left ringing.

A response with a Contact or Record-Route that no request can follow is ignored, or ends the call; both are right.
"""

import re

import pytest

from harness import sip
from harness.api import final_response
from harness.peer import UdpPeer
from harness.stubs import pb
from harness.through import endings
from harness.wait import until

BAD = [
    ("tel contact", "Contact", "<tel:+1>"), ("mailto contact", "Contact", "<mailto:a@b>"),
    ("urn contact", "Contact", "<urn:service:sos>"), ("http contact", "Contact", "<http://example.com>"),
    ("star contact", "Contact", "*"), ("sip without host", "Contact", "<sip:>"), ("garbage contact", "Contact", "<<>>;;\""),
    ("lrx contact", "Contact", "<sip:callee@127.0.0.1;lrx>"), ("foo route", "Record-Route", "<foo:bar>"),
    ("tel route", "Record-Route", "<tel:+1>"), ("second route", "Record-Route", "<sip:127.0.0.1;lr>, <foo:bar>"),
    ("lrx route", "Record-Route", "<sip:127.0.0.1;lrx>"), ("no contact", None, None),
]
# Nothing is wrong with them, but no request can follow: that is seen only when one is sent.
LOST = [("unresolvable contact", "Contact", "<sip:callee@nowhere.invalid>"),
        ("unknown transport", "Contact", "<sip:c@127.0.0.1;transport=sctp>")]


def rows(table):
    return pytest.mark.parametrize("name,value", [row[1:] for row in table], ids=[row[0] for row in table])


def broken(incoming, status, name, value, body=""):
    """Our response to the INVITE with this header instead of the right one."""
    raw = sip.response_to(incoming.invite, status, "Broken", [("Contact", incoming.contact)], body, incoming.tag)
    line = f"{name}: {value}\r\n".encode() if name else b""
    if name == "Record-Route":
        return raw.replace(b"Contact: ", line + b"Contact: ", 1)
    return re.sub(rb"Contact: [^\r]*\r\n", lambda _: line, raw)


def works(through):
    call = through.answered()
    call.hang_up()


def let_go(through, call):
    """The caller gets its end, from the server by itself or by a termination; the callee what is right by then."""
    call.caller.peer.options()
    if not call.caller.finals():
        call.later = through.api.terminate_later(call.name, treatment=final_response(486))
    final = call.caller.final()
    if final.status == 200:
        hang_up_on(through, call)
    call.callee.peer.options()
    for message in list(call.callee.peer.inbox[call.callee.call_id]):
        if message.method in ("CANCEL", "BYE") and not message.status:
            call.callee.answer(message)


def hang_up_on(through, call):
    """It took the 200: then it is an answered call, and is ended like one."""
    if call.get().state == pb.CALL_STATE_ANSWERED:
        through.api.terminate(call.name)
    call.caller.expect_bye()


@rows(BAD + LOST)
@pytest.mark.parametrize("status", [180, 183, 200])
def test_a_response_of_the_callee(through, status, name, value):
    call = through.calling()
    body = sip.ANSWER if status != 180 else ""
    call.callee.transmit(broken(call.callee, status, name, value, body))
    call.callee.peer.options()
    let_go(through, call)
    assert through.server.alive()
    works(through)


@pytest.mark.parametrize("status", [180, 200])
def test_a_termination_behind_an_ignored_response(through, status):
    """For the stack no 1xx came: the CANCEL is HELD, and says so."""
    call = through.calling()
    call.callee.transmit(broken(call.callee, status, "Contact", "<tel:+1>"))
    call.callee.peer.options()
    if not call.caller.finals():
        termination = through.api.terminate(call.name, treatment=final_response(486))
        assert endings(termination)["callee"] == "CANCEL HELD"
        assert call.caller.final().status == 486
        call.callee.ring()
        call.callee.expect_cancelled()
        assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
        through.api.wait_state(call.name, pb.CALL_STATE_TERMINATED)


@rows(BAD)
def test_a_good_answer_behind_a_bad_one(through, name, value):
    """Where the bad 180 was ignored, the good 200 is taken."""
    call = through.calling()
    call.callee.transmit(broken(call.callee, 180, name, value))
    call.callee.accept()
    final = call.caller.final()
    if final.status == 200:
        call.callee.expect_ack()
        call.hang_up()
    assert through.server.alive()


@rows(BAD)
@pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_target_refresh_of_either_side(through, way, method, name, value):
    """Refused, or passed with our own Contact; then the call ends at both ends."""
    if name == "Record-Route":
        pytest.skip("a route set does not change within a dialog (RFC 3261 12.2)")
    call = through.answered()
    one, other = (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)
    number = one.send_request(method, headers=[*([("Contact", value)] if name else []), ("Content-Type", "application/sdp")],
                              body=sip.OFFER)
    until(lambda: answered_or_passed(one, other, method, number), "an answer, or the request at the other end")
    for message in [m for m in other.peer.inbox[other.call_id] if m.method == method and not m.status]:
        assert value is None or value not in message.raw.decode(), message
        other.answer_invite(message)
    answer = one.reply_to(method, number)
    if method == "INVITE" and answer.status < 300:
        one.ack(answer)
    elif method == "INVITE":
        branch, uri, _ = one.sent[number]
        one.transmit(sip.request("ACK", uri, [
            ("Via", one.peer.via(branch)), ("Max-Forwards", "70"), ("From", one.local), ("To", answer.one("To")),
            ("Call-ID", one.call_id),
            ("CSeq", f"{number} ACK")]))
    through.api.terminate(call.name)
    other.expect_bye()
    until(lambda: ended_with_byes_answered(call, one), "the call ended", 60)
    assert through.server.alive()
    works(through)


def ended_with_byes_answered(call, end):
    """Where our BYE still finds its way it is answered; where it cannot, the call ends without."""
    end.peer.pump()
    for message in [m for m in end.peer.inbox[end.call_id] if m.method == "BYE" and not m.status]:
        end.peer.inbox[end.call_id].remove(message)
        end.answer(message)
    return call.get().state == pb.CALL_STATE_TERMINATED


def answered_or_passed(one, other, method, number):
    one.peer.pump()
    other.peer.pump()
    return any(m.method == method and m.status >= 200 and m.cseq == number for m in one.peer.inbox[one.call_id]) or any(
        m.method == method and not m.status for m in other.peer.inbox[other.call_id])


@rows(BAD)
@pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])
def test_the_answer_to_a_reinvite(through, way, name, value):
    call = through.answered()
    one, other = (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    given = [(name, value)] if name else []
    if name == "Record-Route":
        given.append(("Contact", other.contact))
    other.answer(received, 200, "OK", headers=[*given, ("Content-Type", "application/sdp")], body=sip.ANSWER)
    other.peer.options()
    through.api.terminate(call.name)
    one.expect_bye()
    one.peer.options()
    for message in [m for m in one.peer.inbox[one.call_id] if m.method == "INVITE" and m.status >= 200 and m.cseq == number]:
        one.ack(message)
    assert through.server.alive()
    works(through)


@pytest.mark.parametrize("where", ["caller", "callee"])
def test_many_broken_messages_in_a_row(through, where):
    """Every bad response and refresh at one call, then a good call."""
    call = through.ringing()
    for _, name, value in BAD:
        call.callee.transmit(broken(call.callee, 183, name, value, sip.ANSWER))
    call.callee.peer.options()
    if where == "caller":
        call.caller.cancel()
    else:
        call.callee.respond(486)
    final = call.caller.final()
    assert final.status in (486, 487, 500, 502), final
    assert through.server.alive()
    works(through)


def test_a_503_with_retry_after_is_not_tried_again(through):
    """The stack would call the same target once more after five seconds."""
    call = through.calling()
    call.callee.respond(503, headers=[("Retry-After", "1")])
    call.callee.expect_ack()
    assert call.caller.final().status == 500
    call.ended()
    call.callee.peer.pump(1.5)
    assert len(through.udp.offered(call.user)) == 1


def test_a_phone_that_is_gone(through):
    """The caller's socket is closed: what we send meets an ICMP refusal; the callee is let go all the same."""
    with UdpPeer(through.server.sip("v4")) as gone:
        call = through.ringing(caller=gone)
    call.callee.respond(486)
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)
    with UdpPeer(through.server.sip("v4")) as gone:
        call = through.answered(caller=gone)
    assert call.callee.bye().status == 200
    call.ended(by=pb.ENDED_BY_CALLEE)


def test_a_callee_whose_connection_breaks(through):
    """TCP, ringing: its connection is gone, and the caller can leave all the same."""
    call = through.ringing("tcp")
    through.tcp.hang_up_connections()
    call.caller.cancel()
    assert call.caller.final().status == 487
    works(through)
