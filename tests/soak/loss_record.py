"""What adieud says of the calls of the loss soak, and whether the phones saw the same."""

import collections

from harness.stubs import pb
from harness.wait import SCALE, until
from loss_call import LIMIT

_LIVE = pb.CallMatch(none_of=pb.CallMatchList(matches=[pb.CallMatch(state=pb.CALL_STATE_TERMINATED)]))


def _name(enum, prefix, value):
    return enum.Name(value)[len(prefix):]


def ending(leg):
    """`CALLER BYE ENDED`"""
    return " ".join((_name(pb.LegSide, "LEG_SIDE_", leg.side), _name(pb.LegAction, "LEG_ACTION_", leg.action),
                     _name(pb.LegOutcome, "LEG_OUTCOME_", leg.outcome)))


# What the phones must have seen where adieud says so. Phones that answer everything never let it time out.
_TRUE = {
    "CALLER FINAL_RESPONSE ENDED": lambda call, leg: {status for status, _ in call.caller.finals} == {leg.status_code},
    "CALLER FINAL_RESPONSE PEER_FIRST": lambda call, leg: call.hung_up,
    # The order found the leg ended, or being ended, by a phone.
    "CALLER NONE PEER_FIRST": lambda call, leg: call.hung_up or call.picked_up,
    "CALLEE NONE PEER_FIRST": lambda call, leg: call.hung_up or call.picked_up,
    "CALLER BYE ENDED": lambda call, leg: call.caller.byes,
    "CALLER BYE PEER_FIRST": lambda call, leg: call.answered,
    "CALLEE CANCEL ENDED": lambda call, leg: not call.picked_up and not call.callee.byes,
    "CALLEE CANCEL PEER_FIRST": lambda call, leg: not call.picked_up and not call.callee.byes,
    "CALLEE CANCEL ANSWERED_FIRST": lambda call, leg: call.picked_up and call.callee.byes,
    # Its 2xx had arrived, the caller had not been told.
    "CALLEE BYE ANSWERED_FIRST": lambda call, leg: call.picked_up and call.callee.byes and not call.answered,
    "CALLEE BYE ENDED": lambda call, leg: call.callee.byes,
    "CALLEE BYE PEER_FIRST": lambda call, leg: call.picked_up,
}


class Record:
    def __init__(self, api, calls):
        self.faults = []
        try:
            until(lambda: not api.list(_LIVE), "adieud has no live call", LIMIT * SCALE)
            until(lambda: all(leg.HasField("end_time") for found in api.terminations() for leg in found.legs),
                  "every termination is settled", LIMIT * SCALE)
        except AssertionError as left:
            self.faults.append(str(left)[:2000])
        listed = api.list()
        self.live = sum(call.state != pb.CALL_STATE_TERMINATED for call in listed)
        self.legs = collections.Counter()
        if len(listed) != len(calls):
            self.faults.append(f"adieud tells of {len(listed)} calls")
        self._compare(api.terminations(), {call.name: call.caller.sip_call_id for call in listed},
                      {call.call_id: call for call in calls})

    def _compare(self, terminations, call_ids, calls):
        for name, number in collections.Counter(found.call for found in terminations).items():
            if number > 1:
                self.faults.append(f"{name} has {number} terminations")
        self.untrue = []
        for found in terminations:
            call = calls[call_ids[found.call]]
            for leg in found.legs:
                said = ending(leg)
                self.legs[said.lower()] += 1
                if leg.action and not _TRUE.get(said, lambda call, leg: False)(call, leg):
                    self.untrue.append((call, said))


def ladder(api, call):
    """What adieud saw of a call, a line each: `12.345 caller < INVITE`."""
    lines = []
    for found in api.by_call_id(call.call_id):
        messages = api.get(found.name).messages
        for message in messages:
            after = (message.time.ToNanoseconds() - messages[0].time.ToNanoseconds()) / 1e9
            arrow = "<" if message.direction == pb.DIRECTION_RECEIVED else ">"
            side = _name(pb.LegSide, "LEG_SIDE_", message.side).lower()
            lines.append(f"    {after:7.3f} {side} {arrow} {message.status_code or ''} {message.method} {message.reason}")
    return "\n".join(lines)
