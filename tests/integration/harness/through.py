"""One server whose routes lead to scripted phones, and the calls that pass through it.

A route takes the calls whose Request-URI has a user part that begins with its name and a dash.
"""

import contextlib
import json
import re

from harness import never, sip
from harness.api import Api
from harness.callee import TcpCallee, UdpCallee
from harness.peer import TcpPeer, UdpPeer
from harness.server import Server, ipv6_works
from harness.stubs import pb
from harness.wait import DEADLINE, until

_SIDES = {"caller": pb.LEG_SIDE_CALLER, "callee": pb.LEG_SIDE_CALLEE}
_ARROWS = {pb.DIRECTION_RECEIVED: "<", pb.DIRECTION_SENT: ">"}


def steps(call, side):
    """One leg's ladder as text: `<INVITE >100 >180`, `<` received by the server. Retransmissions count once."""
    lines, last = [], None
    for message in call.messages:
        if message.side == _SIDES[side]:
            same = (message.direction, message.method, message.cseq, message.status_code, message.reason_phrase)
            if same != last:
                lines.append(f"{_ARROWS[message.direction]}{message.status_code or message.method}")
            last = same
    return " ".join(lines)


def endings(termination):
    """{"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL HELD"}"""
    return {pb.LegSide.Name(leg.side)[len("LEG_SIDE_"):].lower():
            f"{pb.LegAction.Name(leg.action)[len('LEG_ACTION_'):]} {pb.LegOutcome.Name(leg.outcome)[len('LEG_OUTCOME_'):]}"
            for leg in termination.legs}


class Forwarded:
    """One call: the caller's end, the callee's end, and what the API says of it."""

    def __init__(self, through, caller, callee_peer):
        self.through = through
        self.caller = caller
        self.phone = callee_peer
        self.callee = None
        self.later = None  # a request under way; dropped, it would be cancelled

    @property
    def api(self):
        return self.through.api

    @property
    def user(self):
        return sip.user_of(self.caller.uri)

    def take(self, at=None, **arguments):
        """The INVITE that reaches the callee."""
        self.callee = (at or self.phone).take(self.user, **arguments)
        return self.callee

    @property
    def name(self):
        return self.api.find(self.caller.call_id).name

    def get(self):
        return self.api.get(self.name)

    def ring(self, **arguments):
        """180 at the callee, 180 at the caller. Returns the caller's."""
        if self.callee is None:
            self.take()
        self.callee.ring(**arguments)
        return self.caller.ring()

    def answer(self, **arguments):
        """200 at both ends, ACK at both ends."""
        self.callee.accept(**arguments)
        answered = self.caller.final()
        assert answered.status == 200, answered
        self.callee.expect_ack()

    def expect_ladders(self, caller, callee):
        """Both legs' ladders, exactly, as soon as they are complete. Each is a text, or several that are all right, or
        None: not asked."""
        wanted = {side: [text] if isinstance(text, str) else list(text)
                  for side, text in (("caller", caller), ("callee", callee)) if text is not None}

        def differences():
            call = self.get()
            return [(side, steps(call, side), texts) for side, texts in wanted.items() if steps(call, side) not in texts]
        try:
            until(lambda: not differences(), f"the ladders of {self.name}")
        except AssertionError:
            for side, seen, texts in differences():
                raise AssertionError(f"the {side}'s ladder is\n  {seen}\nnot\n  " + "\nor\n  ".join(texts)) from None

    def ended(self, by=None, seconds=DEADLINE, timed_out=False):
        """The call once it is TERMINATED, with both of its legs, and what must never leave has not left."""
        call = self.api.wait_state(self.name, pb.CALL_STATE_TERMINATED, seconds)
        assert call.caller.state == pb.CALL_STATE_TERMINATED, call
        if call.HasField("callee"):
            assert call.callee.state == pb.CALL_STATE_TERMINATED, call
        assert call.HasField("end_time"), call
        if by is not None:
            assert call.ended_by == by, f"{pb.EndedBy.Name(call.ended_by)}, {pb.EndedBy.Name(by)} wanted"
        never.check(call, timed_out)
        return call

    def settled(self, termination, seconds=DEADLINE):
        """The endings of both legs, once they are final."""
        return endings(self.api.termination(termination.name, self.name, seconds=seconds))

    def hang_up(self):
        """The caller's BYE ends an answered call at both ends: it was alive."""
        assert self.caller.bye().status == 200
        self.callee.expect_bye()
        self.ended(by=pb.ENDED_BY_CALLER)

    def end_answered(self, ender):
        """Ends an answered call at both ends: `ender` is `caller`, `callee` or `adieu`."""
        if ender == "caller":
            self.hang_up()
        elif ender == "callee":
            assert self.callee.bye().status == 200
            self.caller.expect_bye()
            self.ended(by=pb.ENDED_BY_CALLEE)
        else:
            termination = self.api.terminate(self.name)
            self.caller.expect_bye()
            self.callee.expect_bye()
            assert self.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}
            self.ended(by=pb.ENDED_BY_ADIEU)

    def cancel(self):
        """The caller's CANCEL ends a ringing call at both ends."""
        self.caller.cancel()
        assert self.caller.final().status == 487
        self.callee.expect_cancelled()
        self.ended(by=pb.ENDED_BY_CALLER)


class Through:
    """`routes` come before the standard ones: {name: {"targets": [...], ...}}; `callee_of` says who answers there."""

    def __init__(self, routes=None, config=None, listeners=None, callee_of=None, **options):
        self._stack = contextlib.ExitStack()
        self.callees = {"udp": UdpCallee(), "tcp": TcpCallee()}
        six = ipv6_works() and (listeners is None or any("[" in listener["address"] for listener in listeners))
        if six:
            self.callees |= {"udp6": UdpCallee("::1"), "tcp6": TcpCallee("::1")}
        for callee in self.callees.values():
            self._stack.callback(callee.close)
        self.udp, self.tcp = self.callees["udp"], self.callees["tcp"]
        self.forwards = {**self.expand(routes or {}),
                         **{name: {"targets": [callee.target]} for name, callee in self.callees.items()},
                         "keep": {"targets": [self.udp.target], "request_uri": "KEEP"}}
        self.callee_of = {**self.callees, **{name: self.callees[who] for name, who in (callee_of or {}).items()}}
        if listeners is None:
            listeners = [{"name": "v4", "address": "127.0.0.1:0"}]
            if six:
                listeners.append({"name": "v6", "address": "[::1]:0"})
        self.listeners = listeners
        self.config = config or {}
        settings = {"sip": {"listeners": listeners}, "routes": [self._route(name) for name in self.forwards],
                    **self.config}
        self.server = self._stack.enter_context(Server(config=json.dumps(settings, indent=1), sip_listen=None, **options))
        self.api = self._stack.enter_context(Api(self.server.grpc))
        for kind, callee in self.callees.items():
            callee.server = self.server.sip("v6" if kind.endswith("6") else listeners[0]["name"])
        self._callers = {}

    def expand(self, routes):
        """`{udp}` in a target is that callee's URI."""
        text = json.dumps(routes)
        return json.loads(re.sub(r"\{(\w+)\}", lambda found: self.callees[found.group(1)].target, text))

    def _route(self, name):
        forward = dict(self.forwards[name])
        more = {key: forward.pop(key) for key in ("labels", "label_headers") if key in forward}
        match = {"request_uri": {"prefix": f"sip:{name}-"}}
        return {"name": name, "match": match, **more, "forward": forward}

    def caller(self, kind="udp"):
        """A phone that calls; one for each transport and address family."""
        if kind not in self._callers:
            listener = "v6" if kind.endswith("6") else self.listeners[0]["name"]
            peer = (TcpPeer if kind.startswith("tcp") else UdpPeer)(self.server.sip(listener))
            self._callers[kind] = self._stack.enter_context(peer)
        return self._callers[kind]

    def place(self, route="udp", caller="udp", **invite):
        """An INVITE that this route takes."""
        peer = caller if not isinstance(caller, str) else self.caller(caller)
        user = invite.pop("user", None) or f"{route}-{sip.token()}"
        call = peer.invite(user=user, **invite)
        return Forwarded(self, call, self.callee_of.get(route, self.udp))

    def calling(self, route="udp", caller="udp", **invite):
        """A call whose INVITE is at the callee, which has not said anything yet."""
        call = self.place(route, caller, **invite)
        call.take()
        return call

    def ringing(self, route="udp", caller="udp", **invite):
        """A call that rings at both ends."""
        call = self.calling(route, caller, **invite)
        call.ring()
        return call

    def answered(self, route="udp", caller="udp", **invite):
        """A call that is answered, and acknowledged at both ends."""
        call = self.ringing(route, caller, **invite)
        call.answer()
        return call

    def close(self):
        self._stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self._stack.__exit__(*failure)
