"""TerminateCall: how long it waits, retries, dry runs, and clients that go away."""

import concurrent.futures
import threading

import grpc
import pytest

from harness import sip
from harness.api import answer_then_bye, final_response, ladder
from harness.peer import Call
from harness.stubs import pb
from harness.wait import until


@pytest.fixture
def ringing(peer, api):
    call = peer.invite()
    call.ring()
    return call, api.find(call.call_id).name


def test_wait_sent_is_the_default(ringing, api):
    call, name = ringing
    termination = api.terminate(name, treatment=final_response(486), note="a test")
    leg, = termination.legs
    assert leg.outcome in (pb.LEG_OUTCOME_SENT, pb.LEG_OUTCOME_ENDED)
    assert leg.HasField("send_time")
    assert termination.name.startswith("terminations/")
    assert termination.call == name
    assert termination.note == "a test"
    assert termination.principal == "anonymous"
    assert termination.trigger == pb.TRIGGER_REQUEST
    final = call.final()
    assert b"a test" not in final.raw
    settled = api.termination(termination.name, name)
    assert (settled.note, settled.principal, settled.treatment) == (
        termination.note, termination.principal, termination.treatment)


def test_wait_ended_comes_back_with_the_ack(ringing, api):
    call, name = ringing
    later = api.terminate_later(name, treatment=final_response(486), wait=pb.WAIT_ENDED)
    final = call.final(ack=False)
    assert not later.done()
    call.ack(final)
    leg, = later.result().legs
    assert leg.outcome == pb.LEG_OUTCOME_ENDED
    assert leg.HasField("end_time")


def test_wait_ended_comes_back_with_the_answer_to_the_bye(ringing, api):
    call, name = ringing
    later = api.terminate_later(name, treatment=answer_then_bye(), wait=pb.WAIT_ENDED)
    call.final()
    bye = call.expect_bye(answer=False)
    assert not later.done()
    call.answer(bye)
    assert later.result().legs[0].outcome == pb.LEG_OUTCOME_ENDED


@pytest.mark.parametrize("status", [200, 481, 500])
def test_any_final_answer_to_the_bye_ends_the_leg(ringing, api, status):
    call, name = ringing
    later = api.terminate_later(name, treatment=answer_then_bye(), wait=pb.WAIT_ENDED)
    call.final()
    call.answer(call.expect_bye(answer=False), status, "Whatever")
    assert later.result().legs[0].outcome == pb.LEG_OUTCOME_ENDED
    api.wait_state(name, pb.CALL_STATE_TERMINATED)


def test_by_sip_call_id(ringing, api):
    call, name = ringing
    assert api.terminate(sip_call_id=call.call_id, treatment=final_response(486)).call == name
    assert call.final().status == 486


def test_an_ended_call_does_not_hide_a_live_one(peer, api, ringing):
    call, name = ringing
    api.terminate(sip_call_id=call.call_id, treatment=final_response(486))
    call.final()
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    again = Call(peer, call_id=call.call_id, cseq=7)
    again.send_invite()
    again.ring()
    termination = api.terminate(sip_call_id=call.call_id, treatment=final_response(480))
    assert termination.call != name
    assert again.final().status == 480


def test_a_retry_gets_the_first_answer(ringing, api):
    call, name = ringing
    request_id = "retry-" + call.call_id
    first = api.terminate(name, treatment=final_response(486), request_id=request_id)
    call.final()
    api.termination(first.name, name)
    second = api.terminate(name, treatment=final_response(486), request_id=request_id)
    assert (second.name, second.call, second.request_time) == (first.name, first.call, first.request_time)
    call.peer.options()
    assert len([m for m in call.peer.received if m.call_id == call.call_id and m.status >= 200]) == 1


@pytest.mark.parametrize("rivals", [2, 10])
def test_identical_requests_at_once_are_one(peer, api, rivals):
    for _ in range(10):
        call = peer.invite()
        call.ring()
        name = api.find(call.call_id).name
        gate = threading.Barrier(rivals)

        def ask(_, name=name, request_id="twins-" + call.call_id):
            gate.wait(10)
            return api.terminate(name, treatment=final_response(486), request_id=request_id)

        with concurrent.futures.ThreadPoolExecutor(rivals) as pool:
            answers = list(pool.map(ask, range(rivals)))
        assert len({answer.name for answer in answers}) == 1, answers
        assert call.final().status == 486
        peer.options()
        assert len([m for m in peer.received if m.call_id == call.call_id and m.status >= 200]) == 1
        assert len(api.terminations(match=pb.CallMatch(names=pb.StringList(values=[name])))) == 1


def test_a_refused_request_does_not_use_up_its_id(ringing, api):
    call, name = ringing
    request_id = "mended-" + call.call_id
    with api.refused("INVALID_ARGUMENT"):
        api.terminate(name, treatment=final_response(200), request_id=request_id)
    api.terminate(name, treatment=final_response(486), request_id=request_id)
    assert call.final().status == 486


def test_validate_only(ringing, api):
    call, name = ringing
    answer = api.terminate(name, intent=pb.INTENT_BUSY, request_id="dry-" + call.call_id, validate_only=True)
    assert answer.name == ""
    assert answer.call == name
    assert answer.treatment.final_response.status_code == 486
    leg, = answer.legs
    assert leg.action == pb.LEG_ACTION_FINAL_RESPONSE
    assert (leg.status_code, leg.outcome) == (486, pb.LEG_OUTCOME_UNSPECIFIED)
    assert not leg.HasField("send_time")
    call.no_final()
    assert ladder(api.get(name)) == [("INVITE", "<"), (100, ">"), (180, ">")]
    assert not api.terminations(match=pb.CallMatch(names=pb.StringList(values=[name])))
    api.terminate(name, intent=pb.INTENT_BUSY, request_id="dry-" + call.call_id)
    assert call.final().status == 486


def test_validate_only_sees_what_would_be_refused(ringing, api):
    call, name = ringing
    with api.refused("NOT_FOUND"):
        api.terminate("calls/nobody-here", validate_only=True)
    api.terminate(name, treatment=final_response(486))
    call.final()
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    with api.refused("FAILED_PRECONDITION", "CALL_TERMINATED"):
        api.terminate(name, validate_only=True)


def test_a_deadline_that_passes_leaves_no_half_done_call(ringing, api):
    call, name = ringing
    with pytest.raises(grpc.RpcError) as late:
        api.terminate(name, treatment=final_response(486), wait=pb.WAIT_ENDED, timeout=1)
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert call.final().status == 486
    termination = until(
        lambda: api.terminations(match=pb.CallMatch(names=pb.StringList(values=[name]))), "the record")[0]
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_a_cancelled_request_is_carried_out_or_not_begun(peer, api):
    for _ in range(20):
        call = peer.invite()
        call.ring()
        name = api.find(call.call_id).name
        later = api.terminate_later(name, treatment=final_response(486), wait=pb.WAIT_ENDED)
        later.cancel()
        # Either it was accepted: then it is done in full. Or it never began: then it can be asked for again.
        try:
            api.terminate(name, treatment=final_response(480))
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
        final = call.final()
        assert final.status in (480, 486)
        found = api.terminations(match=pb.CallMatch(names=pb.StringList(values=[name])))
        assert [t.legs[0].status_code for t in found if t.legs] == [final.status], found


def test_a_full_queue_is_refused_with_a_hint():
    from harness.api import Api, Refusal
    from harness.peer import UdpPeer
    from harness.server import Server
    with Server(config="limits: {queue: 1, workers: 1}\n") as server, Api(server.grpc) as api, \
            UdpPeer(server.sip()) as peer:
        calls = {}
        for _ in range(200):
            call = peer.invite()
            call.ring()
            calls[call.call_id] = call
        waiting = {call_id: api.terminate_later(sip_call_id=call_id, treatment=final_response(486))
                   for call_id in calls}
        refused = 0
        for call_id, later in waiting.items():
            error = later.exception()
            if error is None:
                assert calls[call_id].final().status == 486
                continue
            refusal = Refusal(error)
            assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "QUEUE_FULL"), refusal
            assert refusal.retry and (refusal.retry.retry_delay.ToNanoseconds() > 0), refusal
            refused += 1
            # Nothing was done: the same request succeeds later.
            until(lambda call_id=call_id: _accepted(api, call_id), "a retry is accepted")
            assert calls[call_id].final().status == 486
        print(f"{refused} of {len(calls)} met a full queue")


def _accepted(api, call_id):
    try:
        return api.terminate(sip_call_id=call_id, treatment=final_response(486))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        return None


@pytest.mark.parametrize("call_id", ["plain", "with@host.example", "a-b.c!d%e*f_g+h`i'j~k", "x" * 200])
def test_call_ids_of_every_form(peer, api, call_id):
    call = peer.invite(call_id=call_id + sip.token())
    call.ring()
    api.terminate(sip_call_id=call.call_id, treatment=final_response(486))
    assert call.final().status == 486
