"""Who may bring new calls, and how many: sources that are not allowed, rates, and programs that search for servers."""

import pytest

from harness.api import Api
from harness.metrics import scrape, wait_value
from harness.peer import TcpPeer, UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import until

REJECTED = "adieu_sip_rejected_total"


def rings(call):
    """Whether it may come in."""
    answer = call.peer.expect(call.call_id, lambda m: m.method == "INVITE" and m.status >= 180, "an answer")
    call.peer.inbox[call.call_id].appendleft(answer)
    return answer.status == 180


def peer_of(transport, server, **arguments):
    return TcpPeer(server.sip()) if transport == "tcp" else UdpPeer(server.sip(), **arguments)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("limits,reason", [("invites_per_second", "rate"), ("per_source_invites_per_second", "source_rate")])
def test_more_invites_than_allowed_get_503_and_calls_go_on(transport, limits, reason):
    with Server(config=f"limits: {{{limits}: 1}}\n") as server, Api(server.grpc) as api:
        with peer_of(transport, server) as peer:
            first = peer.invite()
            first.ring()
            finals = [call.final() for call in [peer.invite() for _ in range(10)] if not rings(call)]
            assert len(finals) >= 5, "they came within a moment"
            for final in finals:
                assert final.status == 503 and int(final.one("Retry-After")) == 10 and final.to_tag, final
            page = wait_value(server.metrics, len(finals), REJECTED, reason=reason)
            assert page.value("adieu_sip_responses_total", code="503", side="caller", direction="sent") == len(finals)
            api.terminate(api.find(first.call_id).name, intent=pb.INTENT_BUSY)
            assert first.final().status == 486


def test_one_source_does_not_keep_others_out():
    with Server(config="limits: {per_source_invites_per_second: 1}\n") as server:
        with UdpPeer(server.sip()) as loud, UdpPeer(server.sip(), host="127.0.0.2") as quiet:
            assert sum(rings(call) for call in [loud.invite() for _ in range(10)]) <= 5
            quiet.invite().ring()


def test_a_refused_invite_that_comes_again_gets_the_same_answer():
    with Server(config="limits: {invites_per_second: 1}\n") as server, Api(server.grpc) as api:
        with UdpPeer(server.sip()) as peer, UdpPeer(server.sip()) as later:
            until(lambda: not rings(peer.invite()), "one too many")
            refused = peer.invite()
            final = refused.final()
            assert final.status == 503
            until(lambda: rings(later.invite()), "the next second")
            before = len(api.list())
            peer.send(refused.invite_bytes())
            peer.expect_repeat(final)
            assert scrape(server.metrics).value("adieu_sip_retransmissions_total", direction="received", method="INVITE") == 1
            assert len(api.list()) == before


def test_sources_that_are_not_allowed_are_dropped_by_the_kernel_and_counted():
    with Server(config="sip: {allow: [\"127.0.0.2/32\"]}\n") as server, Api(server.grpc) as api:
        with UdpPeer(server.sip()) as stranger, UdpPeer(server.sip(), host="127.0.0.2") as friend:
            strange = stranger.invite()
            friend.invite().ring()
            page = wait_value(server.metrics, 1, "adieu_sip_datagrams_dropped_total", listener="default")
            assert page.value("adieu_sip_requests_total") == 1
            assert len(api.list()) == 1
            stranger.pump()
            assert not stranger.inbox[strange.call_id]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_scanners_get_no_answer(transport):
    with Server() as server, peer_of(transport, server) as peer:
        call = peer.invite(user_agent="friendly-scanner")
        wait_value(server.metrics, 1, REJECTED, reason="scanner")
        assert peer.options().status == 200
        assert not peer.inbox[call.call_id]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_draining_server_sends_new_callers_elsewhere(transport):
    config = "drain: {ringing_after: 3600s, redirect: \"sip:sbc2.example:5070\"}\n"
    with Server(config=config) as server, peer_of(transport, server) as peer:
        peer.invite().ring()
        server.terminate()
        wait_value(server.metrics, 1, "adieu_draining")
        final = peer.invite(user="carol").final()
        assert (final.status, final.one("Contact")) == (302, "<sip:carol@sbc2.example:5070>"), final
        assert not final.has("Retry-After")
