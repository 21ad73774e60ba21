"""SIPp through Adieu to SIPp: two peers that we did not write, 200 calls each way of ending.

    SIPp uac                Adieu                 SIPp uas
      INVITE 180 200 ACK ... BYE or 480 and CANCEL, as each scenario says
"""

import contextlib

import pytest

from harness.api import q850
from harness.metrics import scrape
from harness.server import free_port
from harness.sipp import Sipp
from harness.stubs import pb
from harness.through import Through, endings, steps
from harness.wait import SCALE, until

CALLS = 200
TIME = 60 * SCALE
KINDS = [("u1", "u1"), ("t1", "u1"), ("u1", "t1")]
ELSEWHERE = pb.Treatment(final_response=pb.FinalResponse(status_code=480, reasons=[q850(16, "Normal call clearing")]),
                         cancel_reasons=[pb.Reason(sip_status=200, text="Call completed elsewhere")])


@contextlib.contextmanager
def running(uac, uas, caller="u1", callee="u1"):
    """SIPp at both ends of a fresh server; afterwards both have had every call as their scenarios say."""
    port = free_port()
    target = f"sip:127.0.0.1:{port};transport={'tcp' if callee == 't1' else 'udp'}"
    with Through(routes={"through": {"targets": [target]}}) as through:
        address = through.server.sip("v4")
        with Sipp(uas, address, CALLS, seconds=TIME, extra=["-t", callee], port=port) as called:
            with Sipp(uac, address, CALLS, rate=100, seconds=TIME, extra=["-t", caller]) as calling:
                yield through
                calling.wait()
            called.wait()
        until(lambda: scrape(through.server.metrics).value("adieu_calls") == 0, "no call is left")
        assert scrape(through.server.metrics).value("adieu_calls_total") == CALLS


def in_state(api, state):
    return [call for call in api.list(pb.CallMatch(state=state))]


def end_all(through, state, **request):
    """Ends each call as soon as it is in this state at both ends. Returns the terminations."""
    done = {}

    def sweep():
        for call in in_state(through.api, state):
            if call.name not in done and call.callee.last_status_code in (180, 200):
                done[call.name] = through.api.terminate(call.name, **request)
        return len(done) == CALLS
    until(sweep, f"{CALLS} calls ended", TIME)
    return done


def check_endings(through, terminations, legs):
    for name, termination in terminations.items():
        assert endings(through.api.termination(termination.name, name)) == legs


def check_calls(through, by, caller, callee):
    """Every call, whole: who ended it, and both ladders."""
    calls = through.api.list()
    assert len(calls) == CALLS
    for call in calls:
        found = through.api.get(call.name)
        assert found.state == pb.CALL_STATE_TERMINATED and found.ended_by == by, found
        assert steps(found, "caller") == caller
        assert steps(found, "callee") == callee


@pytest.mark.parametrize("caller,callee", KINDS, ids=["udp-udp", "tcp-udp", "udp-tcp"])
def test_ended_while_ringing(caller, callee):
    with running("uac_through_refused.xml", "uas_cancelled.xml", caller, callee) as through:
        terminations = end_all(through, pb.CALL_STATE_RINGING, treatment=ELSEWHERE)
        check_endings(through, terminations, {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"})
        check_calls(through, pb.ENDED_BY_ADIEU, "<INVITE >100 >180 >480 <ACK", ">INVITE <180 >CANCEL <200 <487 >ACK")
        page = scrape(through.server.metrics)
        assert page.value("adieu_terminations_total", action="cancel", outcome="ended") == CALLS


@pytest.mark.parametrize("caller,callee", KINDS, ids=["udp-udp", "tcp-udp", "udp-tcp"])
def test_ended_when_answered(caller, callee):
    with running("uac_through_ended.xml", "uas_answered.xml", caller, callee) as through:
        terminations = end_all(through, pb.CALL_STATE_ANSWERED)
        check_endings(through, terminations, {"caller": "BYE ENDED", "callee": "BYE ENDED"})
        check_calls(through, pb.ENDED_BY_ADIEU, "<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK >BYE <200")


@pytest.mark.parametrize("caller,callee", KINDS, ids=["udp-udp", "tcp-udp", "udp-tcp"])
def test_the_caller_hangs_up(caller, callee):
    with running("uac_through_hangs_up.xml", "uas_answered.xml", caller, callee) as through:
        until(lambda: scrape(through.server.metrics).value("adieu_calls_ended_total", ended_by="caller") == CALLS,
              "all ended", TIME)
        check_calls(through, pb.ENDED_BY_CALLER, "<INVITE >100 >180 >200 <ACK <BYE >200", ">INVITE <180 <200 >ACK >BYE <200")


@pytest.mark.parametrize("caller,callee", KINDS, ids=["udp-udp", "tcp-udp", "udp-tcp"])
def test_the_callee_hangs_up(caller, callee):
    with running("uac_through_ended.xml", "uas_hangs_up.xml", caller, callee) as through:
        until(lambda: scrape(through.server.metrics).value("adieu_calls_ended_total", ended_by="callee") == CALLS,
              "all ended", TIME)
        check_calls(through, pb.ENDED_BY_CALLEE, "<INVITE >100 >180 >200 <ACK >BYE <200", ">INVITE <180 <200 >ACK <BYE >200")
