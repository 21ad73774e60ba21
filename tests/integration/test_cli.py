"""The adieu program against a real server: what it prints, and its exit codes."""

import json
import subprocess

import pytest
import yaml

from harness.api import final_response
from harness.cli import adieu, watching
from harness.server import binary
from harness.stubs import pb
from harness.wait import DEADLINE


@pytest.fixture
def ringing(peer, api):
    call = peer.invite(user="desk", from_user="+493012345678")
    call.ring()
    return call, api.find(call.call_id).name


def only(call):
    """Match flags that leave just this call."""
    return ["--from", f"sip:{call.from_.partition('sip:')[2].partition('>')[0]}"]


def test_list_json_is_one_response_with_every_page(server, api):
    from harness.peer import UdpPeer
    with UdpPeer(server.sip("v4")) as peer:
        calls = [peer.invite(from_user="paged") for _ in range(120)]
        for call in calls:
            call.ring()
        done = adieu(server.grpc, "calls", "list", "--from", "sip:paged@", "--state", "RINGING", "-o", "json")
        assert done.code == 0, done
        answer = done.json()
        assert len(answer["calls"]) == 120, "a page holds 100: list walks on"
        assert set(answer["calls"][0]) >= {"name", "state", "caller", "create_time"}
        assert answer["calls"][0]["state"] == "CALL_STATE_RINGING"
        assert not answer.get("next_page_token")
        for call in calls:
            call.cancel()
            call.final()


def test_list_table_and_yaml(server, ringing):
    call, name = ringing
    table = adieu(server.grpc, "calls", "list", "--to", "sip:desk@")
    assert table.code == 0, table
    assert name in table.out and "\x1b[" not in table.out
    as_yaml = adieu(server.grpc, "calls", "list", "--to", "sip:desk@", "-o", "yaml")
    assert name in [found["name"] for found in yaml.safe_load(as_yaml.out)["calls"]]


@pytest.mark.parametrize("flags", [["--state", "ringing"], ["--state", "Ringing"], ["--caller-user-agent", "fooPHONE"],
                                   ["--to", "desk@"], ["--state", "answered", "--state", "ringing"]])
def test_match_flags(server, ringing, flags):
    done = adieu(server.grpc, "calls", "list", "-o", "json", *flags)
    assert done.code == 0, done
    assert ringing[1] in [call["name"] for call in done.json()["calls"]]


def test_match_file(server, ringing, tmp_path):
    call, name = ringing
    match = tmp_path / "match.yaml"
    match.write_text(f"all_of:\n  matches:\n    - sip_call_ids: {{values: [{call.call_id}]}}\n    - state: RINGING\n")
    done = adieu(server.grpc, "calls", "list", "--match", str(match), "-o", "json")
    assert done.code == 0, done
    assert [found["name"] for found in done.json()["calls"]] == [name]


def test_get_draws_the_ladder(server, api, ringing):
    call, name = ringing
    api.terminate(name, treatment=pb.Treatment(final_response=pb.FinalResponse(
        status_code=486, reasons=[pb.Reason(q850_cause=17)])))
    call.final()
    api.termination(api.get(name).termination, name)
    done = adieu(server.grpc, "calls", "get", name)
    assert done.code == 0, done
    lines = done.out.splitlines()
    order = [next(i for i, line in enumerate(lines) if text in line and ("-->" in line or "<--" in line))
             for text in ("INVITE", "100 ", "180 Ringing", "486 Busy Here", "ACK")]
    assert order == sorted(order), done
    assert "Q.850;cause=17" in lines[order[3]]
    as_json = adieu(server.grpc, "calls", "get", name, "-o", "json").json()
    assert [m.get("status_code", 0) or m["method"] for m in as_json["messages"]] == ["INVITE", 100, 180, 486, "ACK"]


@pytest.mark.parametrize("intent,code", [("busy", 486), ("BUSY", 486), ("Not_Found", 404), ("quiet", 487)])
def test_terminate_by_intent(server, ringing, intent, code):
    call, name = ringing
    done = adieu(server.grpc, "calls", "terminate", name, "--intent", intent, "-o", "json", "--note", "by cli")
    assert done.code == 0, done
    assert call.final().status == code
    answer = done.json()
    assert answer["call"] == name
    assert answer["note"] == "by cli"
    assert answer["legs"][0]["status_code"] == code
    assert answer["legs"][0]["outcome"] in ("LEG_OUTCOME_SENT", "LEG_OUTCOME_ENDED")


def test_terminate_prints_the_outcome(server, ringing):
    call, name = ringing
    done = adieu(server.grpc, "calls", "terminate", name, "--intent", "busy")
    assert done.code == 0, done
    assert call.final().status == 486
    assert "486" in done.out and ("sent" in done.out.lower() or "ended" in done.out.lower()), done


def test_terminate_by_call_id(server, ringing):
    call, name = ringing
    done = adieu(server.grpc, "calls", "terminate", "--sip-call-id", call.call_id, "-o", "yaml")
    assert done.code == 0, done
    assert yaml.safe_load(done.out)["call"] == name
    call.final()


@pytest.mark.parametrize("text", [
    "final_response:\n  status_code: 480\n  reason_phrase: Later\n  retry_after: 30s\n",
    '{"final_response": {"status_code": 480, "reason_phrase": "Later", "retry_after": "30s"}}'])
def test_terminate_with_a_treatment(server, ringing, tmp_path, text):
    call, name = ringing
    file = tmp_path / "treatment"
    file.write_text(text)
    done = adieu(server.grpc, "calls", "terminate", name, "--treatment", str(file))
    assert done.code == 0, done
    final = call.final()
    assert final.start_line == "SIP/2.0 480 Later"
    assert final.one("Retry-After") == "30"


def test_terminate_waits_until_ended(server, ringing):
    call, name = ringing
    process = watching(server.grpc, "calls", "terminate", name, "--intent", "busy", "--wait", "ended", "-o", "json")
    try:
        final = call.final(ack=False)
        assert process.poll() is None
        call.ack(final)
        out, err = process.communicate(timeout=DEADLINE * 3)
        assert process.returncode == 0, err
        assert json.loads(out)["legs"][0]["outcome"] == "LEG_OUTCOME_ENDED"
    finally:
        process.kill()
        process.wait(10)


def test_terminations_list(server, api, ringing):
    call, name = ringing
    api.terminate(name, treatment=final_response(486), note="listed")
    call.final()
    done = adieu(server.grpc, "terminations", "list", "-o", "json")
    assert done.code == 0, done
    assert name in [found["call"] for found in done.json()["terminations"]]


def test_watch_prints_one_object_per_line(server, peer):
    process = watching(server.grpc, "calls", "watch", "--to", "sip:watched@", "-o", "json")
    try:
        first = json.loads(process.stdout.readline())
        while "bookmark" not in first:
            first = json.loads(process.stdout.readline())
        call = peer.invite(user="watched")
        call.ring()
        change = json.loads(process.stdout.readline())
        assert change["call"]["caller"]["sip_call_id"] == call.call_id
        call.cancel()
        call.final()
        while change["call"]["state"] != "CALL_STATE_TERMINATED":
            change = json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait(10)


def test_health(server):
    for service in ([], ["--service", "adieu.live"]):
        done = adieu(server.grpc, "health", *service)
        assert done.code == 0, done
        assert "SERVING" in done.out


@pytest.mark.parametrize("arguments", [
    [], ["calls"], ["nonsense"], ["calls", "list", "--nonsense"], ["calls", "get"], ["calls", "terminate"],
    ["calls", "terminate", "calls/a", "--sip-call-id", "b"], ["calls", "terminate", "calls/a", "--intent", "loud"],
    ["calls", "terminate", "calls/a", "--wait", "forever"], ["calls", "list", "--state", "happy"],
    ["calls", "list", "-o", "xml"], ["calls", "terminate", "calls/a", "--treatment", "/nonexistent/file"],
    ["calls", "terminate", "calls/a", "--treatment", "/"], ["calls", "list", "--match", "/nonexistent/file"]])
def test_usage_errors_exit_2(server, arguments):
    done = adieu(server.grpc, *arguments)
    assert done.code == 2, done
    assert done.err.strip() and not done.out.strip(), done


@pytest.mark.parametrize("text", ["final_response: {status: 486}\n", "{", "- a\n- b\n", "final_response: [\n",
                                  "final_response: {status_code: many}\n"])
def test_a_bad_treatment_file_exits_2(server, ringing, tmp_path, text):
    call, name = ringing
    file = tmp_path / "treatment.yaml"
    file.write_text(text)
    done = adieu(server.grpc, "calls", "terminate", name, "--treatment", str(file))
    assert done.code == 2, done
    call.no_final()


def test_the_server_said_no_exits_1(server, ringing, tmp_path):
    call, name = ringing
    done = adieu(server.grpc, "calls", "get", "calls/nobody")
    assert (done.code, done.out) == (1, ""), done
    assert "NOT_FOUND" in done.err
    bad = tmp_path / "bad.yaml"
    bad.write_text("final_response: {status_code: 200}\n")
    done = adieu(server.grpc, "calls", "terminate", name, "--treatment", str(bad))
    assert done.code == 1, done
    assert "treatment.final_response.status_code" in done.err
    done = adieu(server.grpc, "calls", "terminate", name, "--policy", "cancelPolicies/x")
    assert done.code == 1 and "POLICY_NOT_FOUND" in done.err, done
    call.no_final()


def test_unreachable_exits_3():
    done = adieu("127.0.0.1:1", "--timeout", "2s", "calls", "list")
    assert done.code == 3, done
    assert "127.0.0.1:1" in done.err


@pytest.mark.parametrize("program", ["adieu", "adieud"])
def test_help_and_version(program):
    for flag in ("--help", "--version"):
        done = subprocess.run([binary(program), flag], capture_output=True, timeout=30)
        assert done.returncode == 0, done
        assert done.stdout.strip()
