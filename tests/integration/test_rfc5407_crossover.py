"""RFC 5407 3.3, and the races of PRACK, UPDATE and REFER, on both legs.

| section | race                      | provoked by                                          | seen                                   |
|---------|---------------------------|------------------------------------------------------|----------------------------------------|
| 3.3.1   | re-INVITE and re-INVITE   | the other's re-INVITE while ours is with it          | 491 to its own; ours as it says        |
| 3.3.2   | UPDATE and re-INVITE      | an UPDATE with an offer while a re-INVITE is open    | 491 or 500, ours or the other phone's  |
| 3.3.2   | re-INVITE and UPDATE      | a re-INVITE while an UPDATE is open                  | 491 or 500 to it; the UPDATE passes    |
| 3.3.3   | REFER behind our BYE      | REFER after our BYE                                  | 481 or refused; the call ends          |
| -       | UPDATE and BYE            | UPDATE and BYE of one side back to back; and ours    | both answered, BYE to the other        |
| -       | PRACK and CANCEL          | CANCEL while the PRACK is with the callee            | both answered, 487                     |
| -       | PRACK and 200             | 200 while the PRACK is with the callee               | PRACK answered, 200 relayed            |
| -       | PRACK and refusal         | refusal while the PRACK is with the callee           | PRACK answered, refusal relayed        |
| -       | PRACK and our ending      | termination while the PRACK is with the callee       | final at once, CANCEL                  |
"""

import pytest

from harness.api import final_response
from harness.stubs import pb
from harness.wait import until

BOTH = pytest.mark.parametrize("who", ["caller", "callee"])


def ends(call, who):
    return (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)


def refused(one, other, method, number):
    """The refusal of a request that crossed: ours, or the other phone's where it was passed (RFC 3311 5.2)."""
    def probe():
        for end in (one, other):
            end.peer.pump()
        for message in [m for m in other.peer.inbox[other.call_id] if m.method == method and not m.status]:
            other.peer.inbox[other.call_id].remove(message)
            other.answer(message, 491, "Request Pending")
        return any(m.status >= 200 and m.method == method and m.cseq == number for m in one.peer.inbox[one.call_id])
    until(probe, f"an answer to the {method}")
    return one.reply_to(method, number)


@BOTH
@pytest.mark.parametrize("then", [200, 488, 491])
def test_3_3_1_reinvite_against_reinvite(through, who, then):
    call = through.answered()
    one, other = ends(call, who)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    crossing = other.send_reinvite()
    glare = other.reply_to("INVITE", crossing)
    other.ack(glare)
    assert glare.status == 491, glare
    other.answer_invite(received, then, "Whatever")
    answer = one.reply_to("INVITE", number)
    one.ack(answer)
    other.expect_request("ACK")
    assert answer.status == then
    one.none_of("INVITE", "BYE")
    call.hang_up()


def test_3_3_1_at_the_very_same_time(through):
    """Neither side has seen the other's: each gets a final answer, the call lives."""
    for _ in range(10):
        call = through.answered()
        numbers = {one: one.send_reinvite() for one in (call.caller, call.callee)}
        for one in (call.caller, call.callee):
            one.peer.options()
            for message in [m for m in one.peer.inbox[one.call_id] if m.method == "INVITE" and not m.status]:
                one.answer_invite(message, 491, "Request Pending")
        for one, number in numbers.items():
            answer = one.reply_to("INVITE", number)
            one.ack(answer)
            assert answer.status in (491, 500), answer
        call.hang_up()


@BOTH
def test_3_3_2_update_against_reinvite(through, who):
    call = through.answered()
    one, other = ends(call, who)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    crossing = other.send_reinvite(method="UPDATE")
    assert refused(other, one, "UPDATE", crossing).status in (491, 500)
    other.answer_invite(received)
    answer = one.reply_to("INVITE", number)
    assert answer.status == 200
    one.ack(answer)
    other.expect_in_dialog("ACK")
    one.none_of("UPDATE", "BYE")
    call.hang_up()


@BOTH
def test_3_3_2_reinvite_against_update(through, who):
    call = through.answered()
    one, other = ends(call, who)
    number = one.send_reinvite(method="UPDATE")
    received = other.expect_in_dialog("UPDATE")
    crossing = other.send_reinvite()
    glare = other.reply_to("INVITE", crossing)
    other.ack(glare)
    assert glare.status in (491, 500), glare
    other.answer_invite(received)
    assert one.reply_to("UPDATE", number).status == 200
    one.none_of("INVITE", "BYE")
    call.hang_up()


@BOTH
def test_3_3_2_update_of_the_side_whose_reinvite_is_open(through, who):
    """RFC 3311 5.1: it must not; it is refused, and the re-INVITE is not disturbed."""
    call = through.answered()
    one, other = ends(call, who)
    number = one.send_reinvite()
    received = other.expect_in_dialog("INVITE")
    second = one.send_reinvite(method="UPDATE")
    assert refused(one, other, "UPDATE", second).status in (491, 500)
    other.answer_invite(received)
    answer = one.reply_to("INVITE", number)
    assert answer.status == 200
    one.ack(answer)
    other.expect_in_dialog("ACK")
    call.hang_up()


@BOTH
def test_3_3_3_refer_behind_our_bye(through, who):
    call = through.answered()
    one, other = ends(call, who)
    termination = through.api.terminate(call.name)
    ours = one.expect_bye(answer=False)
    number = one.send_request("REFER", headers=[("Refer-To", "<sip:carol@example.com>"), ("Contact", one.contact)])
    assert one.reply_to("REFER", number).status >= 400
    one.answer(ours)
    other.expect_bye()
    other.none_of("REFER")
    one.none_of("NOTIFY")
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


@BOTH
@pytest.mark.parametrize("method", ["UPDATE", "INFO", "MESSAGE", "OPTIONS"])
def test_bye_right_behind_a_request(through, who, method):
    call = through.answered()
    one, other = ends(call, who)
    asked = one.send_request(method, headers=[("Contact", one.contact)] if method == "UPDATE" else [])
    bye = one.send_request("BYE")
    assert one.reply_to("BYE", bye).status == 200
    assert one.reply_to(method, asked).status >= 200
    other.expect_bye()
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)


@BOTH
@pytest.mark.parametrize("method", ["UPDATE", "INFO"])
def test_a_request_against_our_bye(through, who, method):
    """`who` asks, the other side has it, and we end the call: the asker gets an answer and a BYE."""
    call = through.answered()
    one, other = ends(call, who)
    asked = one.send_request(method, headers=[("Contact", one.contact)] if method == "UPDATE" else [])
    other.expect_in_dialog(method)
    termination = through.api.terminate(call.name)
    other.expect_bye()
    one.expect_bye()
    assert one.reply_to(method, asked).status >= 400
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


# Reliable provisional responses.

def pracking(through):
    """The callee's reliable 180 was relayed, the caller's PRACK is with the callee. Returns (call, PRACK, its CSeq at the caller)."""
    call = through.calling(headers=[("Supported", "100rel")])
    call.callee.respond(180, headers=[("Require", "100rel"), ("RSeq", "77")])
    ringing = call.caller.ring()
    number = call.caller.next_cseq
    call.caller.peer.send(call.caller.in_dialog("PRACK", ringing,
                                                headers=[("RAck", f"{ringing.one('RSeq')} {call.caller.cseq} INVITE")]))
    return call, call.callee.expect_prack(77, answer=False), number


def test_prack_and_cancel(through):
    call, prack, number = pracking(through)
    call.caller.cancel()
    assert call.caller.reply_to("CANCEL").status == 200
    assert call.caller.final().status == 487
    call.callee.answer(prack)
    call.callee.expect_cancelled()
    assert call.caller.reply_to("PRACK", number).status >= 200
    call.ended(by=pb.ENDED_BY_CALLER)


def test_prack_and_200(through):
    call, prack, number = pracking(through)
    call.callee.accept()
    call.callee.answer(prack)
    assert call.caller.reply_to("PRACK", number).status == 200
    call.caller.final()
    call.callee.expect_ack()
    call.hang_up()


def test_200_before_the_answer_to_the_prack(through):
    """The 200 overtakes it: the caller has both in the end, and one final response."""
    call, prack, number = pracking(through)
    call.callee.accept()
    call.callee.expect_ack()
    call.callee.answer(prack)
    assert call.caller.reply_to("PRACK", number).status in (200, 500)
    call.caller.final()
    assert len(call.caller.finals()) == 1
    call.hang_up()


def test_prack_and_refusal(through):
    call, prack, number = pracking(through)
    call.callee.respond(486)
    call.callee.answer(prack)
    assert call.caller.final().status == 486
    call.callee.expect_ack()
    assert call.caller.reply_to("PRACK", number).status >= 200
    call.ended(by=pb.ENDED_BY_CALLEE)


def test_prack_and_our_ending(through):
    call, prack, number = pracking(through)
    termination = through.api.terminate(call.name, treatment=final_response(404))
    assert call.caller.final().status == 404
    call.callee.answer(prack)
    call.callee.expect_cancelled()
    assert call.caller.reply_to("PRACK", number).status >= 200
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
