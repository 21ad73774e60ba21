"""A proxy behind us forks: several To tags in one call (RFC 3261 13.2.2.4, 19.3). The caller sees one dialog.

    INVITE >       INVITE >
    < 180          < 180 a
    < 183          < 183 b           its SDP is not passed
    < 200 a        < 200 a
    ACK >          ACK > a
                   < 200 b           ACK and BYE by us
"""

import pytest

from harness import sip
from harness.api import final_response
from harness.metrics import scrape
from harness.stubs import pb
from harness.wait import until

SDP_A = sip.ANSWER.replace("49180", "40001")
SDP_B = sip.ANSWER.replace("49180", "40002")


class Fork:
    """Another To tag of a call, with its own Contact."""

    def __init__(self, incoming, contact=None):
        self.incoming = incoming
        self.tag = sip.token()
        plain = sip.uri_of(incoming.contact)
        self.contact = contact or f"<{plain.replace('sip:', 'sip:fork-')}>"

    def respond(self, status, phrase=None, **arguments):
        self.incoming.respond(status, phrase, tag=self.tag, contact=self.contact if status < 300 else None, **arguments)

    def expect(self, method):
        """A request of the server in this fork's dialog."""
        incoming = self.incoming
        received = incoming.peer.expect(
            incoming.call_id, lambda m: not m.status and m.method == method and m.to_tag == self.tag,
            f"{method} of the fork")
        assert received.uri == sip.uri_of(self.contact), received
        return received


def bodies(call):
    return [m.body.decode() for m in call.caller.peer.received if m.call_id == call.caller.call_id and m.body]


def test_the_second_tags_early_sdp_is_not_passed(through):
    call = through.calling()
    first, second = call.callee, Fork(call.callee)
    first.respond(183, body=SDP_A)
    assert call.caller.expect(183).body.decode() == SDP_A
    second.respond(183, "From the second", body=SDP_B)
    second.respond(180, "Second rings")
    first.ring(phrase="First rings")
    call.caller.peer.expect(call.caller.call_id, lambda m: m.phrase == "First rings", "180 of the first")
    call.answer(body=SDP_A)
    assert set(bodies(call)) == {SDP_A}
    assert len({m.to_tag for m in call.caller.peer.received if m.call_id == call.caller.call_id and m.status > 100}) == 1
    call.hang_up()


def test_the_first_tag_only_rang(through):
    """Early SDP of the second tag may pass then or not; the answer of the first one passes."""
    call = through.calling()
    first, second = call.callee, Fork(call.callee)
    first.ring()
    call.caller.ring()
    second.respond(183, body=SDP_B)
    call.answer(body=SDP_A)
    assert call.caller.answered.body.decode() == SDP_A
    call.hang_up()


def test_the_winner_is_whoever_answers_first(through):
    """The second tag answers: its SDP and its Contact count from then on."""
    call = through.calling()
    first, second = call.callee, Fork(call.callee)
    first.respond(183, body=SDP_A)
    call.caller.expect(183)
    second.respond(180)
    second.respond(200, body=SDP_B)
    answered = call.caller.final()
    assert answered.body.decode() == SDP_B
    second.expect("ACK")
    first.forks = {first.tag}
    first.tag, first.contact, first.final = second.tag, second.contact, 200
    number = call.caller.send_request("INFO")
    first.answer(first.expect_in_dialog("INFO"))
    assert call.caller.reply_to("INFO", number).status == 200
    call.hang_up()


def test_a_second_200_gets_ack_and_bye(through):
    """RFC 3261 13.2.2.4: the caller hears nothing of it, the call goes on with the first."""
    call = through.ringing()
    second = Fork(call.callee)
    second.respond(180)
    call.answer(body=SDP_A)
    second.respond(200, body=SDP_B)
    ack, bye = second.expect("ACK"), second.expect("BYE")
    assert ack.cseq == call.callee.invite.cseq
    call.callee.answer(bye)
    call.callee.peer.options()
    received = call.callee.peer.received
    assert received.index(ack) < received.index(bye)
    assert len(call.caller.finals()) == 1
    call.caller.none_of("BYE")
    number = call.caller.send_request("INFO")
    call.callee.answer(call.callee.expect_in_dialog("INFO"))
    assert call.caller.reply_to("INFO", number).status == 200
    call.hang_up()


def test_a_second_200_before_the_caller_acknowledged_the_first(through):
    call = through.ringing()
    second = Fork(call.callee)
    call.callee.accept(body=SDP_A)
    second.respond(200, body=SDP_B)
    second.expect("ACK")
    call.callee.answer(second.expect("BYE"))
    call.caller.final()
    call.callee.expect_ack()
    assert len(call.caller.finals()) == 1
    call.hang_up()


@pytest.mark.parametrize("ender", ["adieu", "caller"])
def test_every_fork_is_cancelled_by_one_cancel(through, ender):
    """One CANCEL goes to the proxy; 200s of both forks that cross it get ACK and BYE each."""
    call = through.ringing()
    first, second = call.callee, Fork(call.callee)
    second.respond(180)
    call.callee.peer.options()
    termination = None
    if ender == "adieu":
        termination = through.api.terminate(call.name, treatment=final_response(486))
    else:
        call.caller.cancel()
    call.caller.final()
    first.answer(first.expect_cancel(answer=False))
    first.accept(body=SDP_A)
    second.respond(200, body=SDP_B)
    first.expect_ack()
    first.expect_bye()
    second.expect("ACK")
    first.answer(second.expect("BYE"))
    assert len([m for m in first.peer.received if m.call_id == first.call_id and m.method == "CANCEL"]) == 1
    if termination:
        legs = call.settled(termination)
        assert legs["caller"] == "FINAL_RESPONSE ENDED"
        assert legs["callee"].endswith(" ANSWERED_FIRST"), legs
    call.ended()


def test_further_tags_are_counted(through):
    name = "adieu_fork_total"
    before = scrape(through.server.metrics).value(name)
    call = through.ringing()
    for status in (180, 183, 180):
        Fork(call.callee).respond(status)
    call.callee.peer.options()
    until(lambda: scrape(through.server.metrics).value(name) == before + 3, "three further tags")
    call.cancel()
    assert scrape(through.server.metrics).value(name) == before + 3


@pytest.mark.parametrize("code", [486, 603, 408])
def test_the_one_final_response_of_a_forking_proxy(through, code):
    """The proxy chose the best of its forks' refusals (RFC 3261 16.7): any To tag may carry it."""
    call = through.ringing()
    second = Fork(call.callee)
    second.respond(183, body=SDP_B)
    call.callee.respond(code, tag=second.tag)
    assert call.caller.final().status == code
    ack = call.callee.peer.expect(call.callee.call_id, lambda m: m.method == "ACK" and not m.status, "ACK")
    assert (ack.to_tag, ack.branch) == (second.tag, call.callee.invite.branch)
    call.ended(by=pb.ENDED_BY_CALLEE)
