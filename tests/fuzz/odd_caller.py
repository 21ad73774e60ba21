"""A caller that places calls and does with them whatever a caller can do, right and wrong."""

import oddities
from harness import sip
from odd_dialog import OddDialog
from odd_phone import OddPhone

USERS = ("bob", "bob", "bob", "keep", "digest", "silent", "tcp", "dead")


class OddCaller(OddPhone):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.calls = {}  # Call-ID -> [INVITE without body of its own, dialog, acknowledged]
        self.recent = []

    def call(self):
        """Places one."""
        rng = self.rng
        call_id, branch, user = sip.token(), sip.branch(), rng.choice(USERS)
        host = "%s:%d" % self.server
        local, to = f'"A" <sip:alice@127.0.0.1>;tag={sip.token()}', f"<sip:{user}@{host}>"
        headers = [("Via", self.via(branch)), ("Max-Forwards", "70"), ("From", local), ("To", to), ("Call-ID", call_id),
                   ("CSeq", "1 INVITE"), ("Contact", oddities.contact(rng, self.contact) or self.contact)]
        if rng.random() < 0.4:
            headers.append(rng.choice((("Supported", "100rel"), ("Require", "100rel"), ("Supported", "timer, 100rel"))))
        headers += oddities.extras(rng) + [("Record-Route", value) for value in oddities.routes(rng, self.hostport)]
        content = oddities.body(rng, 0.8)
        invite = sip.request("INVITE", f"sip:{user}@{host}", headers + content[0], content[1])
        dialog = OddDialog(self, call_id, local, to, f"sip:{user}@{host}", 1)
        dialog.invite_branch = branch
        self.calls[call_id] = dialog
        self.recent.append(call_id)
        if len(self.recent) > 2000:
            del self.calls[self.recent.pop(0)]
        self.send(invite)
        if rng.random() < 0.1:
            self.agenda.later(0.5, lambda: self.send(invite))
        if rng.random() < 0.25:
            self.agenda.later(oddities.pause(rng) + oddities.pause(rng), lambda: self._cancel(dialog))

    def _cancel(self, dialog):
        cancel = sip.request("CANCEL", dialog.target, [
            ("Via", self.via(dialog.invite_branch)), ("Max-Forwards", "70"), ("From", dialog.local),
            ("To", dialog.remote.split(";tag=")[0]), ("Call-ID", dialog.call_id), ("CSeq", f"{dialog.invite_cseq} CANCEL"),
            ("Reason", self.rng.choice(oddities.BYES))])
        self.send(cancel)

    def on_response(self, message):
        dialog = self.calls.get(message.call_id)
        if dialog is None or message.method != "INVITE" or message.status <= 100:
            return
        rng = self.rng
        new = message.to_tag and ";tag=" not in dialog.remote
        if new:
            dialog.remote = message.one("To")
            contacts = message.all("Contact")
            dialog.target = sip.uri_of(contacts[0]) if contacts else dialog.target
        if message.status < 200:
            if message.has("RSeq") and (self.polite or rng.random() < 0.85):
                dialog.rseq = message.all("RSeq")[0]
                self.send(dialog.request("PRACK", rng=None if self.polite or rng.random() < 0.7 else rng))
            if new and rng.random() < 0.3:
                self.act_later(dialog)
        else:
            self._on_final(dialog, message)

    def _on_final(self, dialog, message):
        rng = self.rng
        if not self.polite and rng.random() < 0.07:
            return
        if message.status >= 300:
            self.send(sip.request("ACK", dialog.target, [
                ("Via", message.all("Via")[0]), ("Max-Forwards", "70"), ("From", dialog.local), ("To", message.one("To")),
                ("Call-ID", dialog.call_id), ("CSeq", f"{message.cseq} ACK")]))
            return

        def ack():
            dialog.invite_cseq = message.cseq
            self.send(dialog.request("ACK", rng=None if self.polite or rng.random() < 0.7 else rng))
        if self.polite:
            ack()
            return
        self.agenda.later(oddities.pause(rng), ack)
        self.act_later(dialog)
        if rng.random() < 0.6:
            self.bye_later(dialog)
