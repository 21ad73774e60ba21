"""Lost, late and repeated messages on both legs (RFC 3261 13.3.1.4, 17).

| what                        | leg    | provoked by                        | seen                                     |
|-----------------------------|--------|------------------------------------|------------------------------------------|
| INVITE repeated, no answer  | caller | the INVITE twice                   | one call, one INVITE at the callee       |
| INVITE repeated, ringing    | caller | the INVITE again after the 180     | the 180 again                            |
| INVITE lost                 | callee | no answer for T1                   | the INVITE again, same bytes             |
| final response lost         | caller | no ACK                             | it again until the ACK                   |
| final response repeated     | callee | the refusal twice                  | ACK twice                                |
| 200 lost                    | caller | no ACK                             | it again until the ACK                   |
| 200 repeated                | callee | the 200 twice                      | ACK twice, with SDP where it had SDP     |
| ACK late                    | caller | the ACK after two copies           | the call lives                           |
| ACK repeated                | caller | the ACK twice                      | nothing                                  |
| BYE lost                    | both   | no answer for T1                   | the BYE again, same bytes                |
| BYE repeated                | both   | the BYE twice                      | 200 twice, one BYE to the other          |
| CANCEL lost                 | callee | no answer for T1                   | the CANCEL again                         |
| CANCEL repeated             | caller | the CANCEL twice                   | 200 twice, one CANCEL to the callee      |
| CANCEL after a final        | caller | CANCEL after our 486               | 200 or 481, nothing else                 |
| INFO repeated               | both   | the INFO twice                     | one INFO to the other, its answer twice  |
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.stubs import pb

BOTH = pytest.mark.parametrize("who", ["caller", "callee"])


def ends(call, who):
    return (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)


def count(end, method):
    """Different requests of this method, copies not counted."""
    end.peer.options()
    return len([m for m in end.peer.received if m.call_id == end.call_id and m.method == method and not m.status])


def ack_copies(callee):
    """Every ACK to the initial INVITE."""
    callee.peer.options()
    return sum(1 + callee.peer.repeats[m.raw] for m in callee.peer.received
               if m.call_id == callee.call_id and m.method == "ACK" and m.cseq == callee.invite.cseq)


def test_invite_twice_in_one_breath(through):
    call = through.place()
    call.caller.send_invite()
    call.take()
    call.ring()
    assert len(through.udp.offered(call.user)) == 1
    assert len(through.api.by_call_id(call.caller.call_id)) == 1
    call.cancel()


def test_invite_again_while_ringing(through):
    call = through.ringing()
    call.caller.send_invite()
    call.caller.peer.expect_repeat(call.caller.early)
    assert len(through.udp.offered(call.user)) == 1
    call.cancel()


def test_our_invite_is_repeated(through):
    call = through.calling()
    call.callee.peer.expect_repeat(call.callee.invite, 2)
    call.ring()
    call.cancel()


@pytest.mark.parametrize("by", ["callee", "adieu"])
def test_a_refusal_is_repeated_until_its_ack(through, by):
    call = through.ringing()
    if by == "callee":
        call.callee.respond(486)
    else:
        through.api.terminate(call.name, treatment=final_response(486))
    final = call.caller.final(ack=False)
    if by == "callee":
        call.callee.expect_ack()
    else:
        call.callee.expect_cancelled()
    call.caller.peer.expect_repeat(final, 2)
    call.caller.ack(final)
    call.ended()
    assert len(call.caller.finals()) == 1


def test_the_callees_refusal_twice(through):
    call = through.ringing()
    call.callee.respond(486)
    call.caller.final()
    call.callee.expect_ack()
    call.callee.respond(486)
    assert ack_copies(call.callee) == 2
    assert len(call.caller.finals()) == 1
    call.ended(by=pb.ENDED_BY_CALLEE)


def test_our_200_is_repeated_until_a_late_ack(through):
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    call.caller.peer.expect_repeat(answered, 2)
    call.caller.ack(answered)
    call.hang_up()
    call.expect_ladders(None, ">INVITE <180 <200 >ACK >BYE <200")


@pytest.mark.parametrize("offer", [sip.OFFER, None], ids=["offer", "delayed"])
def test_the_callees_200_twice(through, offer):
    """RFC 3261 13.2.2.4: the same ACK, with the answer in it where the 200 had the offer."""
    call = through.ringing(offer=offer)
    call.callee.accept(body=sip.ANSWER if offer else sip.OFFER)
    answered = call.caller.final(ack=False)
    call.caller.ack(answered, body="" if offer else sip.ANSWER)
    first = call.callee.expect_ack()
    for _ in range(2):
        call.callee.accept(body=sip.ANSWER if offer else sip.OFFER)
    assert ack_copies(call.callee) == 3
    bodies = {m.body for m in call.callee.peer.received if m.call_id == call.callee.call_id and m.method == "ACK"}
    assert bodies == {first.body}
    assert len(call.caller.finals()) == 1
    call.hang_up()


def test_the_200_of_a_delayed_offer_twice_before_the_callers_ack(through):
    """No ACK can go yet; afterwards one goes."""
    call = through.ringing(offer=None)
    for _ in range(3):
        call.callee.accept(body=sip.OFFER)
    answered = call.caller.final(ack=False)
    call.callee.none_of("ACK")
    call.caller.ack(answered, body=sip.ANSWER)
    assert call.callee.expect_ack().body.decode() == sip.ANSWER
    call.hang_up()


def test_the_callers_ack_twice(through):
    call = through.answered()
    for _ in range(2):
        call.caller.ack(call.caller.answered)
    assert ack_copies(call.callee) == 1
    call.hang_up()


@BOTH
def test_our_bye_is_repeated(through, who):
    call = through.answered()
    one, other = ends(call, who)
    termination = through.api.terminate(call.name)
    bye = one.expect_bye(answer=False)
    other.expect_bye()
    one.peer.expect_repeat(bye, 2)
    one.answer(bye)
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


@BOTH
def test_a_phones_bye_twice(through, who):
    call = through.answered()
    one, other = ends(call, who)
    data = one.in_dialog("BYE")
    one.transmit(data)
    answer = one.reply_to("BYE")
    assert answer.status == 200
    one.transmit(data)
    one.peer.expect_repeat(answer)
    other.expect_bye()
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)
    assert count(other, "BYE") == 1


def test_our_cancel_is_repeated(through):
    call = through.ringing()
    termination = through.api.terminate(call.name, intent=pb.INTENT_ELSEWHERE)
    call.caller.final()
    cancel = call.callee.expect_cancel(answer=False)
    call.callee.peer.expect_repeat(cancel, 2)
    call.callee.answer(cancel)
    call.callee.respond(487)
    call.callee.expect_ack()
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


def test_487_before_the_answer_to_our_cancel(through):
    """The order of the two does not matter, nor that the second never comes."""
    call = through.ringing()
    termination = through.api.terminate(call.name)
    call.caller.final()
    call.callee.expect_cancel(answer=False)
    call.callee.respond(487)
    call.callee.expect_ack()
    assert call.settled(termination)["caller"] == "FINAL_RESPONSE ENDED"
    call.callee.none_of("BYE")


def test_the_callers_cancel_twice(through):
    call = through.ringing()
    call.caller.cancel()
    answer = call.caller.reply_to("CANCEL")
    call.caller.cancel()
    call.caller.peer.expect_repeat(answer)
    assert call.caller.final().status == 487
    call.callee.expect_cancelled()
    assert count(call.callee, "CANCEL") == 1
    call.ended(by=pb.ENDED_BY_CALLER)


@pytest.mark.parametrize("by", ["callee", "adieu"])
def test_a_cancel_after_the_refusal(through, by):
    call = through.ringing()
    if by == "callee":
        call.callee.respond(486)
        call.callee.expect_ack()
    else:
        through.api.terminate(call.name, treatment=final_response(486))
        call.callee.expect_cancelled()
    final = call.caller.final(ack=False)
    call.caller.cancel()
    assert call.caller.reply_to("CANCEL").status in (200, 481)
    call.caller.ack(final)
    call.ended(by=pb.ENDED_BY_CALLEE if by == "callee" else pb.ENDED_BY_ADIEU)
    assert [m.status for m in call.caller.finals()] == [486]
    assert count(call.callee, "CANCEL") == (0 if by == "callee" else 1)


@BOTH
def test_a_request_twice(through, who):
    call = through.answered()
    one, other = ends(call, who)
    data = one.in_dialog("INFO")
    one.transmit(data)
    other.answer(other.expect_in_dialog("INFO"))
    answer = one.reply_to("INFO")
    one.transmit(data)
    one.peer.expect_repeat(answer)
    assert count(other, "INFO") == 1
    call.hang_up()


def test_a_180_twice(through):
    """The same bytes twice from the callee: the caller may hear it once or twice, and the call goes on."""
    call = through.ringing()
    for _ in range(3):
        call.callee.ring()
    call.callee.peer.options()
    call.answer()
    call.hang_up()


def test_an_ack_for_nobody(through):
    """A stray ACK to the early dialog is ignored."""
    call = through.ringing()
    call.caller.peer.send(call.caller.in_dialog("ACK", call.caller.early, cseq=call.caller.cseq))
    call.caller.no_final()
    call.answer()
    call.hang_up()
