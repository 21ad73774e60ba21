"""A held call that something else wants to end: one final response, one record, whoever comes first.

    INVITE >   INVITE >
    < 180      < 180
    CANCEL >   < 480       or TerminateCall, or SIGTERM, at the same time
    < one of both
"""

import grpc
import pytest

from harness.api import Refusal, final_response
from harness.policies import create, policy, rule
from harness.stubs import pb
from harness.through import Through, endings
from harness.wait import SCALE, until

ROUNDS = 30
BY_POLICY, BY_REQUEST, OF_THE_CALLEE = 404, 600, 480


@pytest.fixture(scope="module")
def through():
    arrival = rule(final_response(BY_POLICY), pb.TRIGGER_ARRIVAL, "arrival",
                   match=pb.CallMatch(request_uri=pb.StringMatch(prefix="sip:held-")))
    failure = rule(final_response(BY_POLICY), pb.TRIGGER_FAR_END_FAILURE, "failure")
    with Through() as started:
        create(started.api, policy("p", arrival, failure))
        yield started


def check(call, codes):
    """One final response of these; what is recorded agrees with it. Returns it."""
    final = call.caller.final().status
    assert final in codes, final
    ended = call.ended()
    assert len({message.status for message in call.caller.finals()}) == 1
    if not ended.termination:
        return final
    termination = call.api.termination(ended.termination, ended.name)
    told = endings(termination)["caller"].split()[-1]
    left = termination.treatment.final_response.status_code
    assert told == ("ENDED" if final == left else "PEER_FIRST"), (final, termination)
    return final


def both(first, second, turn):
    """In either order, as close together as can be."""
    for act in ((first, second) if turn % 2 == 0 else (second, first)):
        act()


def test_the_caller_gives_up_as_the_callee_fails(through):
    for turn in range(ROUNDS):
        call = through.ringing()
        both(call.caller.cancel, lambda: call.callee.respond(OF_THE_CALLEE), turn)
        code = check(call, {BY_POLICY, 487})
        assert call.get().ended_by in (pb.ENDED_BY_CALLEE, pb.ENDED_BY_CALLER)
        if code == BY_POLICY:
            assert call.get().ended_by == pb.ENDED_BY_CALLEE


def test_the_caller_gives_up_as_the_call_arrives(through):
    for _ in range(ROUNDS):
        call = through.place("held")
        call.caller.cancel()
        check(call, {BY_POLICY, 487})
        assert not through.udp.offered(call.user)


def test_a_request_as_the_callee_fails(through):
    for turn in range(ROUNDS):
        call = through.ringing()
        name = call.name

        def ask():
            call.later = call.api.terminate_later(name, treatment=final_response(BY_REQUEST), wait=pb.WAIT_ENDED)
        both(ask, lambda: call.callee.respond(OF_THE_CALLEE), turn)
        code = check(call, {BY_POLICY, BY_REQUEST, OF_THE_CALLEE})
        try:
            outcome = endings(call.later.result())["caller"]
            assert outcome == "FINAL_RESPONSE ENDED" if code == BY_REQUEST else "PEER_FIRST" in outcome, (code, outcome)
        except grpc.RpcError as error:
            assert code != BY_REQUEST
            assert Refusal(error).reason in ("CALL_TERMINATING", "CALL_TERMINATED"), error


def test_a_request_as_the_call_arrives(through):
    for _ in range(ROUNDS):
        call = through.place("held")
        later = call.api.terminate_later(sip_call_id=call.caller.call_id, treatment=final_response(BY_REQUEST))
        code = check(call, {BY_POLICY, BY_REQUEST})
        try:
            assert later.result().name and code == BY_REQUEST
        except grpc.RpcError as error:
            assert code == BY_POLICY
            assert Refusal(error).reason in ("CALL_TERMINATING", "CALL_TERMINATED", "CALL_NOT_FOUND"), error


def test_sigterm_as_callees_fail():
    with Through(config={"drain": {"ringing_after": "0s", "answered_after": "0s"}}) as own:
        create(own.api, policy("p", rule(final_response(BY_POLICY), pb.TRIGGER_FAR_END_FAILURE)))
        first, *calls = [own.ringing() for _ in range(ROUNDS)]
        first.callee.respond(OF_THE_CALLEE)
        assert first.caller.final().status == BY_POLICY
        for call in calls[:ROUNDS // 2]:
            call.callee.respond(OF_THE_CALLEE)
        own.server.terminate()
        for call in calls[ROUNDS // 2:]:
            call.callee.respond(OF_THE_CALLEE)
        codes = [call.caller.final().status for call in calls]
        assert set(codes) <= {BY_POLICY, OF_THE_CALLEE}, codes
        until(lambda: all(call.caller.finals() for call in calls), "a final response for each")
        assert all(len({message.status for message in call.caller.finals()}) == 1 for call in calls)
        assert own.server.wait_exit(60 * SCALE) == 0
