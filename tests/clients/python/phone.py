"""A phone of a few lines: one INVITE over UDP, and the ACK of its final response."""

import secrets
import socket
import time

DEADLINE = 20  # seconds
RETRANSMIT = 0.5  # T1 (RFC 3261 17.1.1.1)


class Phone:
    """Owns one UDP socket and at most one call."""

    def __init__(self, server):
        host, _, port = server.rpartition(":")
        self._server = (host.strip("[]"), int(port))
        self._at = server
        family = socket.AF_INET6 if ":" in self._server[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.connect(self._server)
        local = self._socket.getsockname()
        self._contact = f"[{local[0]}]:{local[1]}" if family == socket.AF_INET6 else f"{local[0]}:{local[1]}"
        self.call_id = f"{secrets.token_hex(12)}@client.example"
        self._branch = "z9hG4bK" + secrets.token_hex(8)
        self._tag = secrets.token_hex(4)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def invite(self):
        """Calls and returns when it rings."""
        invite = self._request("INVITE", f"<sip:desk@{self._at}>")
        response = self._exchange(invite)
        while response[0] < 180:
            response = self._receive(time.monotonic() + DEADLINE)
        assert response[0] == 180, response

    def final(self):
        """Waits for the final response, acknowledges it, and returns its status, phrase and headers."""
        limit = time.monotonic() + DEADLINE
        response = self._receive(limit)
        while response[0] < 200:
            response = self._receive(limit)
        self._socket.send(self._request("ACK", response[2]["to"]))
        return response

    def _request(self, method, to):
        return "\r\n".join([
            f"{method} sip:desk@{self._at} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._contact};branch={self._branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:python@client.example>;tag={self._tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:python@{self._contact}>",
            "User-Agent: client-test",
            "Content-Length: 0", "", ""]).encode()

    def _exchange(self, request):
        limit = time.monotonic() + DEADLINE
        while time.monotonic() < limit:
            self._socket.send(request)
            try:
                return self._receive(min(limit, time.monotonic() + RETRANSMIT))
            except TimeoutError:
                continue
        raise TimeoutError("no response to the INVITE")

    def _receive(self, limit):
        """The next response: status, phrase, headers by lower-case name."""
        self._socket.settimeout(max(0.001, limit - time.monotonic()))
        lines = self._socket.recv(65535).decode().split("\r\n")
        version, status, phrase = lines[0].split(" ", 2)
        assert version == "SIP/2.0", lines[0]
        headers = dict(line.split(":", 1) for line in lines[1:lines.index("")])
        return int(status), phrase, {name.strip().lower(): value.strip() for name, value in headers.items()}
