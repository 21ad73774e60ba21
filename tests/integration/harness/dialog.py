"""What both ends of a call share: requests within its dialog, both ways, and what RFC 3261 12.2 asks of them."""

from harness import sip
from harness.wait import DEADLINE

SDP = ("Content-Type", "application/sdp")


class Dialog:
    """One end of a call. A subclass says who it is (`local`) and where its requests go (`way`)."""

    def __init__(self, peer, call_id, next_cseq, contact=None):
        self.peer = peer
        self.call_id = call_id
        self.next_cseq = next_cseq
        self.contact = peer.contact if contact is None else contact
        self.sent = {}  # CSeq number of a request of ours that an ACK may follow: (branch, Request-URI, Route values)

    # The value of our From header, with its tag.
    local = ""
    # The Route values that the server's requests must have.
    expected_routes = ()

    @property
    def local_tag(self):
        return sip.tag_of(self.local)

    @property
    def remote_tag(self):
        return sip.tag_of(self.way()[2])

    def way(self, response=None):
        """(Request-URI, Route values, To value) of our requests; those that follow from `response` where it is given."""
        raise NotImplementedError

    def transmit(self, data):
        self.peer.send(data)

    def in_dialog(self, method, response=None, *, headers=(), body="", cseq=None, branch=None):
        """The bytes of a request within the dialog, with the next CSeq number unless one is given."""
        uri, routes, remote = self.way(response)
        number = self.next_cseq if cseq is None else cseq
        if cseq is None:
            self.next_cseq += 1
        branch = branch or sip.branch()
        if method != "ACK":
            self.sent[number] = (branch, uri, routes)
        lines = [("Via", self.peer.via(branch)), ("Max-Forwards", "70"), *[("Route", route) for route in routes],
                 ("From", self.local), ("To", remote), ("Call-ID", self.call_id), ("CSeq", f"{number} {method}"), *headers]
        return sip.request(method, uri, lines, body)

    def send_request(self, method, response=None, **arguments):
        """Sends an in-dialog request; returns its CSeq number."""
        number = self.next_cseq
        self.transmit(self.in_dialog(method, response, **arguments))
        return number

    def ask(self, method, response=None, **arguments):
        """Sends an in-dialog request and returns its final response."""
        return self.reply_to(method, self.send_request(method, response, **arguments))

    def reply_to(self, method, cseq=None, seconds=DEADLINE):
        return self.peer.expect(
            self.call_id, lambda m: m.status >= 200 and m.method == method and cseq in (None, m.cseq),
            f"answer to {method}", seconds)

    def send_reinvite(self, body=sip.OFFER, headers=(), method="INVITE"):
        """Sends a target refresh request; returns its CSeq number."""
        return self.send_request(
            method, headers=[("Contact", self.contact), *headers, *([SDP] if body else [])], body=body)

    def ack(self, response, body="", headers=None):
        """Acknowledges a final response to an INVITE of ours (RFC 3261 13.2.2.4, 17.1.1.3)."""
        if response.status < 300:
            headers = ([SDP] if body else []) if headers is None else headers
            self.transmit(self.in_dialog("ACK", response, headers=headers, body=body, cseq=response.cseq))
            return
        branch, uri, routes = self.sent[response.cseq]
        self.transmit(sip.request("ACK", uri, [
            ("Via", self.peer.via(branch)), ("Max-Forwards", "70"), *[("Route", route) for route in routes],
            ("From", self.local), ("To", response.one("To")), ("Call-ID", self.call_id),
            ("CSeq", f"{response.cseq} ACK")]))

    def bye(self, reason=None):
        return self.ask("BYE", headers=[("Reason", reason)] if reason else ())

    def expect_request(self, method, seconds=DEADLINE):
        return self.peer.expect(self.call_id, lambda m: not m.status and m.method == method, method, seconds)

    def expect_in_dialog(self, method, seconds=DEADLINE):
        """A request of the server, checked against the dialog (RFC 3261 12.2.1.1)."""
        return self.check_in_dialog(self.expect_request(method, seconds))

    def check_in_dialog(self, received):
        assert received.from_tag == self.remote_tag, received
        assert received.to_tag == self.local_tag, received
        assert received.uri == sip.uri_of(self.contact), received
        assert received.members("Route") == list(self.expected_routes), received
        assert len(received.members("Via")) == 1, received
        assert int(received.one("Max-Forwards")) > 0, received
        if received.method in ("INVITE", "UPDATE"):
            assert len(received.members("Contact")) == 1, received
        numbers = [m.cseq for m in self.peer.received
                   if m.call_id == self.call_id and not m.status and m.method not in ("ACK", "CANCEL")
                   and m.to_tag == received.to_tag and m.from_tag == received.from_tag]
        assert numbers == sorted(set(numbers)), f"CSeq numbers {numbers}: {received}"
        return received

    def answer(self, received, status=200, phrase="OK", headers=(), body=""):
        self.transmit(sip.response_to(received, status, phrase, headers, body, self.local_tag))

    def answer_invite(self, received, status=200, phrase="OK", headers=(), body=sip.ANSWER):
        """Answers a re-INVITE or an UPDATE, with what a 2xx to it must have."""
        if status < 300:
            headers = [("Contact", self.contact), *headers, *([SDP] if body else [])]
        self.answer(received, status, phrase, headers, body if status < 300 else "")

    def expect_bye(self, seconds=DEADLINE, answer=True):
        """The server's BYE, checked, and answered with 200."""
        bye = self.expect_in_dialog("BYE", seconds)
        if answer:
            self.answer(bye)
        return bye

    def none_of(self, *methods):
        """No further request of these is here, nor was one sent before the answer to an OPTIONS."""
        self.peer.options()
        for message in self.peer.inbox[self.call_id]:
            assert message.status or message.method not in methods, f"unexpected: {message}"
