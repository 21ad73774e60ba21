"""2,000 calls ring at once: all are listed, all are ended, none is lost."""

from harness import sip
from harness.api import Api, final_response
from harness.metrics import scrape
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import SCALE, Deadline, until

CALLS = 2000
WINDOW = 100
PATIENCE = 60 * SCALE


def collect(peer, calls, status, again=None):
    """Waits until each call had a message with this status."""
    deadline = Deadline(PATIENCE)
    missing = dict(calls)
    while missing:
        for call_id in list(missing):
            if any(m.status == status and m.method == "INVITE" for m in peer.inbox[call_id]):
                del missing[call_id]
        if not missing:
            return
        assert not deadline.over(), f"{len(missing)} of {len(calls)} calls without {status}"
        if not peer.pump(min(0.5, deadline.left())) and again:
            for call in missing.values():
                again(call)  # as RFC 3261 17.1.1.2 has it


def test_two_thousand_calls():
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = {}
        for _ in range(CALLS // WINDOW):
            window = {}
            for _ in range(WINDOW):
                call = peer.invite()
                window[call.call_id] = call
            collect(peer, window, 180, again=lambda call: call.send_invite())
            calls.update(window)
        listed = until(lambda: (lambda found: found if len(found) == CALLS else None)(api.list(page_size=300)),
                       f"{CALLS} calls listed", PATIENCE)
        assert {call.caller.sip_call_id for call in listed} == set(calls)
        assert {call.state for call in listed} == {pb.CALL_STATE_RINGING}
        assert scrape(server.metrics).value("adieu_calls", state="ringing") == CALLS

        names = {call.caller.sip_call_id: call.name for call in listed}
        pending = []
        for call_id, name in names.items():
            pending.append(api.terminate_later(name, treatment=final_response(486), timeout=PATIENCE))
            if len(pending) >= 200:
                terminations = pending.pop(0).result()
                assert terminations.legs[0].status_code == 486
            while peer.pump():
                pass
        for later in pending:
            assert later.result().legs[0].status_code == 486
        for call in calls.values():
            final = call.final(PATIENCE)
            assert final.status == 486
        for call_id in calls:
            others = [m for m in peer.inbox[call_id] if m.status >= 200]
            assert not others, "a second final response"
        match = pb.CallMatch(state=pb.CALL_STATE_RINGING)
        assert not api.list(match)

        ended = until(
            lambda: (lambda found: found if len(found) == CALLS else None)(
                api.terminations(outcome=pb.LEG_OUTCOME_ENDED, page_size=1000)),
            f"{CALLS} terminations ENDED", PATIENCE)
        assert len({termination.call for termination in ended}) == CALLS
        page = scrape(server.metrics)
        assert page.value("adieu_calls") == 0
        assert page.value("adieu_terminations_total", outcome="ended") == CALLS
        assert page.value("adieu_calls_total") == CALLS


def test_terminations_of_many_calls_survive_a_restart(tmp_path):
    store = f"sqlite:{tmp_path}/many.db"
    with Server(store=store) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = [peer.invite() for _ in range(50)]
        for call in calls:
            call.ring()
        pending = [
            api.terminate_later(sip_call_id=call.call_id, treatment=final_response(486), request_id=call.call_id)
            for call in calls]
        names = {later.result().name for later in pending}
        for call in calls:
            call.final()
        until(lambda: len(api.terminations(outcome=pb.LEG_OUTCOME_ENDED)) == 50, "all ENDED")
        before = api.terminations()
    with Server(store=store) as server, Api(server.grpc) as api:
        assert api.terminations() == before
        assert {termination.name for termination in before} == names


def test_a_burst_of_short_calls():
    """INVITE and CANCEL of 500 calls at once: 487 each, nothing stays."""
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = {}
        for _ in range(500):
            call = peer.invite(call_id=sip.token())
            call.cancel()
            calls[call.call_id] = call

        def again(call):
            call.send_invite()
            call.cancel()

        collect(peer, calls, 487, again)
        for call in calls.values():
            call.final()
        until(lambda: scrape(server.metrics).value("adieu_calls") == 0, "no live call")
        assert {call.state for call in api.list()} == {pb.CALL_STATE_TERMINATED}
