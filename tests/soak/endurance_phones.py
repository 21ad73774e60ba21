"""The phones of the endurance soak: those of the loss soak, which forget the calls that are long over."""

import asyncio
import collections

import loss_callee
import loss_caller
from harness.wait import SCALE
from transactions import LIFE, branch_of

# Seconds after the end of a call in which something of it may still come.
_LATE = (LIFE + 8) * SCALE


class _Forgetful:
    """An hour has a hundred thousand calls."""

    def __init__(self, server):
        super().__init__(server)
        self._answered = collections.defaultdict(list)  # Call-ID: keys of `answers`

    def reply(self, received, data):
        super().reply(received, data)
        self._answered[received.call_id].append((branch_of(received), received.method))

    def forget(self, call):
        asyncio.get_running_loop().call_later(_LATE, self._forget, call)

    def _forget(self, call):
        for call_id in (call.call_id, call.leg.call_id if call.leg else ""):
            self.calls.pop(call_id, None)
            for key in self._answered.pop(call_id, ()):
                self.answers.pop(key, None)


class Caller(_Forgetful, loss_caller.Caller):
    def on_response(self, message):
        super().on_response(message)
        if message.method == "INVITE" and message.status >= 180:
            self.calls[message.call_id].rings.set()  # or is refused


class Callee(_Forgetful, loss_callee.Callee):
    def _forget(self, call):
        super()._forget(call)
        self.expected.pop(call.user, None)
