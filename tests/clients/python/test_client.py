"""An application in Python sees a call, ends it, and reads errors, with nothing but the generated stubs."""

import grpc
import pytest

TIMEOUT = 30  # seconds


def only(adieu, phone):
    return adieu.match.CallMatch(sip_call_ids=adieu.match.StringList(values=[phone.call_id]))


def the_call(adieu, stub, phone):
    listed = stub.ListCalls(adieu.service.ListCallsRequest(match=only(adieu, phone)), timeout=TIMEOUT)
    assert len(listed.calls) == 1
    return listed.calls[0]


def error_info(adieu, error):
    """google.rpc.ErrorInfo of an RPC error."""
    trailers = dict(error.trailing_metadata())
    status = adieu.status.Status.FromString(trailers["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    found = [detail for detail in status.details if detail.Is(adieu.details.ErrorInfo.DESCRIPTOR)]
    assert len(found) == 1
    info = adieu.details.ErrorInfo()
    assert found[0].Unpack(info)
    return info


# phone           adieu           application
#   |---INVITE----->|                 |
#   |<--180---------|--call RINGING-->|
#   |               |<--Terminate-----|
#   |<--486---------|                 |
#   |---ACK-------->|--ENDED--------->|
def test_a_call_is_listed_watched_and_ended(adieu, stub, phone):
    watch = stub.WatchCalls(adieu.service.WatchCallsRequest(match=only(adieu, phone)), timeout=2 * TIMEOUT)
    assert next(watch).WhichOneof("change") == "bookmark"
    phone.invite()

    call = the_call(adieu, stub, phone)
    assert call.state == adieu.state.CALL_STATE_RINGING
    assert call.caller.sip_call_id == phone.call_id
    assert call.caller.user_agent == "client-test"
    seen = next(change.call for change in watch if change.WhichOneof("change") == "call")
    assert seen.name == call.name

    pending = stub.TerminateCall.future(
        adieu.service.TerminateCallRequest(
            name=call.name, intent=adieu.treatment.INTENT_BUSY, wait=adieu.service.WAIT_ENDED, note="python"),
        timeout=TIMEOUT)
    status, phrase, _ = phone.final()
    assert (status, phrase) == (486, "Busy Here")

    termination = pending.result(timeout=TIMEOUT)
    assert termination.call == call.name
    assert termination.note == "python"
    (leg,) = termination.legs
    assert leg.side == adieu.call.LEG_SIDE_CALLER
    assert leg.action == adieu.termination.LEG_ACTION_FINAL_RESPONSE
    assert leg.status_code == 486
    assert leg.outcome == adieu.termination.LEG_OUTCOME_ENDED

    ended = next(change.call for change in watch if change.call.state == adieu.state.CALL_STATE_TERMINATED)
    assert ended.name == call.name
    assert ended.ended_by == adieu.call.ENDED_BY_ADIEU
    watch.cancel()

    ladder = stub.GetCall(adieu.service.GetCallRequest(name=call.name), timeout=TIMEOUT).messages
    assert [(m.status_code or m.method) for m in ladder if m.status_code != 100][:2] == ["INVITE", 180]
    terminations = stub.ListTerminations(
        adieu.service.ListTerminationsRequest(match=only(adieu, phone)), timeout=TIMEOUT).terminations
    assert [t.name for t in terminations] == [termination.name]


def test_an_explicit_treatment_by_call_id_and_a_retry(adieu, stub, phone):
    phone.invite()
    treatment = adieu.treatment.Treatment(final_response=adieu.treatment.FinalResponse(
        status_code=480, reason_phrase="Closed for today", reasons=[adieu.treatment.Reason(q850_cause=31)]))
    request = adieu.service.TerminateCallRequest(
        sip_call_id=phone.call_id, treatment=treatment, request_id=f"python-{phone.call_id}",
        wait=adieu.service.WAIT_SENT)
    first = stub.TerminateCall(request, timeout=TIMEOUT)
    assert first.legs[0].outcome in (adieu.termination.LEG_OUTCOME_SENT, adieu.termination.LEG_OUTCOME_ENDED)
    status, phrase, headers = phone.final()
    assert (status, phrase) == (480, "Closed for today")
    assert headers["reason"].startswith("Q.850") and "cause=31" in headers["reason"]
    assert stub.TerminateCall(request, timeout=TIMEOUT).name == first.name


def test_a_policy_is_created_explained_and_asked(adieu, stub, policies, phone):
    name = "cancelPolicies/python-client"
    rule = adieu.policy.Rule(
        id="only", triggers=[adieu.trigger.TRIGGER_REQUEST], match=only(adieu, phone),
        treatment=adieu.treatment.Treatment(
            final_response=adieu.treatment.FinalResponse(status_code=486, reason_phrase="Python")))
    created = policies.CreateCancelPolicy(
        adieu.policies.CreateCancelPolicyRequest(cancel_policy=adieu.policy.CancelPolicy(
            name=name, mode=adieu.policy.CANCEL_POLICY_MODE_SHADOW, rules=[rule])),
        timeout=TIMEOUT)
    try:
        assert created.etag and created.origin == adieu.policy.CANCEL_POLICY_ORIGIN_API
        assert policies.GetCancelPolicy(
            adieu.policies.GetCancelPolicyRequest(name=name), timeout=TIMEOUT) == created
        phone.invite()
        call = the_call(adieu, stub, phone)
        explained = policies.ExplainCancelPolicy(
            adieu.policies.ExplainCancelPolicyRequest(call=call.name), timeout=TIMEOUT)
        assert explained.policy == "cancelPolicies/builtin"
        assert [shadow.rule for shadow in explained.shadow_decisions if shadow.policy == name] == ["only"]

        # A request that names it overrides its mode.
        termination = stub.TerminateCall(
            adieu.service.TerminateCallRequest(name=call.name, policy=name), timeout=TIMEOUT)
        assert (termination.policy, termination.rule) == (name, "only")
        assert termination.policy_etag == created.etag
        status, phrase, _ = phone.final()
        assert (status, phrase) == (486, "Python")

        with pytest.raises(grpc.RpcError) as raised:
            policies.DeleteCancelPolicy(
                adieu.policies.DeleteCancelPolicyRequest(name=name, etag="stale"), timeout=TIMEOUT)
        assert raised.value.code() == grpc.StatusCode.ABORTED
        assert error_info(adieu, raised.value).reason == "ETAG_MISMATCH"
    finally:
        policies.DeleteCancelPolicy(adieu.policies.DeleteCancelPolicyRequest(name=name), timeout=TIMEOUT)


def test_an_unknown_call(adieu, stub):
    for method, request in ((stub.GetCall, adieu.service.GetCallRequest(name="calls/nobody")),
                            (stub.TerminateCall, adieu.service.TerminateCallRequest(name="calls/nobody"))):
        with pytest.raises(grpc.RpcError) as raised:
            method(request, timeout=TIMEOUT)
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND
        info = error_info(adieu, raised.value)
        assert (info.domain, info.reason) == ("adieu.v1", "CALL_NOT_FOUND")
