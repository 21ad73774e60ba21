"""A peer over UDP that nobody has to be kind to: what the odd caller and the odd callee share."""

import collections
import select
import socket

import oddities
from harness import sip
from mutate import mutate

KEPT = 400


class OddPhone:
    """Owns its socket. `mutated` is the part of its messages that are mutated; `polite` makes it a good peer."""

    def __init__(self, name, agenda, rng, mutated, log):
        self.name = name
        self.agenda = agenda
        self.rng = rng
        self.mutated = mutated
        self.log = log
        self.polite = False
        self.server = None
        self.count = 0
        self.dialogs = collections.deque(maxlen=KEPT)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.hostport = "%s:%d" % self._socket.getsockname()
        self.contact = f"<sip:{name}@{self.hostport}>"

    def fileno(self):
        return self._socket.fileno()

    def close(self):
        self._socket.close()

    def via(self, branch):
        return f"SIP/2.0/UDP {self.hostport};rport;branch={branch}"

    def send(self, data):
        if not self.polite and self.rng.random() < self.mutated:
            data = mutate(self.rng, data)
        self.count += 1
        self.log.append((self.name, ">", data))
        try:
            self._socket.sendto(data, self.server)
        except OSError:
            pass

    def take(self):
        """Reacts to what came."""
        for _ in range(200):
            if not select.select([self._socket], [], [], 0)[0]:
                return
            try:
                data = self._socket.recv(65535)
                message = sip.Message(data)
            except (OSError, AssertionError, ValueError, KeyError):
                continue
            self.log.append((self.name, "<", data))
            if message.status:
                self.on_response(message)
            else:
                self.on_request(message)

    def respond(self, request, status, tag=None, headers=(), content=((), b"")):
        """The bytes of a response: well-formed as far as its arguments are."""
        lines = [(name, value) for name, value in request.headers
                 if name.lower() in ("via", "from", "call-id", "cseq", "record-route")]
        to = request.one("To")
        if tag and not request.to_tag:
            to += f";tag={tag}"
        lines = lines + [("To", to)] + list(headers) + list(content[0])
        text = f"SIP/2.0 {status} {self.rng.choice(('OK', 'Odd', 'x' * 300)) if not self.polite else 'Good'}\r\n"
        head = text.encode() + b"".join(f"{name}: {value}\r\n".encode() for name, value in lines)
        return head + b"Content-Length: %d\r\n\r\n" % len(content[1]) + content[1]

    def odd_response(self, request, status, tag=None, headers=(), body_likely=0.2):
        contact = oddities.contact(self.rng, self.contact)
        lines = list(headers) + oddities.extras(self.rng)
        lines += [("Record-Route", value) for value in oddities.routes(self.rng, self.hostport)]
        if contact is not None and (status < 400 or self.rng.random() < 0.1):
            lines.append(("Contact", contact))
        return self.respond(request, status, tag, lines, oddities.body(self.rng, body_likely))

    def on_response(self, message):
        raise NotImplementedError

    def on_request(self, message):
        """A request that begins no call: each is answered in its own way, late, twice or never."""
        method = message.method
        if method == "ACK":
            return
        if self.polite:
            self.send(self.respond(message, 200 if method in ("BYE", "CANCEL", "PRACK", "OPTIONS") else 488))
            return
        chance = self.rng.random()
        if chance < 0.08:
            return
        status = self.rng.choice((200, 200, 200, 202)) if chance < 0.7 else self.rng.choice(oddities.FAILURES)
        answer = self.odd_response(message, status, body_likely=0.8 if method in ("INVITE", "UPDATE") else 0.05)
        self.agenda.later(oddities.pause(self.rng), lambda: self.send(answer))
        if chance > 0.97:
            self.agenda.later(oddities.pause(self.rng), lambda: self.send(answer))

    def act(self, dialog):
        """A request within the dialog, whatever the moment."""
        if dialog.over or self.polite:
            return
        method = self.rng.choice(oddities.METHODS)
        dialog.over = method == "BYE" and self.rng.random() < 0.7
        self.send(dialog.request(method, rng=self.rng))

    def act_later(self, dialog):
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3, 5))):
            self.agenda.later(oddities.pause(self.rng) + oddities.pause(self.rng), lambda: self.act(dialog))

    def bye_later(self, dialog):
        def bye():
            if not dialog.over:
                dialog.over = True
                self.send(dialog.request("BYE", [("Reason", self.rng.choice(oddities.BYES))]))
        self.agenda.later(oddities.pause(self.rng) + oddities.pause(self.rng), bye)
