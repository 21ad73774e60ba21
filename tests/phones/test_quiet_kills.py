"""A switch behind adieud kills a ringing call as FreeSWITCH does: 480 with Q.850;cause=16. What the caller's phone makes
of it without the policy quiet-kills, with it, and with the same rules on trial (docs/quiet-kills.md)."""

import contextlib
import json

import pytest

from conftest import HOST
from harness.api import Api
from harness.callee import UdpCallee
from harness.policies import create, get
from harness.server import Server
from harness.stubs import pb
from harness.wait import DEADLINE, until

KILLED = [("Reason", 'Q.850;cause=16;text="NORMAL_CLEARING"')]
PHONES = ["linphone", "baresip"]


class Behind:
    """adieud with a switch behind it, and the phones before it."""

    def __init__(self, stack, world, policies):
        self.phones = world.phones
        self.switch = stack.enter_context(UdpCallee(host=HOST))
        config = {"sip": {"listeners": [{"name": "phones", "address": f"{HOST}:0"}]}, "policies": policies,
                  "routes": [{"name": "switch", "forward": {"targets": [self.switch.target]}}]}
        self.server = stack.enter_context(Server(config=json.dumps(config), sip_listen=None))
        self.api = stack.enter_context(Api(self.server.grpc))

    def ended(self, caller, code, headers=()):
        """What the phone says of the end, and the tones that it plays then; what adieud says of the call."""
        phone = self.phones[caller]
        begin = phone.mark()
        phone.call("sip:anna@%s:%d" % self.server.sip())
        call = self.switch.take("anna")
        call.ring()
        phone.hears_ringback()
        call.respond(code, headers=headers)
        call.expect_ack()
        says = phone.ends()
        phone.is_idle()
        told = self.api.wait_state(self.api.find(call.call_id).name, pb.CALL_STATE_TERMINATED)
        return says, [tone for tone in phone.tones(begin) if tone != "ringback"], told


@pytest.fixture(scope="module")
def plain(world):
    with contextlib.ExitStack() as stack:
        yield Behind(stack, world, {})


@pytest.fixture(scope="module")
def enabled(world):
    with contextlib.ExitStack() as stack:
        yield Behind(stack, world, {"enable": ["quiet-kills"]})


@pytest.fixture(scope="module")
def on_trial(world):
    with contextlib.ExitStack() as stack:
        behind = Behind(stack, world, {})
        trial = get(behind.api, "cancelPolicies/quiet-kills")
        create(behind.api, pb.CancelPolicy(name="cancelPolicies/trial", mode=pb.CANCEL_POLICY_MODE_SHADOW, rules=trial.rules))
        yield behind


def test_without_it_baresip_makes_a_fuss(plain):
    says, tones, call = plain.ended("baresip", 480, KILLED)
    assert says.startswith("480 ") and tones == ["error"]
    assert not call.termination


@pytest.mark.parametrize("caller", PHONES)
def test_with_it_a_killed_call_just_ends(enabled, caller):
    says, tones, call = enabled.ended(caller, 480, KILLED)
    assert tones == []
    if caller == "baresip":
        assert says == "487 Call ended"
    termination = enabled.api.termination(call.termination, call.name)
    assert (termination.policy, termination.rule) == ("cancelPolicies/quiet-kills", "killed")
    assert call.ended_by == pb.ENDED_BY_CALLEE


def test_with_it_a_call_that_nobody_answered_is_told_as_before(enabled):
    says, tones, call = enabled.ended("baresip", 480)
    assert says.startswith("480 ") and says != "480 Call ended" and tones == ["error"]
    assert not call.termination


@pytest.mark.parametrize("caller,would_have_left", [("baresip", 487), ("linphone", 480)])
def test_on_trial_nothing_changes_and_the_log_says_what_would(on_trial, plain, caller, would_have_left):
    wanted_says, wanted_tones, _ = plain.ended(caller, 480, KILLED)
    says, tones, call = on_trial.ended(caller, 480, KILLED)
    assert (says, tones) == (wanted_says, wanted_tones)
    assert not call.termination
    line = until(lambda: next((json.loads(line) for line in on_trial.server.log()
                               if '"shadow decision"' in line and f'"{call.name}"' in line), None), "a shadow decision", DEADLINE)
    assert line["policy"] == "cancelPolicies/trial" and line["rule"] == "killed"
    assert line["trigger"] == "far_end_failure" and int(line["status_code"]) == would_have_left
