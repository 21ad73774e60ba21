"""A callee that answers the INVITEs it gets in every way, right and wrong."""

import oddities
from harness import sip
from odd_dialog import OddDialog
from odd_phone import OddPhone


class OddCallee(OddPhone):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.invites = {}  # Call-ID -> (INVITE, dialog)
        self.recent = []

    def on_request(self, message):
        if message.method == "INVITE" and not message.to_tag:
            self._on_invite(message)
        elif message.method == "CANCEL":
            self._on_cancel(message)
        else:
            super().on_request(message)

    def on_response(self, message):
        if message.method == "INVITE" and message.status >= 200 and message.call_id in self.invites:
            dialog = self.invites[message.call_id][1]
            if self.polite or self.rng.random() < 0.9:
                self.send(dialog.request("ACK", rng=None if self.polite else self.rng))

    def _dialog(self, invite, tag):
        contacts = invite.all("Contact")
        target = sip.uri_of(contacts[0]) if contacts else "sip:x@%s:%d" % self.server
        return OddDialog(self, invite.call_id, f"{invite.one('To')};tag={tag}", invite.one("From"), target,
                         self.rng.randrange(1, 100))

    def _on_invite(self, invite):
        if self.polite:
            self.send(self.respond(invite, 603, "polite"))
            return
        if invite.call_id in self.invites:
            return
        tags = [sip.token() for _ in range(self.rng.choice((1, 1, 1, 2, 3, 40)))]
        dialog = self._dialog(invite, tags[0])
        self.invites[invite.call_id] = (invite, dialog)
        self.recent.append(invite.call_id)
        if len(self.recent) > 2000:
            del self.invites[self.recent.pop(0)]
        self._script(invite, tags, dialog)

    def _script(self, invite, tags, dialog):
        """A list of responses, one after the other."""
        rng, at = self.rng, 0.0
        if rng.random() < 0.05:
            return
        if rng.random() < 0.5:
            self.send(self.respond(invite, 100))
        rseq = rng.choice((1, 7, 4294967295, 0))
        for tag in (tags if len(tags) > 3 else [rng.choice(tags) for _ in range(rng.choice((0, 1, 1, 2, 3, 5)))]):
            at += oddities.pause(rng)
            headers = []
            if rng.random() < 0.3:
                headers = [("Require", "100rel"), ("RSeq", str(rseq))]
                rseq += rng.choice((1, 1, 1, 0, 2))
            response = self.odd_response(invite, rng.choice(oddities.PROVISIONALS), tag, headers, 0.4)
            self.agenda.later(at, lambda data=response: self.send(data))
        if rng.random() < 0.4:
            self.act_later(dialog)
        at += oddities.pause(rng)
        chance = rng.random()
        if chance < 0.1:
            return
        if chance < 0.65:
            self._answer(invite, tags, dialog, at)
        else:
            response = self.odd_response(invite, rng.choice(oddities.FAILURES), rng.choice(tags))
            self.agenda.later(at, lambda: self.send(response))

    def _answer(self, invite, tags, dialog, at):
        for tag in [tags[0]] + ([self.rng.choice(tags)] if self.rng.random() < 0.2 else []):
            response = self.odd_response(invite, self.rng.choice((200, 200, 200, 202, 299)), tag, body_likely=0.8)
            for repeat in range(self.rng.choice((1, 1, 2))):
                self.agenda.later(at + repeat * oddities.pause(self.rng), lambda data=response: self.send(data))
        self.agenda.later(at, lambda: self.act_later(dialog))
        if self.rng.random() < 0.6:
            self.agenda.later(at, lambda: self.bye_later(dialog))

    def _on_cancel(self, cancel):
        invite, dialog = self.invites.get(cancel.call_id, (None, None))
        rng = self.rng
        if self.polite or rng.random() < 0.8:
            self.send(self.respond(cancel, 200 if self.polite or rng.random() < 0.9 else 481))
        if invite is None or invite.cseq != cancel.cseq:
            return
        tag = sip.tag_of(dialog.local)
        if self.polite:
            self.send(self.respond(invite, 487, tag))
            return
        chance = rng.random()
        if chance < 0.1:
            return
        if chance < 0.35:
            answer = self.odd_response(invite, 200, tag, body_likely=0.8)
        else:
            answer = self.odd_response(invite, 487 if chance < 0.9 else rng.choice(oddities.FAILURES), tag)
        self.agenda.later(oddities.pause(rng), lambda: self.send(answer))
