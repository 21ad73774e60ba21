"""Caller and callee on different listeners: UDP and TCP, IPv4 and IPv6, in every pairing, each ended from each side."""

import pytest

from harness import sip
from harness.server import ipv6_works
from harness.stubs import pb

KINDS = ["udp", "tcp", "udp6", "tcp6"]
ANSWERED = "<INVITE >100 >180 >200 <ACK", ">INVITE <180 <200 >ACK"


@pytest.fixture(params=[(a, b) for a in KINDS for b in KINDS], ids="-".join)
def kinds(request):
    if any(kind.endswith("6") for kind in request.param) and not ipv6_works():
        pytest.skip("no IPv6 on this machine")
    return request.param


def check_addresses(call, caller_kind, callee_kind):
    """Via and Contact towards the callee are of the listener that it is reached from."""
    invite, peer = call.callee.invite, call.callee.peer
    via = invite.one("Via")
    assert via.startswith(f"SIP/2.0/{peer.transport} "), via
    host, port = peer.server
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    assert shown in via, via
    contact = sip.uri_of(invite.one("Contact"))
    assert sip.address_of(contact) == (host, port), contact
    if callee_kind.startswith("tcp"):
        assert "transport=tcp" in contact.lower(), contact
    if callee_kind == "udp":
        assert invite.source == (host, port), invite.source
    found = call.get()
    assert (found.caller.transport, found.callee.transport) == (caller_kind[:3], callee_kind[:3])
    assert found.callee.remote_address == f"{peer.host}:{peer.address[1]}"


@pytest.mark.parametrize("ender", ["caller", "callee", "adieu"])
def test_a_call(through, kinds, ender):
    caller_kind, callee_kind = kinds
    call = through.answered(callee_kind, caller_kind)
    check_addresses(call, caller_kind, callee_kind)
    call.end_answered(ender)
    began, ended = " <BYE >200", " >BYE <200"
    call.expect_ladders(ANSWERED[0] + (began if ender == "caller" else ended),
                        ANSWERED[1] + (began if ender == "callee" else ended))


def test_a_cancel(through, kinds):
    caller_kind, callee_kind = kinds
    call = through.ringing(callee_kind, caller_kind)
    termination = through.api.terminate(call.name, intent=pb.INTENT_ELSEWHERE)
    assert call.caller.final().status >= 400
    cancel = call.callee.expect_cancelled()
    assert cancel.members("Reason") == ['SIP;cause=200;text="Call completed elsewhere"']
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    final = call.caller.finals()[0].status
    call.expect_ladders(f"<INVITE >100 >180 >{final} <ACK", ">INVITE <180 >CANCEL <200 <487 >ACK")


def test_requests_within_the_call(through, kinds):
    """INFO each way over the dialogs that both ends made."""
    caller_kind, callee_kind = kinds
    call = through.answered(callee_kind, caller_kind)
    for one, other in ((call.caller, call.callee), (call.callee, call.caller)):
        number = one.send_request("INFO", headers=[("Content-Type", "application/dtmf-relay")], body="Signal=5\r\n")
        other.answer(other.expect_in_dialog("INFO"))
        assert one.reply_to("INFO", number).status == 200
    call.hang_up()
    call.expect_ladders(ANSWERED[0] + " <INFO >200 >INFO <200 <BYE >200", ANSWERED[1] + " >INFO <200 <INFO >200 >BYE <200")
