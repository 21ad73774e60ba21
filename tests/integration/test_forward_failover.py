"""Targets are tried in their order: the next one on 503, a refused packet or connection, silence, an unresolved name;
never after anything else, and never once the call is being ended.

    INVITE >   INVITE > one
               < 503            (or ICMP, RST, nothing in no_answer_timeout)
               ACK >
               INVITE > two
    < 180      < 180
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.callee import UdpCallee
from harness.metrics import wait_value
from harness.server import free_port
from harness.stubs import pb
from harness.through import Through


@pytest.fixture(scope="module")
def targets():
    """Routes over the standard UDP and TCP phones, one that never answers, and places where nobody is."""
    with UdpCallee() as silent:
        closed_udp, closed_tcp = (f"sip:127.0.0.1:{free_port()};transport={kind}" for kind in ("udp", "tcp"))
        routes = {
            "two": {"targets": ["{udp}", "{tcp}"], "no_answer_timeout": "1s"},
            "closedudp": {"targets": [closed_udp, "{udp}"]},
            "closedtcp": {"targets": [closed_tcp, "{udp}"]},
            "unresolved": {"targets": ["sip:nobody.invalid;transport=udp", "{udp}"]},
            "silent": {"targets": [silent.target, "{udp}"], "no_answer_timeout": "1s"},
            "dead": {"targets": [closed_udp, closed_tcp, "sip:nobody.invalid;transport=udp"]},
            "keptfailover": {"targets": ["{udp}", "{tcp}"], "request_uri": "KEEP"},
            "three": {"targets": [closed_udp, "{tcp}", "{udp}"]},
        }
        callee_of = {"two": "udp", "closedudp": "udp", "closedtcp": "udp", "unresolved": "udp", "silent": "udp",
                     "keptfailover": "udp", "three": "tcp"}
        with Through(routes=routes, callee_of=callee_of) as through:
            through.silent = silent
            silent.server = through.server.sip("v4")
            yield through


def finish(call, ladder_before=None):
    """The target that answered carries a whole call."""
    call.ring()
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >180 >200 <ACK <BYE >200",
                        None if ladder_before is None else f"{ladder_before} >INVITE <180 <200 >ACK >BYE <200".strip())


@pytest.mark.parametrize("headers", [(), [("Retry-After", "30")]])
def test_503(targets, headers):
    call = targets.calling("two")
    first = call.callee
    first.respond(503, "Overloaded", headers=headers)
    first.expect_ack()
    call.take(at=targets.tcp)
    invite = call.callee.invite
    assert invite.call_id != first.call_id and invite.from_tag != first.invite.from_tag
    assert (invite.body, invite.one("To")) == (first.invite.body, first.invite.one("To"))
    assert int(invite.one("Max-Forwards")) == int(first.invite.one("Max-Forwards"))
    assert sip.address_of(invite.uri) == targets.tcp.address[:2]
    finish(call, ">INVITE <503 >ACK")
    found = call.get()
    assert found.callee.transport == "tcp"
    assert found.callee.sip_call_id == invite.call_id
    assert {m.status for m in call.caller.peer.received if m.call_id == call.caller.call_id} == {100, 180, 200}


@pytest.mark.parametrize("route", ["closedudp", "closedtcp", "unresolved"])
def test_what_cannot_be_reached(targets, route):
    call = targets.calling(route)
    finish(call)
    assert call.get().callee.remote_address == f"{targets.udp.host}:{targets.udp.address[1]}"


def test_silence(targets):
    """The first target never says a word: after no_answer_timeout the second is called."""
    call = targets.place("silent")
    first = targets.silent.take(call.user)
    call.take()
    assert call.callee.call_id != first.call_id
    finish(call)


@pytest.mark.parametrize("late", ["180", "200", "486"])
def test_a_late_answer_of_the_silent_target(targets, late):
    """It was given up: a 1xx gets the CANCEL that waited, a 200 its ACK and a BYE; the caller hears the second one only."""
    call = targets.place("silent")
    first = targets.silent.take(call.user)
    call.take()
    call.ring()
    first.respond(int(late), body=sip.OFFER if late == "200" else "")
    if late == "180":
        first.expect_cancelled()
    elif late == "200":
        first.expect_ack()
        first.expect_bye()
    else:
        first.expect_ack()
    call.answer()
    assert call.caller.answered.body.decode() == sip.ANSWER
    call.hang_up()
    call.expect_ladders("<INVITE >100 >180 >200 <ACK <BYE >200", None)


@pytest.mark.parametrize("status", [100, 180, 183])
def test_a_target_that_said_anything_is_not_silent(targets, status):
    """Its no_answer_timeout has passed when that of a later, silent call has."""
    call = targets.calling("two")
    call.callee.respond(status)
    later = targets.place("silent")
    targets.silent.take(later.user)
    later.take()
    assert not targets.tcp.offered(call.user)
    assert call.get().state == pb.CALL_STATE_RINGING
    call.answer()
    call.hang_up()
    later.ring()
    later.cancel()


@pytest.mark.parametrize("code", [302, 400, 404, 408, 480, 486, 487, 500, 502, 504, 600, 603])
def test_other_refusals_are_final(targets, code):
    call = targets.calling("two")
    call.callee.respond(code, contact="<sip:carol@example.com>" if code == 302 else None)
    assert call.caller.final().status == code
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)
    assert not targets.tcp.offered(call.user)
    call.expect_ladders(f"<INVITE >100 >{code} <ACK", f">INVITE <{code} >ACK")


def test_the_last_targets_refusal_is_relayed(targets):
    call = targets.calling("two")
    call.callee.respond(503)
    call.callee.expect_ack()
    call.take(at=targets.tcp)
    call.callee.respond(486, "Busy at last")
    assert call.caller.final().phrase == "Busy at last"
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <503 >ACK >INVITE <486 >ACK")


def test_503_of_every_target_is_500(targets):
    call = targets.calling("two")
    for phone in (targets.udp, targets.tcp):
        if phone is targets.tcp:
            call.take(at=phone)
        call.callee.respond(503, headers=[("Retry-After", "9")])
        call.callee.expect_ack()
    final = call.caller.final()
    assert final.status == 500 and not final.has("Retry-After"), final
    call.ended()
    call.expect_ladders("<INVITE >100 >500 <ACK", ">INVITE <503 >ACK >INVITE <503 >ACK")


def test_no_target_at_all_is_500(targets):
    call = targets.place("dead")
    final = call.caller.final()
    assert final.status == 500 and not final.has("Retry-After"), final
    call.ended()
    call.expect_ladders("<INVITE >100 >500 <ACK", None)


def test_a_dead_target_between(targets):
    """Refused, then 503, then the third rings."""
    call = targets.calling("three")
    call.callee.respond(503)
    call.callee.expect_ack()
    call.take(at=targets.udp)
    finish(call)


def test_keep_goes_on_with_the_same_request_uri(targets):
    user = f"keptfailover-{sip.token()}"
    uri = f"sip:{user}@pbx.example.com"
    call = targets.calling("keptfailover", user=user, uri=uri)
    call.callee.respond(503)
    call.callee.expect_ack()
    call.take(at=targets.tcp)
    assert call.callee.invite.uri == uri
    finish(call, ">INVITE <503 >ACK")


# Never a further target once a termination began.

def test_a_termination_while_the_first_target_is_silent(targets):
    """Its no_answer_timeout has passed when that of a later call has: nobody else was called."""
    call = targets.place("silent")
    first = targets.silent.take(call.user)
    termination = targets.api.terminate(call.name, treatment=final_response(486))
    assert call.caller.final().status == 486
    later = targets.place("silent")
    targets.silent.take(later.user)
    later.take()
    assert not targets.udp.offered(call.user)
    first.ring()
    call.callee = first
    first.expect_cancelled()
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <180 >CANCEL <200 <487 >ACK")
    later.ring()
    later.cancel()


@pytest.mark.parametrize("ender", ["adieu", "caller"])
def test_503_in_answer_to_our_cancel(targets, ender):
    call = targets.calling("two")
    call.callee.ring()
    call.caller.ring()
    termination = None
    if ender == "adieu":
        termination = targets.api.terminate(call.name, treatment=final_response(486))
    else:
        call.caller.cancel()
    assert call.caller.final().status == (486 if ender == "adieu" else 487)
    call.callee.expect_cancel(final=False)
    call.callee.respond(503)
    call.callee.expect_ack()
    if termination:
        assert call.settled(termination)["caller"] == "FINAL_RESPONSE ENDED"
    call.ended(by=pb.ENDED_BY_ADIEU if ender == "adieu" else pb.ENDED_BY_CALLER)
    assert not targets.tcp.offered(call.user)


def test_503_while_a_termination_waits_for_the_first_1xx(targets):
    call = targets.calling("two")
    termination = targets.api.terminate(call.name, treatment=final_response(486))
    assert call.caller.final().status == 486
    call.callee.respond(503)
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_ADIEU)
    assert not targets.tcp.offered(call.user)
    assert call.settled(termination)["caller"] == "FINAL_RESPONSE ENDED"
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <503 >ACK")


def test_the_callers_cancel_while_the_first_target_is_silent(targets):
    call = targets.place("silent")
    first = targets.silent.take(call.user)
    call.caller.cancel("SIP;cause=200")
    assert call.caller.final().status == 487
    later = targets.place("silent")
    targets.silent.take(later.user)
    later.take()
    assert not targets.udp.offered(call.user)
    first.ring()
    assert first.expect_cancelled().members("Reason") == ["SIP;cause=200"]
    call.ended(by=pb.ENDED_BY_CALLER)
    later.ring()
    later.cancel()


def test_failovers_are_counted_by_reason():
    name = "adieu_failover_total"
    with UdpCallee() as silent:
        routes = {"all": {"targets": [f"sip:127.0.0.1:{free_port()};transport=udp", "sip:nobody.invalid;transport=udp",
                                      silent.target,
                                      "{tcp}", "{udp}"], "no_answer_timeout": "1s"}}
        with Through(routes=routes, callee_of={"all": "tcp"}) as through:
            silent.server = through.server.sip("v4")
            call = through.calling("all")
            call.callee.respond(503)
            call.callee.expect_ack()
            call.take(at=through.udp)
            call.ring()
            call.cancel()
            for reason in ("unavailable", "unreachable", "no_answer", "unresolved"):
                wait_value(through.server.metrics, 1, name, reason=reason)
