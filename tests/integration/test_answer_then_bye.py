"""A 200, and a BYE when the ACK is there: the SDP answer, the order, the Reason (RFC 3261 13.3.1.4, 15; RFC 3264)."""

import time

import pytest

from harness import sip
from harness.api import answer_then_bye, final_response, ladder, q850, sip_reason
from harness.stubs import pb

NORMAL = 'Q.850;cause=16;text="Normal call clearing"'

VIDEO = sip.OFFER + "m=video 49180 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
SENDONLY = sip.OFFER + "a=sendonly\r\n"
RECVONLY = sip.OFFER + "a=recvonly\r\n"
SESSION_SENDONLY = sip.OFFER.replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n")
REFUSED_STREAM = sip.OFFER + "m=video 0 RTP/AVP 97\r\n"
DYNAMIC = sip.OFFER.replace("RTP/AVP 0 8 101", "RTP/AVP 111 101") + "a=rtpmap:111 opus/48000/2\r\n"
IPV6 = sip.OFFER.replace("IN IP4 127.0.0.1", "IN IP6 ::1")
NO_LINE_END = sip.OFFER.rstrip("\r\n")
BARE_LF = sip.OFFER.replace("\r\n", "\n")
BUNDLE_LINES = sip.OFFER.replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0\r\n") + "a=mid:0\r\na=ptime:20\r\n"


def media_lines(sdp):
    return [line[2:].split() for line in sdp.splitlines() if line.startswith("m=")]


def sections(sdp):
    """The session part, then one text per m= line."""
    parts, current = [], []
    for line in sdp.splitlines():
        if line.startswith("m="):
            parts.append(current)
            current = []
        current.append(line)
    parts.append(current)
    return parts


def check_sdp(text):
    lines = text.split("\r\n")
    assert lines[-1] == "" and "\n" not in text.replace("\r\n", ""), text
    assert [line[0] for line in lines[:3]] == ["v", "o", "s"], text
    assert len(lines[1].split()) == 6, text
    assert any(line.startswith("t=") for line in lines), text


def check_answer(offer, answer):
    """RFC 3264 6: as many streams, in order; each one that was offered is held inactive, not refused."""
    check_sdp(answer)
    offered, answered = media_lines(offer), media_lines(answer)
    assert [line[0] for line in offered] == [line[0] for line in answered], answer
    assert [line[2] for line in offered] == [line[2] for line in answered], answer
    for ours, theirs, section in zip(answered, offered, sections(answer)[1:]):
        if theirs[1] == "0":
            assert ours[1] == "0", answer
            continue
        assert int(ours[1]) > 0, f"refused: {answer}"
        assert set(ours[3:]) <= set(theirs[3:]) and ours[3:], answer
        assert "a=inactive" in section or "a=inactive" in sections(answer)[0], answer
        assert not {"a=sendonly", "a=recvonly", "a=sendrecv"} & set(section), answer


def begin(peer, api, treatment=None, wait=pb.WAIT_SENT, **invite):
    call = peer.invite(**invite)
    call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, treatment=treatment or answer_then_bye(), wait=wait)
    return call, termination


@pytest.mark.parametrize("offer", [
    pytest.param(sip.OFFER, id="audio"), pytest.param(VIDEO, id="audio-video"), pytest.param(SENDONLY, id="sendonly"),
    pytest.param(RECVONLY, id="recvonly"), pytest.param(SESSION_SENDONLY, id="session-sendonly"),
    pytest.param(REFUSED_STREAM, id="port-0"), pytest.param(DYNAMIC, id="opus"), pytest.param(IPV6, id="ipv6"),
    pytest.param(NO_LINE_END, id="no-line-end"), pytest.param(BARE_LF, id="bare-lf"),
    pytest.param(BUNDLE_LINES, id="bundle")])
def test_the_answer_refuses_no_stream(peer, api, offer):
    call, termination = begin(peer, api, offer=offer)
    answered = call.final()
    assert answered.raw.startswith(b"SIP/2.0 200 OK\r\n")
    assert answered.one("Content-Type") == "application/sdp"
    assert answered.has("Contact")
    check_answer(offer, answered.body.decode())
    assert call.expect_bye().members("Reason") == [NORMAL]
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_an_invite_without_an_offer_gets_one_in_the_200(any_peer, api):
    call, termination = begin(any_peer, api, offer=None)
    answered = call.final(ack=False)
    sdp = answered.body.decode()
    check_sdp(sdp)
    assert [line[0] for line in media_lines(sdp)] == ["audio"], sdp
    call.ack(answered, body=sip.OFFER)
    call.expect_bye()
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_a_delayed_offer_whose_ack_brings_no_answer(peer, api):
    call, termination = begin(peer, api, offer=None)
    call.final()
    call.expect_bye()
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED


@pytest.mark.parametrize("content_type,body", [
    ("application/sdp", "v=0\r\nthis is no sdp"), ("application/isup;version=itu-t92+", "\x01\x02\x03"),
    ("text/plain", "hello"),
    ("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\n" + sip.OFFER + "\r\n--b--\r\n")])
def test_bodies_that_are_no_plain_offer_do_no_harm(peer, api, content_type, body):
    call = peer.invite(offer=None)
    call.cancel()
    call.final()
    other = sip.token()
    raw = peer.invite(offer=None)  # a good one beside it
    raw.ring()
    odd = type(call)(peer, call_id=other, offer=None, headers=[("Content-Type", content_type)])
    data = odd.invite_bytes().replace(b"Content-Length: 0", b"Content-Length: %d" % len(body.encode())) + body.encode()
    peer.send(data)
    first = peer.expect(other, lambda m: m.status >= 180, "180 or a refusal")
    if first.status == 180:
        name = api.find(other).name
        api.terminate(name, treatment=answer_then_bye())
        final = odd.final()
        if final.status == 200:
            check_sdp(final.body.decode())
            odd.expect_bye()
        else:
            assert final.status in (415, 488), final
    else:
        assert first.status in (400, 415, 488), first
        odd.ack(first)
    api.terminate(api.find(raw.call_id).name, treatment=final_response(480))
    assert raw.final().status == 480


def test_bye_only_after_the_ack(any_peer, api):
    call, termination = begin(any_peer, api)
    assert termination.legs[0].action == pb.LEG_ACTION_ANSWER_THEN_BYE
    assert termination.legs[0].outcome in (pb.LEG_OUTCOME_HELD, pb.LEG_OUTCOME_SENT)
    answered = call.final(ack=False)
    any_peer.expect_repeat(answered, 2)  # 200 is repeated until the ACK, on TCP too (RFC 3261 13.3.1.4)
    assert not [m for m in any_peer.inbox[call.call_id] if not m.status], "BYE before the ACK"
    call.ack(answered)
    bye = call.expect_bye()
    assert bye.members("Reason") == [NORMAL]
    settled = api.termination(termination.name, termination.call)
    assert settled.legs[0].outcome == pb.LEG_OUTCOME_ENDED
    ended = api.wait_state(termination.call, pb.CALL_STATE_TERMINATED)
    assert ended.ended_by == pb.ENDED_BY_ADIEU
    assert ended.HasField("answer_time") and ended.HasField("end_time")
    steps = ladder(ended)
    assert steps.index(("ACK", "<")) < steps.index(("BYE", ">"))
    assert steps[-1] == (200, "<")


@pytest.mark.parametrize("reasons,wire", [
    ([q850(31)], ["Q.850;cause=31"]),
    ([sip_reason(200, "Call completed elsewhere")], ['SIP;cause=200;text="Call completed elsewhere"']),
    ([sip_reason(486), q850(17, 'User "busy"')], ["SIP;cause=486", 'Q.850;cause=17;text="User \\"busy\\""']),
])
def test_bye_reasons(peer, api, reasons, wire):
    call, _ = begin(peer, api, answer_then_bye(bye_reasons=reasons))
    call.final()
    assert call.expect_bye().members("Reason") == wire


def test_bye_follows_the_record_route(peer, api):
    """The first Record-Route is the last proxy's: ours is the UAS, so its order stays (RFC 3261 12.1.1)."""
    near = f"<sip:{peer.host}:{peer.address[1]};lr>"
    call, _ = begin(peer, api, headers=[("Record-Route", near), ("Record-Route", "<sip:far.example.com;lr>")])
    answered = call.final(ack=False)
    assert answered.members("Record-Route") == [near, "<sip:far.example.com;lr>"]
    call.ack(answered)
    bye = call.expect_bye()
    assert bye.members("Route") == [near, "<sip:far.example.com;lr>"], bye


def test_the_answered_call_stays_up_as_long_as_asked(peer, api):
    call, termination = begin(peer, api, answer_then_bye(after=1))
    answered = call.final(ack=False)
    acknowledged = time.monotonic()
    call.ack(answered)
    call.expect_bye()
    assert time.monotonic() - acknowledged >= 0.95
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_the_200_waits_for_the_prack(peer, api):
    call = peer.invite(headers=[("Require", "100rel"), ("Supported", "100rel")])
    ringing = call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, treatment=answer_then_bye())
    assert termination.legs[0].outcome == pb.LEG_OUTCOME_HELD
    call.no_final()
    assert call.prack(ringing).status == 200
    call.final()
    call.expect_bye()
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_the_callers_bye_is_honoured_while_answered(any_peer, api):
    call, termination = begin(any_peer, api, answer_then_bye(after=60))
    call.final()
    assert call.bye().status == 200
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_PEER_FIRST
    ended = api.wait_state(termination.call, pb.CALL_STATE_TERMINATED)
    assert ended.ended_by == pb.ENDED_BY_CALLER
    assert ("BYE", ">") not in ladder(ended)


@pytest.mark.parametrize("method,headers,body", [
    ("INFO", [("Content-Type", "application/dtmf-relay")], "Signal=1\r\n"), ("OPTIONS", [], ""),
    ("MESSAGE", [("Content-Type", "text/plain")], "hi"), ("UPDATE", [], ""), ("FOO", [], ""),
    ("REFER", [("Refer-To", "<sip:carol@example.com>")], ""), ("NOTIFY", [("Event", "refer")], ""),
    ("SUBSCRIBE", [("Event", "dialog")], "")])
def test_every_request_in_an_answered_call_is_answered(peer, api, method, headers, body):
    call, termination = begin(peer, api, answer_then_bye(after=60))
    answered = call.final()
    answer = call.ask(method, answered, headers=[("Contact", peer.contact), *headers], body=body)
    assert answer.status >= 200
    assert call.bye().status == 200
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_PEER_FIRST


def test_a_reinvite_is_answered_and_the_call_still_ends(peer, api):
    call, termination = begin(peer, api, answer_then_bye(after=60))
    answered = call.final()
    number = call.next_cseq
    headers = [("Contact", peer.contact), ("Content-Type", "application/sdp")]
    peer.send(call.in_dialog("INVITE", answered, headers=headers, body=sip.OFFER))
    answer = call.reply_to("INVITE", number)
    assert answer.status >= 200
    if answer.status == 200:
        check_answer(sip.OFFER, answer.body.decode())
    if answer.status < 300:
        peer.send(call.in_dialog("ACK", answered, cseq=number))
    assert call.bye().status == 200
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_PEER_FIRST


def test_a_call_that_is_being_ended_is_not_ended_again(peer, api):
    call, termination = begin(peer, api, answer_then_bye(after=60))
    call.final()
    with api.refused("FAILED_PRECONDITION", "CALL_TERMINATING"):
        api.terminate(termination.call)
    assert call.bye().status == 200
