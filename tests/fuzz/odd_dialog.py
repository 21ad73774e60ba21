"""One end of a dialog."""

import oddities
from harness import sip


class OddDialog:
    """Makes requests within a dialog of `phone`; `local` and `remote` are the values of From and To."""

    def __init__(self, phone, call_id, local, remote, target, cseq):
        self.phone = phone
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.target = target
        self.cseq = cseq
        # The CSeq number and branch of the last INVITE that was sent: what ACK and CANCEL are of.
        self.invite_cseq = cseq
        self.invite_branch = sip.branch()
        self.rseq = 1
        self.over = False

    def request(self, method, headers=(), rng=None):
        """The bytes of a request; with `rng` an odd one."""
        contact, extra, content = self.phone.contact, list(headers), ([], b"")
        branch, number = sip.branch(), self.cseq
        if method in ("ACK", "CANCEL"):
            number, branch = self.invite_cseq, self.invite_branch if method == "CANCEL" else branch
        else:
            self.cseq += 1
            number = self.cseq
        if rng is not None:
            contact = oddities.contact(rng, contact)
            extra += oddities.extras(rng)
            extra += [("Record-Route", value) for value in oddities.routes(rng, self.phone.hostport)]
            content = oddities.body(rng, 0.7 if method in ("INVITE", "UPDATE") else 0.15)
            number += rng.choice((0,) * 20 + (-1, 1, 1000))
        if method == "INVITE":
            self.invite_cseq, self.invite_branch = number, branch
        if method == "PRACK":
            extra.append(("RAck", f"{self.rseq} {self.invite_cseq} INVITE"))
        if method == "REFER":
            extra.append(("Refer-To", "<sip:c@127.0.0.1:9>"))
        if method == "NOTIFY":
            extra += [("Event", "refer"), ("Subscription-State", "active;expires=60")]
        lines = [("Via", self.phone.via(branch)), ("Max-Forwards", "70"), ("From", self.local), ("To", self.remote),
                 ("Call-ID", self.call_id), ("CSeq", f"{max(0, number)} {method}")]
        if contact is not None:
            lines.append(("Contact", contact))
        return sip.request(method, self.target, lines + extra + content[0], content[1])
