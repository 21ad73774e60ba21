"""kill -9 and the next process: answered calls go on under their names, ringing ones are let go (docs/operating.md).

    caller          Adieu            callee
      | <--- call ---> | <--- call ---> |
                       x  kill -9
                       |  the next process, on the same store
      | <------ BYE -- | -- BYE ------> |
"""

import socket
import tempfile

import pytest

from harness import metrics, sip
from harness.api import answer_then_bye, q850
from harness.mortal import Mortal
from harness.server import ipv6_works
from harness.stubs import pb
from harness.through import Through, endings, steps
from harness.wait import until

CLEARING = 'Q.850;cause=16;text="Normal call clearing"'
SIDES = pytest.mark.parametrize("side", ["caller", "callee"])


@pytest.fixture(scope="module")
def mortal():
    """A server that every test of this file kills and starts again; each ends its calls."""
    with Mortal() as started:
        yield started
        assert started.api.list(pb.CallMatch(state=pb.CALL_STATE_ANSWERED)) == []


def both(call, side):
    return (call.caller, call.callee) if side == "caller" else (call.callee, call.caller)


def recovered(call, wanted=lambda dialogs: dialogs.caller.acknowledged):
    """The call after the restart, as the API shows it; the journal had what is wanted."""
    call.through.wait_dialogs(call.name, wanted, "what the next process needs")
    call.through.die_and_rise()
    return call.get()


def answered_once_more(call, first):
    """Kills the server before it hears the ACK: the next process sends the same 200, byte for byte."""
    recovered(call, lambda dialogs: dialogs.HasField("answer") and not dialogs.caller.acknowledged)
    call.caller.peer.expect_repeat(first, call.caller.peer.repeats[first.raw] + 1)


def expect_byes(call, **arguments):
    """BYEs on both legs, checked against their dialogs. Returns the termination."""
    later = call.api.terminate_later(call.name, **arguments)
    byes = call.caller.expect_bye(), call.callee.expect_bye()
    assert [bye.all("Reason") for bye in byes] == [[CLEARING], [CLEARING]]
    return later.result()


def test_an_answered_call_is_listed_under_its_name_and_can_be_terminated(mortal):
    call = mortal.answered(headers=[("X-Kept", "as it was")])
    before = call.get()
    after = recovered(call)
    assert (after.name, after.state) == (before.name, pb.CALL_STATE_ANSWERED)
    for field in ("instance", "route", "create_time", "answer_time"):
        assert getattr(after, field) == getattr(before, field), field
    assert (after.caller, after.callee) == (before.caller, before.callee)
    assert mortal.api.find(call.caller.call_id).name == before.name
    assert mortal.api.find(call.callee.call_id).name == before.name
    assert metrics.scrape(mortal.server.metrics).value("adieu_recovered_calls_total", recovery="resumed") == 1
    assert metrics.scrape(mortal.server.metrics).value("adieu_calls", state="answered") == 1
    termination = expect_byes(call, wait=pb.WAIT_ENDED)
    assert endings(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
    ended = mortal.api.wait_state(before.name, pb.CALL_STATE_TERMINATED)
    assert (ended.ended_by, ended.termination) == (pb.ENDED_BY_ADIEU, termination.name)
    assert (steps(ended, "caller"), steps(ended, "callee")) == (">BYE <200", ">BYE <200")
    # Its end is final: the process after the next one knows nothing of it.
    until(lambda: mortal.dialogs(before.name) is None, "the call out of the journal")
    mortal.die_and_rise()
    assert mortal.api.list() == []
    assert termination.name in [known.name for known in mortal.api.terminations()]


@SIDES
def test_the_peers_own_bye_reaches_the_other_side(mortal, side):
    call = mortal.answered()
    name = recovered(call).name
    one, other = both(call, side)
    assert one.bye(reason=CLEARING).status == 200
    assert other.expect_bye().all("Reason") == [CLEARING]
    ended = mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert ended.ended_by == (pb.ENDED_BY_CALLER if side == "caller" else pb.ENDED_BY_CALLEE)
    ladders = ["<BYE >200", ">BYE <200"]
    assert [steps(ended, "caller"), steps(ended, "callee")] == (ladders if side == "caller" else ladders[::-1])


@SIDES
def test_the_dialogs_are_whole(mortal, side):
    """Requests of each kind pass in both directions, as before the crash."""
    call = mortal.answered()
    recovered(call)
    one, other = both(call, side)
    number = one.send_request("INFO", headers=[("Content-Type", "text/plain")], body="x")
    received = other.expect_in_dialog("INFO")
    assert received.body == b"x"
    other.answer(received, 200, "Understood")
    assert one.reply_to("INFO", number).phrase == "Understood"
    number = one.send_reinvite(body=sip.OFFER)
    received = other.expect_in_dialog("INVITE")
    assert received.body == sip.OFFER.encode()
    other.answer_invite(received, body=sip.ANSWER)
    answer = one.reply_to("INVITE", number)
    assert (answer.status, answer.body) == (200, sip.ANSWER.encode())
    one.ack(answer)
    other.check_in_dialog(other.expect_request("ACK"))
    number = one.send_request("UPDATE", headers=[("Contact", one.contact)])
    received = other.expect_in_dialog("UPDATE")
    other.answer(received, 200, "OK", headers=[("Contact", other.contact)])
    assert one.reply_to("UPDATE", number).status == 200
    expect_byes(call)


@SIDES
def test_tags_cseq_and_route_set_go_on(mortal, side):
    """Requests before the crash, proxies that stay in the way, a phone that moved; twice killed. check_in_dialog looks at
    Request-URI, Route, tags and CSeq of all that comes."""
    proxy = f"<sip:proxy@127.0.0.1:{mortal.caller().address[1]};lr>"
    far = "<sip:far.example.com;lr>"
    call = mortal.calling(headers=[("Record-Route", proxy), ("Record-Route", far)])
    near = f"<sip:near@127.0.0.1:{mortal.udp.address[1]};lr>"
    call.ring()
    call.answer(headers=[("Record-Route", "<sip:last.example.com;lr>"), ("Record-Route", near)])
    one, other = both(call, side)
    for dies in range(2):
        for count in range(3):
            number = one.send_request("INFO")
            other.answer(other.expect_in_dialog("INFO"))
            assert one.reply_to("INFO", number).status == 200
        other.contact = other.contact.replace("@", f"{dies}@")
        number = other.send_reinvite()
        received = one.expect_in_dialog("INVITE")
        one.answer_invite(received)
        other.ack(other.reply_to("INVITE", number))
        one.check_in_dialog(one.expect_request("ACK"))
        moved = other.contact.encode()
        recovered(call, lambda dialogs: moved in (dialogs.caller.contact, dialogs.callee.contact))
    expect_byes(call)


def test_transports(mortal):
    """The callee has TCP: the next process connects to its Contact."""
    call = mortal.answered(route="tcp")
    recovered(call)
    call.callee.peer.hang_up_connections()
    expect_byes(call)


def test_ipv6(mortal):
    if not ipv6_works():
        pytest.skip("no IPv6 on this machine")
    with Mortal(host="::1") as six:
        call = six.answered(route="udp6", caller="udp6")
        recovered(call)
        expect_byes(call)


def test_a_callee_with_digest():
    """The INVITE that was answered is the second one, with credentials: its dialog goes on from there."""
    with tempfile.NamedTemporaryFile("w") as password:
        password.write("secret")
        password.flush()
        credentials = [{"realm": "pbx.example", "username": "trunk", "password_file": password.name}]
        with Mortal(routes={"asked": {"targets": ["{udp}"], "credentials": credentials}}) as mortal:
            call = mortal.place("asked")
            first = mortal.udp.take(call.user)
            first.respond(401, "Unauthorized", headers=[
                ("WWW-Authenticate", 'Digest realm="pbx.example", nonce="n", algorithm=MD5')])
            first.expect_ack()
            call.take().ring()
            call.callee.tag = sip.token()
            call.answer()
            recovered(call)
            expect_byes(call)


# Ringing calls.


def test_ringing_phones_are_let_go(mortal):
    """The caller gets a 480 with the tag that its 180 had, and the callee a CANCEL of the INVITE that it has.

        caller          Adieu            callee
          | INVITE -----> | INVITE -------> |
          | <-------- 180 | <---------- 180 |
                          x
          | <-------- 480 | CANCEL -------> |
          | ACK --------> | <------ 200 487 |
    """
    call = mortal.calling()
    ringing = call.ring()
    name = call.name
    mortal.wait_dialogs(name, lambda dialogs: dialogs.callee.via, "the callee")
    mortal.die_and_rise()
    refusal = call.caller.final()
    assert (refusal.status, refusal.to_tag) == (480, ringing.to_tag)
    call.callee.expect_cancelled()
    ended = mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert ended.ended_by == pb.ENDED_BY_ADIEU
    until(lambda: steps(call.get(), "caller") == ">480 <ACK", "the ACK")
    assert steps(call.get(), "callee") in (">CANCEL <200 <487 >ACK", ">CANCEL <487 >ACK <200")
    assert len(call.caller.finals()) == 1


def test_a_parked_caller_is_let_go(mortal):
    call = mortal.caller().invite(user="parked")
    ringing = call.ring()
    mortal.wait_dialogs(mortal.api.find(call.call_id).name, lambda dialogs: dialogs.caller.via, "the caller")
    mortal.die_and_rise()
    refusal = call.final()
    assert (refusal.status, refusal.to_tag) == (480, ringing.to_tag)
    name = mortal.api.find(call.call_id).name
    mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)


def test_a_callee_that_answers_while_nobody_is_there_is_hung_up_on(mortal):
    """Its 200 comes to the next process, which has sent CANCEL: ACK, then BYE."""
    call = mortal.ringing()
    mortal.wait_dialogs(call.name, lambda dialogs: dialogs.callee.via, "the callee")
    mortal.die()
    call.callee.accept()
    mortal.rise()
    assert call.caller.final().status == 480
    call.callee.expect_cancel(final=False)
    call.callee.accept()
    call.callee.expect_ack()
    call.callee.expect_bye()


def test_a_caller_with_a_connection_cannot_be_told(mortal):
    """Its connection went with the process; the callee is let go all the same."""
    call = mortal.ringing(caller="tcp")
    name = call.name
    mortal.wait_dialogs(name, lambda dialogs: dialogs.callee.via, "the callee")
    mortal.die_and_rise()
    call.callee.expect_cancelled()
    ended = mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert steps(ended, "caller") == ""


# Answers without their ACK.


def test_a_caller_without_its_ack_gets_the_answer_once_more(mortal):
    """Nobody knows whether the 200 left. The callee's dialog has its ACK.

        caller          Adieu            callee
          | <-------- 200 | <---------- 200 |
                          | ACK ----------> |
                          x
          | <-------- 200 |
          | ACK --------> |
    """
    call = mortal.ringing()
    call.callee.accept()
    first = call.caller.final(ack=False)
    call.callee.expect_ack()
    answered_once_more(call, first)
    call.caller.ack(first)
    until(lambda: steps(call.get(), "caller") == ">200 <ACK", "the ACK")
    expect_byes(call)


def test_an_offer_in_the_answer_gets_its_answer(mortal):
    """The caller's ACK, which has the answer, comes to the next process; then the callee gets its own."""
    call = mortal.calling(offer="")
    call.callee.accept(body=sip.OFFER)
    first = call.caller.final(ack=False)
    assert first.body == sip.OFFER.encode()
    answered_once_more(call, first)
    call.caller.ack(first, body=sip.ANSWER)
    assert call.callee.expect_ack().body == sip.ANSWER.encode()
    expect_byes(call)


def test_a_callee_that_repeats_its_answer_gets_its_ack_once_more(mortal):
    call = mortal.answered()
    recovered(call)
    call.callee.accept()
    call.callee.expect_ack()
    expect_byes(call)


def test_answer_then_bye_goes_on(mortal):
    """A parked call that is answered for a minute: the next process hangs up at once."""
    call = mortal.caller().invite(user="parked")
    call.ring()
    treatment = answer_then_bye(after=60, bye_reasons=[q850(31)])
    termination = mortal.api.terminate(sip_call_id=call.call_id, treatment=treatment)
    assert call.final().status == 200
    name = mortal.api.find(call.call_id).name
    mortal.wait_dialogs(name, lambda dialogs: dialogs.caller.acknowledged, "the ACK")
    mortal.die_and_rise()
    assert call.expect_bye().all("Reason") == ["Q.850;cause=31"]
    ended = mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert ended.termination == termination.name
    assert termination.name in [known.name for known in mortal.api.terminations()]


def test_a_bye_without_its_answer_is_sent_once_more(mortal):
    """A termination was acknowledged, one side has not heard of it yet."""
    call = mortal.answered()
    name = call.name
    termination = mortal.api.terminate(name)
    call.caller.expect_bye()
    call.callee.expect_bye(answer=False)
    mortal.wait_dialogs(name, lambda dialogs: dialogs.ending, "the end")
    mortal.die_and_rise()
    call.callee.expect_bye()
    call.caller.expect_bye(answer=False)
    call.caller.answer(call.caller.peer.received[-1], 481, "Gone")
    ended = mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert ended.termination == termination.name
    assert termination.name in [known.name for known in mortal.api.terminations()]


# What nobody claims.

EXPIRES = 6


def test_a_session_timer_that_runs_out_ends_the_call(mortal):
    """Its two sides are silent: at the end of their session timer both get a BYE (RFC 4028)."""
    call = mortal.ringing(headers=[("Supported", "timer")])
    call.answer(headers=[("Session-Expires", f"{EXPIRES};refresher=uac")])
    name = recovered(call).name
    for end in (call.caller, call.callee):
        assert end.expect_bye().all("Reason") == ['Q.850;cause=102;text="Recovery on timer expiry"']
    assert mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED).ended_by == pb.ENDED_BY_TIMEOUT


@SIDES
def test_a_refresh_claims_the_call(mortal, side):
    """A refresh passes from side to side: then the timer is theirs again."""
    call = mortal.ringing(headers=[("Supported", "timer")])
    call.answer(headers=[("Session-Expires", f"{EXPIRES};refresher=uac")])
    recovered(call)
    one, other = both(call, side)
    number = one.send_request("UPDATE", headers=[("Contact", one.contact), ("Session-Expires", "1800;refresher=uac")])
    other.answer(other.expect_in_dialog("UPDATE"), headers=[("Contact", other.contact),
                                                            ("Session-Expires", "1800;refresher=uac")])
    assert one.reply_to("UPDATE", number).status == 200
    expect_byes(call)


def test_a_call_without_a_session_timer_ends_at_the_configured_age():
    with Mortal(config={"limits": {"recovered_calls_max_age": "1s"}}) as mortal:
        call = mortal.answered()
        recovered(call)
        call.caller.expect_bye()
        call.callee.expect_bye()


def test_a_side_that_is_gone_ends_the_call(mortal):
    """The caller hung up while nobody was there. The callee's next request finds that out."""
    call = mortal.answered()
    name = recovered(call).name
    number = call.callee.send_reinvite()
    call.caller.answer(call.caller.expect_in_dialog("INVITE"), 481, "Gone")
    assert call.callee.reply_to("INVITE", number).status == 488
    call.callee.expect_bye()
    call.caller.expect_bye()
    mortal.api.wait_state(name, pb.CALL_STATE_TERMINATED)


# The start itself.


def test_byes_that_wait_for_the_next_process_find_their_calls(mortal):
    """Phones hang up while nobody is there. Their BYEs come before the calls are taken up, and none gets a 481."""
    calls = [mortal.answered() for _ in range(20)]
    for call in calls:
        mortal.wait_dialogs(call.name, lambda dialogs: dialogs.caller.acknowledged, "the ACK")
    mortal.die()
    mortal.rise()
    numbers = [call.caller.send_request("BYE") for call in calls]
    for call, number in zip(calls, numbers):
        assert call.caller.reply_to("BYE", number).status == 200
        call.callee.expect_bye()


def test_a_call_whose_listener_is_gone_is_given_up(mortal):
    """The next process does not speak where the call was: it says so, and forgets the call."""
    with Mortal(transports=["udp"]) as other:
        call = other.answered()
        other.wait_dialogs(call.name, lambda dialogs: dialogs.caller.acknowledged, "the ACK")
        name = call.name
        other.die()
        other.listeners[0]["transports"] = ["tcp"]
        other.rise()
        assert other.api.get(name).state == pb.CALL_STATE_TERMINATED
        page = metrics.scrape(other.server.metrics)
        assert page.value("adieu_recovered_calls_total", recovery="lost") == 1


def test_a_store_in_memory_has_no_journal():
    with Through(store="memory") as forgetful:
        call = forgetful.answered()
        call.hang_up()
        page = metrics.scrape(forgetful.server.metrics)
        assert page.value("adieu_store_commit_seconds_count") == 0
        assert page.value("adieu_answers_unjournaled_total") == 0
