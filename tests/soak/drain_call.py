"""One call of the drain soak: what the drain must do to it, and what is wrong with what it did."""

import loss_call


class Call(loss_call.Call):
    """`state`: ringing or answered when SIGTERM comes, or arriving while others do. `parked`: without a callee."""

    def __init__(self, number, state, parked):
        super().__init__(number, state)
        self.user = f"{'parked' if parked else 'through'}-{number}"
        self.invited_at = 0.0
        self.final, self.retry_after = 0, ""  # of the caller
        self.outcome = "OK"  # nobody asks the API

    @property
    def is_refused(self):
        return self.moment == "arriving" and self.final == 503

    def complaints(self, last_over_at):
        """`last_over_at`: when the last call of before was over at both ends. What comes later may meet nobody."""
        if self.moment == "arriving" and not self.heard:
            return [] if self.invited_at >= last_over_at else ["heard nothing"]
        told = super().complaints()
        if self.is_refused:
            if not self.retry_after:
                told.append("503 without Retry-After")
            if self.leg is not None:
                told.append("refused, and sent on")
        elif self.moment == "answered":
            if self.caller.ended != "BYE" or self.callee.ended != "BYE":
                told.append(f"answered, and its ends are over by {self.caller.ended} and {self.callee.ended}")
        elif self.final != 480 or not self.retry_after:
            told.append(f"rang, and its caller got {self.final} with Retry-After {self.retry_after!r}")
        elif self.leg is not None and self.callee.ended != "CANCEL":
            told.append(f"rang, and its callee is over by {self.callee.ended}")
        return told
