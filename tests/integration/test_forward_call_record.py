"""What the API says of a call with two legs: Call.callee, route, labels, times, ended_by; and finding calls by them."""

import pytest

from harness.stubs import pb
from harness.through import Through

MINE = "FooPhone/1.0"


@pytest.fixture(scope="module")
def labelled():
    routes = {"label": {"targets": ["{udp}"], "labels": {"tenant": "acme"}, "label_headers": {"account": "X-Account"}},
              "other": {"targets": ["{tcp}"], "labels": {"tenant": "other"}}}
    with Through(routes=routes, callee_of={"label": "udp", "other": "tcp"}) as through:
        yield through


def test_the_callee_leg_from_the_first_moment_to_the_last(through):
    """No status before the first response; the peer's Server or User-Agent once it is known; TERMINATED at the end."""
    call = through.calling("tcp")
    invite = call.callee.invite
    found = call.get()
    leg = found.callee
    assert found.state == pb.CALL_STATE_RINGING and leg.state == pb.CALL_STATE_RINGING
    assert leg.sip_call_id == invite.call_id
    assert leg.request_uri.startswith(f"sip:{call.user}@{through.tcp.host}:{through.tcp.address[1]}")
    assert leg.from_uri == found.caller.from_uri and leg.to_uri == found.caller.to_uri
    assert leg.remote_address == f"{through.tcp.host}:{through.tcp.address[1]}"
    assert (leg.transport, leg.user_agent, leg.last_status_code) == ("tcp", "", 0)
    assert found.caller.user_agent == MINE
    call.ring(headers=[("Server", "CalleePhone/2.0")])
    leg = call.get().callee
    assert (leg.user_agent, leg.last_status_code) == ("CalleePhone/2.0", 180)
    call.answer(headers=[("User-Agent", "CalleePhone/2.1")])
    found = call.get()
    assert found.state == found.caller.state == found.callee.state == pb.CALL_STATE_ANSWERED
    assert found.HasField("answer_time") and not found.HasField("end_time")
    assert found.ended_by == pb.ENDED_BY_UNSPECIFIED
    assert (found.caller.last_status_code, found.callee.last_status_code) == (200, 200)
    assert found.callee.user_agent in ("CalleePhone/2.0", "CalleePhone/2.1")
    call.hang_up()
    found = call.get()
    assert found.callee.state == pb.CALL_STATE_TERMINATED
    assert found.create_time.ToNanoseconds() <= found.answer_time.ToNanoseconds() <= found.end_time.ToNanoseconds()


def test_route_and_labels(labelled):
    call = labelled.ringing("label", headers=[("X-Account", "4711")])
    found = call.get()
    assert found.route == "label"
    assert dict(found.labels) == {"tenant": "acme", "account": "4711"}
    call.cancel()


def test_the_ladder_tells_both_legs_in_the_order_of_time(through):
    call = through.answered()
    call.hang_up()
    messages = call.get().messages
    times = [message.time.ToNanoseconds() for message in messages]
    assert times == sorted(times)
    order = [(message.side, message.status_code or message.method) for message in messages]
    a, b = pb.LEG_SIDE_CALLER, pb.LEG_SIDE_CALLEE
    for earlier, later in [((a, "INVITE"), (b, "INVITE")), ((b, "INVITE"), (b, 180)), ((b, 180), (a, 180)),
                           ((b, 200), (a, 200)),
                           ((a, "BYE"), (b, "BYE"))]:
        assert order.index(earlier) < order.index(later), order
    assert {message.side for message in messages} == {a, b}


def of(call, **leaf):
    """The calls that match, among this call alone."""
    mine = pb.CallMatch(names=pb.StringList(values=[call.name]))
    both = pb.CallMatch(all_of=pb.CallMatchList(matches=[mine, pb.CallMatch(**leaf)]))
    return len(call.api.list(both))


def text(**pattern):
    return pb.StringMatch(**pattern)


def test_calls_are_found_by_their_callee_leg(labelled):
    call = labelled.ringing("other")
    call.ring(headers=[("User-Agent", "Snom/10")], phrase="again")
    host = f"{labelled.tcp.host}:{labelled.tcp.address[1]}"
    rows = [
        ({"route": text(exact="other")}, 1), ({"route": text(exact="label")}, 0),
        ({"label": pb.LabelMatch(key="tenant", value=text(exact="other"))}, 1),
        ({"label": pb.LabelMatch(key="tenant", value=text(exact="acme"))}, 0),
        ({"callee_user_agent": text(prefix="Snom/")}, 1), ({"callee_user_agent": text(exact="")}, 0),
        ({"caller_user_agent": text(prefix="Snom/")}, 0),
        ({"target": text(suffix=host)}, 1), ({"target": text(contains="nowhere")}, 0),
        ({"sip_call_ids": pb.StringList(values=[call.callee.call_id])}, 1),
        ({"sip_call_ids": pb.StringList(values=["x"])}, 0),
        ({"state": pb.CALL_STATE_RINGING}, 1), ({"state": pb.CALL_STATE_ANSWERED}, 0)]
    for leaf, count in rows:
        assert of(call, **leaf) == count, leaf
    call.callee.respond(486, headers=[("Reason", "Q.850;cause=17")])
    call.caller.final()
    call.callee.expect_ack()
    call.ended(by=pb.ENDED_BY_CALLEE)
    for leaf, count in [
            ({"far_end_status": pb.StatusRange(min=486)}, 1), ({"far_end_status": pb.StatusRange(min=400, max=499)}, 1),
            ({"far_end_status": pb.StatusRange(min=500, max=699)}, 0),
            ({"state": pb.CALL_STATE_TERMINATED}, 1)]:
        assert of(call, **leaf) == count, leaf


def test_a_parked_call_matches_no_target(through):
    """No route takes it: parked, without a callee leg."""
    call = through.place(user="nobodys-route")
    call.caller.ring()
    found = call.get()
    assert found.route == "" and not found.HasField("callee")
    assert of(call, target=text(contains="sip")) == 0
    call.caller.cancel()
    assert call.caller.final().status == 487


@pytest.mark.parametrize("how,by", [
    ("caller cancels", pb.ENDED_BY_CALLER), ("callee refuses", pb.ENDED_BY_CALLEE), ("terminated", pb.ENDED_BY_ADIEU),
    ("caller hangs up", pb.ENDED_BY_CALLER), ("callee hangs up", pb.ENDED_BY_CALLEE),
    ("terminated when answered", pb.ENDED_BY_ADIEU)])
def test_ended_by(through, how, by):
    call = through.ringing()
    if how == "caller cancels":
        call.caller.cancel()
        call.caller.final()
        call.callee.expect_cancelled()
    elif how == "callee refuses":
        call.callee.respond(486)
        call.caller.final()
        call.callee.expect_ack()
    elif how == "terminated":
        through.api.terminate(call.name)
        call.caller.final()
        call.callee.expect_cancelled()
    else:
        call.answer()
        one, other = (call.callee, call.caller) if how == "callee hangs up" else (call.caller, call.callee)
        if how == "terminated when answered":
            through.api.terminate(call.name)
            one.expect_bye()
        else:
            assert one.bye().status == 200
        other.expect_bye()
    assert bool(call.ended(by=by).termination) == (by == pb.ENDED_BY_ADIEU)


def test_a_watcher_sees_the_callee_leg_grow(through):
    """WatchCalls: the callee leg appears with the call or right after, and ends with it."""
    with_user = pb.CallMatch(request_uri=pb.StringMatch(prefix="sip:udp-watched"))
    stream = through.api.stub.WatchCalls(pb.WatchCallsRequest(match=with_user), timeout=60)
    call = through.place(user=f"udp-watched{through.udp.address[1]}")
    call.take()
    call.ring()
    call.answer()
    call.hang_up()
    states = []
    for change in stream:
        if change.WhichOneof("change") == "call":
            leg = change.call.callee
            if change.call.HasField("callee") and (not states or states[-1] != leg.state):
                states.append(leg.state)
            if change.call.state == pb.CALL_STATE_TERMINATED:
                break
    stream.cancel()
    assert states[-1] == pb.CALL_STATE_TERMINATED
    assert states == sorted(states)
