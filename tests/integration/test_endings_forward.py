"""The wire table for two legs: what each gets when the call is ended by us, by its state and the intent.

| caller            | callee              | caller gets            | callee gets                                            |
|-------------------|---------------------|------------------------|--------------------------------------------------------|
| 100               | INVITE, no 1xx      | final response at once | CANCEL with the first 1xx (HELD); 200 first: ACK, BYE  |
| 180 or 183        | 180 or 183          | final response at once | CANCEL + Reason; 200 crosses: ACK, BYE, ANSWERED_FIRST |
| 200, no ACK       | 200, ACK            | BYE after its ACK      | BYE at once                                            |
| 200, ACK          | 200, ACK            | BYE + Reason           | BYE + Reason                                           |
"""

import pytest

from harness import sip
from harness.api import answer_then_bye, final_response, q850, redirect, sip_reason
from harness.stubs import pb
from harness.through import endings

NORMAL = 'Q.850;cause=16;text="Normal call clearing"'
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

# intent, what an unanswered caller (FooPhone) gets: code, phrase, Retry-After; the Reasons of the CANCEL.
INTENTS = [
    (pb.INTENT_UNSPECIFIED, 487, "Call ended", False, []), (pb.INTENT_QUIET, 487, "Call ended", False, []),
    (pb.INTENT_BUSY, 486, "Busy Here", False, []), (pb.INTENT_DECLINED, 603, "Decline", False, ["SIP;cause=603"]),
    (pb.INTENT_TRY_LATER, 480, "Temporarily Unavailable", True, []), (pb.INTENT_MAINTENANCE, 480, None, True, []),
    (pb.INTENT_NOT_FOUND, 404, None, False, []), (pb.INTENT_FORBIDDEN, 403, None, False, []),
    (pb.INTENT_MOVED, 410, None, False, []),
    (pb.INTENT_BLOCKED, 603, None, False, []), (pb.INTENT_ELSEWHERE, 487, "Call ended", False, [ELSEWHERE]),
]
EVERY_INTENT = pytest.mark.parametrize(
    "intent,code,phrase,retry,reasons", INTENTS, ids=[pb.Intent.Name(row[0])[7:].lower() for row in INTENTS])


def bye_reasons(reasons):
    """What the BYE to a callee that answered first may carry: the same as the CANCEL; where that had none, the usual."""
    return [reasons] if reasons else [[], [NORMAL]]


def check_final(final, code, phrase, retry):
    assert final.status == code, final
    assert phrase is None or final.phrase == phrase, final
    assert final.has("Retry-After") == retry, final


def check_record(call, termination, caller_action, callee_action):
    """Both legs are recorded with what left and when."""
    record = call.api.termination(termination.name, call.name)
    legs = {leg.side: leg for leg in record.legs}
    assert set(legs) == {pb.LEG_SIDE_CALLER, pb.LEG_SIDE_CALLEE} and len(record.legs) == 2, record
    caller, callee = legs[pb.LEG_SIDE_CALLER], legs[pb.LEG_SIDE_CALLEE]
    actions = [pb.LegAction.Name(leg.action)[len("LEG_ACTION_"):] for leg in (caller, callee)]
    assert actions == [caller_action, callee_action], record
    assert callee.status_code == 0 and not callee.reason_phrase, callee
    for leg in record.legs:
        assert record.request_time.ToNanoseconds() <= leg.send_time.ToNanoseconds() <= leg.end_time.ToNanoseconds(), leg
    return caller, callee


@EVERY_INTENT
@pytest.mark.parametrize("state", ["180", "183 with SDP"])
def test_ringing(through, state, intent, code, phrase, retry, reasons):
    """< 180 | final >, ACK | CANCEL >, 200, 487, ACK"""
    call = through.calling()
    if state == "180":
        call.ring()
    else:
        call.callee.respond(183, body=sip.ANSWER)
        call.caller.expect(183)
    termination = through.api.terminate(call.name, intent=intent)
    check_final(call.caller.final(), code, phrase, retry)
    cancel = call.callee.expect_cancelled()
    assert cancel.members("Reason") == reasons, cancel
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    caller, callee = check_record(call, termination, "FINAL_RESPONSE", "CANCEL")
    assert caller.status_code == code
    assert [value for header in callee.headers if header.name == "Reason" for value in sip.split_list(header.value)] == reasons
    ended = call.ended(by=pb.ENDED_BY_ADIEU)
    assert ended.termination == termination.name
    assert (ended.caller.last_status_code, ended.callee.last_status_code) == (code, 487)
    rang = state[:3]
    call.expect_ladders(f"<INVITE >100 >{rang} >{code} <ACK", f">INVITE <{rang} >CANCEL <200 <487 >ACK")


@EVERY_INTENT
def test_before_the_first_1xx(through, intent, code, phrase, retry, reasons):
    """The caller is let go at once; the CANCEL is held until the callee rings (RFC 3261 9.1)."""
    call = through.calling()
    termination = through.api.terminate(call.name, intent=intent)
    assert endings(termination)["callee"] == "CANCEL HELD"
    check_final(call.caller.final(), code, phrase, retry)
    call.callee.none_of("CANCEL", "BYE")
    assert call.get().state == pb.CALL_STATE_TERMINATING
    call.callee.ring()
    assert call.callee.expect_cancelled().members("Reason") == reasons
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    check_record(call, termination, "FINAL_RESPONSE", "CANCEL")
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.caller.peer.options()
    assert not [m for m in call.caller.peer.received if m.call_id == call.caller.call_id and m.status == 180]
    call.expect_ladders(f"<INVITE >100 >{code} <ACK", ">INVITE <180 >CANCEL <200 <487 >ACK")


@pytest.mark.parametrize("status", [100, 183])
def test_any_1xx_lets_the_held_cancel_go(through, status):
    call = through.calling()
    termination = through.api.terminate(call.name, intent=pb.INTENT_ELSEWHERE)
    call.caller.final()
    call.callee.respond(status)
    assert call.callee.expect_cancelled().members("Reason") == [ELSEWHERE]
    assert call.settled(termination)["callee"] == "CANCEL ENDED"
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >487 <ACK", f">INVITE <{status} >CANCEL <200 <487 >ACK")


@EVERY_INTENT
def test_answered_before_the_first_1xx(through, intent, code, phrase, retry, reasons):
    """The 200 comes instead of a 1xx: no CANCEL, but ACK and BYE with the same Reason."""
    call = through.calling()
    termination = through.api.terminate(call.name, intent=intent)
    check_final(call.caller.final(), code, phrase, retry)
    call.callee.accept()
    call.callee.expect_ack()
    assert call.callee.expect_bye().members("Reason") in bye_reasons(reasons)
    call.callee.none_of("CANCEL")
    legs = call.settled(termination)
    assert legs["caller"] == "FINAL_RESPONSE ENDED"
    assert legs["callee"] in ("CANCEL ANSWERED_FIRST", "BYE ANSWERED_FIRST"), legs
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders(f"<INVITE >100 >{code} <ACK", ">INVITE <200 >ACK >BYE <200")


@pytest.mark.parametrize("code", [486, 480, 603, 302, 401])
def test_refused_before_the_first_1xx(through, code):
    """Nothing is left to cancel: the callee was first, or it is ended; the caller hears only ours."""
    call = through.calling()
    termination = through.api.terminate(call.name, treatment=final_response(404))
    assert call.caller.final().status == 404
    call.callee.respond(code, contact="<sip:x@example.com>" if code == 302 else None)
    call.callee.expect_ack()
    legs = call.settled(termination)
    assert legs["caller"] == "FINAL_RESPONSE ENDED"
    assert legs["callee"].split()[1] in ("PEER_FIRST", "ENDED"), legs
    call.callee.none_of("CANCEL", "BYE")
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >404 <ACK", f">INVITE <{code} >ACK")


@EVERY_INTENT
def test_a_200_crosses_the_cancel(through, intent, code, phrase, retry, reasons):
    """CANCEL > < 200 (INVITE): ACK and BYE with the Reason of the CANCEL (RFC 3261 9.1, 15)."""
    call = through.ringing()
    termination = through.api.terminate(call.name, intent=intent)
    check_final(call.caller.final(), code, phrase, retry)
    cancel = call.callee.expect_cancel(answer=False)
    assert cancel.members("Reason") == reasons
    call.callee.accept()
    call.callee.answer(cancel)
    call.callee.expect_ack()
    assert call.callee.expect_bye().members("Reason") in bye_reasons(reasons)
    legs = call.settled(termination)
    assert legs["caller"] == "FINAL_RESPONSE ENDED"
    assert legs["callee"] in ("CANCEL ANSWERED_FIRST", "BYE ANSWERED_FIRST"), legs
    call.ended(by=pb.ENDED_BY_ADIEU)
    assert len(call.caller.finals()) == 1
    ladders = [f">INVITE <180 >CANCEL {rest}" for rest in (
        "<200 >ACK >BYE <200 <200", "<200 <200 >ACK >BYE <200", "<200 >ACK <200 >BYE <200", "<200 >ACK >BYE <200")]
    call.expect_ladders(f"<INVITE >100 >180 >{code} <ACK", ladders)


@pytest.mark.parametrize("to_cancel", [200, 481])
@pytest.mark.parametrize("first", ["cancel", "invite"])
def test_the_answers_of_a_callee_that_was_faster(through, first, to_cancel):
    """Its answer to the CANCEL comes before or after its 200, and may be 481."""
    call = through.ringing()
    termination = through.api.terminate(call.name, treatment=pb.Treatment(cancel_reasons=[q850(26, "Elsewhere")]))
    call.caller.final()
    cancel = call.callee.expect_cancel(answer=False)
    assert cancel.members("Reason") == ['Q.850;cause=26;text="Elsewhere"']
    if first == "cancel":
        call.callee.answer(cancel, to_cancel, "Whatever")
        call.callee.accept()
    else:
        call.callee.accept()
        call.callee.answer(cancel, to_cancel, "Whatever")
    call.callee.expect_ack()
    assert call.callee.expect_bye().members("Reason") == ['Q.850;cause=26;text="Elsewhere"']
    assert call.settled(termination)["callee"].endswith(" ANSWERED_FIRST")
    call.ended(by=pb.ENDED_BY_ADIEU)


@pytest.mark.parametrize("code", [486, 480, 603, 408])
def test_a_refusal_crosses_the_cancel(through, code):
    call = through.ringing()
    termination = through.api.terminate(call.name, treatment=final_response(404))
    assert call.caller.final().status == 404
    cancel = call.callee.expect_cancel(answer=False)
    call.callee.respond(code)
    call.callee.answer(cancel)
    call.callee.expect_ack()
    assert call.settled(termination)["callee"] in ("CANCEL ENDED", "CANCEL PEER_FIRST")
    call.callee.none_of("BYE")
    call.ended(by=pb.ENDED_BY_ADIEU)


@EVERY_INTENT
def test_answered(through, intent, code, phrase, retry, reasons):
    """BYE to both, with the Reason of a normal end, whatever the intent."""
    call = through.answered()
    termination = through.api.terminate(call.name, intent=intent)
    for end in (call.caller, call.callee):
        assert end.expect_bye().members("Reason") == [NORMAL]
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    check_record(call, termination, "BYE", "BYE")
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK >BYE <200")


@pytest.mark.parametrize("intent", [pb.INTENT_QUIET, pb.INTENT_ELSEWHERE, pb.INTENT_BUSY])
def test_answered_but_not_acknowledged_by_the_caller(through, intent):
    """The callee gets its BYE at once, the caller after its ACK (RFC 3261 15)."""
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    termination = through.api.terminate(call.name, intent=intent)
    assert endings(termination)["caller"] == "BYE HELD"
    assert call.callee.expect_bye().members("Reason") == [NORMAL]
    call.caller.none_of("BYE")
    assert len(call.caller.finals()) == 1
    call.caller.ack(answered)
    assert call.caller.expect_bye().members("Reason") == [NORMAL]
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK >BYE <200")


def test_a_delayed_offer_that_the_caller_did_not_acknowledge(through):
    """The callee waits for an answer that will not come: it still gets an ACK before its BYE."""
    call = through.ringing(offer=None)
    call.callee.accept(body=sip.OFFER)
    answered = call.caller.final(ack=False)
    termination = through.api.terminate(call.name)
    call.callee.expect_ack()
    assert call.callee.expect_bye().members("Reason") == [NORMAL]
    call.caller.none_of("BYE")
    call.caller.ack(answered, body=sip.ANSWER)
    call.caller.expect_bye()
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK >BYE <200")


# Treatments.

TREATMENTS = [
    ("final response", final_response(486, "Not now", reasons=[q850(17, "User busy")]), 486, "Not now",
     ['Q.850;cause=17;text="User busy"'], []),
    ("final response and cancel reasons",
     pb.Treatment(final_response=pb.FinalResponse(status_code=603),
                  cancel_reasons=[sip_reason(603, "No"), q850(21, "Rejected")]),
     603, "Decline", [], ['SIP;cause=603;text="No"', 'Q.850;cause=21;text="Rejected"']),
    ("cancel reasons alone", pb.Treatment(cancel_reasons=[sip_reason(200, 'quoted "text"')]), 487, "Call ended", [],
     ['SIP;cause=200;text="quoted \\"text\\""']),
    ("bye reasons alone", pb.Treatment(bye_reasons=[q850(31)]), 487, "Call ended", [], []),
    ("as intent", pb.Treatment(as_intent=pb.INTENT_BUSY), 486, "Busy Here", [], []),
    ("as intent elsewhere", pb.Treatment(as_intent=pb.INTENT_ELSEWHERE), 487, "Call ended", [], [ELSEWHERE]),
    ("redirect", redirect(["sip:carol@example.com"]), 302, None, [], []),
]


@pytest.mark.parametrize("treatment,code,phrase,final_reasons,reasons", [row[1:] for row in TREATMENTS],
                         ids=[row[0] for row in TREATMENTS])
def test_a_treatment_while_ringing(through, treatment, code, phrase, final_reasons, reasons):
    call = through.ringing()
    termination = through.api.terminate(call.name, treatment=treatment)
    final = call.caller.final()
    assert final.status == code and phrase in (None, final.phrase), final
    assert final.members("Reason") == final_reasons
    if code == 302:
        assert sip.uri_of(final.one("Contact")) == "sip:carol@example.com"
    assert call.callee.expect_cancelled().members("Reason") == reasons
    action = "REDIRECT" if code == 302 else "FINAL_RESPONSE"
    assert call.settled(termination) == {"caller": f"{action} ENDED", "callee": "CANCEL ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders(f"<INVITE >100 >180 >{code} <ACK", ">INVITE <180 >CANCEL <200 <487 >ACK")


@pytest.mark.parametrize("treatment,wire", [
    (pb.Treatment(bye_reasons=[q850(31)]), ["Q.850;cause=31"]),
    (pb.Treatment(bye_reasons=[sip_reason(200, "Call completed elsewhere"), q850(26)]), [ELSEWHERE, "Q.850;cause=26"]),
    (pb.Treatment(cancel_reasons=[q850(21)]), [NORMAL]), (final_response(486), [NORMAL]),
    (redirect(["sip:a@b.example"]), [NORMAL])],
    ids=["one", "two", "cancel reasons are not for a BYE", "final response is too late", "redirect is too late"])
def test_a_treatment_when_answered(through, treatment, wire):
    call = through.answered()
    termination = through.api.terminate(call.name, treatment=treatment)
    for end in (call.caller, call.callee):
        assert end.expect_bye().members("Reason") == wire
    assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)


@pytest.mark.parametrize("offer", [sip.OFFER, None], ids=["offer", "delayed"])
@pytest.mark.parametrize("state", ["ringing", "calling"])
def test_answer_then_bye(through, state, offer):
    """The caller gets a 200 of ours and a BYE, the callee a CANCEL: it was never connected."""
    call = through.calling(offer=offer)
    if state == "ringing":
        call.ring()
    treatment = answer_then_bye(bye_reasons=[q850(31, "Done")])
    treatment.cancel_reasons.append(sip_reason(200, "Call completed elsewhere"))
    termination = through.api.terminate(call.name, treatment=treatment)
    answered = call.caller.final(ack=False)
    assert answered.status == 200
    assert answered.body and answered.body.decode() != sip.ANSWER
    if state == "calling":
        call.callee.ring()
    assert call.callee.expect_cancelled().members("Reason") == [ELSEWHERE]
    call.caller.none_of("BYE")
    call.caller.ack(answered, body="" if offer else sip.ANSWER)
    assert call.caller.expect_bye().members("Reason") == ['Q.850;cause=31;text="Done"']
    assert call.settled(termination) == {"caller": "ANSWER_THEN_BYE ENDED", "callee": "CANCEL ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
    rang = " >180" if state == "ringing" else ""
    call.expect_ladders(f"<INVITE >100{rang} >200 <ACK >BYE <200", ">INVITE <180 >CANCEL <200 <487 >ACK")


def test_answer_then_bye_and_a_200_that_crosses(through):
    """Two 200s meet here: neither phone ever hears the other."""
    call = through.ringing()
    termination = through.api.terminate(call.name, treatment=answer_then_bye())
    answered = call.caller.final(ack=False)
    cancel = call.callee.expect_cancel(answer=False)
    call.callee.accept()
    call.callee.answer(cancel)
    call.callee.expect_ack()
    call.callee.expect_bye()
    call.caller.ack(answered)
    call.caller.expect_bye()
    assert len(call.caller.finals()) == 1 and answered.body.decode() != sip.ANSWER
    legs = call.settled(termination)
    assert legs["caller"] == "ANSWER_THEN_BYE ENDED" and legs["callee"].endswith(" ANSWERED_FIRST"), legs
    call.ended(by=pb.ENDED_BY_ADIEU)
