"""What each intent gives each phone: the built-in policy as callers see it."""

import pytest

from harness.stubs import pb

LINPHONE = "LinphoneLinux/4.4.10 (host) LinphoneSDK/5.1.65"
# (User-Agent, the endings that this phone shows as a normal end: {(code, Reason or None)})
QUIET = [
    ("FooPhone/1.0", {(487, None)}),
    (None, {(480, None), (480, 16)}),
    ("baresip v1.0.0 (x86_64/Linux)", {(487, None)}),
    ("Jami Daemon 13.0", {(487, None)}),
    (LINPHONE, {(480, None), (487, None)}),
    ("Linphone-Desktop/6.0.0 LinphoneSDK/5.4.0", {(487, None)}),
    ("Twinkle/1.10.2", {(480, None), (486, None), (487, None), (603, None)}),
    ("PJSUA v2.13 Linux", {(480, None), (487, None), (603, None)}),
    ("JsSIP 3.10.0", {(480, None)}),
    ("SIP.js/0.21.2", {(480, None)}),
    ("Asterisk PBX 18.10.0", {(480, None), (480, 16), (487, 16)}),
    ("FPBX-16.0.40(18.9)", {(480, None), (480, 16), (487, 16)}),
    ("FreeSWITCH-mod_sofia/1.10.9", {(480, None), (480, 16), (487, None), (487, 16)}),
    ("Yealink SIP-T46S 66.85.0.5", {(480, None), (480, 16)}),
    ("PolycomVVX-VVX_410-UA/5.9.0", {(480, None), (480, 16)}),
    ("snom760/8.9.3.80", {(480, None), (480, 16)}),
    ("Oracle SBC", {(480, None), (480, 16)}),
]
FIXED = [
    (pb.INTENT_BUSY, 486, False), (pb.INTENT_DECLINED, 603, False), (pb.INTENT_TRY_LATER, 480, True),
    (pb.INTENT_MAINTENANCE, 480, True), (pb.INTENT_NOT_FOUND, 404, False), (pb.INTENT_FORBIDDEN, 403, False),
    (pb.INTENT_MOVED, 410, False), (pb.INTENT_BLOCKED, 603, False),
]


def end(peer, api, user_agent, **fields):
    call = peer.invite(user_agent=user_agent)
    call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, **fields)
    final = call.final()
    return final, api.termination(termination.name, name)


def cause_of(final):
    if not final.has("Reason"):
        return None
    value, = final.members("Reason")
    assert value.startswith("Q.850;cause="), final
    return int(value.split(";")[1].partition("=")[2])


@pytest.mark.parametrize("intent", [pb.INTENT_UNSPECIFIED, pb.INTENT_QUIET, pb.INTENT_ELSEWHERE])
@pytest.mark.parametrize("user_agent,allowed", QUIET)
def test_quiet_and_elsewhere_suit_the_phone(peer, api, user_agent, allowed, intent):
    final, termination = end(peer, api, user_agent, intent=intent)
    assert (final.status, cause_of(final)) in allowed, final
    assert not final.has("Retry-After")
    assert termination.intent == (intent or pb.INTENT_QUIET)
    assert termination.policy == "cancelPolicies/builtin"
    assert termination.trigger == pb.TRIGGER_REQUEST
    assert termination.treatment.final_response.status_code == final.status
    assert termination.treatment.final_response.reason_phrase == final.phrase


def test_an_unknown_phone_reads_call_ended(peer, api):
    final, _ = end(peer, api, "FooPhone/1.0")
    assert final.raw.startswith(b"SIP/2.0 487 Call ended\r\n"), final


@pytest.mark.parametrize("intent,code,retry", FIXED)
@pytest.mark.parametrize("user_agent", ["FooPhone/1.0", None, "Twinkle/1.10.2"])
def test_fixed_intents(peer, api, intent, code, retry, user_agent):
    final, termination = end(peer, api, user_agent, intent=intent)
    assert final.status == code, final
    assert final.has("Retry-After") == retry, final
    if retry:
        assert int(final.one("Retry-After").split(";")[0].split("(")[0]) > 0
    if code == 410:
        assert not final.has("Contact")
    assert termination.intent == intent


@pytest.mark.parametrize("intent,code", [(pb.INTENT_BUSY, 486), (pb.INTENT_NOT_FOUND, 404), (pb.INTENT_QUIET, 487)])
def test_as_intent_is_the_same(peer, api, intent, code):
    final, termination = end(peer, api, "FooPhone/1.0", treatment=pb.Treatment(as_intent=intent))
    assert final.status == code
    assert termination.treatment.WhichOneof("caller") == "final_response"


def test_a_treatment_goes_before_the_intent(peer, api):
    treatment = pb.Treatment(final_response=pb.FinalResponse(status_code=404))
    final, termination = end(peer, api, "FooPhone/1.0", intent=pb.INTENT_BUSY, treatment=treatment)
    assert final.status == 404
    assert termination.intent == pb.INTENT_BUSY
    assert termination.policy == ""


def test_what_a_treatment_leaves_out_comes_from_the_intent(peer, api):
    """bye_reasons alone: the caller still rings, so it gets the intent's answer."""
    treatment = pb.Treatment(bye_reasons=[pb.Reason(q850_cause=31)])
    final, termination = end(peer, api, "FooPhone/1.0", intent=pb.INTENT_BUSY, treatment=treatment)
    assert final.status == 486
    assert termination.treatment.final_response.status_code == 486
    assert [reason.q850_cause for reason in termination.treatment.bye_reasons] == [31]
