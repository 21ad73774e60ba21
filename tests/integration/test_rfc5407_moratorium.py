"""RFC 5407 3.1, on both legs: what arrives between a 200 and its ACK.

| section | race                                  | leg    | provoked by                               | seen                             |
|---------|---------------------------------------|--------|-------------------------------------------|----------------------------------|
| 3.1.1   | initial INVITE again                  | caller | the INVITE sent again after our 200       | the 200 again, one call          |
| 3.1.1   |                                       | callee | 200 once per copy of our INVITE           | ACK each time, one call          |
| 3.1.2   | CANCEL                                | caller | CANCEL after our 200                      | no 487; ACK, BYE end it          |
| 3.1.2   |                                       | callee | 200 after our CANCEL                      | ACK, BYE                         |
| 3.1.3   | BYE of the early dialog               | caller | BYE to the 180's dialog after our 200     | 200; the callee gets a BYE       |
| 3.1.4   | re-INVITE, offer was in the INVITE    | caller | re-INVITE instead of the ACK              | a final answer; the call lives   |
| 3.1.4   |                                       | callee | 491 to ours, 200 repeated                 | 491 relayed, ACK again           |
| 3.1.5   | re-INVITE, offer was in the 200       | caller | re-INVITE, the ACK with the answer later  | no second offer before the ACK   |
| 3.1.6   | BYE of the established dialog         | caller | BYE instead of the ACK                    | 200; the callee gets a BYE       |
| 3.1.6   |                                       | callee | our BYE, then its 200 repeated            | nothing but an ACK               |
"""

from harness import sip
from harness.api import final_response
from harness.stubs import pb

UP = "<INVITE >100 >180 >200 <ACK", ">INVITE <180 <200 >ACK"


def unacknowledged(through, **invite):
    """200 at both ends, ACK at the callee only."""
    call = through.ringing(**invite)
    call.callee.accept(body=sip.ANSWER if invite.get("offer", sip.OFFER) else sip.OFFER)
    call.caller.final(ack=False)
    if invite.get("offer", sip.OFFER):
        call.callee.expect_ack()
    return call


def acks(end, cseq):
    """How many ACKs came, repeated ones too."""
    peer = end.peer
    peer.options()
    return sum(1 + peer.repeats[m.raw] for m in peer.received if m.call_id == end.call_id and m.method == "ACK" and m.cseq == cseq)


def test_3_1_1_caller_sends_its_invite_again(through):
    call = unacknowledged(through)
    before = call.caller.peer.repeats[call.caller.answered.raw]
    call.caller.send_invite()
    call.caller.peer.expect_repeat(call.caller.answered, before + 1)
    call.caller.ack(call.caller.answered)
    assert len(through.udp.offered(call.user)) == 1
    assert len(through.api.by_call_id(call.caller.call_id)) == 1
    call.hang_up()
    call.expect_ladders(None, UP[1] + " >BYE <200")


def test_3_1_1_callee_gets_our_invite_again(through):
    call = through.calling()
    call.callee.peer.expect_repeat(call.callee.invite)
    call.callee.accept()
    call.callee.accept()
    call.caller.final()
    call.callee.expect_ack()
    call.callee.peer.options()
    assert acks(call.callee, call.callee.invite.cseq) >= 1
    assert len(call.caller.finals()) == 1
    call.hang_up()


def test_3_1_2_caller_cancels_after_our_200(through):
    """The CANCEL has no effect on an INVITE that has its final response (RFC 3261 9.2)."""
    call = unacknowledged(through)
    call.caller.cancel()
    assert call.caller.reply_to("CANCEL").status in (200, 481)
    call.caller.ack(call.caller.answered)
    call.callee.none_of("CANCEL")
    assert [m.status for m in call.caller.finals()] == [200]
    assert call.get().state == pb.CALL_STATE_ANSWERED
    call.hang_up()
    call.expect_ladders(None, UP[1] + " >BYE <200")


def test_3_1_2_caller_cancels_while_the_200_is_under_way(through):
    """The two cross on the caller's side of us: either it was cancelled, or it is answered; never both."""
    for _ in range(20):
        call = through.ringing()
        call.callee.accept()
        call.caller.cancel()
        final = call.caller.final()
        assert call.caller.reply_to("CANCEL").status in (200, 481)
        call.callee.expect_ack()
        if final.status == 200:
            call.hang_up()
        else:
            assert final.status == 487
            call.callee.expect_bye()
            call.ended(by=pb.ENDED_BY_CALLER)
        assert len(call.caller.finals()) == 1


def test_3_1_2_callee_answers_after_our_cancel(through):
    call = through.ringing()
    termination = through.api.terminate(call.name, treatment=final_response(486))
    call.caller.final()
    cancel = call.callee.expect_cancel(answer=False)
    call.callee.accept()
    call.callee.answer(cancel)
    call.callee.expect_ack()
    call.callee.expect_bye()
    assert call.settled(termination)["callee"].endswith(" ANSWERED_FIRST")
    call.ended(by=pb.ENDED_BY_ADIEU)


def test_3_1_3_caller_byes_the_early_dialog_after_our_200(through):
    """Sent when it knew only the 180: the dialog is the same, and it still owes the ACK."""
    call = through.ringing()
    early = call.caller.early
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    assert call.caller.ask("BYE", early).status == 200
    call.caller.ack(answered)
    call.callee.expect_bye()
    call.ended(by=pb.ENDED_BY_CALLER)
    assert [m.status for m in call.caller.finals()] == [200]


def test_3_1_3_we_never_bye_an_early_dialog(through):
    call = through.ringing()
    through.api.terminate(call.name)
    call.caller.final()
    call.callee.expect_cancelled()
    call.callee.none_of("BYE")
    call.caller.none_of("BYE")
    call.ended(by=pb.ENDED_BY_ADIEU)


def test_3_1_4_caller_sends_a_reinvite_instead_of_the_ack(through):
    call = unacknowledged(through)
    number = call.caller.send_reinvite()
    call.caller.peer.options()
    call.callee.peer.options()
    for message in [m for m in call.callee.peer.inbox[call.callee.call_id] if m.method == "INVITE" and not m.status]:
        call.callee.answer_invite(message)
    answer = call.caller.reply_to("INVITE", number)
    assert answer.status in (200, 491, 500), answer
    call.caller.ack(answer)
    call.caller.ack(call.caller.answered)
    assert call.get().state == pb.CALL_STATE_ANSWERED
    call.hang_up()


def test_3_1_4_callee_has_no_ack_yet_when_our_reinvite_comes(through):
    """For the callee our ACK is lost: it refuses with 491 and repeats its 200."""
    call = through.answered()
    cseq = call.callee.invite.cseq
    number = call.caller.send_reinvite()
    reinvite = call.callee.expect_in_dialog("INVITE")
    before = acks(call.callee, cseq)
    call.callee.answer_invite(reinvite, 491, "Request Pending")
    call.callee.accept()
    refused = call.caller.reply_to("INVITE", number)
    call.caller.ack(refused)
    assert refused.status == 491
    assert acks(call.callee, cseq) == before + 1, "the repeated 200 has its ACK again"
    call.hang_up()


def test_3_1_5_caller_sends_a_second_offer_before_its_answer(through):
    """The first offer was in the 200: the re-INVITE must not reach the callee before the ACK with the answer."""
    call = unacknowledged(through, offer=None)
    number = call.caller.send_reinvite()
    refused = call.caller.reply_to("INVITE", number)
    assert refused.status in (491, 500), refused
    call.caller.ack(refused)
    call.callee.none_of("ACK")
    call.caller.ack(call.caller.answered, body=sip.ANSWER)
    assert call.callee.expect_ack().body.decode() == sip.ANSWER
    call.hang_up()


def test_3_1_6_caller_byes_before_its_ack(through):
    call = unacknowledged(through)
    assert call.caller.bye().status == 200
    call.callee.expect_bye()
    call.caller.ack(call.caller.answered)
    call.ended(by=pb.ENDED_BY_CALLER)
    call.expect_ladders(["<INVITE >100 >180 >200 <BYE >200 <ACK", "<INVITE >100 >180 >200 <BYE >200"], UP[1] + " >BYE <200")


def test_3_1_6_callee_repeats_its_200_after_our_bye(through):
    """Our ACK was lost on the way to it: what it gets is an ACK again, or nothing; never a new call."""
    call = through.answered()
    termination = through.api.terminate(call.name)
    bye = call.callee.expect_bye(answer=False)
    call.callee.accept()
    call.callee.answer(bye)
    call.caller.expect_bye()
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.callee.accept()
    call.callee.none_of("CANCEL", "INFO")
    assert len(through.api.by_call_id(call.callee.call_id)) == 1
    call.ended(by=pb.ENDED_BY_ADIEU)
