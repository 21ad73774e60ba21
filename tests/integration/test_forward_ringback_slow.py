"""While the callee rings the caller hears of it within each minute (RFC 3261 13.3.1.1), and then no longer."""

import pytest

from harness import sip
from harness.stubs import pb
from harness.wait import SCALE, Deadline

MINUTE = 62 * SCALE
EARLY = sip.ANSWER.replace("49180", "49190")


def progress(call):
    """Every 1xx above 100 that the caller got, repeated ones too."""
    peer = call.caller.peer
    return [message for message in peer.received if message.call_id == call.caller.call_id and 100 < message.status < 200
            for _ in range(1 + peer.repeats[message.raw])]


@pytest.mark.slow
def test_the_last_provisional_response_is_repeated(through):
    """180; 183 with SDP after a 180; 180 after a 183; nothing at all; and calls that ended or were answered meanwhile."""
    plain, media, back, silent, ended, answered = (through.calling() for _ in range(6))
    for call in (plain, media, ended, answered):
        call.ring()
    for call in (media, back):
        call.callee.respond(183, "With media", body=EARLY)
        call.caller.expect(183)
    back.ring(phrase="Ringing again")
    silent.callee.respond(100)
    ended.cancel()
    answered.answer()
    before = {call: len(progress(call)) for call in (plain, media, back, silent, ended, answered)}
    peer, deadline = plain.caller.peer, Deadline(MINUTE)
    while any(len(progress(call)) == before[call] for call in (plain, media, back)):
        assert not deadline.over(), {call.user: len(progress(call)) for call in before}
        peer.pump(deadline.left())
    for call, status, phrase, body in ((plain, 180, "Ringing", ""), (media, 183, "With media", EARLY),
                                       (back, 180, "Ringing again", "")):
        repeated = progress(call)[-1]
        assert (repeated.status, repeated.phrase) == (status, phrase), repeated
        assert repeated.body.decode() in (body, ""), repeated
        assert call.get().state == pb.CALL_STATE_RINGING
    for call in (silent, ended, answered):
        assert len(progress(call)) == before[call], "a 1xx that nobody sent"
    for call in (plain, media, back):
        call.cancel()
    silent.ring()
    silent.cancel()
    answered.hang_up()
