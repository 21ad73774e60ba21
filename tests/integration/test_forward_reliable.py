"""Reliable provisional responses end to end (RFC 3262): each leg has its own RSeq.

    INVITE (100rel) >     INVITE (100rel) >
    < 183 RSeq a          < 183 RSeq b
    PRACK a >             PRACK b >
    < 200                 < 200
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.stubs import pb

SUPPORTED = [("Supported", "100rel")]
REQUIRED = [("Supported", "100rel"), ("Require", "100rel")]
EARLY = sip.ANSWER.replace("49180", "49190")


def reliable(callee, rseq, status=183, **arguments):
    callee.respond(status, headers=[("Require", "100rel"), ("RSeq", str(rseq)), *arguments.pop("headers", [])], **arguments)


def prack(call, response, rseq, headers=(), body="", back=""):
    """The caller's PRACK, the callee's, both answered. Returns (what reached the callee, what came back)."""
    number = call.caller.next_cseq
    rack = ("RAck", f"{response.one('RSeq')} {call.caller.cseq} INVITE")
    call.caller.peer.send(call.caller.in_dialog("PRACK", response, headers=[rack, *headers], body=body))
    received = call.callee.expect_prack(rseq, headers=[("Content-Type", "application/sdp")] if back else [], body=back)
    answer = call.caller.reply_to("PRACK", number)
    assert answer.status == 200, answer
    return received, answer


@pytest.mark.parametrize("headers", [SUPPORTED, REQUIRED], ids=["supported", "required"])
@pytest.mark.parametrize("transports", [("udp", "udp"), ("tcp", "udp"), ("udp", "tcp")], ids="-".join)
def test_end_to_end(through, headers, transports):
    call = through.calling(transports[1], transports[0], headers=headers)
    callee = call.callee
    assert "100rel" in callee.invite.members("Supported") + callee.invite.members("Require")
    first = 4711
    reliable(callee, first, body=EARLY)
    progress = call.caller.expect(183)
    assert progress.body.decode() == EARLY
    assert "100rel" in progress.members("Require")
    assert int(progress.one("RSeq")) >= 1
    prack(call, progress, first)
    reliable(callee, first + 1, 180)
    ringing = call.caller.ring()
    assert int(ringing.one("RSeq")) == int(progress.one("RSeq")) + 1
    prack(call, ringing, first + 1)
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >183 <PRACK >200 >180 <PRACK >200 >200 <ACK <BYE >200",
                        ">INVITE <183 >PRACK <200 <180 >PRACK <200 <200 >ACK >BYE <200")


def test_sdp_in_the_prack(through):
    """The answer in it passes byte for byte. The PRACK itself is answered hop by hop: a body of its 200 does not."""
    call = through.calling(headers=SUPPORTED, offer=None)
    reliable(call.callee, 1, body=sip.OFFER)
    progress = call.caller.expect(183)
    assert progress.body.decode() == sip.OFFER
    received, answer = prack(call, progress, 1, headers=[("Content-Type", "application/sdp")], body=sip.ANSWER, back=EARLY)
    assert received.body.decode() == sip.ANSWER
    assert (answer.status, answer.body) == (200, b"")
    call.callee.accept(body="")
    call.caller.final()
    call.callee.expect_ack()
    call.hang_up()


def test_a_caller_that_cannot(through):
    """A callee that is reliable unasked: we acknowledge it ourselves, the caller hears a plain 183."""
    call = through.calling()
    assert "100rel" not in call.callee.invite.members("Require")
    reliable(call.callee, 9, body=EARLY)
    progress = call.caller.expect(183)
    assert progress.body.decode() == EARLY
    assert not progress.has("RSeq") and "100rel" not in progress.members("Require"), progress
    call.callee.expect_prack(9)
    reliable(call.callee, 10, 180)
    call.caller.ring()
    call.callee.expect_prack(10)
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >183 >180 >200 <ACK <BYE >200",
                        ">INVITE <183 >PRACK <200 <180 >PRACK <200 <200 >ACK >BYE <200")


def test_a_plain_1xx_stays_plain(through):
    """A caller that supports 100rel and a callee that does not use it: we add nothing."""
    call = through.calling(headers=SUPPORTED)
    call.callee.respond(183, body=EARLY)
    progress = call.caller.expect(183)
    assert not progress.has("RSeq") and not progress.has("Require"), progress
    call.ring()
    call.answer()
    call.hang_up()


def test_a_repeated_reliable_1xx_is_acknowledged_once(through):
    call = through.calling(headers=SUPPORTED)
    for _ in range(3):
        reliable(call.callee, 5, 180)
    ringing = call.caller.ring()
    call.caller.peer.expect_repeat(ringing)  # until the PRACK (RFC 3262 3)
    prack(call, ringing, 5)
    reliable(call.callee, 5, 180)
    call.callee.none_of("BYE")
    assert len([m for m in call.callee.peer.received if m.call_id == call.callee.call_id and m.method == "PRACK"]) == 1
    call.answer()
    call.hang_up()


def test_a_prack_that_the_callee_refuses(through):
    """It was answered hop by hop; the call goes on."""
    call = through.calling(headers=SUPPORTED)
    reliable(call.callee, 5, 180)
    ringing = call.caller.ring()
    number = call.caller.next_cseq
    call.caller.peer.send(call.caller.in_dialog("PRACK", ringing, headers=[("RAck", f"{ringing.one('RSeq')} 1 INVITE")]))
    received = call.callee.expect_prack(5, answer=False)
    call.callee.answer(received, 488, "Not that")
    assert call.caller.reply_to("PRACK", number).status == 200
    call.cancel()


def test_a_200_before_the_callers_prack(through):
    """The callee was acknowledged and answers, the caller's PRACK is still to come: the 200 follows it."""
    call = through.calling(headers=SUPPORTED)
    reliable(call.callee, 5, 180)
    ringing = call.caller.ring()
    call.callee.accept()
    number = call.caller.next_cseq
    call.caller.peer.send(call.caller.in_dialog("PRACK", ringing, headers=[("RAck", f"{ringing.one('RSeq')} 1 INVITE")]))
    assert call.caller.reply_to("PRACK", number).status in (200, 481)
    for message in list(call.callee.peer.inbox[call.callee.call_id]):
        if message.method == "PRACK":
            call.callee.answer(message)
    call.caller.final()
    call.callee.expect_ack()
    call.hang_up()


@pytest.mark.parametrize("code", [486, 603])
def test_a_refusal_does_not_wait_for_the_prack(through, code):
    call = through.calling(headers=SUPPORTED)
    reliable(call.callee, 5, 180)
    call.caller.ring()
    call.callee.respond(code)
    assert call.caller.final().status == code
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)


def test_our_ending_does_not_wait_for_the_prack(through):
    call = through.calling(headers=SUPPORTED)
    reliable(call.callee, 5, 180)
    call.caller.ring()
    termination = through.api.terminate(call.name, treatment=final_response(486))
    assert call.caller.final().status == 486
    call.callee.expect_cancelled()
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


def test_a_callee_that_requires_what_the_caller_lacks(through):
    """421 passes: who calls may try again with 100rel."""
    call = through.calling()
    call.callee.respond(421, headers=[("Require", "100rel")])
    refused = call.caller.final()
    call.callee.expect_ack()
    assert refused.status == 421 and refused.members("Require") == ["100rel"], refused
    call.expect_ladders("<INVITE >100 >421 <ACK", ">INVITE <421 >ACK")
