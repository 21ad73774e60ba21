"""Two adieud and traffic of every kind: what the dashboards have a panel for happens at least twice.

The first one parks and forwards; the second one is small, so that its limits are met.
"""

import contextlib
import json

import grpc

from prometheus_server import ROOT  # finds the harness  # noqa: F401
from harness import sip
from harness.api import Api, answer_then_bye, final_response, redirect
from harness.peer import UdpPeer
from harness.policies import create, policy, rule
from harness.server import Server, free_port
from harness.stubs import pb
from harness.through import Through
from harness.wait import DEADLINE, until

ROOM = 20
KILLED = [("Reason", 'Q.850;cause=16;text="NORMAL_CLEARING"')]
INTENTS = [value for value in pb.Intent.values() if value != pb.INTENT_UNSPECIFIED]


class Traffic:
    """Both servers run, and one call rings, one talks and one client watches, until it is closed."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        dead = f"sip:127.0.0.1:{free_port()};transport=tcp"
        self.through = self._stack.enter_context(Through(
            routes={"spare": {"targets": [dead, "{udp}"]}, "short": {"targets": ["{udp}"], "ring_timeout": "1s"}},
            callee_of={"spare": "udp", "short": "udp"}, config={"policies": {"enable": ["quiet-kills"]}},
            listeners=[{"name": "v4", "address": "127.0.0.1:0"}]))
        self.api = self.through.api
        small = {"limits": {"max_ringing": ROOM, "queue": 1, "workers": 1}}
        self.small = self._stack.enter_context(Server(config=json.dumps(small)))
        self.small_api = self._stack.enter_context(Api(self.small.grpc))
        self.small_peer = self._stack.enter_context(UdpPeer(self.small.sip()))
        self.peer = self.through.caller()
        create(self.api, policy("trial", rule(final_response(486)), mode=pb.CANCEL_POLICY_MODE_SHADOW))
        gate = pb.CallMatch(to_uri=pb.StringMatch(prefix="sip:gate@"))
        create(self.api, policy("gate", rule(final_response(403), pb.TRIGGER_ARRIVAL, match=gate)))

    @property
    def targets(self):
        return [self.through.server.metrics, self.small.metrics]

    def stay(self):
        """What is there as long as this lives."""
        self._ringing = self._parked()
        self._talking = self.through.answered()
        self._watch = self.api.stub.WatchCalls(pb.WatchCallsRequest())
        next(self._watch)

    def round(self):
        """Everything once."""
        for intent in INTENTS:
            self._end(self._parked(), intent=intent)
        self._end(self._parked(), treatment=redirect(["sip:carol@192.0.2.9"]))
        self._end(self._parked(), treatment=answer_then_bye()).expect_bye()
        for part in (self._through, self._policies, self._glare, self._fork, self._refused, self._errors, self._sweep,
                     self._limits):
            part()

    def _parked(self, user="nobody"):
        call = self.peer.invite(user=user)
        call.ring()
        return call

    def _end(self, call, **request):
        self.api.terminate(sip_call_id=call.call_id, **request)
        call.final()
        return call

    def _through(self):
        self.through.answered().hang_up()
        self.through.ringing().cancel()
        ringing = self.through.ringing()
        self.api.terminate(ringing.name)
        ringing.caller.final()
        ringing.callee.expect_cancelled()
        spare = self.through.ringing("spare")
        spare.callee.respond(486)
        assert spare.caller.final().status == 486
        short = self.through.ringing("short")
        short.callee.expect_cancelled()
        assert short.caller.final().status == 480

    def _policies(self):
        killed = self.through.ringing()
        killed.callee.respond(480, headers=KILLED)
        assert killed.caller.final().status == 487
        assert self.peer.invite(user="gate").final().status == 403

    def _glare(self):
        call = self.through.ringing()
        self.api.terminate(call.name)
        call.caller.final()
        cancel = call.callee.expect_cancel(answer=False)
        call.callee.accept()
        call.callee.answer(cancel)
        call.callee.expect_ack()
        call.callee.expect_bye()

    def _fork(self):
        call = self.through.ringing()
        call.callee.respond(180, tag=sip.token())
        call.cancel()

    def _refused(self):
        self.peer.send(b"nonsense\r\n\r\n")
        call = self._parked()
        call.send_invite()  # again
        call.cancel()
        call.final()

    def _errors(self):
        with self.api.refused("NOT_FOUND"):
            self.api.terminate("calls/nobody")
        with self.api.refused("INVALID_ARGUMENT"):
            self.api.stub.TerminateCall(pb.TerminateCallRequest(), timeout=DEADLINE)

    def _sweep(self):
        calls = [self._parked("swept") for _ in range(3)]
        match = pb.CallMatch(request_uri=pb.StringMatch(prefix="sip:swept@"))
        for _ in self.api.stub.ApplyCancelPolicy(
                pb.ApplyCancelPolicyRequest(match=match, max_calls=10, intent=pb.INTENT_BUSY), timeout=DEADLINE):
            pass
        for call in calls:
            call.final()

    def _limits(self):
        """More calls than may ring, more requests than may wait. Whether the queue is met is up to the machine."""
        calls = [self.small_peer.invite() for _ in range(ROOM)]
        for call in calls:
            call.ring()
        assert self.small_peer.invite().final().status == 503
        requests = [self.small_api.terminate_later(sip_call_id=call.call_id) for call in calls]
        for call, request in zip(calls, requests):
            if request.exception() is not None:
                until(lambda call=call: self._accepted(call), "a second request is accepted")
            call.final()

    def _accepted(self, call):
        try:
            return self.small_api.terminate(sip_call_id=call.call_id)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
            return None

    def leave(self):
        """Ends what stays."""
        self._watch.cancel()
        self._talking.hang_up()
        self._ringing.cancel()
        self._ringing.final()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if failure[0] is None:
            self.leave()
        self._stack.__exit__(*failure)
