"""A forwarded call rings no longer than its route allows: as TRY_LATER, both legs (the trigger RING_TIMEOUT).

    INVITE >   INVITE >
    < 180      < 180
               ring_timeout
    < 480      CANCEL >
"""

import pytest

from harness.stubs import pb
from harness.through import Through


@pytest.fixture(scope="module")
def short():
    with Through(routes={"short": {"targets": ["{udp}"], "ring_timeout": "1s", "no_answer_timeout": "30s",
                                   "labels": {"tenant": "acme"}}},
                 callee_of={"short": "udp"}) as through:
        yield through


def check(call):
    final = call.caller.final()
    assert final.status == 480 and int(final.one("Retry-After").split(";")[0]) > 0, final
    return final


def check_record(call, outcome="CANCEL ENDED"):
    ended = call.ended(by=pb.ENDED_BY_TIMEOUT)
    termination = call.api.termination(ended.termination, ended.name)
    assert (termination.trigger, termination.intent, termination.principal) == (
        pb.TRIGGER_RING_TIMEOUT, pb.INTENT_TRY_LATER, "adieu")
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": outcome}


@pytest.mark.parametrize("status", [180, 183])
def test_ringing(short, status):
    call = short.calling("short")
    call.callee.respond(status)
    call.caller.expect(status)
    check(call)
    assert not call.callee.expect_cancelled().has("Reason")
    check_record(call)
    call.expect_ladders(f"<INVITE >100 >{status} >480 <ACK", f">INVITE <{status} >CANCEL <200 <487 >ACK")


def test_trying_is_not_ringing_but_counts(short):
    """Only 100: the caller does not wait longer."""
    call = short.calling("short")
    call.callee.respond(100)
    check(call)
    call.callee.expect_cancelled()
    check_record(call)
    call.expect_ladders("<INVITE >100 >480 <ACK", ">INVITE <100 >CANCEL <200 <487 >ACK")


def test_a_200_that_crosses_it(short):
    call = short.ringing("short")
    check(call)
    cancel = call.callee.expect_cancel(answer=False)
    call.callee.accept()
    call.callee.answer(cancel)
    call.callee.expect_ack()
    call.callee.expect_bye()
    ended = call.ended(by=pb.ENDED_BY_TIMEOUT)
    legs = call.settled(call.api.termination(ended.termination, ended.name))
    assert legs["callee"].endswith(" ANSWERED_FIRST"), legs


def test_an_answered_call_has_no_ring_timeout(short):
    """It outlives a call that began later and rang too long."""
    answered = short.answered("short")
    later = short.ringing("short")
    check(later)
    later.callee.expect_cancelled()
    answered.caller.none_of("BYE")
    assert answered.get().state == pb.CALL_STATE_ANSWERED
    answered.hang_up()


def test_other_routes_are_not_meant(short):
    longer = short.ringing("udp")
    call = short.ringing("short")
    check(call)
    call.callee.expect_cancelled()
    assert longer.get().state == pb.CALL_STATE_RINGING
    longer.cancel()
