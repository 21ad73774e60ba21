"""What waits for 64*T1 (32 s) on two legs: all of it at once. Nobody is let wait who has done his part.

| who is silent                                   | what is seen                                                     |
|-------------------------------------------------|------------------------------------------------------------------|
| callee: nothing, call ended by us or caller     | caller let go at once; callee leg TIMED_OUT                      |
| callee: CANCEL answered, no 487                 | TIMED_OUT                                                        |
| callee: CANCEL not answered                     | TIMED_OUT                                                        |
| either: BYE not answered                        | that leg TIMED_OUT, the other ENDED                              |
| caller: 200 not acknowledged, ended by us       | callee BYE at once; caller TIMED_OUT, BYE all the same           |
| caller: 200 not acknowledged, nobody ended it   | BYE to both, ended_by TIMEOUT                                    |
| caller: reliable 1xx not acknowledged           | 504, CANCEL to the callee                                        |
| callee: nothing, nobody ended it                | 480 to the caller, no 408 (RFC 3261 16.7)                        |
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.stubs import pb
from harness.through import Through
from harness.wait import SCALE

WAIT = 50 * SCALE
PATIENT = {"patient": {"targets": ["{udp}"], "no_answer_timeout": "60s"}}
NORMAL = 'Q.850;cause=16;text="Normal call clearing"'


class Case:
    """One row: begin() is quick; finish() waits for the 32 s that all rows share."""

    def __init__(self, through):
        self.through = through
        self.api = through.api

    def begin(self):
        raise NotImplementedError

    def finish(self):
        raise NotImplementedError

    def settled(self, **wanted):
        record = self.api.termination(self.termination.name, self.call.name, seconds=WAIT)
        legs = self.call.settled(self.termination, WAIT)
        assert legs == wanted, legs
        for leg in record.legs:
            if leg.outcome == pb.LEG_OUTCOME_TIMED_OUT:
                assert leg.end_time.seconds - record.request_time.seconds >= 30, leg
            else:
                assert leg.end_time.seconds - record.request_time.seconds < 25, leg


class SilentCallee(Case):
    def begin(self):
        self.call = self.through.calling("patient")
        self.termination = self.api.terminate(self.call.name, treatment=final_response(486))
        assert self.call.caller.final().status == 486

    def finish(self):
        self.settled(caller="FINAL_RESPONSE ENDED", callee="CANCEL TIMED_OUT")
        self.call.ended(by=pb.ENDED_BY_ADIEU)
        self.call.callee.none_of("CANCEL", "BYE", "ACK")
        self.call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE")


class SilentCalleeAndTheCallerCancels(Case):
    def begin(self):
        self.call = self.through.calling("patient")
        self.call.caller.cancel("SIP;cause=200")
        assert self.call.caller.final().status == 487

    def finish(self):
        self.call.ended(by=pb.ENDED_BY_CALLER, seconds=WAIT)
        self.call.callee.none_of("CANCEL", "BYE", "ACK")


class SilentCalleeThatNobodyEnded(Case):
    def begin(self):
        self.call = self.through.calling("patient")

    def finish(self):
        final = self.call.caller.final(WAIT)
        assert final.status == 480, final
        assert not final.has("Retry-After"), final
        self.call.ended(seconds=WAIT)
        self.call.expect_ladders("<INVITE >100 >480 <ACK", ">INVITE")


class No487(Case):
    def begin(self):
        self.call = self.through.ringing("patient")
        self.termination = self.api.terminate(self.call.name, intent=pb.INTENT_ELSEWHERE)
        self.call.caller.final()
        self.call.callee.expect_cancel(final=False)

    def finish(self):
        self.settled(caller="FINAL_RESPONSE ENDED", callee="CANCEL TIMED_OUT")
        self.call.ended(by=pb.ENDED_BY_ADIEU)
        self.call.expect_ladders("<INVITE >100 >180 >487 <ACK", ">INVITE <180 >CANCEL <200")


class NoAnswerToTheCancel(Case):
    def begin(self):
        self.call = self.through.ringing("patient")
        self.termination = self.api.terminate(self.call.name, treatment=final_response(486))
        self.call.caller.final()
        self.cancel = self.call.callee.expect_cancel(answer=False)

    def finish(self):
        self.call.callee.peer.expect_repeat(self.cancel, 5, WAIT)
        self.settled(caller="FINAL_RESPONSE ENDED", callee="CANCEL TIMED_OUT")
        self.call.ended(by=pb.ENDED_BY_ADIEU)


class NoAnswerToTheBye(Case):
    def __init__(self, through, who):
        super().__init__(through)
        self.who = who

    def begin(self):
        self.call = self.through.answered("patient")
        self.termination = self.api.terminate(self.call.name)
        self.byes = {who: getattr(self.call, who).expect_bye(answer=who != self.who) for who in ("caller", "callee")}

    def finish(self):
        getattr(self.call, self.who).peer.expect_repeat(self.byes[self.who], 5, WAIT)
        self.settled(**{"caller": "BYE ENDED", "callee": "BYE ENDED", self.who: "BYE TIMED_OUT"})
        self.call.ended(by=pb.ENDED_BY_ADIEU)


class NoAnswerToARelayedBye(Case):
    """The callee has hung up, its peer is gone: the call is over all the same."""

    def begin(self):
        self.call = self.through.answered("patient")
        assert self.call.callee.bye().status == 200
        self.call.caller.expect_bye(answer=False)

    def finish(self):
        self.call.ended(by=pb.ENDED_BY_CALLEE, seconds=WAIT)


class NoAckOfThe200(Case):
    def __init__(self, through, ended):
        super().__init__(through)
        self.by_us = ended

    def begin(self):
        self.call = self.through.ringing("patient")
        self.call.callee.accept()
        self.answered = self.call.caller.final(ack=False)
        self.call.callee.expect_ack()
        if self.by_us:
            self.termination = self.api.terminate(self.call.name)
            assert self.call.callee.expect_bye().members("Reason") == [NORMAL]

    def finish(self):
        self.call.caller.peer.expect_repeat(self.answered, 5, WAIT)
        assert self.call.caller.expect_bye(WAIT).has("Reason")
        if self.by_us:
            self.settled(caller="BYE TIMED_OUT", callee="BYE ENDED")
        else:
            assert self.call.callee.expect_bye(WAIT).has("Reason")
        self.call.ended(by=pb.ENDED_BY_ADIEU if self.by_us else pb.ENDED_BY_TIMEOUT, seconds=WAIT, timed_out=True)


class NoAckOfADelayedOffer(Case):
    """RFC 3261 13.3.1.4: the callee's own wait for its ACK is as long; it gets ACK and BYE, or gives up by itself."""

    def begin(self):
        self.call = self.through.ringing("patient", offer=None)
        self.call.callee.accept(body=sip.OFFER)
        self.call.caller.final(ack=False)

    def finish(self):
        assert self.call.caller.expect_bye(WAIT).has("Reason")
        self.call.callee.expect_ack(WAIT)
        self.call.callee.expect_bye(WAIT)
        self.call.ended(by=pb.ENDED_BY_TIMEOUT, seconds=WAIT, timed_out=True)


class NoPrack(Case):
    def begin(self):
        self.call = self.through.calling("patient", headers=[("Supported", "100rel"), ("Require", "100rel")])
        self.call.callee.respond(180, headers=[("Require", "100rel"), ("RSeq", "1")])
        self.ringing = self.call.caller.ring()

    def finish(self):
        self.call.caller.peer.expect_repeat(self.ringing, 3, WAIT)
        assert self.call.caller.final(WAIT).status == 504
        # The callee repeats its 180 in vain too; it is cancelled, whatever it does.
        self.call.callee.expect_cancelled(WAIT)
        self.call.ended(seconds=WAIT)


class NoAnswerToAReinvite(Case):
    """The asker gets a final response, never 408; the call then is alive at both ends or ended at both."""

    def begin(self):
        self.call = self.through.answered("patient")
        self.number = self.call.caller.send_reinvite()
        self.call.callee.expect_in_dialog("INVITE")

    def finish(self):
        refused = self.call.caller.reply_to("INVITE", self.number, WAIT)
        self.call.caller.ack(refused)
        assert refused.status in (480, 488, 491, 500, 504), refused
        if self.call.get().state == pb.CALL_STATE_ANSWERED:
            self.termination = self.api.terminate(self.call.name)
            self.call.caller.expect_bye()
            self.call.callee.expect_bye()
        else:
            self.call.caller.expect_bye()
            self.call.callee.expect_bye()
        self.call.ended()


class OneSilentTarget(Case):
    """The default no_answer_timeout, and nobody is left to call: 480 or 500."""

    def begin(self):
        self.call = self.through.calling("udp")

    def finish(self):
        final = self.call.caller.final(WAIT)
        assert final.status in (480, 500) and not final.has("Retry-After"), final
        self.call.ended(seconds=WAIT)


ROWS = {
    "silent callee": SilentCallee, "silent callee, caller cancels": SilentCalleeAndTheCallerCancels,
    "silent callee, nobody ends it": SilentCalleeThatNobodyEnded, "no 487": No487,
    "no answer to CANCEL": NoAnswerToTheCancel,
    "no answer to BYE at the caller": lambda through: NoAnswerToTheBye(through, "caller"),
    "no answer to BYE at the callee": lambda through: NoAnswerToTheBye(through, "callee"),
    "no answer to a relayed BYE": NoAnswerToARelayedBye,
    "no ACK of the 200, ended by us": lambda through: NoAckOfThe200(through, True),
    "no ACK of the 200": lambda through: NoAckOfThe200(through, False), "no ACK of a delayed offer": NoAckOfADelayedOffer,
    "no PRACK": NoPrack, "no answer to a re-INVITE": NoAnswerToAReinvite, "one silent target": OneSilentTarget,
}


@pytest.fixture(scope="module")
def begun():
    """Every row, begun at the same time: {what: (row, why it could not begin or None)}."""
    with Through(routes=PATIENT, callee_of={"patient": "udp"}) as through:
        rows = {}
        for what, make in ROWS.items():
            row, failure = make(through), None
            try:
                row.begin()
            except AssertionError as caught:
                failure = caught
            rows[what] = (row, failure)
        yield rows


@pytest.mark.slow
@pytest.mark.parametrize("what", ROWS)
def test_a_silent_phone(begun, what):
    row, failure = begun[what]
    if failure:
        raise failure
    row.finish()
