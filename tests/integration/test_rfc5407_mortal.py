"""RFC 5407 3.2 and appendices A to C, on both legs: what arrives when a BYE is out.

| section | race                         | provoked by                                     | seen                                     |
|---------|------------------------------|-------------------------------------------------|------------------------------------------|
| 3.2.1   | BYE                          | each side sends BYE before it has the other's   | 200 to each, no third BYE                |
| 3.2.1   | BYE of both phones           | both phones hang up at once, nobody asked us    | 200 to each, at most one BYE to each     |
| 3.2.2   | re-INVITE                    | re-INVITE behind our BYE                        | 481 (or 487, 491, 500), the call ends    |
| 3.2.3   | 200 of a re-INVITE           | 200 behind our BYE                              | ACK, the call ends                       |
| 3.2.4   | ACK                          | BYE before the ACK                              | 200, the ACK is ignored                  |
| A       | BYE in the early dialog      | the caller's BYE after the 180                  | 200, 487; CANCEL to the callee           |
| B       | BYE and re-INVITE together   | re-INVITE and BYE of one side back to back      | both answered, BYE to the other          |
| C       | CANCEL before and after 1xx  | CANCEL right behind the INVITE                  | 487; the callee's CANCEL waits for a 1xx |
"""

import pytest

from harness.stubs import pb

BOTH = pytest.mark.parametrize("who", ["caller", "callee"])


def ends(call, who):
    return (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)


def byes(end):
    end.peer.options()
    return [m for m in end.peer.received if m.call_id == end.call_id and m.method == "BYE" and not m.status]


@BOTH
def test_3_2_1_bye_against_ours(through, who):
    call = through.answered()
    one, other = ends(call, who)
    termination = through.api.terminate(call.name)
    ours = one.expect_bye(answer=False)
    number = one.send_request("BYE")
    one.answer(ours)
    assert one.reply_to("BYE", number).status in (200, 481)
    other.expect_bye()
    assert call.settled(termination)[who] in ("BYE PEER_FIRST", "BYE ENDED")
    call.ended()
    assert len(byes(one)) == len(byes(other)) == 1


def test_3_2_1_both_phones_hang_up_at_once(through):
    for _ in range(20):
        call = through.answered()
        numbers = {one: one.send_request("BYE") for one in (call.caller, call.callee)}
        for one, number in numbers.items():
            assert one.reply_to("BYE", number).status in (200, 481)
        for one in (call.caller, call.callee):
            for bye in byes(one):
                one.answer(bye)
        ended = call.ended()
        assert ended.ended_by in (pb.ENDED_BY_CALLER, pb.ENDED_BY_CALLEE)
        assert len(byes(call.caller)) <= 1 and len(byes(call.callee)) <= 1


def test_3_2_1_all_three_at_once(through):
    """Both phones and the API."""
    for _ in range(20):
        call = through.answered()
        later = through.api.terminate_later(call.name)
        numbers = {one: one.send_request("BYE") for one in (call.caller, call.callee)}
        for one, number in numbers.items():
            assert one.reply_to("BYE", number).status in (200, 481)
        later.exception()
        for one in (call.caller, call.callee):
            for bye in byes(one):
                one.answer(bye)
        call.ended()
        assert len(byes(call.caller)) <= 1 and len(byes(call.callee)) <= 1


@BOTH
def test_3_2_2_a_reinvite_behind_our_bye(through, who):
    call = through.answered()
    one, other = ends(call, who)
    termination = through.api.terminate(call.name)
    ours = one.expect_bye(answer=False)
    number = one.send_reinvite()
    refused = one.reply_to("INVITE", number)
    assert refused.status in (481, 487, 491, 500), refused
    one.ack(refused)
    one.answer(ours)
    other.expect_bye()
    other.none_of("INVITE")
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


@BOTH
def test_3_2_3_the_200_of_a_reinvite_behind_our_bye(through, who):
    """`who` had sent the re-INVITE; the other side's 200 crosses our BYE. It is acknowledged all the same."""
    call = through.answered()
    one, other = ends(call, who)
    number = one.send_reinvite()
    reinvite = other.expect_in_dialog("INVITE")
    termination = through.api.terminate(call.name)
    ours = other.expect_bye(answer=False)
    other.answer_invite(reinvite)
    assert other.expect_in_dialog("ACK").cseq == reinvite.cseq
    other.answer(ours)
    one.expect_bye()
    answer = one.reply_to("INVITE", number)
    one.ack(answer)
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


def test_3_2_4_caller_acknowledges_after_its_bye(through):
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    assert call.caller.bye().status == 200
    call.callee.expect_bye()
    call.caller.ack(answered)
    call.caller.none_of("BYE")
    call.ended(by=pb.ENDED_BY_CALLER)


def test_3_2_4_callee_byes_before_it_has_our_ack(through):
    """200 and BYE back to back: our ACK and our 200 to the BYE both come; the caller gets its 200, then a BYE."""
    call = through.ringing()
    call.callee.accept()
    number = call.callee.send_request("BYE")
    assert call.callee.reply_to("BYE", number).status == 200
    call.callee.expect_ack()
    final = call.caller.final()
    if final.status == 200:
        call.caller.expect_bye()
    call.ended(by=pb.ENDED_BY_CALLEE)
    assert len(call.caller.finals()) == 1


def test_a_bye_in_the_early_dialog(through):
    call = through.ringing()
    number = call.caller.send_request("BYE")
    assert call.caller.reply_to("BYE", number).status == 200
    assert call.caller.final().status == 487
    call.callee.expect_cancelled()
    call.ended(by=pb.ENDED_BY_CALLER)


def test_a_bye_in_the_early_dialog_and_a_200_that_crosses(through):
    for _ in range(10):
        call = through.ringing()
        number = call.caller.send_request("BYE")
        call.callee.accept()
        assert call.caller.reply_to("BYE", number).status == 200
        final = call.caller.final()
        assert final.status in (487, 200)
        call.callee.expect_ack()
        call.callee.expect_bye()
        call.callee.peer.options()
        for message in [m for m in call.callee.peer.inbox[call.callee.call_id] if m.method == "CANCEL"]:
            call.callee.answer(message)
        call.ended(by=pb.ENDED_BY_CALLER)
        assert len(call.caller.finals()) == 1


@BOTH
def test_b_bye_right_behind_a_reinvite(through, who):
    call = through.answered()
    one, other = ends(call, who)
    reinvite = one.send_reinvite()
    bye = one.send_request("BYE")
    assert one.reply_to("BYE", bye).status == 200
    refused = one.reply_to("INVITE", reinvite)
    one.ack(refused)
    assert refused.status >= 400, refused
    other.expect_bye()
    for message in [m for m in other.peer.inbox[other.call_id] if m.method == "INVITE" and not m.status]:
        other.answer_invite(message, 487, "Request Terminated")
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)


def test_c_a_cancel_right_behind_the_invite(through):
    for _ in range(10):
        call = through.place()
        call.caller.cancel("SIP;cause=200")
        assert call.caller.reply_to("CANCEL").status == 200
        assert call.caller.final().status == 487
        if through.udp.offered(call.user):
            call.take()
            call.callee.none_of("CANCEL")
            call.callee.ring()
            assert call.callee.expect_cancelled().members("Reason") == ["SIP;cause=200"]
        call.ended(by=pb.ENDED_BY_CALLER)


def test_c_a_second_cancel(through):
    """Answered, and the callee is not cancelled twice."""
    call = through.ringing()
    call.caller.cancel()
    assert call.caller.final().status == 487
    call.caller.peer.send(call.caller.cancel_bytes("SIP;cause=487"))
    call.callee.expect_cancelled()
    call.caller.peer.options()
    call.ended(by=pb.ENDED_BY_CALLER)
    assert len([m for m in call.callee.peer.received if m.call_id == call.callee.call_id and m.method == "CANCEL"]) == 1
