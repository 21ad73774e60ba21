"""SIGTERM with calls that pass through: ringing ones end as MAINTENANCE on both legs, answered ones get a BYE on both."""

import pytest

from harness.api import Api
from harness.metrics import wait_value
from harness.server import Server
from harness.stubs import pb
from harness.through import Through, endings
from harness.wait import SCALE

AT_ONCE = {"drain": {"ringing_after": "0s", "answered_after": "0s"}}
LATER = {"drain": {"ringing_after": "3600s", "answered_after": "3600s"}}


def test_every_state_at_once(tmp_path):
    """No 1xx, ringing, 200 without ACK, answered: each leg gets what the wire table says, then the process exits with 0."""
    store = f"sqlite:{tmp_path}/drained.db"
    with Through(config=AT_ONCE, store=store) as through:
        calling, ringing, answered = through.calling(), through.ringing(), through.answered()
        tcp = through.ringing("tcp", "tcp")
        half = through.ringing()
        half.callee.accept()
        unacknowledged = half.caller.final(ack=False)
        half.callee.expect_ack()
        through.server.terminate()
        for call in (calling, ringing, tcp):
            final = call.caller.final()
            assert final.status == 480 and int(final.one("Retry-After").split(";")[0]) > 0, final
        for call in (ringing, tcp):
            assert not call.callee.expect_cancelled().has("Reason")
        calling.callee.ring()
        calling.callee.expect_cancelled()
        for end in (answered.caller, answered.callee, half.callee):
            assert end.expect_bye().has("Reason")
        half.caller.ack(unacknowledged)
        assert half.caller.expect_bye().has("Reason")
        assert through.server.wait_exit(60 * SCALE) == 0
    with Server(store=store) as server, Api(server.grpc) as api:
        terminations = api.terminations()
        assert len(terminations) == 5
        for termination in terminations:
            assert (termination.trigger, termination.intent, termination.principal) == (
                pb.TRIGGER_DRAIN, pb.INTENT_MAINTENANCE, "adieu")
        told = sorted(sorted(endings(t).values()) for t in terminations)
        assert told == sorted([["BYE ENDED", "BYE ENDED"]] * 2 + [["CANCEL ENDED", "FINAL_RESPONSE ENDED"]] * 3)


def test_calls_go_on_while_there_is_time():
    """New calls are refused; what is there rings on, is answered, asks, hangs up; then the process exits."""
    with Through(config=LATER) as through:
        first, second = through.ringing(), through.ringing()
        up = through.answered()
        through.server.terminate()
        wait_value(through.server.metrics, 1, "adieu_draining")
        refused = through.place()
        final = refused.caller.final()
        assert final.status == 503 and final.has("Retry-After"), final
        assert not through.udp.offered(refused.user)
        first.answer()
        number = up.callee.send_request("INFO")
        up.caller.answer(up.caller.expect_in_dialog("INFO"))
        assert up.callee.reply_to("INFO", number).status == 200
        termination = through.api.terminate(second.name, intent=pb.INTENT_ELSEWHERE)
        second.caller.final()
        second.callee.expect_cancelled()
        assert second.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
        up.hang_up()
        assert through.server.alive()
        assert first.callee.bye().status == 200
        first.caller.expect_bye()
        assert through.server.wait_exit(30 * SCALE) == 0


@pytest.mark.parametrize("state", ["ringing", "answered"])
def test_a_second_sigterm_does_not_hang(state):
    with Through(config=LATER) as through:
        getattr(through, state)()
        through.server.terminate()
        wait_value(through.server.metrics, 1, "adieu_draining")
        assert through.place().caller.final().status == 503
        through.server.terminate()
        assert through.server.wait_exit(20 * SCALE) >= 0, "killed by a signal"
        through.server.kill()
