"""A call is held ringing, and what a UAS owes its peers meanwhile (RFC 3261 8.2, 9.2, 13.3.1.1, 15.1.2; RFC 3262)."""

import pytest

from harness import sip
from harness.api import ladder
from harness.stubs import pb


def test_100_then_180_with_tag_and_contact(any_peer, api):
    call = any_peer.invite(user="park", from_user="alice")
    call.expect(100)
    ringing = call.ring()
    assert ringing.start_line == "SIP/2.0 180 Ringing"
    assert ringing.to_tag
    assert not ringing.has("RSeq")
    assert not ringing.has("Require")
    contact = sip.uri_of(ringing.one("Contact"))
    host, port = any_peer.server
    assert f"{host}" in contact and f":{port}" in contact, ringing

    listed = api.find(call.call_id)
    assert listed.name.startswith("calls/")
    assert listed.state == pb.CALL_STATE_RINGING
    assert listed.caller.state == pb.CALL_STATE_RINGING
    assert listed.caller.last_status_code == 180
    assert listed.caller.from_uri == f"sip:alice@{any_peer.host}"
    assert listed.caller.to_uri == f"sip:park@{any_peer.server_host}"
    assert listed.caller.request_uri == call.uri
    assert listed.caller.user_agent == "FooPhone/1.0"
    assert listed.caller.transport == any_peer.transport.lower()
    assert listed.caller.remote_address == f"{any_peer.host}:{any_peer.address[1]}"
    assert not listed.HasField("callee")
    assert listed.HasField("create_time") and not listed.HasField("answer_time") and not listed.HasField("end_time")
    assert listed.ended_by == pb.ENDED_BY_UNSPECIFIED
    assert not listed.messages, "ListCalls has no ladder"
    assert ladder(api.get(listed.name)) == [("INVITE", "<"), (100, ">"), (180, ">")]


def test_headers_of_the_invite_are_shown_without_credentials(peer, api):
    call = peer.invite(headers=[
        ("X-Account", "4711"), ("Authorization", 'Digest username="alice", realm="r", response="1"'),
        ("Proxy-Authorization", 'Digest username="alice", realm="r", response="2"'),
        ("Identity", "eyJhbGciOiJFUzI1NiJ9..abc;info=<https://cert.example/c.pem>"), ("X-Long", "y" * 400)])
    call.ring()
    headers = {header.name.lower(): header.value for header in api.find(call.call_id).caller.headers}
    assert headers["x-account"] == "4711"
    assert headers["x-long"] == "y" * 256
    for hidden in ("authorization", "proxy-authorization", "identity", "via", "from", "contact", "content-type"):
        assert hidden not in headers


def test_required_100rel_makes_the_180_reliable(any_peer, api):
    call = any_peer.invite(headers=[("Require", "100rel"), ("Supported", "100rel")])
    ringing = call.ring()
    assert "100rel" in ringing.members("Require"), ringing
    assert int(ringing.one("RSeq")) >= 1
    any_peer.expect_repeat(ringing)  # RFC 3262 3: until the PRACK
    answer = call.prack(ringing)
    assert answer.status == 200, answer
    steps = ladder(api.get(api.find(call.call_id).name))
    assert ("PRACK", "<") in steps and steps[-1] == (200, ">")


def test_a_prack_that_matches_nothing_is_refused(peer):
    call = peer.invite(headers=[("Require", "100rel"), ("Supported", "100rel")])
    ringing = call.ring()
    wrong = call.ask("PRACK", ringing, headers=[("RAck", f"{int(ringing.one('RSeq')) + 7} {call.cseq} INVITE")])
    assert wrong.status == 481, wrong
    assert call.prack(ringing).status == 200


def test_supported_100rel_alone_gets_a_plain_180(peer):
    call = peer.invite(headers=[("Supported", "100rel, timer")])
    ringing = call.ring()
    assert not ringing.has("RSeq") and not ringing.has("Require")


def test_options_is_answered(any_peer):
    answer = any_peer.options()
    assert answer.status == 200, answer
    allowed = answer.members("Allow")
    assert {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK"} <= set(allowed), answer
    assert "REFER" not in allowed and "SUBSCRIBE" not in allowed


@pytest.mark.parametrize("method", ["FOO", "REGISTER", "PUBLISH", "SUBSCRIBE", "REFER"])
def test_other_methods_are_refused(peer, method):
    call_id = sip.token()
    headers = [("Via", peer.via(sip.branch())), ("Max-Forwards", "70"),
               ("From", f"<sip:alice@{peer.host}>;tag=a"), ("To", f"<sip:bob@{peer.server_host}>"),
               ("Call-ID", call_id), ("CSeq", f"1 {method}"), ("Contact", peer.contact), ("Event", "presence"),
               ("Refer-To", "<sip:carol@example.com>")]
    peer.send(sip.request(method, f"sip:bob@{peer.server_host}", headers))
    answer = peer.expect(call_id, lambda m: m.status >= 200, f"answer to {method}")
    assert answer.status in (405, 489, 501), answer
    if answer.status == 405:
        assert "INVITE" in answer.members("Allow")


def test_unknown_extension_is_refused(peer, api):
    call = peer.invite(headers=[("Require", "foo")])
    refused = call.final()
    assert refused.status == 420
    assert refused.members("Unsupported") == ["foo"]


def test_cancel(any_peer, api):
    call = any_peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    call.cancel()
    assert call.reply_to("CANCEL").status == 200
    assert call.final().status == 487
    ended = api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert ended.ended_by == pb.ENDED_BY_CALLER
    assert ended.termination == ""
    assert ended.HasField("end_time")
    assert ended.caller.last_status_code == 487


def test_cancel_in_the_same_breath_as_the_invite(peer, api):
    call = peer.invite()
    call.cancel()
    assert call.reply_to("CANCEL").status == 200
    assert call.final().status == 487


def test_bye_in_the_early_dialog_ends_the_call(peer, api):
    call = peer.invite()
    ringing = call.ring()
    name = api.find(call.call_id).name
    assert call.ask("BYE", ringing).status == 200
    assert call.final().status == 487
    assert api.wait_state(name, pb.CALL_STATE_TERMINATED).ended_by == pb.ENDED_BY_CALLER


@pytest.mark.parametrize("method", ["BYE", "CANCEL", "INVITE", "UPDATE", "INFO", "PRACK"])
def test_requests_for_unknown_calls_get_481(peer, method):
    call_id = sip.token()
    to = f"<sip:bob@{peer.server_host}>" + ("" if method == "CANCEL" else ";tag=nobody")
    headers = [("Via", peer.via(sip.branch())), ("Max-Forwards", "70"),
               ("From", f"<sip:alice@{peer.host}>;tag=a"), ("To", to), ("Call-ID", call_id), ("CSeq", f"2 {method}"),
               ("Contact", peer.contact)]
    if method == "PRACK":
        headers.append(("RAck", "1 1 INVITE"))
    peer.send(sip.request(method, f"sip:bob@{peer.server_host}", headers))
    answer = peer.expect(call_id, lambda m: m.status >= 200, f"answer to {method}")
    assert answer.status == 481, answer


def test_a_stray_ack_is_ignored(peer):
    call = peer.invite()
    ringing = call.ring()
    peer.send(call.in_dialog("ACK", ringing, cseq=call.cseq))
    call.no_final()


def test_a_call_rings_no_longer_than_its_route_allows():
    from harness.api import Api
    from harness.peer import UdpPeer
    from harness.server import Server
    config = ("routes:\n"
              "  - name: short\n"
              "    match: {to_uri: {prefix: \"sip:short@\"}}\n"
              "    labels: {tenant: acme}\n"
              "    label_headers: {account: X-Account}\n"
              "    park: {timeout: 1s}\n")
    with Server(config=config) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite(user="short", headers=[("X-Account", "4711")])
        other = peer.invite(user="long")
        call.ring()
        final = call.final()
        assert final.status == 480 and final.has("Retry-After"), final
        ended = api.find(call.call_id)
        assert ended.route == "short"
        assert dict(ended.labels) == {"tenant": "acme", "account": "4711"}
        assert ended.ended_by == pb.ENDED_BY_TIMEOUT
        other.ring()
        assert api.find(other.call_id).state == pb.CALL_STATE_RINGING
        assert api.find(other.call_id).route == ""
        termination = api.termination(ended.termination, ended.name)
        assert termination.trigger == pb.TRIGGER_RING_TIMEOUT
        assert termination.intent == pb.INTENT_TRY_LATER
        assert termination.principal == "adieu"
