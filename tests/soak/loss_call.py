"""One call of the loss soak: what was planned for it, and what each end saw."""

import asyncio
import time

from harness import sip

# Every timer of both legs, twice over (RFC 3261 17: 64*T1).
LIMIT = 2 * 32 + 2


class End:
    """One end of a call. It is over when a final response, a CANCEL or a BYE says so."""

    def __init__(self, call):
        self._call = call
        self.ended = None  # how
        self.ended_at = 0.0
        self.finals = set()  # (code, To tag)
        self.byes = set()  # CSeq numbers
        self.cancels = set()  # branches
        self.wrong = []

    def end(self, how):
        if not self.ended:
            self.ended, self.ended_at = how, time.monotonic()
            self._call.look()


class Call:
    def __init__(self, number, moment):
        self.number = number
        self.moment = moment
        self.user = f"loss-{number}"
        self.call_id = sip.token()
        self.caller, self.callee = End(self), End(self)
        self.heard = self.hung_up = False  # the caller
        self.answered = None
        self.leg, self.leg_tag = None, ""  # the callee
        self.picked_up = self.connected = False
        self.rings, self.talks, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.asked_at = 0.0  # when we told the API to end it
        self.outcome = ""  # what the API said

    def look(self):
        if self.answered and self.connected:
            self.talks.set()
        if self.caller.ended and (self.callee.ended or self.leg is None):
            self.over.set()

    @property
    def seconds(self):
        """From the request to the API until both ends were over."""
        return max(self.caller.ended_at, self.callee.ended_at) - self.asked_at

    def complaints(self):
        told = [f"caller: {what}" for what in self.caller.wrong] + [f"callee: {what}" for what in self.callee.wrong]
        if not self.caller.ended:
            told.append("the caller hangs")
        if self.leg is not None and not self.callee.ended:
            told.append("the callee hangs")
        if self.over.is_set() and self.seconds > LIMIT:
            told.append(f"over after {self.seconds:.1f} s")
        if len(self.caller.finals) != 1:
            told.append(f"final responses {sorted(self.caller.finals)}")
        if len(self.caller.byes) > 1 or len(self.callee.byes) > 1:
            told.append(f"BYE twice: {self.caller.byes} {self.callee.byes}")
        if len(self.callee.cancels) > 1:
            told.append("two CANCEL transactions")
        if self.caller.byes and any(status >= 300 for status, _ in self.caller.finals):
            told.append("BYE to a caller that was never answered")
        if self.outcome not in ("OK", "FAILED_PRECONDITION"):  # it is over already
            told.append(f"the API: {self.outcome}")
        return told

    def __str__(self):
        return (f"call {self.number} {self.call_id} ({self.moment}): caller {self.caller.ended} {sorted(self.caller.finals)}"
                f", callee {self.callee.ended}, picked up {self.picked_up}, connected {self.connected}")
