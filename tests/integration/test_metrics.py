"""The counters after known traffic, exactly: what the stack sends by itself counts too."""

import re

import pytest

from harness import sip
from harness.api import Api, answer_then_bye, final_response
from harness.metrics import scrape, wait_value
from harness.peer import TcpPeer, UdpPeer
from harness.server import Server
from harness.stubs import pb

RESPONSES = "adieu_sip_responses_total"
REQUESTS = "adieu_sip_requests_total"
SERVICE = "adieu.v1.CallControlService"


@pytest.fixture(scope="module")
def traffic():
    """One server after: 3 calls refused 486, 2 cancelled, 1 answered and ended, 1 redirected, 420, 481, 405, OPTIONS.

    Yields (server, api, page after it all).
    """
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as udp, TcpPeer(server.sip()) as tcp:
        before = scrape(server.metrics)
        for peer in (udp, tcp, udp):
            call = peer.invite()
            call.ring()
            termination = api.terminate(
                sip_call_id=call.call_id, treatment=final_response(486), intent=pb.INTENT_BUSY)
            call.final()
            api.termination(termination.name, termination.call)
        for _ in range(2):
            call = udp.invite()
            call.ring()
            call.cancel()
            call.reply_to("CANCEL")
            call.final()
        call = tcp.invite()
        call.ring()
        termination = api.terminate(sip_call_id=call.call_id, treatment=answer_then_bye())
        call.final()
        call.expect_bye()
        api.termination(termination.name, termination.call)
        call = tcp.invite()
        call.ring()
        redirect = pb.Treatment(redirect=pb.Redirect(contacts=["sip:a@example.com"]))
        termination = api.terminate(sip_call_id=call.call_id, treatment=redirect)
        call.final()
        api.termination(termination.name, termination.call)
        assert tcp.invite(headers=[("Require", "foo")]).final().status == 420
        stranger = sip.token()
        for method in ("BYE", "PUBLISH"):
            tcp.send(sip.request(method, f"sip:bob@{tcp.server_host}", [
                ("Via", tcp.via(sip.branch())), ("Max-Forwards", "70"), ("From", f"<sip:a@{tcp.host}>;tag=a"),
                ("To", f"<sip:bob@{tcp.server_host}>;tag=nobody" if method == "BYE" else f"<sip:bob@{tcp.server_host}>"),
                ("Call-ID", stranger), ("CSeq", f"9 {method}")]))
            tcp.expect(stranger, lambda m, method=method: m.method == method and m.status >= 400, method)
        assert tcp.options().status == 200
        with api.refused("NOT_FOUND"):
            api.terminate("calls/nobody")
        wait_value(server.metrics, 8, REQUESTS, direction="received", method="ACK")
        yield server, before, wait_value(server.metrics, 7, "adieu_calls_total")


def test_nothing_is_counted_before_there_is_traffic(traffic):
    _, before, _ = traffic
    for name in (RESPONSES, REQUESTS, "adieu_calls", "adieu_calls_total", "adieu_terminations_total"):
        assert before.value(name) == 0, name


@pytest.mark.parametrize("method,code,count", [
    # 7 calls rang. The 420 and the 486 are told apart from the stack's own 100.
    ("INVITE", 180, 7), ("INVITE", 486, 3), ("INVITE", 487, 2), ("INVITE", 200, 1), ("INVITE", 302, 1),
    ("INVITE", 420, 1), ("CANCEL", 200, 2), ("BYE", 481, 1), ("OPTIONS", 200, 1)])
def test_responses_sent(traffic, method, code, count):
    _, _, page = traffic
    labels = {"direction": "sent", "method": method, "code": str(code)}
    assert page.value(RESPONSES, **labels) == count, page.select(RESPONSES)
    assert page.value(RESPONSES, **labels, **{"class": f"{code // 100}xx"}) == count


def test_the_stacks_own_100_counts(traffic):
    _, _, page = traffic
    assert page.value(RESPONSES, direction="sent", method="INVITE", code="100") in (7, 8), page.select(RESPONSES)


def test_responses_received(traffic):
    _, _, page = traffic
    assert page.value(RESPONSES, direction="received", method="BYE", code="200") == 1
    assert page.value(RESPONSES, direction="received") == 1


@pytest.mark.parametrize("direction,method,count", [
    ("received", "INVITE", 8), ("received", "ACK", 8), ("received", "CANCEL", 2), ("received", "BYE", 1),
    ("received", "OPTIONS", 1), ("received", "PUBLISH", 1), ("sent", "BYE", 1), ("sent", "INVITE", 0)])
def test_requests(traffic, direction, method, count):
    _, _, page = traffic
    assert page.value(REQUESTS, direction=direction, method=method) == count, page.select(REQUESTS)


@pytest.mark.parametrize("labels,count", [
    ({"action": "final_response", "outcome": "ended", "intent": "busy", "trigger": "request"}, 3),
    ({"action": "redirect", "outcome": "ended", "intent": "quiet"}, 1),
    ({"action": "answer_then_bye", "outcome": "ended"}, 1), ({}, 5)])
def test_terminations(traffic, labels, count):
    server, _, _ = traffic
    wait_value(server.metrics, count, "adieu_terminations_total", **labels)


def test_calls_by_state_and_end(traffic):
    server, _, page = traffic
    assert {tags["state"] for tags, _ in page.select("adieu_calls")} == {"ringing", "answered", "terminating"}
    for state in ("ringing", "answered", "terminating"):
        wait_value(server.metrics, 0, "adieu_calls", state=state)
    wait_value(server.metrics, 5, "adieu_calls_ended_total", ended_by="adieu")
    wait_value(server.metrics, 2, "adieu_calls_ended_total", ended_by="caller")


def test_calls_gauge_follows_the_calls(traffic):
    server, _, _ = traffic
    with UdpPeer(server.sip()) as peer:
        calls = [peer.invite() for _ in range(3)]
        for call in calls:
            call.ring()
        wait_value(server.metrics, 3, "adieu_calls", state="ringing")
        for call in calls:
            call.cancel()
            call.final()
        wait_value(server.metrics, 0, "adieu_calls", state="ringing")


@pytest.mark.parametrize("name", ["adieu_termination_sent_seconds", "adieu_termination_ended_seconds"])
def test_histograms(traffic, name):
    server, _, _ = traffic
    page = wait_value(server.metrics, 5, f"{name}_count")
    assert page.value(f"{name}_bucket", le="+Inf") == 5
    assert page.value(f"{name}_sum") > 0


def test_grpc(traffic):
    server, _, _ = traffic
    labels = {"grpc_service": SERVICE, "grpc_method": "TerminateCall"}
    wait_value(server.metrics, 5, "grpc_server_handled_total", **labels, grpc_code="OK")
    wait_value(server.metrics, 1, "grpc_server_handled_total", **labels, grpc_code="NotFound")
    page = wait_value(server.metrics, 6, "grpc_server_started_total", **labels)
    assert page.value("grpc_server_handling_seconds_count", **labels) == 6
    assert page.value("grpc_server_handled_total", grpc_method="ListTerminations") > 0


def test_idle_gauges(traffic):
    server, _, _ = traffic
    for name in ("adieu_queue_depth", "adieu_workers_busy", "adieu_watchers", "adieu_draining"):
        page = wait_value(server.metrics, 0, name)
        assert name in page.names()
    assert page.value("adieu_workers") == 2
    assert page.value("adieu_build_info") == 1
    assert page.value("adieu_queue_rejected_total") == 0
    assert page.value("adieu_store_errors_total") == 0


def test_labels_hold_no_user_data(traffic):
    server, _, _ = traffic
    page = scrape(server.metrics)
    for name, tags, _ in page.samples:
        for key, value in tags.items():
            assert not re.search(r"sip:|alice|bob|@", value), (name, key, value)
    assert len(page.samples) < 3000


def test_retransmissions_count_as_such(traffic):
    server, _, _ = traffic
    before = scrape(server.metrics)
    name = "adieu_sip_retransmissions_total"
    with UdpPeer(server.sip()) as peer:
        call = peer.invite()
        progress = call.ring()
        call.send_invite()
        peer.expect_repeat(progress)
        page = wait_value(
            server.metrics, before.value(name, direction="received", method="INVITE") + 1, name,
            direction="received", method="INVITE")
        assert page.value(REQUESTS, method="INVITE") == before.value(REQUESTS, method="INVITE") + 2
        call.cancel()
        call.final()


@pytest.mark.parametrize("reason,break_it", [
    ("bad_contact", lambda raw: re.sub(rb"Contact: [^\r]*", b"Contact: <tel:+1>", raw)),
    ("bad_record_route", lambda raw: raw.replace(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nRecord-Route: <foo:bar>")),
    ("malformed", lambda raw: raw.replace(b"SIP/2.0\r\n", b"SIP/9.0 x\r\n", 1)),
    ("malformed", lambda raw: b"nonsense \x00\x01\x02\r\n\r\n"),
])
def test_rejected_messages_are_counted_by_reason(traffic, reason, break_it):
    server, _, _ = traffic
    from harness.peer import Call
    from harness.wait import until
    name = "adieu_sip_rejected_total"
    before = scrape(server.metrics).value(name, reason=reason)
    with UdpPeer(server.sip()) as peer:
        peer.send(break_it(Call(peer).invite_bytes()))
        until(lambda: scrape(server.metrics).value(name, reason=reason) > before, f"{name} of {reason}")


def test_max_ringing_is_refused_and_counted():
    with Server(config="limits: {max_ringing: 2}\n") as server, UdpPeer(server.sip()) as peer:
        held = [peer.invite() for _ in range(2)]
        for call in held:
            call.ring()
        refused = peer.invite().final()
        assert refused.status == 503 and refused.has("Retry-After"), refused
        wait_value(server.metrics, 1, "adieu_sip_rejected_total", reason="max_ringing")
        held[0].cancel()
        held[0].final()
        again = peer.invite()
        again.ring()
