"""One call of the recovery soak: what its two phones saw, and what is wrong with it."""

import asyncio
import time

from harness import sip

# Seconds: the session timer that the phones agree on (RFC 4028), refreshed by the caller at half of it.
EXPIRES = 16
# What a BYE may take beyond the session timer: the next process starts, and a busy machine is slow.
SLACK = 4


class End:
    """One phone. It is over when a final response, a CANCEL, a BYE or its user says so."""

    def __init__(self, call):
        self._call = call
        self.talking_since = 0.0  # when it took the call for established
        self.refreshed_at = 0.0
        self.ended, self.ended_at = None, 0.0  # how
        self.gone = False  # without power: says nothing any more
        self.byes = set()  # CSeq numbers of those that came
        self.cancels = set()
        self.finals = set()  # (code, To tag)
        self.wrong = []

    @property
    def talks(self):
        return bool(self.talking_since) and not self.ended and not self.gone

    def begin(self):
        self.talking_since = self.talking_since or time.monotonic()
        self.refreshed_at = self.refreshed_at or self.talking_since

    def end(self, how):
        if not self.ended and not self.gone:
            self.ended, self.ended_at = how, time.monotonic()
            self._call.look()

    def fail(self):
        """Its power fails."""
        self.gone = True
        self._call.look()

    @property
    def overtime(self):
        """Seconds that it was in the call beyond its session timer."""
        if not self.talking_since or self.gone:
            return 0.0
        return (self.ended_at or time.monotonic()) - self.refreshed_at - EXPIRES


class Call:
    def __init__(self, number):
        self.number = number
        self.user = f"recover-{number}"
        self.call_id = sip.token()
        self.caller, self.callee = End(self), End(self)
        self.heard = self.hung_up = False  # the caller
        self.answered, self.next_cseq = None, 2
        self.leg, self.leg_tag = None, ""  # the callee
        self.picked_up = self.connected = False
        self.legs = 0  # INVITEs that came to the callee
        self.rings, self.talks, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.terminations = []  # names that the API acknowledged
        self.lived_through = 0  # kills while it was established
        self.orphan = False  # it arrived too shortly before a kill

    def look(self):
        if self.answered:
            self.caller.begin()
        if self.connected:
            self.callee.begin()
        if self.caller.talks and self.callee.talks:
            self.talks.set()
        if all(end.ended or end.gone for end in (self.caller, self.callee)):
            self.over.set()

    @property
    def established(self):
        """Both phones are in the call."""
        return self.caller.talks and self.callee.talks and not self.hung_up

    def complaints(self):
        told = [f"{side}: {what}" for side in ("caller", "callee") for what in getattr(self, side).wrong]
        for side in ("caller", "callee"):
            end = getattr(self, side)
            if end.talking_since and not end.ended and not end.gone:
                told.append(f"the {side} is left in the call")
            elif end.overtime > SLACK:
                told.append(f"the {side} was in the call {end.overtime:.1f} s beyond its session timer")
            if end.ended in ("BYE unanswered", "no ACK"):
                told.append(f"the {side}: {end.ended}")
        if len(self.caller.finals) > 1:
            told.append(f"final responses {sorted(self.caller.finals)}")
        if self.caller.byes and not self.answered:
            told.append("BYE to a caller that was never answered")
        return told

    def __str__(self):
        ends = ", ".join(f"{side} {getattr(self, side).ended} {'gone' if getattr(self, side).gone else ''}"
                         for side in ("caller", "callee"))
        return f"call {self.number} {self.call_id}: {ends}, {self.legs} legs, {self.lived_through} kills"
