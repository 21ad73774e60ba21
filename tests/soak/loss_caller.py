"""The callers of the loss soak."""

from harness import sip
from transactions import Phone, branch_of, response


class Caller(Phone):
    """Calls know their `caller`: what this end saw of them (loss_call.End)."""

    def __init__(self, server):
        super().__init__(server)
        self.calls = {}  # Call-ID: Call

    def _headers(self, call, number, method, branch, to):
        return [("Via", self.via(branch)), ("Max-Forwards", "70"), ("From", f"<sip:alice@{self.host}>;tag={call.tag}"),
                ("To", to), ("Call-ID", call.call_id), ("CSeq", f"{number} {method}")]

    def invite(self, call):
        self.calls[call.call_id] = call
        call.tag, call.branch = sip.token(), sip.branch()
        call.uri = "sip:%s@%s:%d" % (call.user, *self.server)
        call.answered = None
        headers = [*self._headers(call, 1, "INVITE", call.branch, f"<{call.uri}>"),
                   ("Contact", f"<sip:alice@{self.host}>"), ("Content-Type", "application/sdp")]
        self.ask("INVITE", call.branch, sip.request("INVITE", call.uri, headers, sip.OFFER),
                 lambda: call.caller.end("no response"))

    def hang_up(self, call):
        """CANCEL, or BYE once answered; nothing where it is over."""
        if call.caller.ended or call.hung_up:
            return
        if call.answered:
            call.hung_up = True
            branch = sip.branch()
            self.ask("BYE", branch, self._in_dialog(call, 2, "BYE", branch), lambda: call.caller.end("BYE unanswered"))
        elif call.heard:  # RFC 3261 9.1: not before a response
            call.hung_up = True
            data = sip.request("CANCEL", call.uri, self._headers(call, 1, "CANCEL", call.branch, f"<{call.uri}>"))
            self.ask("CANCEL", call.branch, data, lambda: None)

    def _in_dialog(self, call, number, method, branch):
        return sip.request(method, sip.uri_of(call.answered.one("Contact")),
                           self._headers(call, number, method, branch, call.answered.one("To")))

    def on_response(self, message):
        call = self.calls[message.call_id]
        call.heard = True
        if message.method == "BYE":
            call.caller.end("BYE answered")
        if message.method != "INVITE" or message.status < 200:
            return
        call.caller.finals.add((message.status, message.to_tag))
        if message.status < 300:
            call.answered = call.answered or message
            self.send(self._in_dialog(call, 1, "ACK", sip.branch()))
            call.look()
            return
        self.send(sip.request("ACK", call.uri, self._headers(call, 1, "ACK", branch_of(message), message.one("To"))))
        call.caller.end(message.status)

    def on_ack(self, message):
        self.failures.append(f"ACK to a caller: {message}")

    def on_request(self, message):
        call = self.calls[message.call_id]
        if message.method != "BYE":
            call.caller.wrong.append(f"got {message.method}")
        call.caller.byes.add(message.cseq)
        if not call.answered:
            call.caller.wrong.append("BYE before a final response")
        self.reply(message, response(message, 200, "OK", call.tag))
        call.caller.end("BYE")
