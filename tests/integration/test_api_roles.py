"""What each role sees, what goes on record, and how much one client may ask."""

import json
import secrets

import grpc
import pytest

from harness import metrics, trust
from harness.api import Api, Refusal, redirect
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import pb
from harness.wait import DEADLINE, until

CALLER, CALLEE, CONTACT = "+4930123456712", "+4940765432109", "+4950987651234"
# What a viewer must see nothing of, in whatever field.
HIDDEN = ("12345671", "76543210", "98765123", "Alice", "ACCOUNT", "secretly")
ROUTES = """
routes:
  - name: desk
    label_headers: {account: X-Account}
    park: {timeout: 180s}
"""
POLICY = pb.CancelPolicy(name="cancelPolicies/block", mode=pb.CANCEL_POLICY_MODE_SHADOW, rules=[pb.Rule(
    id="moved", triggers=[pb.TRIGGER_REQUEST],
    match=pb.CallMatch(any_of=pb.CallMatchList(matches=[
        pb.CallMatch(from_uri=pb.StringMatch(prefix=f"sip:{CALLER}")),
        pb.CallMatch(header=pb.HeaderMatch(name="X-Account", value=pb.StringMatch(exact="ACCOUNT4711"))),
        pb.CallMatch(label=pb.LabelMatch(key="account", value=pb.StringMatch(exact="ACCOUNT4711"))),
        pb.CallMatch(caller_user_agent=pb.StringMatch(prefix="FooPhone")),
    ])),
    treatment=redirect([f"sip:{CONTACT}@example.com"]))])


def start(folder, config="", **lists):
    file = trust.tokens_file(folder / "tokens.yaml", **lists)
    return Server(config=f"api: {{tokens_file: {file}}}\n{config}")


@pytest.fixture(scope="module")
def tokens():
    return {role: secrets.token_urlsafe(32) for role in ("viewer", "operator", "admin")}


@pytest.fixture(scope="module")
def office(tmp_path_factory, tokens):
    with start(tmp_path_factory.mktemp("roles"), ROUTES,
               tokens=[trust.static(role, role, token) for role, token in tokens.items()]) as server:
        yield server


@pytest.fixture(scope="module")
def apis(office, tokens):
    apis = {role: Api(office.grpc, token=token) for role, token in tokens.items()}
    yield apis
    for api in apis.values():
        api.close()


@pytest.fixture(scope="module")
def ended(office, apis):
    """A call that rang and was redirected; with it everything that tells about people is there to be read."""
    with UdpPeer(office.sip()) as peer:
        call = peer.invite(user=CALLEE, from_user=CALLER, user_agent="FooPhone/1.0", headers=[
            ("P-Asserted-Identity", f'"Alice" <sip:{CALLER}@example.com>'), ("X-Account", "ACCOUNT4711")])
        call.ring()
        apis["admin"].policies.CreateCancelPolicy(
            pb.CreateCancelPolicyRequest(cancel_policy=POLICY), timeout=DEADLINE)
        name = apis["operator"].find(call.call_id).name
        apis["operator"].terminate(name, treatment=redirect([f"sip:{CONTACT}@example.com"]), note="secretly",
                                   request_id="end-it")
        call.final()
        apis["operator"].wait_state(name, pb.CALL_STATE_TERMINATED)
        return name


def watch(api):
    stream = api.stub.WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE)
    first = next(stream)
    stream.cancel()
    return first


def explain(api, call):
    return api.policies.ExplainCancelPolicy(pb.ExplainCancelPolicyRequest(call=call), timeout=DEADLINE)


READS = {
    "ListCalls": lambda api, call: api.stub.ListCalls(pb.ListCallsRequest(), timeout=DEADLINE).calls,
    "GetCall": lambda api, call: api.get(call),
    "WatchCalls": lambda api, call: watch(api),
    "ListTerminations": lambda api, call: api.stub.ListTerminations(pb.ListTerminationsRequest(), timeout=DEADLINE),
    "ListCancelPolicies": lambda api, call: api.policies.ListCancelPolicies(
        pb.ListCancelPoliciesRequest(), timeout=DEADLINE),
    "GetCancelPolicy": lambda api, call: api.policies.GetCancelPolicy(
        pb.GetCancelPolicyRequest(name=POLICY.name), timeout=DEADLINE),
    "ExplainCancelPolicy": explain,
}


def test_every_read_is_here():
    for file in (pb.ListCallsRequest.DESCRIPTOR.file, pb.ListCancelPoliciesRequest.DESCRIPTOR.file):
        for service in file.services_by_name.values():
            for method in service.methods:
                assert (method.name in READS) == (method.GetOptions().Extensions[pb.least_role] == pb.ROLE_VIEWER)


@pytest.mark.parametrize("method", READS)
def test_a_viewer_sees_masks_and_others_the_whole(apis, ended, method):
    masked, whole = (str(READS[method](apis[role], ended)) for role in ("viewer", "operator"))
    assert not [text for text in HIDDEN if text in masked], masked
    assert [text for text in HIDDEN if text in whole], whole
    assert str(READS[method](apis["admin"], ended)) == whole
    assert "*****" in masked


def test_a_mask_hides_people_and_nothing_else(apis, ended):
    call, whole = apis["viewer"].get(ended), apis["operator"].get(ended)
    assert call.caller.from_uri.startswith("sip:+4930*****12@")
    assert call.caller.user_agent == "FooPhone/1.0"
    assert call.caller.sip_call_id == whole.caller.sip_call_id
    assert call.messages == whole.messages
    assert dict(call.labels) == {"account": "*****"}
    assert {header.name for header in call.caller.headers} == {header.name for header in whole.caller.headers}
    explained = explain(apis["viewer"], ended)
    node, = [node for rule in explained.rule_explanations if rule.rule == "moved" for node in rule.match.branches
             if node.node == "caller_user_agent"]
    assert (node.condition, node.tested, node.holds) == ('prefix "FooPhone"', "FooPhone/1.0", True)


def test_a_viewer_cannot_find_out_what_is_masked(apis, ended):
    viewer, found = apis["viewer"], []
    for pattern in ({"prefix": "sip:+4930"}, {"contains": "12"}, {"regex": ".*"}, {"suffix": "2"}):
        match = pb.CallMatch(all_of=pb.CallMatchList(matches=[
            pb.CallMatch(state=pb.CALL_STATE_TERMINATED), pb.CallMatch(from_uri=pb.StringMatch(**pattern))]))
        with viewer.refused("PERMISSION_DENIED", "PERSONAL_MATCH") as seen:
            viewer.list(match)
        assert seen["refusal"].info.metadata["field"] == "match.all_of.matches[1].from_uri"
        with viewer.refused("PERMISSION_DENIED", "PERSONAL_MATCH"):
            next(viewer.stub.WatchCalls(pb.WatchCallsRequest(match=match), timeout=DEADLINE))
        with viewer.refused("PERMISSION_DENIED", "PERSONAL_MATCH"):
            viewer.terminations(match=match)
        guess = pb.CancelPolicy(name="cancelPolicies/guess", rules=[pb.Rule(
            id="a", triggers=[pb.TRIGGER_REQUEST], match=match, treatment=POLICY.rules[0].treatment)])
        with viewer.refused("PERMISSION_DENIED", "PERSONAL_MATCH"):
            viewer.policies.ExplainCancelPolicy(
                pb.ExplainCancelPolicyRequest(call=ended, candidate_policies=[guess]), timeout=DEADLINE)
        found += apis["operator"].list(match)
    assert {call.name for call in found} == {ended}
    # Who knows the whole may ask for it.
    uri = apis["operator"].get(ended).caller.from_uri
    assert [call.name for call in viewer.list(pb.CallMatch(from_uri=pb.StringMatch(exact=uri)))] == [ended]


def audit_lines(server, **wanted):
    lines = [json.loads(line) for line in server.log() if '"event":"audit"' in line]
    return [line for line in lines if all(line[key] == value for key, value in wanted.items())]


def test_each_change_is_on_record(office, apis, ended):
    line, = audit_lines(office, method="TerminateCall", request_id="end-it")
    assert line["principal"] == "token:operator" and line["role"] == "operator"
    assert (line["resource"], line["code"], line["address"]) == (ended, "OK", "127.0.0.1")
    termination, = apis["operator"].terminations()
    assert (line["result"], termination.principal) == (termination.name, "token:operator")

    line, = audit_lines(office, method="CreateCancelPolicy", code="OK")
    assert (line["principal"], line["resource"]) == ("token:admin", POLICY.name)

    update = pb.UpdateCancelPolicyRequest(cancel_policy=pb.CancelPolicy(name=POLICY.name, etag="x"), request_id="u")
    with apis["viewer"].refused("PERMISSION_DENIED", "ROLE_TOO_LOW") as seen:
        apis["viewer"].policies.UpdateCancelPolicy(update, timeout=DEADLINE)
    assert dict(seen["refusal"].info.metadata) == {"role": "ROLE_VIEWER", "least_role": "ROLE_ADMIN"}
    with apis["admin"].refused("ABORTED", "ETAG_MISMATCH"):
        apis["admin"].policies.UpdateCancelPolicy(update, timeout=DEADLINE)
    lines = until(lambda: len(found := audit_lines(office, method="UpdateCancelPolicy")) == 2 and found, "two lines")
    assert [(line["principal"], line["code"], line["reason"], line["resource"]) for line in lines] == [
        ("token:viewer", "PERMISSION_DENIED", "ROLE_TOO_LOW", POLICY.name),
        ("token:admin", "ABORTED", "ETAG_MISMATCH", POLICY.name)]

    sweep = apis["operator"].stub.ApplyCancelPolicy(pb.ApplyCancelPolicyRequest(
        match=pb.CallMatch(every_call=pb.EveryCall()), max_calls=5, policy=POLICY.name), timeout=DEADLINE)
    last = list(sweep)[-1]
    line, = until(lambda: audit_lines(office, method="ApplyCancelPolicy"), "a line about the sweep")
    assert (line["policy"], line["result"], line["code"]) == (POLICY.name, last.sweep, "OK")

    with apis["operator"].refused("NOT_FOUND"):
        apis["operator"].terminate(sip_call_id="nobody")
    line, = until(lambda: audit_lines(office, resource="nobody"), "a line about the call")
    assert (line["code"], line["reason"]) == ("NOT_FOUND", "CALL_NOT_FOUND")

    # Reads are not on record, nor is who was asked about.
    assert {line["method"] for line in audit_lines(office)} <= {
        "TerminateCall", "CreateCancelPolicy", "UpdateCancelPolicy", "ApplyCancelPolicy"}
    text = "\n".join(office.log())
    assert not [hidden for hidden in HIDDEN if hidden in text]


def test_the_same_request_id_of_two_clients_is_two(office, apis):
    answers = []
    with UdpPeer(office.sip()) as peer:
        for role in ("operator", "admin"):
            call = peer.invite()
            call.ring()
            answers.append(apis[role].terminate(apis[role].find(call.call_id).name, request_id="mine"))
            call.final()
    assert [answer.principal for answer in answers] == ["token:operator", "token:admin"]
    assert answers[0].call != answers[1].call


def test_one_client_asks_no_more_than_it_may(tmp_path, tokens):
    with start(tmp_path, "limits: {api_requests_per_second_per_client: 5, api_watchers_per_client: 2}",
               tokens=[trust.static(role, role, token) for role, token in tokens.items()]) as server, \
            Api(server.grpc, token=tokens["viewer"]) as viewer, Api(server.grpc, token=tokens["admin"]) as admin:
        def limited():
            try:
                viewer.stub.ListCalls(pb.ListCallsRequest(), timeout=DEADLINE)
            except grpc.RpcError as error:
                return Refusal(error)
        refusal = until(limited, "more than it may")
        assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED")
        assert 0 < refusal.retry.retry_delay.ToMilliseconds() <= 200
        assert admin.list() == []
        until(lambda: limited() is None, "later it may again")

        watches = []
        for _ in range(2):
            watches.append(admin.stub.WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE))
            next(watches[-1])
        with admin.refused("RESOURCE_EXHAUSTED", "TOO_MANY_WATCHERS"):
            next(admin.stub.WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE))
        watches[0].cancel()

        def again():
            try:
                return next(admin.stub.WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE))
            except grpc.RpcError:
                return None
        until(again, "a place is free")
        page = metrics.scrape(server.metrics)
        assert page.value("adieu_api_denied_total", reason="rate_limited") >= 1
        assert page.value("adieu_api_denied_total", reason="too_many_watchers") >= 1


def test_a_request_has_at_most_a_megabyte(apis):
    with pytest.raises(grpc.RpcError) as seen:
        apis["operator"].terminate("calls/none", note="x" * (1 << 20))
    assert seen.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
