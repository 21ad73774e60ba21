"""What waits for 64*T1 (32 s): all of it at once, in one test."""

import pytest

from harness.api import Api, answer_then_bye, final_response
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import SCALE

WAIT = 50 * SCALE


@pytest.mark.slow
def test_peers_that_never_answer():
    """Lost ACK of a 200, of a refusal, no PRACK, no answer to the BYE: each TIMED_OUT, none earlier."""
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        reliable = [("Require", "100rel"), ("Supported", "100rel")]
        cases = {
            "no ack of 200": (peer.invite(), answer_then_bye()),
            "no ack of 486": (peer.invite(), final_response(486)),
            "no prack": (peer.invite(headers=reliable), answer_then_bye()),
            "no answer to bye": (peer.invite(), answer_then_bye()),
        }
        endings = {}
        for what, (call, treatment) in cases.items():
            call.ring()
            endings[what] = api.terminate(api.find(call.call_id).name, treatment=treatment)
        answered = cases["no ack of 200"][0].final(ack=False)
        refused = cases["no ack of 486"][0].final(ack=False)
        cases["no answer to bye"][0].final()
        bye = cases["no answer to bye"][0].expect_bye(answer=False)
        waiting = api.terminate_later(
            endings["no ack of 486"].call, treatment=final_response(486), request_id="other", wait=pb.WAIT_ENDED)
        assert waiting.exception().code().name == "FAILED_PRECONDITION"

        # Retransmitted with growing pauses: ten copies at T1=0.5 s, T2=4 s (RFC 3261 13.3.1.4, 17.2.1, 17.1.2.2).
        for message in (answered, refused, bye):
            peer.expect_repeat(message, 3, WAIT)
        # A 200 whose ACK is lost for good: BYE all the same (RFC 3261 13.3.1.4).
        last = cases["no ack of 200"][0].expect_bye(WAIT)
        assert last.has("Reason"), last
        # No PRACK: the INVITE is refused (RFC 3262 3).
        assert cases["no prack"][0].final(WAIT).status == 504
        for what, ending in endings.items():
            leg, = api.termination(ending.name, ending.call, seconds=WAIT).legs
            assert leg.outcome == pb.LEG_OUTCOME_TIMED_OUT, (what, leg)
            assert leg.end_time.seconds - ending.request_time.seconds >= 30, (what, leg)
            assert api.wait_state(ending.call, pb.CALL_STATE_TERMINATED), what
