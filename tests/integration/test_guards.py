"""Messages that kill or harm an unguarded stack (sofia-sip of Debian 12): the server lives and answers."""

import re

import pytest

from harness import sip
from harness.api import answer_then_bye, final_response
from harness.peer import Call, TcpPeer
from harness.stubs import pb
from harness.wait import DEADLINE


def full_call(peer, api):
    """The server still does its work: a call rings, is ended, is recorded."""
    call = peer.invite()
    call.ring()
    termination = api.terminate(sip_call_id=call.call_id, treatment=final_response(486))
    assert call.final().status == 486
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def with_contact(value):
    return lambda raw: re.sub(rb"Contact: [^\r]*", b"Contact: " + value, raw)


def with_header(line):
    return lambda raw: raw.replace(b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\r\n" + line + b"\r\n")


def replacing(old, new):
    return lambda raw: raw.replace(old, new, 1)


HARMFUL = [
    ("tel contact", with_contact(b"<tel:+1>")), ("tel contact without brackets", with_contact(b"tel:+1")),
    ("mailto contact", with_contact(b"<mailto:a@b>")), ("http contact", with_contact(b"<http://example.com>")),
    ("urn contact", with_contact(b"<urn:service:sos>")), ("star contact", with_contact(b"*")),
    ("empty contact", with_contact(b"")), ("empty brackets", with_contact(b"<>")), ("sip:", with_contact(b"<sip:>")),
    ("contact without host", with_contact(b"<sip:alice@>")), ("garbage contact", with_contact(b"\xff\xfe<<>>;;;\"")),
    ("unclosed quote", with_contact(b"\"alice <sip:alice@127.0.0.1>")),
    ("two contacts, one tel", with_contact(b"<sip:alice@127.0.0.1>, <tel:+1>")),
    ("no contact", lambda raw: re.sub(rb"Contact: [^\r]*\r\n", b"", raw)),
    ("compact tel contact", lambda raw: re.sub(rb"Contact: [^\r]*", b"m: <tel:+1>", raw)),
    ("contact lrx", with_contact(b"<sip:alice@127.0.0.1;lrx>")),
    ("contact with an unknown transport", with_contact(b"<sip:alice@127.0.0.1;transport=sctp>")),
    ("contact that cannot be resolved", with_contact(b"<sip:alice@nowhere.invalid>")),
    ("sips contact", with_contact(b"<sips:alice@127.0.0.1>")),
    ("contact to port 0", with_contact(b"<sip:alice@127.0.0.1:0>")),
    ("contact to port 99999", with_contact(b"<sip:alice@127.0.0.1:99999>")),
    ("foo route", with_header(b"Record-Route: <foo:bar>")), ("tel route", with_header(b"Record-Route: <tel:+1>")),
    ("route without host", with_header(b"Record-Route: <sip:>")), ("star route", with_header(b"Record-Route: *")),
    ("empty route", with_header(b"Record-Route:")),
    ("second of two routes", with_header(b"Record-Route: <sip:127.0.0.1;lr>, <foo:bar>")),
    ("lrx route", with_header(b"Record-Route: <sip:127.0.0.1;lrx>")),
    ("lr at the very end", with_header(b"Record-Route: <sip:127.0.0.1;x;l>")),
    ("route of the request", with_header(b"Route: <foo:bar>")),
    ("maddr without value", with_header(b"Record-Route: <sip:127.0.0.1;maddr>")),
    ("transport without value", with_contact(b"<sip:alice@127.0.0.1;transport>")),
    ("transportx", with_contact(b"<sip:alice@127.0.0.1;transportx;maddrx;ttlx;methodx;userx>")),
    ("lrx in the request uri", replacing(b" SIP/2.0", b";lrx SIP/2.0")),
    ("tel request uri", lambda raw: re.sub(rb"INVITE \S+", b"INVITE tel:+1", raw)),
    ("foo request uri", lambda raw: re.sub(rb"INVITE \S+", b"INVITE foo:bar", raw)),
    ("NUL in a header", with_header(b"X: a\0b")), ("NUL in the request line", replacing(b"INVITE sip", b"INVITE\0sip")),
    ("NUL in From", replacing(b"From: <sip:", b"From: <sip:\0")),
    ("NUL in the body", replacing(b"s=-", b"s=\0\0")), ("NULs only", lambda raw: b"\0" * 500),
    ("header of 60 kB", with_header(b"X: " + b"x" * 60000)), ("3000 headers", with_header(b"\r\n".join([b"X: y"] * 3000))),
    ("3000 vias", with_header(b"\r\n".join([b"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa"] * 1200))),
    ("3000 record routes", with_header(b"Record-Route: " + b",".join([b"<sip:127.0.0.1;lr>"] * 2500))),
    ("4000 parameters", with_contact(b"<sip:alice@127.0.0.1>" + b";a=b" * 4000)),
    ("10000 folds", with_header(b"X: y" + b"\r\n z" * 10000)),
    ("content length -1", lambda raw: re.sub(rb"Content-Length: \d+", b"Content-Length: -1", raw)),
    ("content length 4294967295", lambda raw: re.sub(rb"Content-Length: \d+", b"Content-Length: 4294967295", raw)),
    ("content length too large", lambda raw: re.sub(rb"Content-Length: \d+", b"Content-Length: 9999", raw)),
    ("two content lengths", with_header(b"Content-Length: 3")),
    ("cseq too large", replacing(b"CSeq: 1 ", b"CSeq: 4294967296 ")), ("cseq -1", replacing(b"CSeq: 1 ", b"CSeq: -1 ")),
    ("cseq of another method", replacing(b"CSeq: 1 INVITE", b"CSeq: 1 BYE")),
    ("no via", lambda raw: re.sub(rb"Via: [^\r]*\r\n", b"", raw)),
    ("via of another protocol", replacing(b"SIP/2.0/UDP", b"FOO/9.9/XYZ")),
    ("via without branch", lambda raw: re.sub(rb";branch=[^\r]*", b"", raw)),
    ("no from", lambda raw: re.sub(rb"From: [^\r]*\r\n", b"", raw)),
    ("no from tag", lambda raw: re.sub(rb"(From: [^\r]*);tag=[^\r]*", rb"\1", raw)),
    ("no call-id", lambda raw: re.sub(rb"Call-ID: [^\r]*\r\n", b"", raw)),
    ("two call-ids", with_header(b"Call-ID: another")), ("two from", with_header(b"From: <sip:x@y>;tag=1")),
    ("no cseq", lambda raw: re.sub(rb"CSeq: [^\r]*\r\n", b"", raw)),
    ("max-forwards 0", replacing(b"Max-Forwards: 70", b"Max-Forwards: 0")),
    ("max-forwards garbage", replacing(b"Max-Forwards: 70", b"Max-Forwards: many")),
    ("sip 3", replacing(b"SIP/2.0\r\n", b"SIP/3.0\r\n")), ("bare LF", lambda raw: raw.replace(b"\r\n", b"\n")),
    ("no empty line", lambda raw: raw.split(b"\r\n\r\n")[0]), ("one byte", lambda raw: b"x"),
    ("keep-alive", lambda raw: b"\r\n\r\n"), ("half a line", lambda raw: raw[:20]),
    ("not UTF-8", with_header(b"User-Agent: \xff\xfe\xfd")), ("odd quotes", with_header(b"Reason: SIP;cause=1;text=\"")),
    ("replaces garbage", with_header(b"Replaces: ;;;")), ("replaces a stranger", with_header(b"Replaces: a;to-tag=b;from-tag=c")),
    ("timer required", with_header(b"Require: timer\r\nSession-Expires: 90")),
    ("session-expires garbage", with_header(b"Session-Expires: -5;;")), ("min-se garbage", with_header(b"Min-SE: x")),
    ("join", with_header(b"Join: a;to-tag=b;from-tag=c")),
    ("gzip body", with_header(b"Content-Encoding: gzip")), ("accept nothing", with_header(b"Accept: nothing/here")),
    ("answer to nothing", lambda raw: b"SIP/2.0 200 OK\r\n" + raw.partition(b"\r\n")[2]),
]


@pytest.mark.parametrize("break_it", [pytest.param(row[1], id=row[0]) for row in HARMFUL])
def test_one_invite(any_udp_or_tcp, api, break_it):
    """Sent, then cancelled, ended and answered as if it were a good one: whatever it was, the server lives."""
    peer = any_udp_or_tcp
    call = Call(peer)
    raw = break_it(call.invite_bytes())
    peer.send(raw[:65000])
    # Where it was taken as a call, end it the hard way: 200, ACK, BYE to whatever its Contact says.
    with_peer_like_it(peer, api, call)


def with_peer_like_it(peer, api, call):
    fresh = type(peer)(peer.server)  # a broken stream may be closed by the server
    with fresh:
        assert fresh.options().status == 200
        for found in api.by_call_id(call.call_id):
            if found.state != pb.CALL_STATE_RINGING:
                continue
            try:
                api.terminate(found.name, treatment=answer_then_bye())
                peer.options()  # the 200 is older than the answer to this
                answered = peer.expect(call.call_id, lambda m: m.status == 200 and m.method == "INVITE", "200", seconds=0)
                call.ack(answered)
            except AssertionError:
                pass  # the answer went where its Via or Contact says
        full_call(fresh, api)


@pytest.fixture(params=["udp", "tcp"])
def any_udp_or_tcp(request, server):
    from harness.peer import UdpPeer
    with (UdpPeer if request.param == "udp" else TcpPeer)(server.sip("v4")) as caller:
        yield caller


@pytest.mark.parametrize("contact", ["<tel:+1>", "<mailto:a@b>", "<http://example.com>", "<urn:service:sos>", "*",
                                     "<sip:>"])
def test_bad_contacts_are_refused(any_udp_or_tcp, api, contact):
    call = any_udp_or_tcp.invite(contact=contact)
    refused = call.final()
    assert refused.status == 400, refused
    assert not api.by_call_id(call.call_id)


@pytest.mark.parametrize("route", ["<foo:bar>", "<tel:+1>", "<sip:127.0.0.1;lr>, <foo:bar>"])
def test_bad_record_routes_are_refused(any_udp_or_tcp, api, route):
    call = any_udp_or_tcp.invite(headers=[("Record-Route", route)])
    refused = call.final()
    assert refused.status == 400, refused
    assert not api.by_call_id(call.call_id)


@pytest.mark.parametrize("parameter", ["lrx", "maddrx=1", "transportx", "x;l", "lr"])
def test_url_parameters_are_read_to_their_end_and_no_further(peer, api, parameter):
    """D4b: the library's own reader runs past the end of the last parameter."""
    route = f"<sip:{peer.host}:{peer.address[1]};{parameter}>"
    call = peer.invite(headers=[("Record-Route", route)])
    first = peer.expect(call.call_id, lambda m: m.status >= 180, "180 or a refusal")
    if first.status == 180:
        api.terminate(sip_call_id=call.call_id, treatment=answer_then_bye())
        call.final()
        peer.expect(call.call_id, lambda m: m.method == "BYE" and not m.status, "BYE")
    full_call(peer, api)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("contact", ["<tel:+1>", "*", "<foo:bar>"])
def test_a_target_refresh_with_a_bad_contact(peer, api, method, contact):
    """The dialog's target must not become what no BYE can be sent to (RFC 3261 12.2.2)."""
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    api.terminate(name, treatment=answer_then_bye(after=60))
    answered = call.final()
    number = call.next_cseq
    peer.send(call.in_dialog(
        method, answered, headers=[("Contact", contact), ("Content-Type", "application/sdp")], body=sip.OFFER))
    answer = call.reply_to(method, number)
    assert answer.status >= 400, answer
    if method == "INVITE":
        peer.send(call.in_dialog("ACK", answered, cseq=number))
    assert call.bye().status == 200
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    full_call(peer, api)


def test_a_second_message_with_a_huge_content_length(server, api):
    """The stream's first message is good; the second one's length must not be believed."""
    for length in (b"4294967295", b"4294967294", b"2147483648", b"99999999999999999999", b"-1", b"0x10", b"1e9"):
        with TcpPeer(server.sip("v4")) as peer:
            call = peer.invite()
            call.ring()
            second = re.sub(rb"Content-Length: \d+", b"Content-Length: " + length, Call(peer).invite_bytes())
            peer.send(second)
            with TcpPeer(server.sip("v4")) as other:
                assert other.options().status == 200
            name = api.find(call.call_id).name
            api.terminate(name, treatment=final_response(486))
            api.wait_state(name, pb.CALL_STATE_TERMINATED)


def test_a_stream_that_never_ends_its_header(server, api):
    with TcpPeer(server.sip("v4")) as peer, TcpPeer(server.sip("v4")) as other:
        peer.send(b"INVITE sip:bob@127.0.0.1 SIP/2.0\r\n")
        try:
            for _ in range(200):
                peer.send(b"X: " + b"x" * 16000 + b"\r\n")
        except OSError:
            pass  # the server had enough
        assert other.options().status == 200
        full_call(other, api)


def test_messages_cut_anywhere_on_a_stream(server, api):
    with TcpPeer(server.sip("v4")) as peer:
        call = Call(peer)
        raw = call.invite_bytes()
        for i in range(0, len(raw), 7):
            peer.send(raw[i:i + 7])
        call.ring()
        other = Call(peer)
        peer.send(b"\r\n\r\n" + other.invite_bytes() + call.cancel_bytes() + b"\r\n")
        other.ring()
        assert call.reply_to("CANCEL").status == 200
        assert call.final().status == 487
        full_call(peer, api)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_refer_is_refused_and_its_handle_does_no_harm(server, api, transport):
    """D1: the library's own NOTIFY for a REFER used to meet a destroyed handle."""
    from harness.peer import UdpPeer
    with (UdpPeer if transport == "udp" else TcpPeer)(server.sip("v4")) as peer:
        for _ in range(50):
            call_id = sip.token()
            peer.send(sip.request("REFER", f"sip:bob@{peer.server_host}", [
                ("Via", peer.via(sip.branch())), ("Max-Forwards", "70"), ("From", f"<sip:a@{peer.host}>;tag=a"),
                ("To", f"<sip:bob@{peer.server_host}>"), ("Call-ID", call_id), ("CSeq", "1 REFER"),
                ("Contact", peer.contact), ("Refer-To", "<sip:carol@example.com>")]))
            answer = peer.expect(call_id, lambda m: m.status >= 200, "answer to REFER")
            assert answer.status in (405, 501, 603), answer
        peer.options()
        assert not [m for m in peer.received if not m.status], "no NOTIFY"
        full_call(peer, api)


def test_the_phrase_is_what_was_asked_for_even_when_it_is_repeated_late(peer, api):
    """D4: the library keeps the phrase by pointer. Many calls, own phrases, each retransmitted."""
    calls = []
    for i in range(100):
        call = peer.invite()
        call.ring()
        phrase = f"Phrase number {i} " + "x" * (i % 60)
        api.terminate(sip_call_id=call.call_id, treatment=final_response(480, phrase))
        calls.append((call, phrase))
    for call, phrase in calls:
        final = call.final(ack=False)
        assert final.start_line == f"SIP/2.0 480 {phrase}"
        peer.expect_repeat(final)
        call.ack(final)
    statuses = {m.start_line for m in peer.received if m.status == 480}
    assert statuses == {f"SIP/2.0 480 {phrase}" for _, phrase in calls}


def test_update_and_bye_pending_together(peer, api):
    """D3: two unanswered in-dialog requests, one a BYE."""
    for _ in range(10):
        call = peer.invite()
        call.ring()
        name = api.find(call.call_id).name
        api.terminate(name, treatment=answer_then_bye(after=60))
        answered = call.final()
        update = call.in_dialog("UPDATE", answered, headers=[("Contact", peer.contact)])
        bye = call.in_dialog("BYE", answered)
        peer.send(update)
        peer.send(bye)
        assert call.reply_to("BYE").status == 200
        assert call.reply_to("UPDATE").status >= 200
        api.wait_state(name, pb.CALL_STATE_TERMINATED, DEADLINE)
    full_call(peer, api)
