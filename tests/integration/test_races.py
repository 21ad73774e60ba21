"""The races of RFC 5407 that concern a UAS, and the retransmissions of RFC 3261 17.2.1.

    ours against CANCEL      BYE against BYE      lost final      INVITE twice      INVITE merged
"""

import collections
import concurrent.futures

import grpc
import pytest

from harness.api import Refusal, answer_then_bye, final_response, ladder
from harness.peer import Call
from harness.stubs import pb
from harness.wait import until


def ringing(peer, api, **invite):
    call = peer.invite(**invite)
    call.ring()
    return call, api.find(call.call_id).name


def finals(peer, call):
    """Every different final response to the INVITE that came so far."""
    return [m for m in peer.received if m.call_id == call.call_id and m.method == "INVITE" and m.status >= 200]


def test_cancel_after_our_final(any_peer, api):
    """486 left, the caller's CANCEL comes before its ACK: 200 to the CANCEL, no 487."""
    call, name = ringing(any_peer, api)
    termination = api.terminate(name, treatment=final_response(486))
    final = call.final(ack=False)
    call.cancel()
    assert call.reply_to("CANCEL").status in (200, 481)
    call.ack(final)
    leg, = api.termination(termination.name, name).legs
    assert (leg.outcome, leg.status_code) == (pb.LEG_OUTCOME_ENDED, 486)
    assert [m.status for m in finals(any_peer, call)] == [486]
    assert api.get(name).ended_by == pb.ENDED_BY_ADIEU


def test_our_final_after_the_cancel(any_peer, api):
    call, name = ringing(any_peer, api)
    call.cancel()
    assert call.reply_to("CANCEL").status == 200
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    with api.refused("FAILED_PRECONDITION", "CALL_TERMINATED"):
        api.terminate(name, treatment=final_response(486))
    assert call.final().status == 487
    any_peer.options()
    assert [m.status for m in finals(any_peer, call)] == [487]


def test_our_final_and_the_cancel_at_once(peer, api):
    """Whoever wins: one final response, and a termination that tells the truth."""
    seen = collections.Counter()
    for _ in range(30):
        call, name = ringing(peer, api)
        later = api.terminate_later(name, treatment=final_response(486))
        call.cancel()
        final = call.final()
        try:
            termination = later.result()
            leg, = api.termination(termination.name, name).legs
            if final.status == 487:
                assert leg.outcome == pb.LEG_OUTCOME_PEER_FIRST, leg
            else:
                assert (final.status, leg.outcome) == (486, pb.LEG_OUTCOME_ENDED), (final, leg)
            seen[final.status] += 1
        except grpc.RpcError as error:
            refusal = Refusal(error)
            assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "CALL_TERMINATED"), refusal
            assert final.status == 487
            seen["refused"] += 1
        assert call.reply_to("CANCEL").status in (200, 481)
        peer.options()
        assert len(finals(peer, call)) == 1, finals(peer, call)
        api.wait_state(name, pb.CALL_STATE_TERMINATED)
    assert sum(seen.values()) == 30


def test_cancel_after_our_200(peer, api):
    """The CANCEL comes too late: the call is answered, and ended by our BYE (RFC 3261 9.2)."""
    call, name = ringing(peer, api)
    termination = api.terminate(name, treatment=answer_then_bye())
    answered = call.final(ack=False)
    call.cancel()
    assert call.reply_to("CANCEL").status in (200, 481)
    call.ack(answered)
    call.expect_bye()
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED
    assert [m.status for m in finals(peer, call)] == [200]


def test_bye_against_bye(any_peer, api):
    """Both sides send BYE, each answers 200: the caller's counts as first."""
    call, name = ringing(any_peer, api)
    termination = api.terminate(name, treatment=answer_then_bye())
    call.final()
    ours = call.expect_bye(answer=False)
    assert call.bye().status == 200
    call.answer(ours)
    leg, = api.termination(termination.name, name).legs
    assert leg.outcome == pb.LEG_OUTCOME_PEER_FIRST, leg
    api.wait_state(name, pb.CALL_STATE_TERMINATED)


def test_the_callers_bye_right_behind_its_ack(peer, api):
    for _ in range(10):
        call, name = ringing(peer, api)
        termination = api.terminate(name, treatment=answer_then_bye())
        answered = call.final(ack=False)
        bye = call.in_dialog("BYE", answered)
        call.ack(answered)
        peer.send(bye)
        assert call.reply_to("BYE").status == 200
        leg, = api.termination(termination.name, name).legs
        assert leg.outcome in (pb.LEG_OUTCOME_PEER_FIRST, pb.LEG_OUTCOME_ENDED), leg
        api.wait_state(name, pb.CALL_STATE_TERMINATED)


def test_the_callers_bye_before_its_ack(peer, api):
    """RFC 5407 3.1.4: the ACK was lost or overtaken."""
    call, name = ringing(peer, api)
    termination = api.terminate(name, treatment=answer_then_bye())
    answered = call.final(ack=False)
    assert call.bye().status == 200
    call.ack(answered)
    leg, = api.termination(termination.name, name).legs
    assert leg.outcome == pb.LEG_OUTCOME_PEER_FIRST, leg
    assert ("BYE", ">") not in ladder(api.wait_state(name, pb.CALL_STATE_TERMINATED))


def test_a_lost_final_is_repeated_until_the_ack(peer, api):
    call, name = ringing(peer, api)
    termination = api.terminate(name, treatment=final_response(486))
    final = call.final(ack=False)
    peer.expect_repeat(final, 2)
    assert api.termination(termination.name, name, settled=False).legs[0].outcome == pb.LEG_OUTCOME_SENT
    call.ack(final)
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED
    repeats = peer.repeats[final.raw]
    peer.pump(3)  # the next one would come 2 s after the second
    assert peer.repeats[final.raw] == repeats


def test_a_repeated_ack_changes_nothing(peer, api):
    call, name = ringing(peer, api)
    termination = api.terminate(name, treatment=final_response(486))
    final = call.final()
    call.ack(final)
    call.ack(final)
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED
    peer.options()


def test_a_repeated_invite_is_the_same_call(peer, api):
    call, name = ringing(peer, api)
    progress = [m for m in peer.received if m.call_id == call.call_id][-1]
    call.send_invite()
    peer.expect_repeat(progress)
    assert [found.name for found in api.by_call_id(call.call_id)] == [name]
    api.terminate(name, treatment=final_response(486))
    final = call.final(ack=False)
    call.send_invite()
    peer.expect_repeat(final)
    call.ack(final)
    assert len(api.by_call_id(call.call_id)) == 1
    assert [m.status for m in finals(peer, call)] == [486]


def test_an_invite_twice_in_one_breath(peer, api):
    call = peer.invite()
    call.send_invite()
    call.ring()
    assert api.find(call.call_id).state == pb.CALL_STATE_RINGING


def test_a_merged_request_gets_482(peer, api):
    """The same request over another path: same Call-ID, From tag and CSeq, another branch (RFC 3261 8.2.2.2)."""
    call, name = ringing(peer, api)
    merged = Call(peer, call_id=call.call_id, from_tag=call.from_tag, cseq=call.cseq)
    merged.send_invite()
    refused = peer.expect(call.call_id, lambda m: merged.branch in m.all("Via")[0] and m.status >= 200, "482")
    assert refused.status == 482
    merged.ack(refused)
    assert [found.name for found in api.by_call_id(call.call_id)] == [name]
    api.terminate(name, treatment=final_response(480))
    assert peer.expect(
        call.call_id, lambda m: call.branch in m.all("Via")[0] and m.status >= 200, "480").status == 480


def test_ended_as_soon_as_it_is_seen(peer, api):
    """No wait for the 180: what is listed can be ended."""
    for _ in range(10):
        call = peer.invite()
        name = api.find(call.call_id).name
        api.terminate(name, treatment=final_response(486))
        assert call.final().status == 486
        peer.options()
        assert [m.status for m in finals(peer, call)] == [486]


@pytest.mark.parametrize("rivals", [2, 8])
def test_two_requests_for_one_call(peer, api, rivals):
    """One is carried out, the others are told that the call is ending or ended."""
    for _ in range(5):
        call, name = ringing(peer, api)
        with concurrent.futures.ThreadPoolExecutor(rivals) as pool:
            def ask(code):
                try:
                    return api.terminate(name, treatment=final_response(code))
                except grpc.RpcError as error:
                    return Refusal(error)
            answers = list(pool.map(ask, range(480, 480 + rivals)))
        final = call.final()
        accepted = [answer for answer in answers if not isinstance(answer, Refusal)]
        assert len(accepted) == 1, answers
        assert accepted[0].legs[0].status_code == final.status
        for refusal in answers:
            if isinstance(refusal, Refusal):
                assert refusal.code == "FAILED_PRECONDITION", refusal
                assert refusal.reason in ("CALL_TERMINATING", "CALL_TERMINATED"), refusal
        peer.options()
        assert len(finals(peer, call)) == 1


def test_the_caller_goes_away_without_a_word(server, api):
    """Its socket is closed: our final response meets an ICMP refusal; the call still ends."""
    from harness.peer import UdpPeer
    with UdpPeer(server.sip("v4")) as gone:
        call, name = ringing(gone, api)
    termination = api.terminate(name, treatment=final_response(486))
    assert termination.name
    until(lambda: api.get(name).state == pb.CALL_STATE_TERMINATED, "the call ended")


def test_a_tcp_caller_hangs_up_the_connection(server, api):
    from harness.peer import TcpPeer
    with TcpPeer(server.sip("v4")) as gone:
        call, name = ringing(gone, api)
    termination = api.terminate(name, treatment=final_response(486))
    assert termination.name
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
