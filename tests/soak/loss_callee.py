"""The callees of the loss soak."""

from harness import sip
from transactions import Phone, branch_of, response

ANSWER = sip.OFFER.replace("alice", "bob")


class Callee(Phone):
    """Calls know their `callee`: what this end saw of them (loss_call.End)."""

    def __init__(self, server):
        super().__init__(server)
        self.expected = {}  # user: Call
        self.calls = {}  # Call-ID of the leg: Call

    def _contact(self, call):
        return ("Contact", f"<sip:{call.user}@{self.host}>")

    def _reply(self, call, message, status, phrase, headers=()):
        self.reply(message, response(message, status, phrase, call.leg_tag, headers))

    def pick_up(self, call):
        """200, unless it is over or was never offered."""
        if call.leg is None or call.picked_up or call.callee.ended:
            return
        call.picked_up = True
        data = response(call.leg, 200, "OK", call.leg_tag, [self._contact(call), ("Content-Type", "application/sdp")], ANSWER)
        self.reply_until_ack(call.leg, data, call.leg.call_id, lambda: self._never_acknowledged(call))

    def _never_acknowledged(self, call):
        call.callee.wrong.append("no ACK of the 200 in 64*T1")
        call.callee.end("no ACK")

    def hang_up(self, call):
        """BYE once the ACK is here (RFC 3261 15); nothing where it is over."""
        if call.callee.ended or not call.connected:
            return
        branch = sip.branch()
        data = sip.request("BYE", sip.uri_of(call.leg.one("Contact")), [
            ("Via", self.via(branch)), ("Max-Forwards", "70"), ("From", f"{call.leg.one('To')};tag={call.leg_tag}"),
            ("To", call.leg.one("From")), ("Call-ID", call.leg.call_id), ("CSeq", "1 BYE")])
        self.ask("BYE", branch, data, lambda: call.callee.end("BYE unanswered"))

    def on_response(self, message):
        self.calls[message.call_id].callee.end("BYE answered")

    def on_ack(self, message):
        call = self.calls[message.call_id]
        self.acknowledged(branch_of(message))
        if self.acknowledged(message.call_id):
            call.connected = True
        call.look()

    def on_request(self, message):
        if message.method == "INVITE" and not message.to_tag:
            self._on_invite(message)
            return
        call = self.calls.get(message.call_id)
        if message.method == "CANCEL":
            self._on_cancel(call, message)
        elif message.method == "BYE":
            self._on_bye(call, message)
        else:
            call.callee.wrong.append(f"got {message.method}")

    def _on_invite(self, message):
        call = self.expected[message.uri[4:].partition("@")[0]]
        if call.leg is not None:
            call.callee.wrong.append("a second INVITE")
        call.leg, call.leg_tag = message, sip.token()
        self.calls[message.call_id] = call
        self._reply(call, message, 180, "Ringing", [self._contact(call)])
        call.rings.set()

    def _on_cancel(self, call, message):
        call.callee.cancels.add(branch_of(message))
        if branch_of(message) != branch_of(call.leg):
            call.callee.wrong.append("a CANCEL of another transaction")
        self._reply(call, message, 200, "OK")
        if call.picked_up or call.callee.ended:
            return
        data = response(call.leg, 487, "Request Terminated", call.leg_tag)
        self.reply_until_ack(call.leg, data, branch_of(call.leg))
        call.callee.end("CANCEL")

    def _on_bye(self, call, message):
        call.callee.byes.add(message.cseq)
        if not call.picked_up:
            call.callee.wrong.append("BYE on an early dialog")
        self.acknowledged(call.leg.call_id)  # who hangs up has the 200: its ACK is lost, or late
        self._reply(call, message, 200, "OK")
        call.callee.end("BYE")
