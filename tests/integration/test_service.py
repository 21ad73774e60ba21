"""How the server comes and goes: health, reflection, drain, a second SIGTERM, its log."""

import json
import pathlib
import urllib.error
import urllib.request

import grpc
import pytest

from harness.api import Api, answer_then_bye, final_response
from harness.peer import TcpPeer, UdpPeer
from harness.server import Server, run_to_exit
from harness.stubs import health, pb, reflection
from harness.wait import DEADLINE, SCALE, until

SERVING = health.HealthCheckResponse.SERVING
NOT_SERVING = health.HealthCheckResponse.NOT_SERVING
PATIENT = "drain: {ringing_after: 3600s, answered_after: 3600s}\n"


def status(api, service=""):
    return api.health.Check(health.HealthCheckRequest(service=service), timeout=DEADLINE).status


def test_health(api):
    assert status(api) == SERVING
    assert status(api, "adieu.live") == SERVING
    with pytest.raises(grpc.RpcError) as unknown:
        status(api, "nobody")
    assert unknown.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection(api):
    ask = iter([reflection.ServerReflectionRequest(list_services="")])
    answer = next(api.reflection.ServerReflectionInfo(ask, timeout=DEADLINE))
    names = {service.name for service in answer.list_services_response.service}
    assert {"adieu.v1.CallControlService", "adieu.v1.CancelPolicyService", "grpc.health.v1.Health"} <= names


def test_metrics_page_and_nothing_else(server):
    with urllib.request.urlopen(f"http://{server.metrics}/metrics", timeout=DEADLINE) as page:
        assert page.headers["Content-Type"].startswith("text/plain")
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(f"http://{server.metrics}/other", timeout=DEADLINE)
    assert missing.value.code == 404


def test_every_room_has_threads_with_names(server):
    tasks = pathlib.Path(f"/proc/{server.pid}/task")
    names = {(task / "comm").read_text().strip() for task in tasks.iterdir()}
    assert {"sip-agent", "worker", "reports", "store", "watch", "sweeps", "house-keeper"} <= names, names


def test_sigterm_ends_ringing_and_answered_calls_politely():
    config = "drain: {ringing_after: 0s, answered_after: 0s}\n"
    server = Server(config=config)
    with server, Api(server.grpc) as api, UdpPeer(server.sip()) as udp, TcpPeer(server.sip()) as tcp:
        ringing = [peer.invite() for peer in (udp, tcp, udp)]
        for call in ringing:
            call.ring()
        answered = udp.invite()
        answered.ring()
        api.terminate(sip_call_id=answered.call_id, treatment=answer_then_bye(after=60))
        answered.final()
        server.terminate()
        for call in ringing:
            final = call.final()
            assert final.status == 480, final
            assert int(final.one("Retry-After").split(";")[0]) > 0
        bye = answered.expect_bye()
        assert bye.has("Reason")
        assert server.wait_exit(30 * SCALE) == 0


def test_while_draining(tmp_path):
    """Ringing calls wait an hour: new ones are refused, what is there can be seen and ended, then it exits."""
    store = f"sqlite:{tmp_path}/drained.db"
    server = Server(config=PATIENT, store=store)
    with server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call, other = peer.invite(), peer.invite()
        call.ring()
        other.ring()
        watch = api.health.Watch(health.HealthCheckRequest(service=""), timeout=60 * SCALE)
        assert next(watch).status == SERVING
        server.terminate()
        assert next(watch).status == NOT_SERVING
        assert status(api) == NOT_SERVING
        assert status(api, "adieu.live") == SERVING
        refused = peer.invite().final()
        assert refused.status == 503, refused
        assert int(refused.one("Retry-After").split(";")[0]) > 0
        assert peer.options().status in (200, 503)
        assert len([c for c in api.list() if c.state == pb.CALL_STATE_RINGING]) == 2
        termination = api.terminate(sip_call_id=call.call_id, treatment=final_response(486), note="while draining")
        assert call.final().status == 486
        assert termination.note == "while draining"
        call = None
        other.cancel()
        other.final()
        assert server.wait_exit(30 * SCALE) == 0
    with Server(store=store) as again, Api(again.grpc) as api:
        assert [t.note for t in api.terminations()] == ["while draining"]


def test_drained_calls_are_recorded(tmp_path):
    store = f"sqlite:{tmp_path}/drained.db"
    with Server(store=store) as server, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        call.ring()
        server.terminate()
        call.final()
        assert server.wait_exit(30 * SCALE) == 0
    with Server(store=store) as server, Api(server.grpc) as api:
        termination, = api.terminations()
        assert termination.trigger == pb.TRIGGER_DRAIN
        assert termination.intent == pb.INTENT_MAINTENANCE
        assert termination.principal == "adieu"
        assert termination.legs[0].status_code == 480
        assert termination.legs[0].outcome in (
            pb.LEG_OUTCOME_ENDED, pb.LEG_OUTCOME_SENT, pb.LEG_OUTCOME_UNSPECIFIED)


def test_a_second_sigterm_stops_now():
    server = Server(config=PATIENT)
    try:
        with Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
            peer.invite().ring()
            server.terminate()
            until(lambda: status(api) == NOT_SERVING, "draining")
            server.terminate()
            code = server.wait_exit(20 * SCALE)
            assert code >= 0, f"killed by signal {-code}"
    finally:
        server.kill()


def test_open_streams_do_not_hold_the_exit_up():
    server = Server()
    with server, Api(server.grpc) as api:
        stream = api.stub.WatchCalls(pb.WatchCallsRequest())
        assert next(stream).HasField("bookmark")
        waiting = api.health.Watch(health.HealthCheckRequest(service="adieu.live"))
        next(waiting)
        server.terminate()
        assert server.wait_exit(30 * SCALE) == 0


def test_calls_that_wait_for_their_ack_do_not_hold_a_request_up():
    """WAIT_ENDED on a call whose ACK is missing, and SIGTERM: the request is answered, the server exits."""
    server = Server(config="drain: {ringing_after: 0s, answered_after: 0s}\n")
    with server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        call.ring()
        later = api.terminate_later(
            sip_call_id=call.call_id, treatment=final_response(486), wait=pb.WAIT_ENDED, timeout=60 * SCALE)
        call.final(ack=False)
        server.terminate()
        assert later.exception() is None or later.exception().code() != grpc.StatusCode.DEADLINE_EXCEEDED
        assert server.wait_exit(60 * SCALE) == 0


def test_the_log_is_json_and_masks_people():
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite(user="+4989987654321", from_user="+4930123456712")
        call.ring()
        api.terminate(sip_call_id=call.call_id, treatment=final_response(486), note="secretnote")
        call.final()
        server.terminate()
        assert server.wait_exit(30 * SCALE) == 0
        lines = [json.loads(line) for line in server.log()]
        assert all({"time", "level", "event"} <= set(line) for line in lines)
        text = "\n".join(server.log())
        assert "+4930123456712" not in text and "+4989987654321" not in text
        assert "calls/" in text, "one line per call event"


def test_the_log_as_text_and_with_people():
    config = "log: {format: text, personal_data: true}\n"
    # Its "ready" is not JSON: run it against a port in use, which it says and exits.
    with Server() as holder:
        address = "%s:%d" % holder.sip()
        code, output = run_to_exit(
            ["--sip-listen", address, "--grpc-listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--store",
             "memory"], config=config)
    assert code > 0
    assert address in output
    assert not output.lstrip().startswith("{"), output


def test_the_instance_is_named():
    with Server(flags=["--instance", "blue-1"]) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        call.ring()
        assert api.find(call.call_id).instance == "blue-1"


def test_an_advertised_host_is_shown():
    config = "sip: {listeners: [{name: pub, address: \"127.0.0.1:0\", advertise: sip.example.com}]}\n"
    with Server(config=config, sip_listen=None) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        assert "sip.example.com" in call.ring().one("Contact")
        api.terminate(sip_call_id=call.call_id, treatment=answer_then_bye())
        assert "sip.example.com" in call.final(ack=False).one("Contact")
        # The name is not ours to resolve here: what the Contact names is asked at the server's address.
        call.ack(call.answered)
        bye = call.expect_bye()
        assert "sip.example.com" in bye.one("Via"), bye


def test_listeners_of_several_transports():
    config = ("sip:\n  listeners:\n    - {name: one, address: \"127.0.0.1:0\", transports: [udp]}\n"
              "    - {name: two, address: \"127.0.0.1:0\", transports: [tcp]}\n")
    with Server(config=config, sip_listen=None) as server, Api(server.grpc) as api:
        with UdpPeer(server.sip("one")) as udp, TcpPeer(server.sip("two")) as tcp:
            for peer in (udp, tcp):
                call = peer.invite()
                call.ring()
                api.terminate(sip_call_id=call.call_id, treatment=answer_then_bye())
                call.final()
                call.expect_bye()
        with pytest.raises(OSError):
            TcpPeer(server.sip("one"))
