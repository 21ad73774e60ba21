"""The record of what was ended and how: filters, pages, and that a restart keeps it."""

import itertools

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from harness.api import Api, final_response
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import DEADLINE

COUNT = 7


@pytest.fixture(scope="module")
def ended():
    """(api, the terminations in the order in which they were asked for, the call that ended PEER_FIRST or None)."""
    with Server() as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        made = []
        for i, acknowledged in zip(range(COUNT), itertools.cycle([True, True, False])):
            call = peer.invite(user=f"user{i}")
            call.ring()
            name = api.find(call.call_id).name
            termination = api.terminate(
                name, treatment=final_response(486), note=f"number {i}", intent=pb.INTENT_BUSY)
            call.final(ack=acknowledged)
            made.append(api.termination(termination.name, name, settled=acknowledged))
        yield api, made


def names(found):
    return [termination.name for termination in found]


def test_the_newest_first(ended):
    api, made = ended
    listed = api.terminations()
    assert names(listed) == names(reversed(made))
    assert [termination.note for termination in listed] == [f"number {i}" for i in reversed(range(COUNT))]
    for termination in listed:
        assert termination.trigger == pb.TRIGGER_REQUEST
        assert termination.intent == pb.INTENT_BUSY
        assert termination.principal == "anonymous"
        assert termination.treatment.final_response.reason_phrase == "Busy Here"
        assert termination.treatment.bye_reasons[0].q850_cause == 16
        assert len(termination.legs) == 1


@pytest.mark.parametrize("size,pages", [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (0, [7]), (1000, [7])])
def test_pages(ended, size, pages):
    api, made = ended
    seen, sizes, page = [], [], ""
    while True:
        answer = api.stub.ListTerminations(
            pb.ListTerminationsRequest(page_size=size, page_token=page), timeout=DEADLINE)
        sizes.append(len(answer.terminations))
        seen += names(answer.terminations)
        page = answer.next_page_token
        if not page:
            break
    assert sizes == pages
    assert seen == names(reversed(made))


def test_by_outcome(ended):
    api, made = ended
    for outcome in (pb.LEG_OUTCOME_ENDED, pb.LEG_OUTCOME_SENT, pb.LEG_OUTCOME_FAILED):
        wanted = [t.name for t in reversed(made) if t.legs[0].outcome == outcome]
        assert names(api.terminations(outcome=outcome)) == wanted
    assert len(api.terminations(outcome=pb.LEG_OUTCOME_SENT)) == 2


def test_by_time(ended):
    api, made = ended
    third = made[3].request_time
    after = Timestamp()
    after.FromNanoseconds(third.ToNanoseconds() + 1)
    assert names(api.terminations(start_time=third)) == names(reversed(made[3:]))
    assert names(api.terminations(start_time=after)) == names(reversed(made[4:]))
    assert names(api.terminations(end_time=third)) == names(reversed(made[:3]))
    assert names(api.terminations(start_time=third, end_time=after)) == [made[3].name]
    assert names(api.terminations(start_time=after, end_time=third)) == []


def test_by_call(ended):
    api, made = ended
    match = pb.CallMatch(to_uri=pb.StringMatch(prefix="sip:user5@"))
    assert names(api.terminations(match=match)) == [made[5].name]
    match = pb.CallMatch(names=pb.StringList(values=[made[0].call, made[2].call]))
    assert names(api.terminations(match=match)) == [made[2].name, made[0].name]


def test_by_policy_and_sweep(ended):
    api, _ = ended
    assert names(api.terminations(sweep="sweeps/none")) == []
    assert names(api.terminations(policy="cancelPolicies/none")) == []


@pytest.mark.parametrize("fields,field", [
    ({"page_size": 1001}, "page_size"), ({"page_size": -1}, "page_size"), ({"page_token": "x"}, "page_token"),
    ({"outcome": 99}, "outcome"), ({"match": pb.CallMatch()}, "match"),
    ({"start_time": Timestamp(seconds=1 << 60)}, "start_time"), ({"end_time": Timestamp(nanos=-1)}, "end_time")])
def test_bad_input(ended, fields, field):
    with ended[0].refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        ended[0].stub.ListTerminations(pb.ListTerminationsRequest(**fields), timeout=DEADLINE)


def test_a_restart_keeps_terminations_and_request_ids(tmp_path):
    store = f"sqlite:{tmp_path}/kept.db"
    with Server(store=store) as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        call.ring()
        name = api.find(call.call_id).name
        first = api.terminate(name, treatment=final_response(486), request_id="kept", note="before the restart")
        call.final()
        settled = api.termination(first.name, name)
    with Server(store=store) as server, Api(server.grpc) as api:
        assert api.terminations() == [settled]
        again = api.terminate(name, treatment=final_response(486), request_id="kept", note="before the restart")
        assert again.name == first.name
        with api.refused("INVALID_ARGUMENT", "REQUEST_ID_REUSED"):
            api.terminate(name, treatment=final_response(480), request_id="kept")
        with api.refused("NOT_FOUND"):
            api.get(name)


def test_the_memory_store_forgets():
    with Server(store="memory") as server, Api(server.grpc) as api, UdpPeer(server.sip()) as peer:
        call = peer.invite()
        call.ring()
        termination = api.terminate(api.find(call.call_id).name, treatment=final_response(486))
        call.final()
        assert names(api.terminations()) == [termination.name]
