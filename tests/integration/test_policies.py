"""Cancel policies over the API: kept, changed, listed, refused, and there again after a restart."""

import concurrent.futures

import grpc
import pytest

from harness.api import Api, final_response, q850, redirect, sip_reason
from harness.peer import UdpPeer
from harness.policies import SHIPPED, create, delete, explain, get, listed, names, policy, rule, update
from harness.server import Server
from harness.stubs import pb
from harness.wait import DEADLINE, SCALE, until

PATIENT = "drain: {ringing_after: 3600s, answered_after: 3600s}\n"


@pytest.fixture(scope="module")
def own_server():
    with Server() as server:
        yield server


@pytest.fixture
def policies(own_server):
    """The service of a server that has no policies but the shipped ones, before and after."""
    with Api(own_server.grpc) as api:
        yield api
        for policy in listed(api):
            if policy.origin == pb.CANCEL_POLICY_ORIGIN_API:
                delete(api, policy.name)


def test_a_policy_lives_as_long_as_it_is_wanted(policies, own_server):
    assert names(listed(policies)) == SHIPPED
    made = create(policies, policy("night", priority=3, description="Nobody\nis there."))
    assert made.name == "cancelPolicies/night"
    assert made.etag and made.HasField("create_time") and made.create_time == made.update_time
    assert made.origin == pb.CANCEL_POLICY_ORIGIN_API
    assert get(policies, made.name) == made
    assert names(listed(policies)) == [made.name, *SHIPPED]
    line = own_server.wait_log("policy created", DEADLINE)
    assert line["policy"] == made.name and line["principal"] == "anonymous"
    assert line["mode"] == "CANCEL_POLICY_MODE_ENFORCED"

    changed = update(policies, policy("night", mode=pb.CANCEL_POLICY_MODE_SHADOW), "mode", "priority")
    assert changed.mode == pb.CANCEL_POLICY_MODE_SHADOW and changed.priority == 0
    assert changed.description == made.description and changed.rules == made.rules
    assert changed.etag != made.etag and changed.create_time == made.create_time
    assert changed.update_time.ToNanoseconds() > made.update_time.ToNanoseconds()

    delete(policies, made.name, etag=changed.etag)
    with policies.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        get(policies, made.name)
    assert names(listed(policies)) == SHIPPED


def test_lists_in_the_order_of_asking_in_pages(policies):
    for name, priority in (("c", 1), ("b", 1), ("a", -2), ("d", 1000000)):
        create(policies, policy(name, priority=priority))
    wanted = [f"cancelPolicies/{name}" for name in ("d", "b", "c", "quiet-kills", "a", "builtin")]
    for size in (1, 2, 3, 6, 0):
        assert names(listed(policies, size)) == wanted
    for size in (-1, 1001):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "page_size"):
            listed(policies, size)
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "page_token"):
        policies.policies.ListCancelPolicies(pb.ListCancelPoliciesRequest(page_token="next"), timeout=DEADLINE)


def test_the_id_may_stand_beside_the_policy(policies):
    made = create(policies, pb.CancelPolicy(rules=[rule()]), cancel_policy_id="by-id")
    assert made.name == "cancelPolicies/by-id"
    # Not said, so nothing is done.
    assert made.mode == pb.CANCEL_POLICY_MODE_DISABLED
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "cancel_policy.name"):
        create(policies, policy("other"), cancel_policy_id="by-name")
    for bad in ("A", "1", "a_b", "a" * 64, "-"):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "cancel_policy_id"):
            create(policies, pb.CancelPolicy(rules=[rule()]), cancel_policy_id=bad)


def test_names_that_are_none(policies):
    for bad in ("", "night", "cancelPolicies/", "cancelPolicies/A", "calls/a", "cancelPolicies/a/b"):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "name"):
            get(policies, bad)
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "name"):
            delete(policies, bad)
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "cancel_policy.name"):
            update(policies, pb.CancelPolicy(name=bad, rules=[rule()]))
    for ask in (get, delete):
        with policies.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
            ask(policies, "cancelPolicies/nobody")
    with policies.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        update(policies, policy("nobody"))


def test_there_is_one_of_each_name(policies):
    create(policies, policy("night"))
    for name in ("night", "builtin", "quiet-kills"):
        with policies.refused("ALREADY_EXISTS", "POLICY_EXISTS"):
            create(policies, policy(name))


def test_shipped_ones_are_read_only(policies):
    for name in SHIPPED:
        found = get(policies, name)
        assert found.origin == pb.CANCEL_POLICY_ORIGIN_SHIPPED and found.etag
        assert not found.HasField("create_time")
        with policies.refused("FAILED_PRECONDITION", "POLICY_READ_ONLY"):
            update(policies, policy(name.partition("/")[2]), "mode")
        with policies.refused("FAILED_PRECONDITION", "POLICY_READ_ONLY"):
            delete(policies, name)
        assert get(policies, name) == found


def test_a_stale_etag_changes_nothing(policies):
    made = create(policies, policy("night"))
    newer = update(policies, policy("night", priority=1, etag=made.etag))
    with policies.refused("ABORTED", "ETAG_MISMATCH"):
        update(policies, policy("night", priority=2, etag=made.etag))
    with policies.refused("ABORTED", "ETAG_MISMATCH"):
        delete(policies, made.name, etag=made.etag)
    assert get(policies, made.name) == newer


def test_of_two_updates_with_one_etag_one_wins(policies):
    made = create(policies, policy("night"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for round_ in range(20):
            asked = [pool.submit(update, policies, policy("night", priority=2 * round_ + i, etag=made.etag))
                     for i in range(2)]
            results = [one.exception(DEADLINE) or one.result() for one in asked]
            won = [result for result in results if isinstance(result, pb.CancelPolicy)]
            lost = [result for result in results if isinstance(result, grpc.RpcError)]
            assert len(won) == 1 and [error.code() for error in lost] == [grpc.StatusCode.ABORTED], results
            made = get(policies, made.name)
            assert made == won[0]


def test_update_masks(policies):
    create(policies, policy("night"))
    for path in ("name", "etag", "origin", "create_time", "rule", "rules.id", "Mode", ""):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "update_mask") as seen:
            update(policies, policy("night"), "mode", path)
        assert f"`{path}`" in seen["refusal"].message
    full = policy("night", rule(final_response(480)), priority=9, description="x", mode=pb.CANCEL_POLICY_MODE_SHADOW)
    for mask in ((), ("*",)):
        changed = update(policies, full, *mask)
        assert (changed.priority, changed.description, changed.rules) == (9, "x", full.rules)
        update(policies, policy("night"))


def test_allow_missing_creates(policies):
    made = update(policies, policy("night", priority=4), "mode", allow_missing=True)
    assert made.priority == 4 and made.etag and made.HasField("create_time")
    again = update(policies, policy("night", priority=5), allow_missing=True)
    assert again.create_time == made.create_time and again.etag != made.etag
    with policies.refused("ABORTED", "ETAG_MISMATCH"):
        update(policies, policy("other", etag=made.etag), allow_missing=True)


def test_validate_only_keeps_nothing(policies):
    planned = create(policies, policy("night", priority=4), validate_only=True)
    assert planned.priority == 4 and not planned.etag and not planned.HasField("create_time")
    assert names(listed(policies)) == SHIPPED
    made = create(policies, policy("night"))
    changed = update(policies, policy("night", priority=4), validate_only=True)
    assert changed.priority == 4 and changed.etag == made.etag
    delete(policies, made.name, validate_only=True)
    assert get(policies, made.name) == made
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "cancel_policy.rules"):
        create(policies, pb.CancelPolicy(name="cancelPolicies/x"), validate_only=True)
    with policies.refused("ABORTED", "ETAG_MISMATCH"):
        delete(policies, made.name, etag="x", validate_only=True)


def test_request_ids(policies):
    made = create(policies, policy("night"), request_id="one")
    assert create(policies, policy("night"), request_id="one") == made
    with policies.refused("INVALID_ARGUMENT", "REQUEST_ID_REUSED", "request_id"):
        create(policies, policy("day"), request_id="one")
    changed = update(policies, policy("night", priority=2, etag=made.etag), request_id="one")
    assert update(policies, policy("night", priority=2, etag=made.etag), request_id="one") == changed
    assert create(policies, policy("night"), request_id="one") == changed
    delete(policies, made.name, request_id="one")
    delete(policies, made.name, request_id="one")
    with policies.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        update(policies, policy("night", priority=2, etag=made.etag), request_id="one")
    for bad in ("x" * 129, "a\nb", "gr\u00fc\u00dfe"):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "request_id"):
            create(policies, policy("day"), request_id=bad)


def test_equal_requests_at_the_same_time_are_one(policies):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(create, policies, policy("night"), request_id="race") for _ in range(8)]
        etags = {one.result(DEADLINE).etag for one in asked}
    assert len(etags) == 1


def nested(depth):
    match = pb.CallMatch(state=pb.CALL_STATE_RINGING)
    for _ in range(depth):
        match = pb.CallMatch(all_of=pb.CallMatchList(matches=[match]))
    return match


def matching(match, treatment=None):
    return policy("bad", rule(treatment, match=match))


LEAF = pb.CallMatch(state=pb.CALL_STATE_RINGING)
FINAL = "cancel_policy.rules[0].treatment.final_response"
MATCH = "cancel_policy.rules[0].match"
BAD = [
    ("no rules", pb.CancelPolicy(name="cancelPolicies/bad"), "cancel_policy.rules"),
    ("257 rules", policy("bad", *[rule(rule_id=f"r{i}") for i in range(257)]), "cancel_policy.rules"),
    ("two of one id", policy("bad", rule(), rule()), "cancel_policy.rules[1].id"),
    ("a bad id", policy("bad", rule(rule_id="One")), "cancel_policy.rules[0].id"),
    ("no trigger", policy("bad", pb.Rule(id="one", treatment=final_response(486))), "cancel_policy.rules[0].triggers"),
    ("no treatment", policy("bad", pb.Rule(id="one", triggers=[pb.TRIGGER_REQUEST])),
     "cancel_policy.rules[0].treatment"),
    ("an intent that nobody asks with", policy("bad", rule(trigger=pb.TRIGGER_DRAIN, intents=[pb.INTENT_BUSY])),
     "cancel_policy.rules[0].intents"),
    ("relay of nothing", policy("bad", rule(pb.Treatment(relay=pb.Relay()))), "cancel_policy.rules[0].treatment.relay"),
    ("a priority beyond", policy("bad", priority=1000001), "cancel_policy.priority"),
    ("a control character", policy("bad", description="a\x01b"), "cancel_policy.description"),
    ("an empty match", matching(pb.CallMatch()), MATCH),
    ("an empty list", matching(pb.CallMatch(any_of=pb.CallMatchList())), f"{MATCH}.any_of.matches"),
    ("an empty string match", matching(pb.CallMatch(to_uri=pb.StringMatch())), f"{MATCH}.to_uri"),
    ("a bad regex", matching(pb.CallMatch(to_uri=pb.StringMatch(regex="a("))), f"{MATCH}.to_uri.regex"),
    ("65 nodes", matching(pb.CallMatch(any_of=pb.CallMatchList(matches=[LEAF] * 64))), MATCH),
    ("too deep", matching(nested(8)), MATCH),
    ("contradicting Reasons", policy("bad", rule(final_response(486, reasons=[q850(16)]))), f"{FINAL}.reasons[0]"),
    ("a SIP Reason of another code", policy("bad", rule(final_response(486, reasons=[sip_reason(487)]))),
     f"{FINAL}.reasons[0]"),
    ("200 as a final response", policy("bad", rule(final_response(200))), f"{FINAL}.status_code"),
    ("a header of its own", policy("bad", rule(final_response(480, headers=[pb.Header(name="Via", value="x")]))),
     f"{FINAL}.headers[0].name"),
    ("a line break for the wire", policy("bad", rule(final_response(480, "a\r\nb"))), f"{FINAL}.reason_phrase"),
]


@pytest.mark.parametrize("bad,field", [entry[1:] for entry in BAD], ids=[entry[0] for entry in BAD])
def test_what_is_wrong_is_refused_by_its_path(policies, bad, field):
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD") as seen:
        create(policies, bad)
    assert any(path.startswith(field) for path in seen["refusal"].fields), seen["refusal"]
    # An update is checked in the same way, and changes nothing.
    made = create(policies, policy("bad"))
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD"):
        update(policies, bad)
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD"):
        explain(policies, candidate_policies=[bad])
    assert listed(policies)[0] == made or made in listed(policies)
    assert get(policies, made.name) == made


def test_a_redirect_to_us_is_refused(policies, own_server):
    host, port = own_server.sip()
    for contact in (f"sip:bob@{host}:{port}", f"<sip:{host}:{port};transport=tcp>".strip("<>")):
        with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD") as seen:
            create(policies, policy("loop", rule(redirect([contact]))))
        assert seen["refusal"].fields == ["cancel_policy.rules[0].treatment.redirect.contacts[0]"], seen["refusal"]
    create(policies, policy("away", rule(redirect([f"sip:bob@{host}:{port % 60000 + 1}"]))))


def test_a_request_above_a_megabyte_is_refused(policies):
    with pytest.raises(grpc.RpcError) as refused:
        create(policies, policy("big", *[rule(rule_id=f"r{i}", description="x" * 1000) for i in range(1100)]))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert names(listed(policies)) == SHIPPED


def test_explains_a_made_up_call(policies):
    answer = explain(policies)
    assert answer.policy == "cancelPolicies/builtin" and answer.rule
    assert answer.treatment.HasField("final_response")
    linphone = pb.CallMatch(caller_user_agent=pb.StringMatch(prefix="Linphone"))
    create(policies, policy("busy", rule(match=linphone), priority=5))
    answer = explain(policies)
    assert (answer.policy, answer.rule) == ("cancelPolicies/busy", "one")
    assert answer.treatment.final_response.status_code == 486
    assert explain(policies, hypothetical_call=pb.Call()).policy == "cancelPolicies/builtin"
    assert explain(policies, trigger=pb.TRIGGER_ARRIVAL).treatment.HasField("proceed")


def test_explains_with_candidates_in_place_of_their_namesakes(policies):
    create(policies, policy("busy", priority=5))
    other = policy("other", rule(final_response(480)), priority=9, mode=pb.CANCEL_POLICY_MODE_UNSPECIFIED)
    # Unspecified: ENFORCED.
    assert explain(policies, candidate_policies=[other]).policy == "cancelPolicies/other"
    other.mode = pb.CANCEL_POLICY_MODE_DISABLED
    assert explain(policies, candidate_policies=[other]).policy == "cancelPolicies/busy"
    other.mode = pb.CANCEL_POLICY_MODE_SHADOW
    answer = explain(policies, candidate_policies=[other])
    assert answer.policy == "cancelPolicies/busy"
    assert [shadow.policy for shadow in answer.shadow_decisions] == ["cancelPolicies/other"]
    weaker = policy("busy", rule(final_response(404)), priority=5)
    assert explain(policies, candidate_policies=[weaker]).treatment.final_response.status_code == 404
    # They are gone with the answer.
    assert explain(policies).treatment.final_response.status_code == 486

    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "candidate_policies[1].name"):
        explain(policies, candidate_policies=[other, other])
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "candidate_policies[0].name"):
        explain(policies, candidate_policies=[policy("builtin")])
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "candidate_policies"):
        explain(policies, candidate_policies=[policy(f"p{i}") for i in range(101)])


def test_explains_a_live_call(policies, own_server):
    with UdpPeer(own_server.sip()) as peer:
        call = peer.invite(user_agent="Twinkle/1.10")
        call.ring()
        name = policies.find(call.call_id).name
        twinkle = pb.CallMatch(caller_user_agent=pb.StringMatch(prefix="Twinkle"))
        create(policies, policy("twinkle", rule(match=twinkle)))
        assert explain(policies, call=name).policy == "cancelPolicies/twinkle"
        call.no_final()
        call.cancel()
        call.final()
    with policies.refused("NOT_FOUND", "CALL_NOT_FOUND"):
        explain(policies, call="calls/nobody")


@pytest.mark.parametrize("fields,wrong", [
    ({"call": "nobody"}, "call"),
    ({"trigger": 99}, "trigger"),
    ({"intent": 99}, "intent"),
    ({"trigger": pb.TRIGGER_ARRIVAL, "intent": pb.INTENT_BUSY}, "intent"),
    ({"trigger": pb.TRIGGER_FAR_END_FAILURE}, "hypothetical_call.callee.last_status_code"),
])
def test_questions_that_cannot_be_answered(policies, fields, wrong):
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", wrong):
        explain(policies, **fields)


def test_a_question_about_nothing(policies):
    with policies.refused("INVALID_ARGUMENT", "INVALID_FIELD", "call"):
        policies.policies.ExplainCancelPolicy(pb.ExplainCancelPolicyRequest(), timeout=DEADLINE)


def test_a_restart_keeps_them_and_the_request_ids(tmp_path):
    store = f"sqlite:{tmp_path}/kept.db"
    with Server(store=store) as server, Api(server.grpc) as api:
        made = create(api, policy("kept", priority=2), request_id="one")
        gone = create(api, policy("gone"))
        delete(api, gone.name, request_id="two")
        changed = update(api, policy("changed"), allow_missing=True)
    with Server(store=store) as server, Api(server.grpc) as api:
        assert listed(api)[0] == made
        assert names(listed(api)) == [made.name, changed.name, *SHIPPED]
        assert create(api, policy("kept", priority=2), request_id="one") == made
        with api.refused("INVALID_ARGUMENT", "REQUEST_ID_REUSED", "request_id"):
            create(api, policy("kept", priority=3), request_id="one")
        delete(api, gone.name, request_id="two")
        update(api, policy("kept", priority=4, etag=made.etag))


def test_a_thousand_are_the_most():
    with Server(store="memory") as server, Api(server.grpc) as api:
        requests = [pb.CreateCancelPolicyRequest(cancel_policy=policy(f"p{i}")) for i in range(999)]
        for asked in [api.policies.CreateCancelPolicy.future(r, timeout=DEADLINE * 3) for r in requests]:
            asked.result()
        with api.refused("RESOURCE_EXHAUSTED", "TOO_MANY_POLICIES"):
            create(api, policy("one-more"))
        with api.refused("RESOURCE_EXHAUSTED", "TOO_MANY_POLICIES"):
            update(api, policy("one-more"), allow_missing=True)
        assert len(listed(api)) == 1001
        delete(api, "cancelPolicies/p7")
        create(api, policy("one-more"))


def test_while_draining_nothing_is_written(tmp_path):
    server = Server(config=PATIENT, store=f"sqlite:{tmp_path}/drained.db")
    with server, Api(server.grpc) as api:
        made = create(api, policy("night"))
        with UdpPeer(server.sip()) as peer:
            call = peer.invite()
            call.ring()
            server.terminate()
            server.wait_log("draining", DEADLINE)
            with api.refused("UNAVAILABLE", "DRAINING"):
                # The line comes a moment before the refusal.
                until(lambda: not update(api, policy("night")), "DRAINING")
            with api.refused("UNAVAILABLE", "DRAINING"):
                create(api, policy("day"))
            with api.refused("UNAVAILABLE", "DRAINING"):
                delete(api, made.name)
            # Reads, checks and questions go on.
            assert get(api, made.name).name == made.name
            update(api, policy("night"), validate_only=True)
            explain(api)
            server.terminate()
            assert server.wait_exit(30 * SCALE) == 0
