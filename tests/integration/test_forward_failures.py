"""What the callee refuses, the caller hears (RFC 3261 16.7), but never a 503, and never a timeout of the stack as 408.

    INVITE >    INVITE >
    < code      < code
    ACK >       ACK >
"""

import pytest

from harness import sip
from harness.callee import UdpCallee
from harness.server import free_port
from harness.stubs import pb
from harness.through import Through

CODES = [400, 402, 403, 404, 406, 408, 410, 413, 415, 416, 420, 480, 482, 483, 484, 485, 486, 487, 488, 493, 499, 500, 501,
         502, 504, 505, 513, 580, 600, 603, 604, 606, 607, 608, 699]


def refused(through, code, phrase=None, route="udp", caller="udp", contact=None, **arguments):
    """The caller's final response after the callee's. Both are acknowledged."""
    call = through.ringing(route, caller)
    call.callee.respond(code, phrase, contact=contact, **arguments)
    final = call.caller.final()
    call.callee.expect_ack()
    ended = call.ended(by=pb.ENDED_BY_CALLEE)
    assert ended.callee.last_status_code == code
    assert ended.caller.last_status_code == final.status
    call.expect_ladders(f"<INVITE >100 >180 >{final.status} <ACK", f">INVITE <180 <{code} >ACK")
    return final


@pytest.mark.parametrize("code", CODES)
def test_the_callees_refusal_is_relayed(through, code):
    final = refused(through, code, f"Own phrase of {code}")
    assert (final.status, final.phrase) == (code, f"Own phrase of {code}")
    for name in ("Reason", "Retry-After", "Warning"):
        assert not final.has(name), final


@pytest.mark.parametrize("headers,read", [
    ([("Reason", "Q.850;cause=17")], ["Q.850;cause=17"]),
    ([("Reason", 'Q.850;cause=16;text="Normal call clearing"')], ['Q.850;cause=16;text="Normal call clearing"']),
    ([("Reason", "SIP;cause=480, Q.850;cause=18")], ["SIP;cause=480", "Q.850;cause=18"]),
    ([("Reason", "SIP;cause=480"), ("Reason", 'Q.850;cause=18;text="a, b; c"')],
     ["SIP;cause=480", 'Q.850;cause=18;text="a, b; c"']),
    ([("Reason", "X-Own;cause=9;x=y")], ["X-Own;cause=9;x=y"]),
    ([("Reason", "SIP;cause=200")], ["SIP;cause=200"]),  # contradicts the code, but relay passes what came
])
def test_reasons_are_relayed_as_they_came(through, headers, read):
    assert refused(through, 480, headers=headers).members("Reason") == read


@pytest.mark.parametrize("name,value", [
    ("Retry-After", "120"), ("Retry-After", "18000;duration=3600"), ("Retry-After", "120 (I'm in a meeting)"),
    ("Warning", '399 pbx.example.com "Incompatible; see \\"logs\\""'), ("Warning", '370 a "x", 399 b "y"'),
    ("Error-Info", "<https://example.com/busy.wav>"), ("X-Own", "kept"), ("Allow", "INVITE, ACK"), ("Server", "Callee/1")])
def test_headers_of_the_refusal(through, name, value):
    final = refused(through, 486, headers=[(name, value)])
    if name not in ("Allow", "Server"):  # those are ours or theirs: RFC 7092 leaves it open
        assert final.members(name) == sip.split_list(value)


@pytest.mark.parametrize("code,header,value", [
    (415, "Accept", "application/sdp"), (420, "Unsupported", "foo, bar"), (421, "Require", "timer"), (422, "Min-SE", "3600"),
    (423, "Min-Expires", "60"), (405, "Allow", "BYE, ACK"), (608, "Call-Info", "<https://example.com/why>;purpose=jcard"),
    (488, "Warning", '304 x "Media type not available"')])
def test_headers_that_a_code_needs(through, code, header, value):
    assert set(sip.split_list(value)) <= set(refused(through, code, headers=[(header, value)]).members(header))


def test_a_body_of_a_refusal(through):
    final = refused(through, 488, body=sip.ANSWER)
    assert (final.body.decode(), final.one("Content-Type")) == (sip.ANSWER, "application/sdp")


@pytest.mark.parametrize("code", [300, 301, 302, 305, 380])
@pytest.mark.parametrize("contact", ["<sip:carol@example.com:5070;transport=tcp>;q=0.7",
                                     "<sip:a@b.example>;q=0.9, <tel:+1>;q=0.1",
                                     '"Carol" <sips:carol@example.com>'])
def test_a_redirection_is_the_callers_to_follow(through, code, contact):
    """The Contacts are the callee's, not ours; nobody else is called by us."""
    final = refused(through, code, "Over there", contact=contact)
    assert (final.status, final.phrase) == (code, "Over there")
    assert final.members("Contact") == sip.split_list(contact)


@pytest.mark.parametrize("caller", ["udp", "tcp"])
@pytest.mark.parametrize("callee", ["udp", "tcp"])
def test_over_each_transport(through, caller, callee):
    assert refused(through, 486, "Busy", callee, caller).phrase == "Busy"


@pytest.mark.parametrize("headers", [(), [("Retry-After", "5")], [("Retry-After", "0"), ("Reason", "SIP;cause=503")]])
def test_a_503_becomes_500(through, headers):
    """RFC 3261 16.7 item 6, 21.5.4: it would say that we are overloaded. No Retry-After, no second try of the target."""
    final = refused(through, 503, "Overloaded", headers=headers)
    assert final.status == 500, final
    assert not final.has("Retry-After"), final
    assert "SIP;cause=503" not in final.members("Reason"), final


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_no_target_that_can_be_reached_is_500(transport):
    """Refused by the host: known at once, no timer is waited for."""
    routes = {"closed": {"targets": [f"sip:127.0.0.1:{free_port()};transport={transport}"]}}
    with Through(routes=routes) as through:
        call = through.place("closed")
        final = call.caller.final(seconds=20)
        assert final.status == 500, final
        assert not final.has("Retry-After"), final
        assert call.ended().caller.last_status_code == 500
        call.expect_ladders("<INVITE >100 >500 <ACK", None)


def test_a_name_that_does_not_resolve_is_500():
    with Through(routes={"lost": {"targets": ["sip:nobody.invalid;transport=udp"]}}) as through:
        call = through.place("lost")
        final = call.caller.final()
        assert final.status == 500 and not final.has("Retry-After"), final
        call.expect_ladders("<INVITE >100 >500 <ACK", "")
        call.ended()


def test_a_name_is_resolved():
    listeners = [{"name": "v4", "address": "127.0.0.1:0"}]
    with UdpCallee() as phone:
        target = f"sip:localhost:{phone.address[1]};transport=udp"
        with Through(routes={"named": {"targets": [target]}}, listeners=listeners) as through:
            phone.server = through.server.sip()
            call = through.place("named")
            call.take(at=phone)
            call.callee.respond(486)
            assert call.caller.final().status == 486
            call.callee.expect_ack()
            call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <486 >ACK")


def test_the_call_is_over_before_the_caller_acknowledges(through):
    call = through.ringing()
    call.callee.respond(486)
    final = call.caller.final(ack=False)
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)
    call.caller.peer.expect_repeat(final, 2)
    call.caller.ack(final)
    call.expect_ladders("<INVITE >100 >180 >486 <ACK", ">INVITE <180 <486 >ACK")
