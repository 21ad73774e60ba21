"""ListCalls and WatchCalls on a server of their own, so that every list is exact."""

import queue
import threading

import grpc
import pytest

from harness.api import Api, answer_then_bye, final_response
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import DEADLINE

COUNT = 25


@pytest.fixture(scope="module")
def own_server():
    with Server() as started:
        yield started


@pytest.fixture(scope="module")
def own_api(own_server):
    with Api(own_server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def own_peer(own_server):
    with UdpPeer(own_server.sip()) as caller:
        yield caller


@pytest.fixture(scope="module")
def calls(own_peer, own_api):
    """25 ringing calls: user0..user24, three phones, one header each."""
    placed = []
    for i in range(COUNT):
        call = own_peer.invite(
            user=f"user{i}", from_user="+4930%04d" % i, user_agent=["FooPhone/1.0", "BarPhone 2", None][i % 3],
            headers=[("X-Number", str(i))] + ([("X-Even", "yes")] if i % 2 == 0 else []))
        call.ring()
        placed.append(call)
    for call in placed:
        own_api.find(call.call_id)
    return placed


def users(found):
    return sorted(call.caller.to_uri.partition("@")[0].removeprefix("sip:user") for call in found)


def expected(condition):
    return sorted(str(i) for i in range(COUNT) if condition(i))


@pytest.mark.parametrize("size,pages", [(10, [10, 10, 5]), (25, [25]), (24, [24, 1]), (1000, [25]), (0, [25]), (1, [1] * 25)])
def test_pages(own_api, calls, size, pages):
    names, seen, page = [], [], ""
    while True:
        answer = own_api.stub.ListCalls(pb.ListCallsRequest(page_size=size, page_token=page), timeout=DEADLINE)
        seen.append(len(answer.calls))
        names += [call.name for call in answer.calls]
        assert answer.resume_token
        page = answer.next_page_token
        if not page:
            break
    assert seen == pages
    assert names == sorted(names) and len(set(names)) == COUNT


@pytest.mark.parametrize("fields,field", [
    ({"page_size": 1001}, "page_size"), ({"page_size": -1}, "page_size"), ({"page_token": "nonsense"}, "page_token"),
    ({"page_token": "\0"}, "page_token")])
def test_bad_pages(own_api, fields, field):
    with own_api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        own_api.stub.ListCalls(pb.ListCallsRequest(**fields), timeout=DEADLINE)


def text(**fields):
    return pb.StringMatch(**fields)


def either(*matches):
    return pb.CallMatch(any_of=pb.CallMatchList(matches=matches))


def both(*matches):
    return pb.CallMatch(all_of=pb.CallMatchList(matches=matches))


def none_of(*matches):
    return pb.CallMatch(none_of=pb.CallMatchList(matches=matches))


def age(seconds):
    match = pb.CallMatch()
    match.min_age.FromNanoseconds(int(seconds * 1e9))
    return match


EVEN = pb.CallMatch(header=pb.HeaderMatch(name="x-even"))
FOO = pb.CallMatch(caller_user_agent=text(prefix="FooPhone"))
MATCHES = [
    ("absent", None, lambda i: True),
    ("every_call", pb.CallMatch(every_call=pb.EveryCall()), lambda i: True),
    ("from exact", pb.CallMatch(from_uri=text(exact="sip:+49300007@127.0.0.1")), lambda i: i == 7),
    ("from prefix", pb.CallMatch(from_uri=text(prefix="sip:+4930001")), lambda i: 10 <= i < 20),
    ("from suffix", pb.CallMatch(from_uri=text(suffix="@127.0.0.1")), lambda i: True),
    ("to contains", pb.CallMatch(to_uri=text(contains="user2")), lambda i: i == 2 or i >= 20),
    ("to regex", pb.CallMatch(to_uri=text(regex=r"sip:user[0-4]@.*")), lambda i: i < 5),
    ("a regex matches the whole", pb.CallMatch(to_uri=text(regex="user1")), lambda i: False),
    ("ignore case", pb.CallMatch(to_uri=text(prefix="SIP:USER1@", ignore_case=True)), lambda i: i == 1),
    ("case counts", pb.CallMatch(to_uri=text(prefix="SIP:USER1@")), lambda i: False),
    ("request uri", pb.CallMatch(request_uri=text(prefix="sip:user3@")), lambda i: i == 3),
    ("user agent", FOO, lambda i: i % 3 == 0),
    ("no user agent", pb.CallMatch(caller_user_agent=text(exact="")), lambda i: i % 3 == 2),
    ("header there", EVEN, lambda i: i % 2 == 0),
    ("header value", pb.CallMatch(header=pb.HeaderMatch(name="X-Number", value=text(exact="12"))), lambda i: i == 12),
    ("network", pb.CallMatch(caller_network="127.0.0.0/8"), lambda i: True),
    ("other network", pb.CallMatch(caller_network="192.0.2.0/24"), lambda i: False),
    ("IPv6 network", pb.CallMatch(caller_network="::/0"), lambda i: False),
    ("ringing", pb.CallMatch(state=pb.CALL_STATE_RINGING), lambda i: True),
    ("answered", pb.CallMatch(state=pb.CALL_STATE_ANSWERED), lambda i: False),
    ("route", pb.CallMatch(route=text(exact="")), lambda i: True),
    ("label", pb.CallMatch(label=pb.LabelMatch(key="tenant")), lambda i: False),
    ("target", pb.CallMatch(target=text(contains="sip")), lambda i: False),
    ("age 0", age(0), lambda i: True),
    ("age of an hour", age(3600), lambda i: False),
    ("far end", pb.CallMatch(far_end_status=pb.StatusRange(min=300, max=699)), lambda i: False),
    ("all of", both(EVEN, FOO), lambda i: i % 6 == 0),
    ("any of", either(EVEN, FOO), lambda i: i % 2 == 0 or i % 3 == 0),
    ("none of", none_of(EVEN, FOO), lambda i: i % 2 and i % 3),
    ("nested", both(none_of(EVEN), either(FOO, pb.CallMatch(to_uri=text(contains="user1@")))),
     lambda i: i % 2 == 1 and (i % 3 == 0 or i == 1)),
]


@pytest.mark.parametrize("match,condition", [pytest.param(row[1], row[2], id=row[0]) for row in MATCHES])
def test_matches(own_api, calls, match, condition):
    assert users(own_api.list(match)) == expected(condition)
    assert users(own_api.list(match, page_size=3)) == expected(condition)


def test_by_names_and_call_ids(own_api, calls):
    by_call_id = own_api.list(pb.CallMatch(sip_call_ids=pb.StringList(
        values=[calls[3].call_id, calls[5].call_id, "nobody"])))
    assert users(by_call_id) == ["3", "5"]
    by_name = own_api.list(pb.CallMatch(names=pb.StringList(values=[by_call_id[0].name, "calls/nobody"])))
    assert by_name == by_call_id[:1]


def deep(levels):
    match = pb.CallMatch(every_call=pb.EveryCall())
    for _ in range(levels):
        match = both(match)
    return match


BAD = [
    ("no node", pb.CallMatch()), ("no node within", both(pb.CallMatch())), ("empty list", either()),
    ("empty string match", pb.CallMatch(from_uri=text())), ("empty prefix", pb.CallMatch(from_uri=text(prefix=""))),
    ("bad regex", pb.CallMatch(from_uri=text(regex="("))),
    ("long regex", pb.CallMatch(from_uri=text(regex="a" * 1025))),
    ("bad network", pb.CallMatch(caller_network="10.0.0.0/33")), ("no network", pb.CallMatch(caller_network="nowhere")),
    ("state 0", pb.CallMatch(state=0)), ("state 99", pb.CallMatch(state=99)), ("age -1", age(-1)),
    ("no names", pb.CallMatch(names=pb.StringList())),
    ("empty name", pb.CallMatch(names=pb.StringList(values=[""]))),
    ("header without name", pb.CallMatch(header=pb.HeaderMatch())),
    ("label without key", pb.CallMatch(label=pb.LabelMatch())),
    ("status 200", pb.CallMatch(far_end_status=pb.StatusRange(min=200))),
    ("range upside down", pb.CallMatch(far_end_status=pb.StatusRange(min=500, max=400))),
    ("9 deep", deep(9)), ("65 nodes", either(*[EVEN] * 65)),
]


@pytest.mark.parametrize("match", [pytest.param(row[1], id=row[0]) for row in BAD])
def test_bad_matches(own_api, match):
    with own_api.refused("INVALID_ARGUMENT", "INVALID_FIELD") as listed:
        own_api.list(match)
    assert listed["refusal"].fields[0].startswith("match"), listed["refusal"]
    with own_api.refused("INVALID_ARGUMENT", "INVALID_FIELD"):
        next(own_api.stub.WatchCalls(pb.WatchCallsRequest(match=match), timeout=DEADLINE))
    with own_api.refused("INVALID_ARGUMENT", "INVALID_FIELD"):
        own_api.terminations(match=match)


class Watch:
    """A stream read by its own thread, so that each read has a deadline."""

    def __init__(self, api, match=None, resume_token=""):
        self._stream = api.stub.WatchCalls(pb.WatchCallsRequest(match=match, resume_token=resume_token))
        self._began = bool(resume_token)
        self._changes = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            for change in self._stream:
                self._changes.put(change)
            self._changes.put(None)
        except grpc.RpcError as error:
            self._changes.put(error)

    def next(self):
        try:
            change = self._changes.get(timeout=DEADLINE)
        except queue.Empty:
            raise AssertionError("nothing on the stream") from None
        if isinstance(change, Exception):
            raise change
        return change

    def until(self, wanted, what):
        """Reads on to the first change for which wanted(change); returns all that were read."""
        seen = []
        while True:
            change = self.next()
            assert change is not None, f"the stream ended before {what}; {seen}"
            # Before the first bookmark nothing could go on from here without a gap.
            self._began = self._began or bookmark(change) or bool(change.resume_token)
            assert change.resume_token or not self._began, change
            seen.append(change)
            if wanted(change):
                return seen

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.cancel()
        self._thread.join(10)


def bookmark(change):
    return change.HasField("bookmark")


def state_of(call_id, state):
    return lambda change: change.call.caller.sip_call_id == call_id and change.call.state == state


def test_watch_begins_with_what_there_is(own_api, calls):
    with Watch(own_api) as watch:
        seen = watch.until(bookmark, "the bookmark")
    live = [change.call.name for change in seen if change.call.state == pb.CALL_STATE_RINGING]
    assert len(live) == len(set(live)) == COUNT
    assert not any(change.call.messages for change in seen)


def test_watch_tells_new_calls_and_their_end(own_api, own_peer, calls):
    with Watch(own_api) as watch:
        watch.until(bookmark, "the bookmark")
        call = own_peer.invite(user="new")
        seen = watch.until(state_of(call.call_id, pb.CALL_STATE_RINGING), "the new call")
        name = seen[-1].call.name
        own_api.terminate(name, treatment=final_response(486))
        call.final()
        last = watch.until(state_of(call.call_id, pb.CALL_STATE_TERMINATED), "its end")[-1]
        assert last.call.ended_by == pb.ENDED_BY_ADIEU
        assert last.call.caller.last_status_code == 486


def test_watch_passes_through_the_states_of_an_answered_call(own_api, own_peer, calls):
    with Watch(own_api) as watch:
        watch.until(bookmark, "the bookmark")
        call = own_peer.invite(user="answered")
        call.ring()
        own_api.terminate(own_api.find(call.call_id).name, treatment=answer_then_bye())
        call.final()
        call.expect_bye()
        seen = watch.until(state_of(call.call_id, pb.CALL_STATE_TERMINATED), "its end")
    states = [change.call.state for change in seen if change.call.caller.sip_call_id == call.call_id]
    assert states == sorted(states), "states go one way"
    assert pb.CALL_STATE_TERMINATING in states


def test_watch_says_what_left_the_match(own_api, own_peer, calls):
    match = both(pb.CallMatch(state=pb.CALL_STATE_RINGING), pb.CallMatch(to_uri=text(prefix="sip:leaving@")))
    with Watch(own_api, match) as watch:
        assert watch.until(bookmark, "the bookmark")[:-1] == []
        other = own_peer.invite(user="other")
        call = own_peer.invite(user="leaving")
        name = watch.until(state_of(call.call_id, pb.CALL_STATE_RINGING), "the call")[-1].call.name
        other.cancel()
        other.final()
        call.cancel()
        call.final()
        seen = watch.until(lambda change: change.removed_name == name, "its removal")
        assert all(change.removed_name == name or change.call.name == name for change in seen), seen


def test_watch_goes_on_where_the_list_stopped(own_api, own_peer, calls):
    token = own_api.stub.ListCalls(pb.ListCallsRequest(page_size=1), timeout=DEADLINE).resume_token
    first = own_peer.invite(user="between")
    first.ring()
    own_api.find(first.call_id)
    with Watch(own_api, resume_token=token) as watch:
        seen = watch.until(state_of(first.call_id, pb.CALL_STATE_RINGING), "what came between")
        known = {call.call_id for call in calls}
        assert not [change for change in seen if change.call.caller.sip_call_id in known], "old calls again"
        token = seen[-1].resume_token
    first.cancel()
    first.final()
    with Watch(own_api, resume_token=token) as watch:
        watch.until(state_of(first.call_id, pb.CALL_STATE_TERMINATED), "the end, after a second resumption")


def test_watch_refuses_tokens_from_elsewhere(own_api, calls):
    with Server() as other, Api(other.grpc) as other_api:
        foreign = other_api.stub.ListCalls(pb.ListCallsRequest(), timeout=DEADLINE).resume_token
    assert foreign
    with own_api.refused("OUT_OF_RANGE", "RESUME_TOKEN_EXPIRED"):
        next(own_api.stub.WatchCalls(pb.WatchCallsRequest(resume_token=foreign), timeout=DEADLINE))


@pytest.mark.parametrize("token", ["nonsense", "0", "\x01", "x" * 5000])
def test_watch_refuses_garbage_tokens(own_api, token):
    with pytest.raises(grpc.RpcError) as refused:
        next(own_api.stub.WatchCalls(pb.WatchCallsRequest(resume_token=token), timeout=DEADLINE))
    assert refused.value.code() in (grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.INVALID_ARGUMENT)


def test_watch_ends_with_the_server():
    with Server() as server, Api(server.grpc) as api, Watch(api) as watch:
        watch.until(bookmark, "the bookmark")
        server.terminate()
        try:
            while watch.next() is not None:
                pass
        except grpc.RpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED), error
        assert server.wait_exit(30) == 0


def test_ended_calls_are_kept_only_so_many():
    with Server(config="limits: {ended_calls: 3}\n") as server, Api(server.grpc) as api, \
            UdpPeer(server.sip()) as peer:
        names = []
        for _ in range(6):
            call = peer.invite()
            call.ring()
            names.append(api.find(call.call_id).name)
            call.cancel()
            call.final()
            api.wait_state(names[-1], pb.CALL_STATE_TERMINATED)
        assert sorted(call.name for call in api.list()) == sorted(names[-3:])
        with api.refused("NOT_FOUND"):
            api.get(names[0])
