"""The phones end the call themselves: what the other side gets, with which Reason, and who is said to have ended it.

| caller, callee  | who       | the other side gets                                             | ended_by |
|-----------------|-----------|-----------------------------------------------------------------|----------|
| ringing         | caller    | CANCEL with the caller's own Reason                             | CALLER   |
| no 1xx yet      | caller    | the same, with the first 1xx; 200 first: ACK, BYE               | CALLER   |
| ringing         | caller BYE| CANCEL (RFC 3261 15: a BYE on the early dialog)                 | CALLER   |
| ringing         | callee    | its refusal                                                     | CALLEE   |
| 200, no ACK     | callee    | BYE after the caller's ACK                                      | CALLEE   |
| answered        | either    | BYE with its Reason                                             | it       |
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.stubs import pb

NORMAL = 'Q.850;cause=16;text="Normal call clearing"'
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
CANCELLED = ["<CANCEL >200 >487 <ACK", "<CANCEL >487 >200 <ACK"]
REASONS = [[], [NORMAL], [ELSEWHERE], ["Q.850;cause=31", "SIP;cause=487"], ['Own;cause=1;text="a, b; \\"c\\""']]
EVERY_REASON = pytest.mark.parametrize("reasons", REASONS, ids=["none", "normal", "elsewhere", "two", "own"])


def cancel(call, reasons):
    call.caller.cancel(reasons)
    assert call.caller.reply_to("CANCEL").status == 200
    assert call.caller.final().status == 487


@EVERY_REASON
@pytest.mark.parametrize("state", [180, 183])
def test_the_caller_cancels(through, state, reasons):
    call = through.calling()
    call.callee.respond(state, body=sip.ANSWER if state == 183 else "")
    call.caller.expect(state)
    cancel(call, reasons)
    assert call.callee.expect_cancelled().members("Reason") == reasons
    ended = call.ended(by=pb.ENDED_BY_CALLER)
    assert (ended.caller.last_status_code, ended.callee.last_status_code) == (487, 487)
    call.expect_ladders([f"<INVITE >100 >{state} {rest}" for rest in CANCELLED], f">INVITE <{state} >CANCEL <200 <487 >ACK")


@EVERY_REASON
def test_the_caller_cancels_before_the_first_1xx(through, reasons):
    call = through.calling()
    cancel(call, reasons)
    call.callee.none_of("CANCEL")
    call.callee.ring()
    assert call.callee.expect_cancelled().members("Reason") == reasons
    call.ended(by=pb.ENDED_BY_CALLER)
    call.expect_ladders([f"<INVITE >100 {rest}" for rest in CANCELLED], ">INVITE <180 >CANCEL <200 <487 >ACK")


@EVERY_REASON
@pytest.mark.parametrize("state", ["ringing", "calling"])
def test_the_callee_answers_meanwhile(through, state, reasons):
    """ACK, then BYE with the caller's Reason (none: none, or that of a normal end)."""
    call = through.calling()
    if state == "ringing":
        call.ring()
    cancel(call, reasons)
    if state == "ringing":
        call.callee.answer(call.callee.expect_cancel(answer=False))
    call.callee.accept()
    call.callee.expect_ack()
    assert call.callee.expect_bye().members("Reason") in ([reasons] if reasons else [[], [NORMAL]])
    call.ended(by=pb.ENDED_BY_CALLER)
    assert [m.status for m in call.caller.finals()] == [487]


@pytest.mark.parametrize("reason", [None, NORMAL])
def test_the_callers_bye_on_the_early_dialog(through, reason):
    call = through.ringing()
    number = call.caller.send_request("BYE", headers=[("Reason", reason)] if reason else ())
    assert call.caller.reply_to("BYE", number).status == 200
    assert call.caller.final().status == 487
    assert call.callee.expect_cancelled().members("Reason") in ([], [reason])
    call.ended(by=pb.ENDED_BY_CALLER)
    call.expect_ladders(["<INVITE >100 >180 <BYE >200 >487 <ACK", "<INVITE >100 >180 <BYE >487 >200 <ACK"],
                        ">INVITE <180 >CANCEL <200 <487 >ACK")


@pytest.mark.parametrize("reason", [None, NORMAL, 'SIP;cause=480;text="x"'])
def test_the_callees_bye_before_the_callers_ack(through, reason):
    """The 200 was relayed and its ACK is on its way: our BYE to the caller follows it."""
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    assert call.callee.bye(reason).status == 200
    call.caller.none_of("BYE")
    call.caller.ack(answered)
    assert call.caller.expect_bye().members("Reason") in ([[reason]] if reason else [[], [NORMAL]])
    call.ended(by=pb.ENDED_BY_CALLEE)
    call.expect_ladders("<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK <BYE >200")


def test_the_callers_bye_before_its_ack(through):
    """The ACK was lost or overtaken: the callee, acknowledged already, gets its BYE."""
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    assert call.caller.bye(NORMAL).status == 200
    assert call.callee.expect_bye().members("Reason") == [NORMAL]
    call.caller.ack(answered)
    call.ended(by=pb.ENDED_BY_CALLER)
    call.expect_ladders(["<INVITE >100 >180 >200 <BYE >200 <ACK", "<INVITE >100 >180 >200 <BYE >200"],
                        ">INVITE <180 <200 >ACK >BYE <200")


@pytest.mark.parametrize("who", ["caller", "callee"])
@pytest.mark.parametrize("answer", [200, 481, 500, 603])
def test_whatever_the_other_side_answers_to_the_bye(through, who, answer):
    call = through.answered()
    one, other = (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)
    assert one.bye().status == 200
    other.answer(other.expect_bye(answer=False), answer, "Whatever")
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)


@pytest.mark.parametrize("state", ["cancelled", "refused", "hung up"])
def test_what_has_ended_is_not_ended_again(through, state):
    call = through.ringing()
    if state == "cancelled":
        call.cancel()
    elif state == "refused":
        call.callee.respond(486)
        call.caller.final()
        call.callee.expect_ack()
    else:
        call.answer()
        call.hang_up()
    call.ended()
    with through.api.refused("FAILED_PRECONDITION", "CALL_TERMINATED"):
        through.api.terminate(call.name, treatment=final_response(480))
    assert not through.api.terminations(match=pb.CallMatch(names=pb.StringList(values=[call.name])))


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_phone_ends_the_call_while_the_other_sides_ending_is_open(through, who):
    """The caller has hung up, the callee has not answered its BYE yet: the call is TERMINATING."""
    call = through.answered()
    one, other = (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)
    assert one.bye().status == 200
    bye = other.expect_bye(answer=False)
    with through.api.refused("FAILED_PRECONDITION"):
        through.api.terminate(call.name)
    assert call.get().state == pb.CALL_STATE_TERMINATING
    other.answer(bye)
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)
