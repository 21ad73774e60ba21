"""Session timers (RFC 4028) are between the end points: negotiated, refused and refreshed through us, untouched."""

import pytest

from harness import sip
from harness.stubs import pb

OFFERED = [("Supported", "timer, 100rel"), ("Session-Expires", "1800;refresher=uac"), ("Min-SE", "120")]


def test_negotiated_end_to_end(through):
    call = through.calling(headers=OFFERED)
    invite = call.callee.invite
    assert "timer" in invite.members("Supported"), invite
    assert (invite.one("Session-Expires"), invite.one("Min-SE")) == ("1800;refresher=uac", "120")
    call.callee.accept(headers=[("Require", "timer"), ("Session-Expires", "900;refresher=uac"), ("Supported", "timer")])
    answered = call.caller.final()
    assert answered.one("Session-Expires") == "900;refresher=uac"
    assert "timer" in answered.members("Require"), answered
    assert not answered.has("Min-SE")
    call.callee.expect_ack()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >200 <ACK <BYE >200", ">INVITE <200 >ACK >BYE <200")


def test_nothing_is_added(through):
    """Neither side asked: no timer, and nothing that looks like one."""
    call = through.answered()
    for message in (call.callee.invite, call.caller.answered):
        for name in ("Session-Expires", "Min-SE"):
            assert not message.has(name), message
        assert "timer" not in message.members("Require"), message
    call.hang_up()


@pytest.mark.parametrize("expires", ["5", "89", "90;refresher=uas", "4294967295"])
def test_an_interval_is_not_ours_to_refuse(through, expires):
    call = through.calling(headers=[("Supported", "timer"), ("Session-Expires", expires)])
    assert call.callee.invite.one("Session-Expires") == expires
    call.callee.respond(422, headers=[("Min-SE", "3600")])
    refused = call.caller.final()
    call.callee.expect_ack()
    assert refused.status == 422 and refused.one("Min-SE") == "3600"
    call.ended(by=pb.ENDED_BY_CALLEE)
    # RFC 4028 7.3: the same Call-ID and From tag, CSeq one higher.
    again = through.calling(user=call.user, call_id=call.caller.call_id, from_tag=call.caller.from_tag, cseq=2,
                            headers=[("Supported", "timer"), ("Session-Expires", "3600"), ("Min-SE", "3600")])
    assert again.callee.invite.one("Session-Expires") == "3600"
    assert again.callee.call_id != call.callee.call_id
    again.callee.accept()
    again.caller.final()
    again.callee.expect_ack()
    assert again.caller.bye().status == 200
    again.callee.expect_bye()


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
@pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])
def test_a_refresh(through, way, method):
    call = through.answered(headers=OFFERED)
    one, other = (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)
    number = one.send_reinvite(method=method, headers=[("Supported", "timer"), ("Session-Expires", "1800;refresher=uac")])
    received = other.expect_in_dialog(method)
    assert received.one("Session-Expires") == "1800;refresher=uac"
    assert received.body.decode() == sip.OFFER
    other.answer_invite(received, headers=[("Session-Expires", "1800;refresher=uac"), ("Require", "timer")])
    answer = one.reply_to(method, number)
    assert answer.one("Session-Expires") == "1800;refresher=uac"
    assert "timer" in answer.members("Require"), answer
    if method == "INVITE":
        one.ack(answer)
        other.expect_in_dialog("ACK")
    call.hang_up()
