"""re-INVITEs pass both ways, with SDP and without, and a refused one leaves the call as it was (RFC 3261 14, RFC 3264).

    one               Adieu              other
      INVITE offer ---->  INVITE offer ---->
      <------ 200 answer  <------ 200 answer
      ACK ------------->  ACK ------------->
"""

import pytest

from harness import sip
from harness.stubs import pb

UP = "<INVITE >100 >180 >200 <ACK", ">INVITE <180 <200 >ACK"
DOWN = " <BYE >200", " >BYE <200"
HOLD = sip.OFFER + "a=sendonly\r\n"
HELD = sip.ANSWER + "a=recvonly\r\n"
WAYS = pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])


def ends(call, way):
    return (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)


def final_of(one, number):
    return one.reply_to("INVITE", number)


def reinvite_ladders(way, code):
    """What a re-INVITE adds to the sender's leg and to the other; the 100 of the stack may be there or not."""
    sender = [f" <INVITE{trying} >{code} <ACK" for trying in (" >100", "")]
    other = [f" >INVITE{trying} <{code} >ACK" for trying in ("", " <100")]
    return (sender, other) if way == "caller-to-callee" else (other, sender)


def expect_up_and_down(call, caller, callee):
    call.hang_up()
    call.expect_ladders([UP[0] + text + DOWN[0] for text in caller], [UP[1] + text + DOWN[1] for text in callee])


def reinvite(one, other, body=HOLD, answer=HELD, headers=()):
    """One whole re-INVITE. Returns (what reached the other, the 200, the other's ACK)."""
    number = one.send_reinvite(body, headers)
    received = other.expect_in_dialog("INVITE")
    other.answer_invite(received, body=answer)
    response = final_of(one, number)
    one.ack(response)
    ack = other.expect_in_dialog("ACK")
    assert ack.cseq == received.cseq
    return received, response, ack


@WAYS
def test_hold_and_resume(through, way):
    call = through.answered()
    one, other = ends(call, way)
    for body, answer in ((HOLD, HELD), (sip.OFFER, sip.ANSWER)):
        received, response, _ = reinvite(one, other, body, answer, headers=[("X-Why", "hold"), ("Subject", "again")])
        assert (received.body.decode(), received.one("X-Why"), received.one("Subject")) == (body, "hold", "again")
        assert (response.status, response.body.decode()) == (200, answer)
        host, port = one.peer.server
        assert sip.address_of(sip.uri_of(response.one("Contact"))) == (host, port), response
    assert call.get().state == pb.CALL_STATE_ANSWERED
    once, mirrored = reinvite_ladders(way, 200)
    expect_up_and_down(call, [a + b for a in once for b in once], [a + b for a in mirrored for b in mirrored])


@WAYS
def test_both_ways_in_turn(through, way):
    call = through.answered()
    one, other = ends(call, way)
    for _ in range(3):
        reinvite(one, other)
        reinvite(other, one)
    call.hang_up()


@WAYS
@pytest.mark.parametrize("answer", [sip.ANSWER, ""], ids=["answer-in-the-ack", "no-answer"])
def test_a_delayed_offer(through, way, answer):
    """No SDP in the re-INVITE: the offer is in the 200, the answer in the ACK, which waits for the asker's."""
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_reinvite(body="")
    received = other.expect_in_dialog("INVITE")
    assert received.body == b"" and not received.has("Content-Type")
    other.answer_invite(received, body=sip.OFFER)
    response = final_of(one, number)
    assert response.body.decode() == sip.OFFER
    other.peer.options()
    early = [m for m in other.peer.inbox[other.call_id] if m.method == "ACK" and m.cseq == received.cseq]
    assert not early, f"ACK before the answer: {early}"
    one.ack(response, body=answer)
    ack = other.expect_in_dialog("ACK")
    assert ack.body.decode() == answer
    expect_up_and_down(call, *reinvite_ladders(way, 200))


@WAYS
@pytest.mark.parametrize("code,header,value", [
    (488, "Warning", '304 x "Media type not available"'), (491, "X-Why", "pending"), (415, "Accept", "application/sdp"),
    (606, "X-Why", "no"), (403, "X-Why", "no"), (486, "X-Why", "busy"), (603, "X-Why", "decline"), (422, "Min-SE", "1800"),
    (413, "X-Why", "large")])
def test_a_refusal_leaves_the_call_up(through, way, code, header, value):
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_reinvite()
    other.answer_invite(other.expect_in_dialog("INVITE"), code, "Not that", headers=[(header, value)])
    refused = final_of(one, number)
    one.ack(refused)
    other.expect_request("ACK")
    assert (refused.status, refused.phrase) == (code, "Not that")
    assert refused.members(header) == sip.split_list(value)
    other.none_of("BYE")
    one.none_of("BYE")
    assert call.get().state == pb.CALL_STATE_ANSWERED
    reinvite(one, other)  # and the next one is taken
    call.hang_up()


@WAYS
def test_progress_of_a_reinvite(through, way):
    """A phone that rings its user for a re-INVITE: 1xx may pass; the 200 does."""
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    other.answer(received, 180, "Ringing", headers=[("Contact", other.contact)])
    other.answer_invite(received)
    response = final_of(one, number)
    assert response.body.decode() == sip.ANSWER
    one.ack(response)
    other.expect_in_dialog("ACK")
    call.hang_up()


@WAYS
def test_a_reinvite_that_is_cancelled(through, way):
    """CANCEL of a re-INVITE ends the re-INVITE, not the call (RFC 3261 9, 14.1)."""
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    other.answer(received, 180, "Ringing", headers=[("Contact", other.contact)])
    branch, uri, routes = one.sent[number]
    _, _, remote = one.way()
    one.transmit(sip.request("CANCEL", uri, [
        ("Via", one.peer.via(branch)), ("Max-Forwards", "70"), ("From", one.local), ("To", remote),
        ("Call-ID", one.call_id), ("CSeq", f"{number} CANCEL")]))
    assert one.reply_to("CANCEL", number).status == 200
    refused = final_of(one, number)
    one.ack(refused)
    assert refused.status == 487, refused
    cancel = other.expect_request("CANCEL")
    assert cancel.branch == received.branch
    other.answer(cancel)
    other.answer(received, 487, "Request Terminated")
    other.expect_request("ACK")
    other.none_of("BYE")
    call.hang_up()


@WAYS
def test_a_new_contact_is_used_from_then_on(through, way):
    """A target refresh (RFC 3261 12.2.2): our next request goes to the new Contact. On the other leg nothing moves."""
    call = through.answered()
    one, other = ends(call, way)
    plain = sip.uri_of(one.contact)
    one.contact = f"<{plain.replace('sip:', 'sip:moved-')}>"
    received, _, _ = reinvite(one, other)
    assert "moved-" not in received.one("Contact")
    number = other.send_request("INFO")
    info = one.expect_in_dialog("INFO")  # its Request-URI is the new Contact
    one.answer(info)
    assert other.reply_to("INFO", number).status == 200
    call.hang_up()


def test_both_at_once(through):
    """Glare (RFC 3261 14.2): each side's re-INVITE meets the other's. Both get 491, the call stays, a later one is taken.

        INVITE >    INVITE >
                    < INVITE       491 by us
                    < 491
        < 491
    """
    call = through.answered()
    caller, callee = call.caller, call.callee
    number = caller.send_reinvite()
    received = callee.expect_in_dialog("INVITE")
    crossing = callee.send_reinvite()
    refused = final_of(callee, crossing)
    callee.ack(refused)
    assert refused.status == 491, refused
    callee.answer_invite(received, 491, "Request Pending")
    answer = final_of(caller, number)
    caller.ack(answer)
    assert answer.status == 491, answer
    callee.expect_request("ACK")
    caller.none_of("BYE", "INVITE")
    callee.none_of("BYE")
    reinvite(callee, caller)
    reinvite(caller, callee)
    call.hang_up()


def test_both_at_once_and_one_is_taken(through):
    """The callee answers ours with 200 while its own was refused with 491."""
    call = through.answered()
    caller, callee = call.caller, call.callee
    number = caller.send_reinvite()
    received = callee.expect_in_dialog("INVITE")
    crossing = callee.send_reinvite()
    refused = final_of(callee, crossing)
    callee.ack(refused)
    assert refused.status == 491, refused
    callee.answer_invite(received)
    response = final_of(caller, number)
    assert response.status == 200
    caller.ack(response)
    callee.expect_in_dialog("ACK")
    call.hang_up()


@WAYS
def test_a_second_reinvite_of_the_same_side(through, way):
    """RFC 3261 14.2: 500 with Retry-After to a second one before the first is answered."""
    call = through.answered()
    one, other = ends(call, way)
    first = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    second = one.send_reinvite()
    refused = final_of(one, second)
    one.ack(refused)
    assert refused.status in (491, 500), refused
    if refused.status == 500:
        assert 0 <= int(refused.one("Retry-After").split(";")[0].split("(")[0]) <= 10
    other.answer_invite(received)
    response = final_of(one, first)
    assert response.status == 200
    one.ack(response)
    other.expect_in_dialog("ACK")
    call.hang_up()


@WAYS
def test_the_call_is_ended_during_a_reinvite(through, way):
    """Termination while the other side thinks about the re-INVITE: both get a BYE, the re-INVITE a final answer."""
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    termination = through.api.terminate(call.name)
    bye = other.expect_request("BYE")
    other.answer(bye)
    other.answer_invite(received, 487, "Request Terminated")
    one.expect_bye()
    refused = final_of(one, number)
    one.ack(refused)
    assert refused.status >= 400
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
