"""TerminateCall on a call with two legs: what it waits for, what it only shows, how it names the call, who was first."""

import collections

import grpc
import pytest

from harness.api import Refusal, answer_then_bye, final_response
from harness.stubs import pb
from harness.through import endings


def not_yet(later):
    """It has not come back. The server has had all that it was sent before."""
    assert not later.done(), later.result()


def test_wait_ended_waits_for_both_legs_of_a_ringing_call(through):
    """ACK of the final response, 200 to the CANCEL, 487: only then."""
    call = through.ringing()
    later = through.api.terminate_later(call.name, treatment=final_response(486), wait=pb.WAIT_ENDED)
    final = call.caller.final(ack=False)
    cancel = call.callee.expect_cancel(answer=False)
    not_yet(later)
    call.callee.answer(cancel)
    call.callee.peer.options()
    not_yet(later)
    call.caller.ack(final)
    call.caller.peer.options()
    not_yet(later)
    call.callee.respond(487)
    call.callee.expect_ack()
    assert endings(later.result()) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


@pytest.mark.parametrize("last", ["caller", "callee"])
def test_wait_ended_waits_for_both_answers_to_the_bye(through, last):
    call = through.answered()
    later = through.api.terminate_later(call.name, wait=pb.WAIT_ENDED)
    byes = {"caller": call.caller.expect_bye(answer=False), "callee": call.callee.expect_bye(answer=False)}
    first = "callee" if last == "caller" else "caller"
    getattr(call, first).answer(byes[first])
    getattr(call, first).peer.options()
    not_yet(later)
    getattr(call, last).answer(byes[last])
    assert endings(later.result()) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}


def test_wait_ended_with_a_held_cancel(through):
    call = through.calling()
    later = through.api.terminate_later(call.name, treatment=final_response(486), wait=pb.WAIT_ENDED)
    call.caller.final()
    call.caller.peer.options()
    not_yet(later)
    call.callee.ring()
    call.callee.expect_cancelled()
    assert endings(later.result()) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


@pytest.mark.parametrize("state,legs", [
    ("calling", [{"caller": "FINAL_RESPONSE SENT", "callee": "CANCEL HELD"}]),
    ("ringing", [{"caller": "FINAL_RESPONSE SENT", "callee": "CANCEL SENT"}]),
    ("unacknowledged", [{"caller": "BYE HELD", "callee": "BYE SENT"}]),
    ("answered", [{"caller": "BYE SENT", "callee": "BYE SENT"}])])
def test_wait_sent_comes_back_before_anybody_answered(through, state, legs):
    call = through.calling()
    if state != "calling":
        call.ring()
    if state == "unacknowledged":
        call.callee.accept()
        answered = call.caller.final(ack=False)
        call.callee.expect_ack()
    elif state == "answered":
        call.answer()
    termination = through.api.terminate(call.name, treatment=final_response(486))
    assert endings(termination) in legs
    for leg in termination.legs:
        assert leg.HasField("send_time") == (leg.outcome == pb.LEG_OUTCOME_SENT), leg
        assert not leg.HasField("end_time"), leg
    with through.api.refused("FAILED_PRECONDITION", "CALL_TERMINATING" if state != "ringing" else None):
        through.api.terminate(call.name)
    if state in ("calling", "ringing"):
        call.caller.final()
        if state == "calling":
            call.callee.ring()
        call.callee.expect_cancelled()
    else:
        if state == "unacknowledged":
            call.caller.ack(answered)
        call.caller.expect_bye()
        call.callee.expect_bye()
    assert set(leg.split()[1] for leg in call.settled(termination).values()) == {"ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


@pytest.mark.parametrize("state,treatment,legs", [
    ("calling", final_response(486), {"caller": "FINAL_RESPONSE UNSPECIFIED", "callee": "CANCEL UNSPECIFIED"}),
    ("ringing", final_response(486), {"caller": "FINAL_RESPONSE UNSPECIFIED", "callee": "CANCEL UNSPECIFIED"}),
    ("ringing", answer_then_bye(), {"caller": "ANSWER_THEN_BYE UNSPECIFIED", "callee": "CANCEL UNSPECIFIED"}),
    ("answered", None, {"caller": "BYE UNSPECIFIED", "callee": "BYE UNSPECIFIED"})])
def test_validate_only_shows_both_legs_and_does_nothing(through, state, treatment, legs):
    call = getattr(through, state)()
    shown = through.api.terminate(call.name, treatment=treatment, validate_only=True)
    assert shown.name == "" and endings(shown) == legs
    for leg in shown.legs:
        assert not leg.HasField("send_time"), leg
    call.caller.none_of("BYE")
    call.callee.none_of("CANCEL", "BYE")
    assert call.get().state == (pb.CALL_STATE_ANSWERED if state == "answered" else pb.CALL_STATE_RINGING)
    assert not through.api.terminations(match=pb.CallMatch(names=pb.StringList(values=[call.name])))
    if state == "answered":
        call.hang_up()
        return
    call.caller.no_final()
    if state == "calling":
        call.ring()
    call.cancel()


@pytest.mark.parametrize("state", ["calling", "ringing", "answered"])
@pytest.mark.parametrize("side", ["caller", "callee"])
def test_by_the_sip_call_id_of_either_leg(through, state, side):
    call = getattr(through, state)()
    termination = through.api.terminate(sip_call_id=getattr(call, side).call_id, treatment=final_response(486))
    assert termination.call == call.name
    if state == "answered":
        call.caller.expect_bye()
        call.callee.expect_bye()
    else:
        assert call.caller.final().status == 486
        if state == "calling":
            call.callee.ring()
        call.callee.expect_cancelled()
    call.ended(by=pb.ENDED_BY_ADIEU)


def test_our_ending_against_the_callers_cancel(through):
    """Whoever wins: one final response at the caller, one CANCEL at the callee, an outcome that says which."""
    seen = collections.Counter()
    for _ in range(20):
        call = through.ringing()
        later = through.api.terminate_later(call.name, treatment=final_response(486))
        call.caller.cancel()
        final = call.caller.final()
        call.callee.expect_cancelled()
        assert call.caller.reply_to("CANCEL").status in (200, 481)
        try:
            legs = call.settled(later.result())
            assert legs["caller"].split()[1] == ("ENDED" if final.status == 486 else "PEER_FIRST"), legs
            assert legs["callee"].split()[1] in ("ENDED", "PEER_FIRST"), legs
        except grpc.RpcError as error:
            assert Refusal(error).code == "FAILED_PRECONDITION" and final.status == 487
        call.ended(by=pb.ENDED_BY_ADIEU if final.status == 486 else pb.ENDED_BY_CALLER)
        assert len(call.caller.finals()) == 1
        assert len([m for m in call.callee.peer.received if m.call_id == call.callee.call_id and m.method == "CANCEL"]) == 1
        seen[final.status] += 1
    assert sum(seen.values()) == 20


@pytest.mark.parametrize("code", [200, 486])
def test_our_ending_against_the_callees_final_response(through, code):
    """The callee answers or refuses in the moment of the termination: both legs end in every order."""
    seen = collections.Counter()
    for _ in range(20):
        call = through.ringing()
        later = through.api.terminate_later(call.name, treatment=final_response(404))
        call.callee.respond(code)
        final = call.caller.final()
        if code == 200:
            call.callee.expect_ack()
            call.callee.expect_bye()
            if final.status == 200:
                call.caller.expect_bye()
        else:
            call.callee.expect_ack()
        for message in [m for m in call.callee.peer.inbox[call.callee.call_id] if m.method == "CANCEL"]:
            call.callee.answer(message)
        try:
            legs = call.settled(later.result())
            if code == 200 and final.status == 404:
                assert legs["callee"].endswith(" ANSWERED_FIRST"), legs
            elif code == 200:
                assert legs == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
        except grpc.RpcError as error:
            assert Refusal(error).code == "FAILED_PRECONDITION" and final.status == 486, error
        assert final.status in (404, code)
        call.ended()
        assert len(call.caller.finals()) == 1
        seen[final.status] += 1
    assert sum(seen.values()) == 20


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_bye_against_bye(through, who):
    """Each side's BYE gets its 200; the leg whose phone was first says so; the other leg is ended."""
    call = through.answered()
    one, other = (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)
    termination = through.api.terminate(call.name)
    ours = one.expect_bye(answer=False)
    assert one.bye().status == 200
    one.answer(ours)
    other.expect_bye()
    legs = call.settled(termination)
    assert legs[who] == "BYE PEER_FIRST", legs
    assert legs["callee" if who == "caller" else "caller"] == "BYE ENDED", legs
    call.ended()


def test_a_retry_does_nothing_twice(through):
    call = through.ringing()
    request_id = "twice-" + call.caller.call_id
    first = through.api.terminate(call.name, treatment=final_response(486), request_id=request_id)
    call.caller.final()
    call.callee.expect_cancelled()
    second = through.api.terminate(call.name, treatment=final_response(486), request_id=request_id)
    assert second.name == first.name
    assert len([m for m in call.callee.peer.received if m.call_id == call.callee.call_id and m.method == "CANCEL"]) == 1
    call.ended(by=pb.ENDED_BY_ADIEU)
