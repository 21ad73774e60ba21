"""What makes the policies be asked, and what they may say then: every trigger, with scripted phones.

    ARRIVAL            RING_TIMEOUT       FAR_END_FAILURE      CALLER_CANCEL
    INVITE >           INVITE >  INVITE > INVITE >  INVITE >   INVITE >  INVITE >
    < 100              < 180     < 180    < 180     < 180      < 180     < 180
    < 486              < code    CANCEL > < code    < 480      CANCEL >  CANCEL > Reason
"""

import hashlib

import pytest

from harness import sip
from harness.api import answer_then_bye, final_response, q850, redirect, sip_reason
from harness.metrics import scrape, wait_value
from harness.policies import create, delete, listed, policy, rule
from harness.server import free_port
from harness.stubs import pb
from harness.through import Through, endings
from harness.wait import SCALE, until

PARKED = "nobody"  # no route has this name
FAILED = pb.TRIGGER_FAR_END_FAILURE
SHADOW = pb.CANCEL_POLICY_MODE_SHADOW
KILLED = [("Reason", 'Q.850;cause=16;text="Normal call clearing"'), ("X-Own", "of the callee"), ("Retry-After", "5")]


def as_intent(intent):
    return pb.Treatment(as_intent=intent)


RELAY = pb.Treatment(relay=pb.Relay())
PROCEED = pb.Treatment(proceed=pb.Proceed())
# (treatment, code, action): what each of them is on the wire.
ENDINGS = [
    pytest.param(final_response(404, "Nobody here", reasons=[q850(1)]), 404, "FINAL_RESPONSE", id="final_response"),
    pytest.param(redirect(["sip:carol@192.0.2.9"]), 302, "REDIRECT", id="redirect"),
    pytest.param(answer_then_bye(), 200, "ANSWER_THEN_BYE", id="answer_then_bye"),
    pytest.param(as_intent(pb.INTENT_BUSY), 486, "FINAL_RESPONSE", id="as_intent"),
]


@pytest.fixture(scope="module")
def through():
    routes = {"short": {"targets": ["{udp}"], "ring_timeout": "1s", "no_answer_timeout": "30s"},
              "silent": {"targets": ["{udp}"], "no_answer_timeout": "500ms"},
              "dead": {"targets": [f"sip:127.0.0.1:{free_port()};transport=tcp"]},
              "two": {"targets": ["{udp}", "{tcp}"], "no_answer_timeout": "30s"}}
    with Through(routes=routes, callee_of={"short": "udp", "silent": "udp", "two": "udp"}) as started:
        yield started


@pytest.fixture
def policies(through):
    """Makes policies that are gone after the test."""
    yield lambda *wanted: [create(through.api, one) for one in wanted]
    for one in listed(through.api):
        if one.origin == pb.CANCEL_POLICY_ORIGIN_API:
            delete(through.api, one.name)


def on(trigger, treatment, name="p", match=None, **fields):
    """A policy of one rule."""
    return policy(name, rule(treatment, trigger, match=match), **fields)


def status(code):
    return pb.CallMatch(far_end_status=pb.StatusRange(min=code))


def caller_gets(call, code, action):
    """The caller's ending. Returns its final response."""
    final = call.caller.final()
    assert final.status == code, final
    if action == "ANSWER_THEN_BYE":
        call.caller.expect_bye()
    if action == "REDIRECT":
        assert "sip:carol@192.0.2.9" in final.one("Contact"), final
    return final


def record(call, trigger, by):
    """The termination of an ended call."""
    ended = call.ended(by=by)
    termination = call.api.termination(ended.termination, ended.name)
    assert termination.trigger == trigger and termination.principal == "adieu", termination
    return termination


# ARRIVAL.

@pytest.mark.parametrize("route", ["udp", PARKED])
@pytest.mark.parametrize("treatment,code,action", ENDINGS)
def test_an_arrival_is_ended_before_anything_rings(through, policies, treatment, code, action, route):
    policies(on(pb.TRIGGER_ARRIVAL, treatment))
    call = through.place(route)
    caller_gets(call, code, action)
    termination = record(call, pb.TRIGGER_ARRIVAL, pb.ENDED_BY_ADIEU)
    assert (termination.policy, termination.rule, termination.intent) == ("cancelPolicies/p", "one", pb.INTENT_QUIET)
    assert endings(termination) == {"caller": f"{action} ENDED"}
    call.expect_ladders(f"<INVITE >100 >{code} <ACK" + (" >BYE <200" if code == 200 else ""), "")
    assert not through.udp.offered(call.user)


def test_an_arrival_over_tcp_that_requires_100rel(through, policies):
    policies(on(pb.TRIGGER_ARRIVAL, final_response(603)))
    call = through.place("tcp", "tcp", headers=[("Require", "100rel")])
    caller_gets(call, 603, "FINAL_RESPONSE")
    record(call, pb.TRIGGER_ARRIVAL, pb.ENDED_BY_ADIEU)


def test_proceed_is_an_exception(through, policies):
    vip = pb.CallMatch(from_uri=pb.StringMatch(prefix="sip:vip@"))
    policies(on(pb.TRIGGER_ARRIVAL, PROCEED, "vip", vip, priority=1), on(pb.TRIGGER_ARRIVAL, final_response(403), "all"))
    caller_gets(through.place(), 403, "FINAL_RESPONSE")
    call = through.ringing(from_user="vip")
    assert not call.get().termination
    call.cancel()


# RING_TIMEOUT.

@pytest.mark.parametrize("treatment,code,action", ENDINGS)
def test_a_ring_timeout(through, policies, treatment, code, action):
    policies(policy("p", rule(treatment, pb.TRIGGER_RING_TIMEOUT, intents=[pb.INTENT_TRY_LATER])))
    call = through.ringing("short")
    caller_gets(call, code, action)
    call.callee.expect_cancelled()
    termination = record(call, pb.TRIGGER_RING_TIMEOUT, pb.ENDED_BY_TIMEOUT)
    assert (termination.policy, termination.intent) == ("cancelPolicies/p", pb.INTENT_TRY_LATER)
    assert endings(termination) == {"caller": f"{action} ENDED", "callee": "CANCEL ENDED"}


def test_a_ring_timeout_without_a_rule_is_built_in(through, policies):
    policies(on(FAILED, final_response(404)), policy("q", rule(final_response(404), match=status(486))))
    call = through.ringing("short")
    assert call.caller.final().has("Retry-After")
    call.callee.expect_cancelled()
    assert record(call, pb.TRIGGER_RING_TIMEOUT, pb.ENDED_BY_TIMEOUT).policy == "cancelPolicies/builtin"


# FAR_END_FAILURE.

@pytest.mark.parametrize("far", [480, 486, 503, 604])
@pytest.mark.parametrize("treatment,code,action", ENDINGS)
def test_a_failure_is_replaced_whole(through, policies, treatment, code, action, far):
    """Nothing of the far end's response is copied; its 503 is seen by the rules as such."""
    policies(on(FAILED, treatment, match=status(far)))
    before = scrape(through.server.metrics).value("adieu_far_end_rewrites_total", **{"from": str(far), "to": str(code)})
    call = through.ringing()
    call.callee.respond(far, "Of the callee", headers=KILLED)
    call.callee.expect_ack()
    final = caller_gets(call, code, action)
    assert final.phrase != "Of the callee" and not final.has("X-Own"), final
    if code < 400:
        assert not final.has("Reason") and not final.has("Retry-After"), final
    termination = record(call, FAILED, pb.ENDED_BY_CALLEE)
    assert endings(termination) == {"caller": f"{action} ENDED"}
    call.expect_ladders(f"<INVITE >100 >180 >{code} <ACK" + (" >BYE <200" if code == 200 else ""),
                        f">INVITE <180 <{far} >ACK")
    ended = call.get()
    assert ended.callee.last_status_code == far
    assert [(h.name, h.value) for h in ended.callee.headers] == [("Reason", 'Q.850;cause=16;text="Normal call clearing"')]
    after = scrape(through.server.metrics).value("adieu_far_end_rewrites_total", **{"from": str(far), "to": str(code)})
    assert (after or 0) == (before or 0) + 1


@pytest.mark.parametrize("route,seen", [("silent", 480), ("dead", 500)])
def test_a_target_that_nobody_reaches(through, policies, route, seen):
    policies(on(FAILED, final_response(404), match=status(seen)), on(FAILED, final_response(406), "rest", priority=-1))
    call = through.place(route)
    caller_gets(call, 404, "FINAL_RESPONSE")
    record(call, FAILED, pb.ENDED_BY_TIMEOUT if seen == 480 else pb.ENDED_BY_CALLEE)


def test_only_the_last_target_is_a_failure(through, policies):
    """A 503 with a target left is none; what the last one says is, with its own Reason."""
    policies(on(FAILED, final_response(404), match=pb.CallMatch(far_end_reason=pb.FarEndReason(q850_cause=17))),
             on(FAILED, final_response(406), "rest", priority=-1))
    call = through.calling("two")
    call.callee.respond(503, headers=[("Reason", "Q.850;cause=41")])
    call.callee.expect_ack()
    call.take(at=through.tcp).respond(486, headers=[("Reason", "Q.850;cause=17")])
    call.callee.expect_ack()
    caller_gets(call, 404, "FINAL_RESPONSE")
    record(call, FAILED, pb.ENDED_BY_CALLEE)


def test_relay_is_an_exception(through, policies):
    policies(on(FAILED, RELAY, "busy", status(486), priority=1), on(FAILED, final_response(404), "all"))
    call = through.ringing()
    call.callee.respond(486, "Of the callee", headers=KILLED)
    final = call.caller.final()
    assert (final.status, final.phrase, final.one("X-Own")) == (486, "Of the callee", "of the callee")
    assert not call.ended(by=pb.ENDED_BY_CALLEE).termination


CHALLENGE = 'Digest realm="pbx.example", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0"'


@pytest.mark.parametrize("far,extra", [
    (401, ("WWW-Authenticate", CHALLENGE)), (407, ("Proxy-Authenticate", CHALLENGE)), (422, ("Min-SE", "90")),
    (300, ("Contact", "<sip:a@192.0.2.9>")), (302, ("Contact", "<sip:a@192.0.2.9>")), (380, ("X-A", "b"))])
def test_codes_that_a_rule_must_name(through, policies, far, extra):
    """A rule for everything does not touch them; one that names the code does."""
    everything = on(FAILED, final_response(404), "all", pb.CallMatch(every_call=pb.EveryCall()))
    policies(everything, on(FAILED, final_response(404), "range", pb.CallMatch(
        far_end_status=pb.StatusRange(min=300, max=499))))
    contact = extra[1] if extra[0] == "Contact" else None
    headers = [] if contact else [extra]
    call = through.ringing()
    call.callee.respond(far, contact=contact, headers=headers)
    final = call.caller.final()
    assert final.status == far and final.has(extra[0]), final
    assert not call.ended(by=pb.ENDED_BY_CALLEE).termination
    policies(on(FAILED, final_response(410), "named", status(far)))
    call = through.ringing()
    call.callee.respond(far, contact=contact, headers=headers)
    assert caller_gets(call, 410, "FINAL_RESPONSE").status == 410
    record(call, FAILED, pb.ENDED_BY_CALLEE)


def test_digest_end_to_end_with_a_rule_for_everything(through, policies):
    policies(on(FAILED, as_intent(pb.INTENT_QUIET)))
    user = f"keep-{sip.token()}"
    call = through.ringing("keep", user=user)
    call.callee.respond(407, headers=[("Proxy-Authenticate", CHALLENGE)])
    asked = call.caller.final()
    assert asked.status == 407 and asked.one("Proxy-Authenticate") == CHALLENGE
    answer = hashlib.md5(b"any").hexdigest()
    again = through.ringing("keep", user=user, headers=[("Proxy-Authorization", f'{CHALLENGE}, response="{answer}"')])
    assert answer in again.callee.invite.one("Proxy-Authorization")
    again.answer()
    again.hang_up()


def test_a_487_to_our_own_cancel_is_no_failure(through, policies):
    policies(on(FAILED, final_response(404)))
    through.ringing().cancel()
    call = through.ringing()
    call.later = call.api.terminate_later(call.name, treatment=final_response(486), wait=pb.WAIT_ENDED)
    assert call.caller.final().status == 486
    call.callee.expect_cancelled()
    assert endings(call.later.result()) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


def test_a_487_of_the_callees_own_is_one(through, policies):
    policies(on(FAILED, final_response(404)))
    call = through.ringing()
    call.callee.respond(487)
    caller_gets(call, 404, "FINAL_RESPONSE")
    record(call, FAILED, pb.ENDED_BY_CALLEE)


# CALLER_CANCEL.

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


def cancel_reasons(*reasons):
    return pb.Treatment(cancel_reasons=reasons)


@pytest.mark.parametrize("own", [None, 'SIP;cause=600;text="Busy Everywhere"'])
@pytest.mark.parametrize("treatment,told", [
    (cancel_reasons(sip_reason(200, "Call completed elsewhere")), [ELSEWHERE]),
    (cancel_reasons(sip_reason(603), q850(21)), ["SIP;cause=603", "Q.850;cause=21"]),
    (RELAY, None)], ids=["elsewhere", "two", "relay"])
def test_what_the_callee_is_told_when_the_caller_gives_up(through, policies, treatment, told, own):
    policies(on(pb.TRIGGER_CALLER_CANCEL, treatment))
    call = through.ringing()
    call.caller.cancel(own)
    assert call.caller.final().status == 487
    cancel = call.callee.expect_cancelled()
    assert cancel.members("Reason") == (told or ([own] if own else [])), cancel
    assert not call.ended(by=pb.ENDED_BY_CALLER).termination


def test_a_cancel_before_the_callee_rings_is_told_too(through, policies):
    policies(on(pb.TRIGGER_CALLER_CANCEL, cancel_reasons(sip_reason(200, "Call completed elsewhere"))))
    call = through.calling()
    call.caller.cancel()
    assert call.caller.final().status == 487
    call.callee.respond(180)
    assert call.callee.expect_cancelled().members("Reason") == [ELSEWHERE]


# DRAIN.

def test_drain():
    with Through(config={"drain": {"ringing_after": "0s", "answered_after": "0s"}}) as own:
        create(own.api, policy("p", rule(final_response(500, "Down for today"), pb.TRIGGER_DRAIN,
                                         match=pb.CallMatch(state=pb.CALL_STATE_RINGING))))
        ringing, answered = own.ringing(), own.answered()
        own.server.terminate()
        final = ringing.caller.final()
        assert (final.status, final.phrase) == (500, "Down for today")
        ringing.callee.expect_cancelled()
        for end in (answered.caller, answered.callee):
            assert end.expect_bye().members("Reason") == ['Q.850;cause=16;text="Normal call clearing"']
        assert own.server.wait_exit(60 * SCALE) == 0


# REQUEST, priorities, modes.

def end(call, **fields):
    """Terminates a ringing call as a client; (code at the caller, the termination)."""
    later = call.api.terminate_later(call.name, wait=pb.WAIT_ENDED, **fields)
    final = call.caller.final()
    call.callee.expect_cancelled()
    return final.status, later.result()


def test_a_request_asks_the_policies_in_their_order(through, policies):
    busy = {"intents": [pb.INTENT_BUSY]}
    policies(policy("b", rule(final_response(600), **busy)), policy("a", rule(final_response(404), **busy)),
             policy("high", rule(final_response(403), match=pb.CallMatch(caller_user_agent=pb.StringMatch(exact="Other"))),
                    priority=9),
             policy("off", rule(final_response(410)), priority=10, mode=pb.CANCEL_POLICY_MODE_DISABLED))
    code, termination = end(through.ringing(), intent=pb.INTENT_BUSY)
    assert (code, termination.policy) == (404, "cancelPolicies/a")
    assert termination.policy_etag and termination.treatment.final_response.reason_phrase == "Not Found"
    code, termination = end(through.ringing(user_agent="Other"), intent=pb.INTENT_BUSY)
    assert (code, termination.policy) == (403, "cancelPolicies/high")
    code, termination = end(through.ringing(), intent=pb.INTENT_DECLINED)
    assert (code, termination.policy, termination.rule) == (603, "cancelPolicies/builtin", "declined")
    code, termination = end(through.ringing(), intent=pb.INTENT_DECLINED, policy="cancelPolicies/off")
    assert (code, termination.policy) == (410, "cancelPolicies/off")
    code, termination = end(through.ringing(), intent=pb.INTENT_BUSY, treatment=final_response(480))
    assert (code, termination.policy, termination.rule) == (480, "", "")


def test_policies_are_counted(through, policies):
    def count(origin, mode, wanted):
        wait_value(through.server.metrics, wanted, "adieu_policies", origin=origin, mode=mode)
    policies(policy("a"), policy("b"), policy("c", mode=SHADOW))
    count("api", "enforced", 2)
    count("api", "shadow", 1)
    count("shipped", "disabled", 1)
    count("shipped", "enforced", 1)
    delete(through.api, "cancelPolicies/a")
    count("api", "enforced", 1)


def test_a_policy_that_is_not_there(through, policies):
    call = through.ringing()
    with call.api.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        call.api.terminate(call.name, policy="cancelPolicies/nothing")
    assert not call.get().termination
    shown = call.api.terminate(call.name, policy="cancelPolicies/builtin", intent=pb.INTENT_BUSY, validate_only=True)
    assert shown.policy == "cancelPolicies/builtin" and {leg.status_code for leg in shown.legs} == {486, 0}
    call.cancel()


# SHADOW.

def shadow_lines(through, call):
    name = call.name
    return [line for line in through.server.log() if '"shadow decision"' in line and f'"{name}"' in line]


def test_shadow_changes_nothing_and_says_what_would_have_left(through, policies):
    policies(policy("trial", rule(final_response(600), pb.TRIGGER_ARRIVAL, "a"), rule(final_response(606), FAILED, "f"),
                    rule(cancel_reasons(sip_reason(200)), pb.TRIGGER_CALLER_CANCEL, "c"),
                    rule(final_response(604), pb.TRIGGER_REQUEST, "r"), mode=SHADOW, priority=5))
    before = scrape(through.server.metrics)
    failed = through.ringing()
    failed.callee.respond(480, "Of the callee", headers=KILLED)
    final = failed.caller.final()
    assert (final.status, final.phrase, final.one("X-Own")) == (480, "Of the callee", "of the callee")
    assert final.members("Reason") == ['Q.850;cause=16;text="Normal call clearing"']
    assert not failed.ended(by=pb.ENDED_BY_CALLEE).termination

    given_up = through.ringing()
    given_up.caller.cancel()
    assert given_up.caller.final().status == 487
    assert not given_up.callee.expect_cancelled().has("Reason")

    asked = through.ringing()
    code, termination = end(asked, intent=pb.INTENT_BUSY)
    assert (code, termination.policy) == (486, "cancelPolicies/builtin")
    shadow = termination.shadow_decisions[0]
    assert (shadow.policy, shadow.rule, shadow.treatment.final_response.status_code) == ("cancelPolicies/trial", "r", 604)
    recorded = asked.api.termination(termination.name, asked.name)
    assert recorded.shadow_decisions[0] == shadow

    until(lambda: len(shadow_lines(through, asked)) == 2, "the shadow decisions of the last call")
    for call, trigger, code in ((failed, "far_end_failure", 606), (failed, "arrival", 600), (asked, "request", 604)):
        lines = shadow_lines(through, call)
        assert any(f'"trigger":"{trigger}"' in line and f'"status_code":{code}' in line for line in lines), lines
    assert any('"cancel_reason":"SIP;cause=200"' in line for line in shadow_lines(through, given_up))
    after = scrape(through.server.metrics)
    for trigger, count in (("arrival", 3), ("far_end_failure", 1), ("caller_cancel", 1), ("request", 1)):
        labels = {"policy": "trial", "mode": "shadow", "trigger": trigger, "rule": ""}
        name = "adieu_policy_decisions_total"
        assert after.value(name, **labels) - (before.value(name, **labels) or 0) == count, trigger


# What started it all.

@pytest.fixture(scope="module")
def quiet():
    with Through(config={"policies": {"enable": ["quiet-kills"]}}) as started:
        yield started


@pytest.mark.parametrize("user_agent,code", [("baresip v4.10.0 (x86_64/Linux)", 487), ("Twinkle/1.10.3", None)])
def test_a_switch_that_kills_a_ringing_call_ends_it_quietly(quiet, user_agent, code):
    call = quiet.ringing(user_agent=user_agent)
    call.callee.respond(480, headers=KILLED)
    final = call.caller.final()
    assert final.status == (code or final.status) and not final.has("X-Own"), final
    termination = record(call, FAILED, pb.ENDED_BY_CALLEE)
    assert (termination.policy, termination.rule) == ("cancelPolicies/quiet-kills", "killed")
    assert f'policy="quiet-kills",rule="killed",trigger="far_end_failure"' in scrape(quiet.server.metrics).text


@pytest.mark.parametrize("far,headers", [
    (480, []), (480, [("Reason", "Q.850;cause=18")]), (480, [("Reason", "Q.850;cause=19")]), (487, KILLED), (486, KILLED)])
def test_what_no_switch_kills_passes_unchanged(quiet, far, headers):
    call = quiet.ringing(user_agent="baresip v4.10.0 (x86_64/Linux)")
    call.callee.respond(far, "Of the callee", headers=headers)
    final = call.caller.final()
    assert (final.status, final.phrase) == (far, "Of the callee")
    assert final.members("Reason") == [value for name, value in headers if name == "Reason"]
    assert not call.ended(by=pb.ENDED_BY_CALLEE).termination
