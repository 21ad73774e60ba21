"""ApplyCancelPolicy over calls with scripted phones: what it ends, what it leaves alone, how it stops and goes on."""

import collections
import json
import signal
import threading

import grpc
import pytest

from harness.api import Api
from harness.cli import adieu, watching
from harness.metrics import scrape
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.through import endings
from harness.wait import DEADLINE, SCALE, until


def users(prefix):
    """The calls to a user part that begins so."""
    return pb.CallMatch(request_uri=pb.StringMatch(prefix=f"sip:{prefix}"))


def named(*names):
    return pb.CallMatch(names=pb.StringList(values=names))


def start(api, match, max_calls=1000, timeout=DEADLINE * 3, **fields):
    return api.stub.ApplyCancelPolicy(
        pb.ApplyCancelPolicyRequest(match=match, max_calls=max_calls, **fields), timeout=timeout)


def sweep(api, match, **fields):
    """The last message, with the terminations of all of them."""
    last, terminations = None, []
    for last in start(api, match, **fields):
        terminations += last.terminations
    del last.terminations[:]
    last.terminations.extend(terminations)
    return last


def in_turn(api, calls):
    """As a sweep takes them. Calls of the same millisecond have no order of their own."""
    return sorted(calls, key=lambda call: api.find(call.call_id).name)


def stop(server, stream):
    """Closes the stream, and waits until the server knows."""
    stream.cancel()
    until(lambda: scrape(server.metrics).value("adieu_sweeps") == 0, "no sweep runs")


def counts(message):
    return (message.matched_count, message.ended_count, message.failed_count, message.skipped_count)


def ring(peer, count, user):
    calls = [peer.invite(user=user) for _ in range(count)]
    for call in calls:
        call.ring()
    return calls


def test_every_ringing_call_gets_one_ending(server, api):
    with UdpPeer(server.sip("v4")) as peer:
        calls, others = [], ring(peer, 3, "left-alone")
        for _ in range(10):
            calls += ring(peer, 30, "swept")
        first = None
        terminations = []
        for message in start(api, users("swept@"), intent=pb.INTENT_BUSY, note="closed", request_id="all"):
            first = first or message
            terminations += message.terminations
        assert counts(first) == (300, 0, 0, 0) and first.sweep.startswith("sweeps/")
        assert counts(message) == (300, 300, 0, 0)
        assert len({termination.call for termination in terminations}) == 300
        for termination in terminations:
            assert termination.sweep == first.sweep and termination.note == "closed"
            assert termination.trigger == pb.TRIGGER_REQUEST and termination.intent == pb.INTENT_BUSY
        for call in calls:
            assert call.final().status == 486
        assert len(api.terminations(sweep=first.sweep)) == 300
        again = list(start(api, users("swept@"), intent=pb.INTENT_BUSY, note="closed", request_id="all"))
        assert [counts(message) for message in again] == [(300, 300, 0, 0)], "a finished one says its last word again"
        assert not again[0].terminations
        for call in others:
            call.no_final()
            call.cancel()
            call.final()


@pytest.mark.parametrize("state", ["calling", "ringing", "answered"])
def test_calls_with_two_legs(through, state):
    calls = [getattr(through, state)() for _ in range(5)]
    match = named(*(call.name for call in calls))
    stream = start(through.api, match, intent=pb.INTENT_ELSEWHERE)
    for call in calls:
        if state == "answered":
            call.caller.expect_bye()
            call.callee.expect_bye()
            continue
        call.caller.final()
        if state == "calling":
            call.callee.ring()
        cancel = call.callee.expect_cancelled()
        assert "Call completed elsewhere" in cancel.one("Reason")
    last = list(stream)[-1]
    assert counts(last) == (5, 5, 0, 0)
    found = through.api.terminations(sweep=last.sweep)
    assert {termination.call for termination in found} == {call.name for call in calls}
    wanted = {"answered": {"caller": "BYE ENDED", "callee": "BYE ENDED"}}.get(
        state, {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"})
    for termination, call in ((termination, call) for termination in found for call in calls if call.name == termination.call):
        assert call.settled(termination) == wanted
    for call in calls:
        call.ended(by=pb.ENDED_BY_ADIEU)


def test_too_many_matches_end_none(server, api, peer):
    calls = ring(peer, 4, "many")
    with api.refused("FAILED_PRECONDITION", "TOO_MANY_MATCHES") as seen:
        sweep(api, users("many@"), max_calls=3)
    assert dict(seen["refusal"].info.metadata) == {"matched_count": "4", "max_calls": "3"}
    for call in calls:
        call.no_final()
    assert counts(sweep(api, users("many@"), max_calls=4)) == (4, 4, 0, 0)
    for call in calls:
        call.final()


def test_validate_only_shows_and_does_nothing(server, api, peer):
    calls = ring(peer, 3, "shown")
    shown = sweep(api, users("shown@"), intent=pb.INTENT_NOT_FOUND, validate_only=True)
    assert shown.sweep == "" and counts(shown) == (3, 0, 0, 0)
    assert {termination.call for termination in shown.terminations} == {api.find(call.call_id).name for call in calls}
    for termination in shown.terminations:
        assert termination.name == "" and termination.rule == "not_found"
        assert endings(termination) == {"caller": "FINAL_RESPONSE UNSPECIFIED"}
        assert termination.legs[0].status_code == 404
    for call in calls:
        call.no_final()
        call.cancel()
        call.final()


def test_a_policy_decides_named_or_inline(server, api, peer):
    rules = [pb.Rule(id="gone", triggers=[pb.TRIGGER_REQUEST], match=users("gone@"),
                     treatment=pb.Treatment(final_response=pb.FinalResponse(status_code=410)))]
    (gone,) = ring(peer, 1, "gone")
    (rest,) = ring(peer, 1, "gone-not")
    last = sweep(api, users("gone"), intent=pb.INTENT_BUSY, inline_policy=pb.CancelPolicy(rules=rules))
    assert gone.final().status == 410 and rest.final().status == 486
    assert sorted((t.policy, t.rule) for t in last.terminations) == [
        ("cancelPolicies/builtin", "busy"), ("cancelPolicies/inline", "gone")]

    api.policies.CreateCancelPolicy(pb.CreateCancelPolicyRequest(
        cancel_policy=pb.CancelPolicy(name="cancelPolicies/sweep-gone", rules=rules)), timeout=DEADLINE)
    (gone,) = ring(peer, 1, "gone")
    last = sweep(api, users("gone@"), policy="cancelPolicies/sweep-gone")
    assert gone.final().status == 410
    assert [t.policy for t in last.terminations] == ["cancelPolicies/sweep-gone"]
    assert last.terminations[0].policy_etag

    with api.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        sweep(api, users("gone@"), policy="cancelPolicies/no-such-one")
    loop = pb.CancelPolicy(rules=[pb.Rule(id="a", triggers=[pb.TRIGGER_REQUEST], treatment=pb.Treatment(
        redirect=pb.Redirect(contacts=["sip:bob@{}:{}".format(*server.sip("v4"))])))])
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD") as seen:
        sweep(api, users("gone@"), inline_policy=loop)
    assert seen["refusal"].fields[0].startswith("inline_policy.rules[0].treatment"), seen


def test_new_calls_and_calls_that_end_meanwhile(server, api, peer):
    """Of three: the first is ended, the caller of the second gives up before its turn, a fourth comes."""
    calls = in_turn(api, ring(peer, 3, "meanwhile"))
    fields = {"calls_per_second": 0.01, "request_id": "meanwhile"}
    stream = start(api, users("meanwhile@"), **fields)
    assert next(stream).matched_count == 3
    assert calls[0].final().status == 487
    stop(server, stream)
    calls[1].cancel()
    calls[1].final()
    api.wait_state(api.find(calls[1].call_id).name, pb.CALL_STATE_TERMINATED)
    (late,) = ring(peer, 1, "meanwhile")
    assert counts(sweep(api, users("meanwhile@"), **fields)) == (3, 2, 0, 1)
    calls[2].final()
    late.no_final()
    late.cancel()
    late.final()


def test_a_closed_stream_stops_it_and_the_same_id_goes_on(server, api, peer):
    calls = ring(peer, 20, "stopped")
    fields = {"intent": pb.INTENT_BUSY, "calls_per_second": 10 / SCALE, "request_id": "stop"}
    stream = start(api, users("stopped@"), **fields)
    message = next(stream)
    with api.refused("ABORTED", "SWEEP_RUNNING"):
        sweep(api, users("stopped@"), **fields)
    while message.ended_count == 0:
        message = next(stream)
    name = message.sweep
    stop(server, stream)
    stood = len(api.terminations(sweep=name))
    assert 1 <= stood < 20
    assert sum(1 for call in calls if api.find(call.call_id).termination) == stood
    with api.refused("INVALID_ARGUMENT", "REQUEST_ID_REUSED", "request_id"):
        sweep(api, users("stopped@"), **{**fields, "intent": pb.INTENT_QUIET})
    with api.refused("NOT_FOUND", "SWEEP_NOT_FOUND"):
        sweep(api, users("stopped@"), sweep="sweeps/other", **fields)
    (late,) = ring(peer, 1, "stopped")
    first, *_, last = start(api, users("stopped@"), sweep=name, **fields)
    assert first.sweep == last.sweep == name
    assert first.matched_count == 20 and first.ended_count >= stood
    assert counts(last) == (20, 20, 0, 0)
    for call in calls:
        assert call.final().status == 486
    assert len(api.terminations(sweep=name)) == 20
    late.no_final()
    late.cancel()
    late.final()


def test_two_sweeps_and_single_requests_end_each_call_once(server, api):
    with UdpPeer(server.sip("v4")) as peer:
        calls = []
        for _ in range(10):
            calls += ring(peer, 20, "fought")
        names = [api.find(call.call_id).name for call in calls]
        results = {}

        def run(which):
            results[which] = sweep(api, users("fought@"))
        threads = [threading.Thread(target=run, args=(which,)) for which in "ab"]
        for thread in threads:
            thread.start()
        single = [api.terminate_later(name) for name in names[::5]]
        for thread in threads:
            thread.join(DEADLINE * 3)
        ended = [termination.call for which in "ab" for termination in results[which].terminations]
        for later in single:
            try:
                ended.append(later.result().call)
            except grpc.RpcError as error:
                assert error.code().name == "FAILED_PRECONDITION"
        assert collections.Counter(ended) == {name: 1 for name in names}
        for call in calls:
            call.final()
        for call_id in (call.call_id for call in calls):
            assert not [m for m in peer.inbox[call_id] if m.status >= 200], "a second final response"


def test_callers_that_give_up_while_it_runs(server, api):
    """Each caller gets one final response: of the sweep, or the 487 of its CANCEL."""
    with UdpPeer(server.sip("v4")) as peer:
        calls = []
        for _ in range(5):
            calls += ring(peer, 20, "impatient")
        stream = start(api, users("impatient@"), intent=pb.INTENT_BUSY)
        for call in calls[::2]:
            call.cancel()
        last = list(stream)[-1]
        assert last.ended_count + last.skipped_count == last.matched_count, last
        statuses = collections.Counter(call.final().status for call in calls)
        assert set(statuses) <= {486, 487}, statuses
        assert statuses[486] == last.ended_count, (statuses, last)


def test_during_drain_it_goes_to_the_end():
    config = "drain: {ringing_after: 60s}\n"
    with Server(config=config) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = ring(peer, 10, "drained")
        stream = start(api, users("drained@"), calls_per_second=10 / SCALE)
        assert next(stream).matched_count == 10
        server.terminate()
        for call in calls:
            assert call.final().status == 487
        assert counts(list(stream)[-1]) == (10, 10, 0, 0)
        assert server.wait_exit(DEADLINE) == 0


def test_a_drain_that_is_faster_is_its_end():
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = in_turn(api, ring(peer, 5, "drained"))
        stream = start(api, users("drained@"), calls_per_second=0.01)
        assert next(stream).matched_count == 5
        calls[0].final()
        server.terminate()
        for call in calls[1:]:
            assert call.final().status == 480
        assert counts(list(stream)[-1]) == (5, 1, 0, 4)
        assert server.wait_exit(DEADLINE) == 0


def test_the_metrics_count_it():
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        calls = in_turn(api, ring(peer, 3, "counted"))
        fields = {"calls_per_second": 0.01, "request_id": "counted"}
        stream = start(api, users("counted@"), **fields)
        next(stream)
        assert scrape(server.metrics).value("adieu_sweeps") == 1
        calls[0].final()
        stop(server, stream)
        calls[1].cancel()
        calls[1].final()
        api.wait_state(api.find(calls[1].call_id).name, pb.CALL_STATE_TERMINATED)
        sweep(api, users("counted@"), **fields)
        calls[2].final()
        page = scrape(server.metrics)
        assert page.value("adieu_sweep_calls_total", result="ended") == 2
        assert page.value("adieu_sweep_calls_total", result="skipped") == 1


@pytest.mark.parametrize("fields,field", [
    ({"match": None}, "match"), ({"match": pb.CallMatch()}, "match"), ({"max_calls": 0}, "max_calls"),
    ({"max_calls": 100001}, "max_calls"), ({"calls_per_second": -1}, "calls_per_second"),
    ({"calls_per_second": float("nan")}, "calls_per_second"), ({"note": "a\r\nb"}, "note"),
    ({"request_id": "a\n"}, "request_id"), ({"sweep": "sweeps/a"}, "sweep"), ({"policy": "bad"}, "policy"),
    ({"inline_policy": pb.CancelPolicy()}, "inline_policy.rules")])
def test_bad_requests_do_nothing(server, api, peer, fields, field):
    (call,) = ring(peer, 1, "bad")
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        sweep(api, **{"match": users("bad@"), **fields})
    call.no_final()
    call.cancel()
    call.final()


def test_cli(server, api, peer):
    calls = ring(peer, 3, "commanded")
    flags = ["sweep", "--intent", "busy", "--to", "commanded@"]
    assert adieu(server.grpc, *flags).code == 2, "--max is required"
    done = adieu(server.grpc, *flags, "--max", "2")
    assert done.code == 1 and "TOO_MANY_MATCHES" in done.err and not done.out, done
    done = adieu(server.grpc, *flags, "--max", "3", "--dry-run")
    assert done.code == 0 and done.out.count("486 Busy Here") == 3, done
    for call in calls:
        call.no_final()
    done = adieu(server.grpc, *flags, "--max", "3")
    assert done.code == 0 and done.err == "", done
    assert "Ended         3\n" in done.out and "486 Busy Here" in done.out, done
    for call in calls:
        assert call.final().status == 486


def test_cli_json(server, api, peer):
    (call,) = ring(peer, 1, "commanded-json")
    done = adieu(server.grpc, "sweep", "--max", "3", "--to", "commanded-json@", "-o", "json")
    assert done.code == 0, done
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert lines[0]["matched_count"] == 1 and lines[-1]["ended_count"] == 1
    call.final()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cli_interrupted(server, api, peer, number):
    """It leaves the rest alone, says how to go on, and goes on with the same id."""
    user = f"interrupted-{number.name.lower()}"
    calls = in_turn(api, ring(peer, 3, user))
    flags = ["sweep", "--max", "3", "--rate", "0.01", "--to", f"{user}@", "--request-id", user]
    process = watching(server.grpc, *flags, "-o", "json")
    try:
        calls[0].final()
        while json.loads(process.stdout.readline()).get("ended_count") != 1:
            pass
        process.send_signal(number)
        _, err = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
        process.wait(10)
    assert process.returncode == 130, err
    assert f"--request-id {user} ".encode() in err, err
    for call in calls[1:]:
        call.no_final()
    process = watching(server.grpc, *flags)
    try:
        calls[1].final()
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
        process.wait(10)
    assert process.returncode == 130, err
    assert b"Left " in out or not out, out
    calls[2].no_final()
    calls[2].cancel()
    calls[2].final()
    done = adieu(server.grpc, *flags)
    assert done.code == 0 and "Ended         2\n" in done.out and "Skipped       1\n" in done.out, done
