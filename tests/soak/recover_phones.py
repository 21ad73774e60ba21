"""The phones of the recovery soak: those of the loss soak, with session timers and a power cord."""

import loss_callee
import loss_caller
from harness import sip
from loss_callee import ANSWER
from recover_call import EXPIRES
from transactions import response

TIMER = [("Supported", "timer"), ("Session-Expires", f"{EXPIRES};refresher=uac")]


class Caller(loss_caller.Caller):
    """The refresher."""

    def _headers(self, call, number, method, branch, to):
        headers = super()._headers(call, number, method, branch, to)
        return headers + TIMER if method in ("INVITE", "UPDATE") else headers

    def refresh(self, call):
        branch, number = sip.branch(), call.next_cseq
        call.next_cseq += 1
        headers = [*self._headers(call, number, "UPDATE", branch, call.answered.one("To")),
                   ("Contact", f"<sip:alice@{self.host}>")]
        self.ask("UPDATE", branch, sip.request("UPDATE", sip.uri_of(call.answered.one("Contact")), headers),
                 lambda: call.caller.wrong.append("UPDATE unanswered") if call.caller.talks and call.callee.talks else None)

    def hang_up(self, call):
        """CANCEL, or BYE once answered; nothing where it is over."""
        if call.caller.ended or call.caller.gone or call.hung_up:
            return
        if not call.answered:
            super().hang_up(call)
            return
        call.hung_up = True
        branch, number = sip.branch(), call.next_cseq
        call.next_cseq += 1
        self.ask("BYE", branch, self._in_dialog(call, number, "BYE", branch), lambda: call.caller.end("BYE unanswered"))

    def on_response(self, message):
        call = self.calls[message.call_id]
        if call.caller.gone:
            return
        if message.method == "UPDATE" and message.status == 200:
            call.caller.refreshed_at = call.loop_time()
        if message.method == "BYE" and message.status == 481 and not call.caller.byes:
            call.caller.wrong.append("481 to its BYE")
        super().on_response(message)
        call.look()

    def on_request(self, message):
        call = self.calls.get(message.call_id)
        if call is None:
            self.failures.append(f"a request of no call: {message}")
        elif not call.caller.gone:
            super().on_request(message)


class Callee(loss_callee.Callee):
    def pick_up(self, call):
        if call.leg is None or call.picked_up or call.callee.ended or call.callee.gone:
            return
        call.picked_up = True
        headers = [self._contact(call), *TIMER, ("Require", "timer"), ("Content-Type", "application/sdp")]
        self.reply_until_ack(call.leg, response(call.leg, 200, "OK", call.leg_tag, headers, ANSWER), call.leg.call_id,
                             lambda: None if call.callee.gone else self._never_acknowledged(call))

    def hang_up(self, call):
        if not call.callee.gone and not call.hung_up:
            call.hung_up = True
            super().hang_up(call)

    def _never_acknowledged(self, call):
        """The process that sent the INVITE died before the journal had the answer: the phone ends it."""
        call.callee.end("never acknowledged")

    def on_response(self, message):
        call = self.calls[message.call_id]
        if call.callee.gone:
            return
        if message.status == 481 and not call.callee.byes:
            call.callee.wrong.append("481 to its BYE")
        super().on_response(message)

    def on_ack(self, message):
        call = self.calls.get(message.call_id)
        if call is not None and not call.callee.gone:
            super().on_ack(message)

    def on_request(self, message):
        call = self.calls.get(message.call_id)
        if message.method == "INVITE" and not message.to_tag:
            self._on_invite(message)
        elif call is None:
            self.failures.append(f"a request of no call: {message}")
        elif call.callee.gone:
            pass
        elif message.method == "UPDATE":
            call.callee.refreshed_at = call.loop_time()
            self._reply(call, message, 200, "OK", [self._contact(call), *TIMER, ("Require", "timer")])
        else:
            super().on_request(message)

    def _on_invite(self, message):
        """A second INVITE of a call: the caller's was not in the journal, and was sent once more."""
        call = self.expected[message.uri[4:].partition("@")[0]]
        call.legs += 1
        if call.leg is None:
            super()._on_invite(message)
        else:
            self.reply(message, response(message, 486, "Busy Here", sip.token()))
