"""CancelPolicyService as a client uses it, and policies to give to it."""

from google.protobuf.field_mask_pb2 import FieldMask

from harness.api import final_response
from harness.stubs import pb
from harness.wait import DEADLINE

# In the order in which they are asked, where there are no others.
SHIPPED = ["cancelPolicies/quiet-kills", "cancelPolicies/builtin"]


def rule(treatment=None, trigger=pb.TRIGGER_REQUEST, rule_id="one", **fields):
    return pb.Rule(id=rule_id, triggers=[trigger], treatment=treatment or final_response(486), **fields)


def policy(name, *rules, mode=pb.CANCEL_POLICY_MODE_ENFORCED, **fields):
    return pb.CancelPolicy(name=f"cancelPolicies/{name}", rules=rules or [rule()], mode=mode, **fields)


def create(api, wanted, **fields):
    return api.policies.CreateCancelPolicy(
        pb.CreateCancelPolicyRequest(cancel_policy=wanted, **fields), timeout=DEADLINE)


def update(api, wanted, *mask, **fields):
    return api.policies.UpdateCancelPolicy(
        pb.UpdateCancelPolicyRequest(
            cancel_policy=wanted, update_mask=FieldMask(paths=mask) if mask else None, **fields), timeout=DEADLINE)


def delete(api, name, **fields):
    return api.policies.DeleteCancelPolicy(pb.DeleteCancelPolicyRequest(name=name, **fields), timeout=DEADLINE)


def get(api, name):
    return api.policies.GetCancelPolicy(pb.GetCancelPolicyRequest(name=name), timeout=DEADLINE)


def listed(api, size=1000):
    found, page = [], ""
    while True:
        answer = api.policies.ListCancelPolicies(
            pb.ListCancelPoliciesRequest(page_size=size, page_token=page), timeout=DEADLINE)
        found += answer.cancel_policies
        page = answer.next_page_token
        if not page:
            return found


def names(found):
    return [policy.name for policy in found]


def explain(api, **fields):
    if "call" not in fields and "hypothetical_call" not in fields:
        fields["hypothetical_call"] = pb.Call(caller=pb.Leg(user_agent="Linphone/5.1"))
    return api.policies.ExplainCancelPolicy(pb.ExplainCancelPolicyRequest(**fields), timeout=DEADLINE)
