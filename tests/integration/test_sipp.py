"""SIPp, a peer that we did not write, has its calls ended: over gRPC and by the CLI."""

import pytest

from harness.api import Api, answer_then_bye, final_response, q850
from harness.cli import adieu
from harness.metrics import scrape
from harness.server import Server
from harness.sipp import Sipp
from harness.stubs import pb
from harness.wait import SCALE, until

CALLS = 50
RINGING = pb.CallMatch(state=pb.CALL_STATE_RINGING)


@pytest.fixture
def own():
    with Server() as server, Api(server.grpc) as api:
        yield server, api


def all_ringing(api, count):
    return until(lambda: (lambda found: found if len(found) == count else None)(api.list(RINGING)),
                 f"{count} calls ring", 30 * SCALE)


@pytest.mark.parametrize("transport", ["u1", "un", "t1", "tn"])
def test_fifty_calls_ended_over_grpc(own, transport):
    server, api = own
    extra = ["-t", transport] + (["-max_socket", "100"] if transport.endswith("n") else [])
    with Sipp("uac_ended.xml", server.sip(), CALLS, extra=extra) as sipp:
        treatment = final_response(486, "Busy, call later", reasons=[q850(17, "User busy")])
        for call in all_ringing(api, CALLS):
            api.terminate(call.name, treatment=treatment)
        sipp.wait()
    until(lambda: len(api.terminations(outcome=pb.LEG_OUTCOME_ENDED)) == CALLS, "all ENDED")
    assert scrape(server.metrics).value("adieu_sip_responses_total", direction="sent", code="486") >= CALLS


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_calls_answered_then_ended(own, transport):
    server, api = own
    with Sipp("uac_answered.xml", server.sip(), 20, extra=["-t", transport]) as sipp:
        for call in all_ringing(api, 20):
            api.terminate(call.name, treatment=answer_then_bye())
        sipp.wait()
    until(lambda: len(api.terminations(outcome=pb.LEG_OUTCOME_ENDED)) == 20, "all ENDED")


def test_calls_ended_by_the_cli(own, tmp_path):
    server, api = own
    treatment = tmp_path / "busy.yaml"
    treatment.write_text("final_response:\n  status_code: 486\n  reason_phrase: Busy, call later\n"
                         "  reasons:\n    - {q850_cause: 17, text: User busy}\n")
    with Sipp("uac_ended.xml", server.sip(), 5) as sipp:
        all_ringing(api, 5)
        listed = adieu(server.grpc, "calls", "list", "--state", "ringing", "-o", "json")
        assert listed.code == 0, listed
        for call in listed.json()["calls"]:
            done = adieu(server.grpc, "calls", "terminate", call["name"], "--treatment", str(treatment))
            assert done.code == 0, done
        sipp.wait()
