#!/usr/bin/python3
"""Sends mutated SIP to a real adieud over UDP, TCP and TLS and checks that it lives and that its answers stay right.

    ADIEU_BIN=build/dev/bin tests/fuzz/fuzz_sip.py SECONDS [SEED]
    ADIEU_BIN=build/dev/bin tests/fuzz/fuzz_sip.py 60 --seed 1

Without a seed it draws one and prints it. The messages depend on the seed alone, their timing does not. Every 40
messages: an OPTIONS is answered and a call, placed by a well-behaved phone, rings and is ended with the very response
that was asked for. Exit 0: it lived. 1: it did not; the last messages are in the file that is named.
"""

import argparse
import collections
import json
import pathlib
import random
import secrets
import select
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from harness import sip, trust  # noqa: E402
from harness.api import Api, answer_then_bye, final_response, redirect  # noqa: E402
from harness.peer import Call, UdpPeer  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb  # noqa: E402
from harness.wait import DEADLINE, Deadline  # noqa: E402
from mutate import mutate  # noqa: E402
from odd_stream import TcpStream, TlsStream  # noqa: E402
from torture import TORTURE, render  # noqa: E402

BURST = 40
BURSTS_PER_SWEEP = 15
PATIENCE = DEADLINE * 3
# None: over UDP.
WAYS = ((None, TcpStream, TlsStream), (70, 15, 15))


class Attacker:
    """One UDP socket, one TCP and one TLS connection that nobody has to be kind to. `secure`: where TLS is spoken."""

    transport = "UDP"

    def __init__(self, server, secure, rng):
        self.server, self.secure = server, secure
        self.rng = rng
        self.sent = collections.deque(maxlen=400)
        self.count = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.address = self.udp.getsockname()
        self.streams = {}  # by name
        self.dialogs = collections.deque(maxlen=200)  # responses with a To tag: material for in-dialog requests
        self.requests = collections.deque(maxlen=50)  # what the server asked of us

    # What Call needs of a peer.
    host = "127.0.0.1"

    @property
    def server_host(self):
        return "%s:%d" % self.server

    @property
    def contact(self):
        return f"<sip:alice@{self.host}:{self.address[1]}>"

    def via(self, branch):
        return f"SIP/2.0/{self.transport} {self.host}:{self.address[1]};rport;branch={branch}"

    def send(self, data, stream=None):
        self.count += 1
        self.sent.append((stream.name if stream else "udp", data))
        try:
            if stream:
                self._send_stream(data, stream)
            else:
                self.udp.sendto(data, self.server)
        except OSError:
            pass

    def _send_stream(self, data, kind):
        if kind.name in self.streams and self.rng.random() < 0.05:
            self._close(kind.name)
        if kind.name not in self.streams:
            self.streams[kind.name] = kind(self.secure if kind is TlsStream else self.server, self.rng)
        try:
            self.streams[kind.name].send(data)
        except OSError:
            self._close(kind.name)

    def _close(self, name):
        self.streams.pop(name).close()

    def receive(self):
        """Takes what came and keeps a part of it as material."""
        while True:
            ready, _, _ = select.select([self.udp, *self.streams.values()], [], [], 0)
            if not ready:
                return
            for source in ready:
                try:
                    data = self.udp.recv(65535) if source is self.udp else source.receive()
                except OSError:
                    data = b"?" if source is self.udp else b""
                if data:
                    self._keep(data)
                elif data == b"" and source is not self.udp:
                    self._close(source.name)

    def _keep(self, data):
        try:
            message = sip.Message(data)
        except (AssertionError, ValueError, KeyError):
            return
        if not message.status:
            self.requests.append(message)
        elif message.to_tag:
            self.dialogs.append(message)


def some_invite(attacker, rng):
    headers = rng.choice(([], [("Require", "100rel"), ("Supported", "100rel")], [("Supported", "timer, 100rel")],
                          [("Record-Route", f"<sip:{attacker.host}:{attacker.address[1]};lr>")]))
    call = Call(attacker, offer=rng.choice((sip.OFFER, None)), headers=headers,
                user_agent=rng.choice(("FooPhone/1.0", None, "Twinkle/1.10.2")))
    return call.invite_bytes(), call


def in_dialog(attacker, rng):
    """A request within something that the server answered."""
    response = rng.choice(attacker.dialogs)
    method = rng.choice(("ACK", "BYE", "CANCEL", "PRACK", "INVITE", "UPDATE", "INFO", "MESSAGE", "OPTIONS", "REFER",
                         "NOTIFY", "SUBSCRIBE", "FOO"))
    same_transaction = method in ("ACK", "CANCEL") and rng.random() < 0.7
    via = response.all("Via")[0] if same_transaction else attacker.via(sip.branch())
    number = response.cseq if same_transaction else response.cseq + rng.choice((0, 1, 1, 1, 2, 1000))
    contact = response.all("Contact")
    headers = [("Via", via), ("Max-Forwards", "70"), ("From", response.one("From")), ("To", response.one("To")),
               ("Call-ID", response.call_id), ("CSeq", f"{number} {method}"), ("Contact", attacker.contact)]
    if method == "PRACK":
        headers.append(("RAck", f"{response.all('RSeq')[0] if response.has('RSeq') else 1} {response.cseq} INVITE"))
    body = sip.OFFER if method in ("INVITE", "UPDATE") and rng.random() < 0.7 else ""
    if body:
        headers.append(("Content-Type", "application/sdp"))
    uri = sip.uri_of(contact[0]) if contact else f"sip:bob@{attacker.server_host}"
    return sip.request(method, uri or "sip:x", headers, body)


def reply(attacker, rng):
    received = attacker.requests.popleft()
    return sip.response_to(received, rng.choice((100, 180, 200, 200, 200, 302, 401, 404, 481, 500, 603)), "Any",
                           rng.choice(((), (("Contact", "<tel:+1>"),), (("Record-Route", "<foo:bar>"),))))


def next_message(attacker, rng):
    kind = rng.random()
    if kind < 0.05:
        return rng.randbytes(rng.choice((1, 10, 100, 1000, 8000)))
    if kind < 0.25:
        data = render(rng.choice(TORTURE), attacker.server_host, f"127.0.0.1:{attacker.address[1]}", sip.token())
        return data if rng.random() < 0.5 else mutate(rng, data)
    if kind < 0.35 and attacker.requests:
        return mutate(rng, reply(attacker, rng)) if rng.random() < 0.5 else reply(attacker, rng) \
            if attacker.requests else b"\r\n\r\n"
    if kind < 0.65 and attacker.dialogs:
        data = in_dialog(attacker, rng)
        return data if rng.random() < 0.5 else mutate(rng, data)
    data, call = some_invite(attacker, rng)
    if kind > 0.95:
        return data + call.cancel_bytes()
    return data if rng.random() < 0.3 else mutate(rng, data)


class Fuzz:
    def __init__(self, server, api, seed):
        self.rng = random.Random(seed)
        sip.source = self.rng
        self.server = server
        self.api = api
        self.attacker = Attacker(server.sip("open"), server.sip("secure"), self.rng)
        self.phone = UdpPeer(server.sip("open"))
        self.swept = 0
        self.checked = 0

    def run(self, seconds):
        deadline, bursts = Deadline(seconds), 0
        while not deadline.over():
            for _ in range(BURST):
                self.attacker.send(next_message(self.attacker, self.rng), self.rng.choices(*WAYS)[0])
                self.attacker.receive()
            self.check()
            bursts += 1
            if bursts % BURSTS_PER_SWEEP == 0:
                self.sweep()
        self.sweep()
        self.check()

    def check(self):
        """A well-behaved phone is served as if nothing had happened."""
        assert self.server.alive(), "adieud died"
        self.checked += 1
        options = sip.request("OPTIONS", f"sip:{self.phone.server_host}", [
            ("Via", self.phone.via(sip.branch())), ("Max-Forwards", "70"), ("From", f"<sip:a@127.0.0.1>;tag={sip.token()}"),
            ("To", f"<sip:{self.phone.server_host}>"), ("Call-ID", f"o{self.checked}"), ("CSeq", "1 OPTIONS")])
        answer = self.ask(options, f"o{self.checked}", lambda m: m.status >= 200)
        assert answer.status == 200, answer
        call = Call(self.phone)
        self.ask(call.invite_bytes(), call.call_id, lambda m: m.status == 180)
        code = self.rng.choice((480, 486, 487, 404, 603))
        phrase = f"Checked {self.checked}"
        if self.rng.random() < 0.2:
            answered = self.end(call, answer_then_bye(), 200)
            call.answered = answered
            call.ack(answered)
            call.expect_bye(PATIENCE)
        else:
            final = self.end(call, final_response(code, phrase), code)
            assert final.start_line == f"SIP/2.0 {code} {phrase}", final
            call.ack(final)
        self.phone.inbox.clear()
        self.phone.received.clear()

    def ask(self, data, call_id, wanted):
        """Sends it, again each half second (a full socket drops datagrams), until the answer is there."""
        deadline = Deadline(PATIENCE)
        while True:
            self.phone.send(data)
            try:
                return self.phone.expect(call_id, wanted, "answer", min(0.5, deadline.left()))
            except AssertionError:
                assert self.server.alive(), "adieud died"
                if deadline.over():
                    raise

    def end(self, call, treatment, code):
        termination = self.api.terminate(sip_call_id=call.call_id, treatment=treatment, timeout=PATIENCE)
        assert termination.legs, termination
        return call.expect(code, PATIENCE)

    def sweep(self):
        """Ends, in one way or another, every call that the mutated INVITEs began."""
        treatments = [answer_then_bye(), answer_then_bye(after=1), final_response(486), final_response(603),
                      redirect(["sip:a@example.com", "tel:+1"], 302), None]
        for call in self.api.list(pb.CallMatch(state=pb.CALL_STATE_RINGING)):
            try:
                self.api.terminate(call.name, treatment=self.rng.choice(treatments), timeout=PATIENCE)
                self.swept += 1
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
            self.attacker.receive()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed_argument", metavar="SEED", nargs="?", type=int)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else arguments.seed_argument
    if seed is None:
        seed = secrets.randbits(32)
    print(f"fuzz_sip: seed {seed}, {arguments.seconds:.0f} s", flush=True)

    certificates = tempfile.TemporaryDirectory(prefix="fuzz-sip-")
    identity = trust.Authority().server()
    trust.write(pathlib.Path(certificates.name, "agent.pem"), identity.certificate + identity.key)
    server = Server(sip_listen=None, config=json.dumps({"sip": {"listeners": [
        {"name": "open", "address": "127.0.0.1:0"},
        {"name": "secure", "address": "127.0.0.1:0", "transports": ["tls"],
         "tls": {"certificate_dir": certificates.name}}]}}))
    api = Api(server.grpc)
    fuzz = Fuzz(server, api, seed)
    begin = time.monotonic()
    try:
        fuzz.run(arguments.seconds)
        api.close()
        server.stop()
    except Exception as failure:  # every failure is told with its seed
        kept = tempfile.NamedTemporaryFile(prefix="fuzz-sip-", suffix=".txt", delete=False)
        with kept:
            for way, data in fuzz.attacker.sent:
                kept.write(f"{way} {data!r}\n".encode())
        print(f"fuzz_sip: FAILED after {fuzz.attacker.count} messages, seed {seed}: {failure}\n"
              f"the last messages: {kept.name}\n{server.tail()}", file=sys.stderr)
        server.kill()
        return 1
    print(f"fuzz_sip: {fuzz.attacker.count} messages in {time.monotonic() - begin:.0f} s, {fuzz.checked} calls of a good "
          f"phone served, {fuzz.swept} calls swept; alive")
    return 0


if __name__ == "__main__":
    sys.exit(main())
