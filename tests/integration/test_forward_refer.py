"""Transfers: REFER and its NOTIFY within a call (RFC 3515), Replaces translated between the legs (RFC 3891).

    one                Adieu              other
      REFER ----------->  REFER ----------->          or 603 by us, and the call lives on
      <------------ 202  <------------- 202
      <--------- NOTIFY  <---------- NOTIFY
"""

import pytest

from harness import sip
from harness.stubs import pb

WAYS = pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])
NOTIFY = [("Event", "refer"), ("Content-Type", "message/sipfrag;version=2.0")]


def ends(call, way):
    return (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)


def refer(call, one, other, target="<sip:carol@example.com>", headers=()):
    """Sends it. Returns (the REFER at the other end or None, our answer when it was refused)."""
    number = one.send_request("REFER", headers=[("Refer-To", target), ("Contact", one.contact), *headers])
    one.peer.options()
    other.peer.options()
    if any(m.method == "REFER" and not m.status for m in other.peer.inbox[other.call_id]):
        return other.expect_in_dialog("REFER"), number
    return None, number


@WAYS
@pytest.mark.parametrize("target", ["<sip:carol@example.com>", "<sip:carol@example.com;method=INVITE>",
                                    '"Carol" <tel:+4930123>'])
def test_refer_within_a_call(through, way, target):
    call = through.answered()
    one, other = ends(call, way)
    received, number = refer(call, one, other, target, headers=[("Referred-By", "<sip:one@example.com>")])
    if received is None:
        assert one.reply_to("REFER", number).status == 603
    else:
        assert received.one("Refer-To") == target
        assert received.one("Referred-By") == "<sip:one@example.com>"
        other.answer(received, 202, "Accepted", headers=[("Contact", other.contact)])
        assert one.reply_to("REFER", number).status == 202
        for fragment, state in (("SIP/2.0 100 Trying\r\n", "active;expires=60"),
                                ("SIP/2.0 200 OK\r\n", "terminated;reason=noresource")):
            asked = other.send_request(
                "NOTIFY", headers=[*NOTIFY, ("Subscription-State", state), ("Contact", other.contact)], body=fragment)
            notify = one.expect_in_dialog("NOTIFY")
            assert (notify.body.decode(), notify.one("Event").split(";")[0]) == (fragment, "refer")
            one.answer(notify)
            assert other.reply_to("NOTIFY", asked).status == 200
    one.none_of("BYE")
    other.none_of("BYE")
    assert call.get().state == pb.CALL_STATE_ANSWERED
    finish(call)


def finish(call):
    """The caller hangs up. A NOTIFY that ends a subscription may still come."""
    assert call.caller.bye().status == 200
    bye = call.callee.expect_request("BYE")
    call.callee.answer(bye)
    call.ended(by=pb.ENDED_BY_CALLER)


@WAYS
@pytest.mark.parametrize("code", [404, 405, 488, 501, 603])
def test_a_refer_that_the_other_refuses(through, way, code):
    call = through.answered()
    one, other = ends(call, way)
    received, number = refer(call, one, other)
    if received is not None:
        other.answer(received, code, "No")
    refused = one.reply_to("REFER", number)
    assert refused.status >= 400
    if code != 404:  # 404 may end the dialog (RFC 5057): test_forward_lost_dialogs.py
        one.none_of("BYE")
        finish(call)


def test_refer_outside_a_call_is_405(through):
    peer = through.caller()
    call_id = sip.token()
    peer.send(sip.request("REFER", f"sip:udp-x@{peer.server_host}", [
        ("Via", peer.via(sip.branch())), ("Max-Forwards", "70"), ("From", f"<sip:a@{peer.host}>;tag=a"),
        ("To", f"<sip:udp-x@{peer.server_host}>"), ("Call-ID", call_id), ("CSeq", "1 REFER"), ("Contact", peer.contact),
        ("Refer-To", "<sip:carol@example.com>")]))
    assert peer.expect(call_id, lambda m: m.status >= 200, "answer to REFER").status == 405


@pytest.mark.parametrize("flag", ["", ";early-only"])
@pytest.mark.parametrize("of", ["caller", "callee"])
def test_replaces_is_translated(through, of, flag):
    """An INVITE replaces a call that passes through us: the phone that gets it must know the dialog as its own.

    The name of the dialog is that of one leg: Call-ID, the tag of the phone there and ours.
    """
    call = through.answered()
    if of == "caller":
        # The phone at the callee's side gets it; the INVITE names the caller's leg, as the caller knows it.
        named, own = call.caller, call.callee
        value = f"{named.call_id};to-tag={named.answered.to_tag};from-tag={named.from_tag}{flag}"
        wanted = (own.call_id, own.tag, own.invite.from_tag)
    else:
        # The other way round: the INVITE names the callee's leg, as the callee knows it.
        named, own = call.callee, call.caller
        value = f"{named.call_id};to-tag={named.invite.from_tag};from-tag={named.tag}{flag}"
        wanted = (own.call_id, own.from_tag, own.answered.to_tag)
    transfer = through.calling(headers=[("Replaces", value)])
    sent = transfer.callee.invite.one("Replaces")
    call_id, *parameters = sent.split(";")
    tags = dict(p.strip().partition("=")[::2] for p in parameters)
    assert (call_id.strip(), tags["to-tag"], tags["from-tag"]) == wanted, sent
    assert ("early-only" in tags) == bool(flag)
    transfer.answer()
    call.hang_up()
    transfer.hang_up()


def test_replaces_of_a_stranger_passes_as_it_is(through):
    value = "425928@bobster.example.org;to-tag=7743;from-tag=6472"
    call = through.calling(headers=[("Replaces", value)])
    assert call.callee.invite.one("Replaces") == value
    call.callee.respond(481, "No such call")
    assert call.caller.final().status == 481
    call.callee.expect_ack()
    call.expect_ladders("<INVITE >100 >481 <ACK", ">INVITE <481 >ACK")
