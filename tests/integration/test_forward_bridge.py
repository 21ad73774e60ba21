"""A call passes through: what the callee answers reaches the caller in order, and bodies byte for byte (RFC 3261 13).

    caller            Adieu            callee
      INVITE ---------->  INVITE -------->
      <---------- 100
      <---------- 1xx  <-------------- 1xx     with their phrases, bodies and headers
      <---------- 200  <-------------- 200
      ACK ------------->  ACK ---------->
"""

import pytest

from harness import sip
from harness.stubs import pb

RANG = "<INVITE >100 >180", ">INVITE <180"
NORMAL = 'Q.850;cause=16;text="Normal call clearing"'
EARLY = sip.ANSWER.replace("49180", "49190")


def test_every_progress_in_order_with_its_own_phrase(through):
    """100 stays on its hop; 180, 183 with SDP, 180, 200 pass, with the same To tag and our Contact."""
    call = through.calling()
    caller, callee = call.caller, call.callee
    callee.respond(100, "Trying here")
    seen = []
    for status, phrase, body in ((180, "Ringing over there", ""), (183, "Listen: Ünïcode", EARLY),
                                 (180, "Still ringing", ""),
                                 (182, "2 in the queue", ""), (181, "Moved on", "")):
        callee.respond(status, phrase, body=body)
        response = caller.expect(status)
        assert (response.phrase, response.body.decode()) == (phrase, body)
        if body:
            assert response.one("Content-Type") == "application/sdp"
        seen.append(response)
    callee.accept(phrase="At last")
    answered = caller.final()
    assert (answered.status, answered.phrase, answered.body.decode()) == (200, "At last", sip.ANSWER)
    seen.append(answered)
    callee.expect_ack()
    assert len({response.to_tag for response in seen}) == 1
    assert callee.tag not in {response.to_tag for response in seen}
    for response in seen:
        host, port = caller.peer.server
        assert sip.address_of(sip.uri_of(response.one("Contact"))) == (host, port), response
    assert caller.expect(100).phrase == "Trying"
    call.hang_up()
    call.expect_ladders("<INVITE >100 >180 >183 >180 >182 >181 >200 <ACK <BYE >200",
                        ">INVITE <100 <180 <183 <180 <182 <181 <200 >ACK >BYE <200")
    ladder = [m.reason_phrase for m in call.get().messages if m.side == pb.LEG_SIDE_CALLER and m.status_code == 183]
    assert ladder == ["Listen: Ünïcode"]


def test_an_answer_without_any_progress(through):
    call = through.calling()
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >200 <ACK <BYE >200", ">INVITE <200 >ACK >BYE <200")


def test_nothing_rings_at_the_caller_before_the_callee_does(through):
    """A forwarded call has no 180 of ours."""
    call = through.calling()
    call.callee.respond(100)
    call.caller.no_final()
    assert {m.status for m in call.caller.peer.received if m.call_id == call.caller.call_id} == {100}
    call.ring()
    call.cancel()
    call.expect_ladders(("<INVITE >100 >180 <CANCEL >200 >487 <ACK", "<INVITE >100 >180 <CANCEL >487 >200 <ACK"),
                        ">INVITE <100 <180 >CANCEL <200 <487 >ACK")


BINARY = b"\x00\x01\xff\xfe\r\n\r\n\x00end"
BODIES = [
    pytest.param("application/sdp", sip.OFFER.encode(), id="sdp"),
    pytest.param("application/sdp", sip.OFFER.replace("\r\n", "\n").encode(), id="bare-lf"),
    pytest.param("application/sdp", sip.OFFER.rstrip().encode(), id="no-line-end"),
    pytest.param("application/sdp", sip.OFFER.replace("s=-", "s=Gr\u00fc\u00dfe").encode("latin-1"), id="latin-1"),
    pytest.param("application/sdp", b"this is no sdp", id="no-sdp"),
    pytest.param("application/isup;version=itu-t92+;base=itu-t92+", bytes(range(256)), id="isup"),
    pytest.param("text/plain;charset=\"utf-8\"", "h\u00e9llo".encode(), id="text"),
    pytest.param("application/x-nobody-knows", b"\0", id="one-nul"),
    pytest.param("multipart/mixed;boundary=\"=_b\"", b"--=_b\r\nContent-Type: application/sdp\r\n\r\n" + sip.OFFER.encode()
                 + b"\r\n--=_b\r\nContent-Type: application/isup\r\n\r\n" + BINARY + b"\r\n--=_b--\r\n", id="multipart"),
    pytest.param("application/sdp", sip.OFFER.encode() + b"a=long:" + b"x" * 6000 + b"\r\n", id="7-kB"),
]


@pytest.mark.parametrize("content_type,body", BODIES)
def test_bodies_pass_byte_for_byte_both_ways(through, content_type, body):
    """The body of the INVITE, and the same one back in the 183 and in the 200."""
    call = through.calling(offer=body, content_type=content_type)
    caller, callee = call.caller, call.callee
    assert (callee.invite.body, callee.invite.one("Content-Type")) == (body, content_type)
    callee.respond(183, body=body, content_type=content_type)
    progress = caller.expect(183)
    assert (progress.body, progress.one("Content-Type")) == (body, content_type)
    callee.accept(body=body, content_type=content_type)
    answered = caller.final()
    assert (answered.body, answered.one("Content-Type")) == (body, content_type)
    callee.expect_ack()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >183 >200 <ACK <BYE >200", ">INVITE <183 <200 >ACK >BYE <200")


def test_what_describes_a_body_passes_with_it(through):
    about = [("MIME-Version", "1.0"), ("Content-Disposition", "session;handling=required"), ("Content-Language", "de"),
             ("Content-ID", "<a@b>")]
    call = through.calling(headers=about)
    for name, value in about:
        assert call.callee.invite.all(name) == [value]
    call.callee.accept(headers=about)
    answered = call.caller.final()
    for name, value in about:
        assert answered.all(name) == [value]
    call.callee.expect_ack()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >200 <ACK <BYE >200", ">INVITE <200 >ACK >BYE <200")


@pytest.mark.parametrize("answer", [sip.ANSWER, sip.ANSWER.replace("\r\n", "\n"), ""], ids=["sdp", "bare-lf", "none"])
def test_a_delayed_offer(through, answer):
    """RFC 3261 13.2.1: the offer is in the 200, the answer in the ACK. The callee's ACK waits for it.

        INVITE (no SDP) >  INVITE (no SDP) >
        < 200 offer        < 200 offer
        ACK answer >       ACK answer >
    """
    call = through.ringing(offer=None)
    caller, callee = call.caller, call.callee
    assert callee.invite.body == b"" and not callee.invite.has("Content-Type")
    callee.accept(body=sip.OFFER)
    answered = caller.final(ack=False)
    assert answered.body.decode() == sip.OFFER
    callee.none_of("ACK")
    caller.ack(answered, body=answer)
    ack = callee.expect_ack()
    assert ack.body.decode() == answer
    assert ack.all("Content-Type") == (["application/sdp"] if answer else [])
    call.hang_up()
    call.expect_ladders(RANG[0] + " >200 <ACK <BYE >200", RANG[1] + " <200 >ACK >BYE <200")


def test_the_answer_to_an_offer_is_acknowledged_at_once(through):
    """The offer was in the INVITE: the callee need not wait for the caller's ACK."""
    call = through.ringing()
    call.callee.accept()
    answered = call.caller.final(ack=False)
    call.callee.expect_ack()
    assert call.get().state == pb.CALL_STATE_ANSWERED
    call.caller.ack(answered)
    call.hang_up()
    call.expect_ladders(RANG[0] + " >200 <ACK <BYE >200", RANG[1] + " <200 >ACK >BYE <200")


@pytest.mark.parametrize("who,reason", [
    ("caller", NORMAL), ("caller", "SIP;cause=200"), ("callee", NORMAL), ("callee", 'X;cause=1;text="a, b"'),
    ("caller", None), ("callee", None)])
def test_a_bye_passes_with_its_reason(through, who, reason):
    """Without a Reason of the peer's, the other side gets none or that of a normal end."""
    call = through.answered()
    one, other = (call.caller, call.callee) if who == "caller" else (call.callee, call.caller)
    number = one.send_request("BYE", headers=[("Reason", reason)] if reason else ())
    assert one.reply_to("BYE", number).status == 200
    bye = other.expect_bye()
    assert bye.members("Reason") in ([[reason]] if reason else [[], [NORMAL]]), bye
    call.ended(by=pb.ENDED_BY_CALLER if who == "caller" else pb.ENDED_BY_CALLEE)
    began, ended = " <BYE >200", " >BYE <200"
    call.expect_ladders(RANG[0] + " >200 <ACK" + (began if who == "caller" else ended),
                        RANG[1] + " <200 >ACK" + (ended if who == "caller" else began))


def test_many_calls_at_once_do_not_mix(through):
    """30 calls in disorder: each caller hears its own callee."""
    calls = [through.place(from_user=f"caller{i}") for i in range(30)]
    for call in reversed(calls):
        call.take()
        call.callee.ring(headers=[("X-Who", call.user)])
    for call in calls:
        assert call.caller.ring().one("X-Who") == call.user
    for i, call in enumerate(calls):
        if i % 3 == 0:
            call.callee.respond(486)
            assert call.caller.final().status == 486
            call.callee.expect_ack()
        elif i % 3 == 1:
            call.cancel()
        else:
            call.answer()
            call.hang_up()
    by = {0: pb.ENDED_BY_CALLEE, 1: pb.ENDED_BY_CALLER, 2: pb.ENDED_BY_CALLER}
    for i, call in enumerate(calls):
        call.ended(by=by[i % 3])
