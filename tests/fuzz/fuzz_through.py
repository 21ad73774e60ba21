#!/usr/bin/python3
"""Odd callers call odd callees through a real adieud; checks that it lives and that nothing is left over.

    ADIEU_BIN=build/dev/bin tests/fuzz/fuzz_through.py SECONDS [--seed SEED]

Requests come at the caller leg, responses and requests at the callee leg, many of them mutated; calls are ended
through the API at random moments. In each second a good phone's call is served. Then every call is ended, both sides
turn polite, and within twice 64*T1 and some no call is left. SECONDS are for all of this. Without a seed it draws one
and prints it. Exit 0: it lived. 1: it did not; the last messages are in the file that is named.
"""

import argparse
import collections
import pathlib
import random
import secrets
import select
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from agenda import Agenda  # noqa: E402
from harness import sip  # noqa: E402
from harness.api import Api, answer_then_bye, final_response, redirect  # noqa: E402
from harness.metrics import scrape  # noqa: E402
from harness.peer import Call, UdpPeer  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb  # noqa: E402
from harness.wait import DEADLINE, SCALE, Deadline  # noqa: E402
from odd_callee import OddCallee  # noqa: E402
from odd_caller import OddCaller  # noqa: E402

# Twice 64*T1 and what the server adds.
SETTLE = 65 + 10 * SCALE
# Of the messages of each side.
MUTATED = 0.15
CALLS_PER_SECOND = 100
# Steps of odd peers that wait for their time.
MOST_PENDING = 2000
LOGGED = 3000
OPEN = (pb.CALL_STATE_RINGING, pb.CALL_STATE_ANSWERED, pb.CALL_STATE_TERMINATING)

CONFIG = """
limits: {{ended_calls: 200}}
routes:
  - name: parked
    match: {{request_uri: {{prefix: "sip:probe"}}}}
    park: {{timeout: 60s}}
  - name: keep
    match: {{request_uri: {{prefix: "sip:keep"}}}}
    forward: {{targets: ["sip:{first}"], request_uri: KEEP, ring_timeout: 5s}}
  - name: digest
    match: {{request_uri: {{prefix: "sip:digest"}}}}
    forward: {{targets: ["sip:{first}"], ring_timeout: 5s, credentials: [{{realm: r, username: u, password_file: {password}}}]}}
  - name: silent
    match: {{request_uri: {{prefix: "sip:silent"}}}}
    forward: {{targets: ["sip:127.0.0.1:9", "sip:{second}", "sip:{first}"], no_answer_timeout: 500ms, ring_timeout: 3s}}
  - name: tcp
    match: {{request_uri: {{prefix: "sip:tcp"}}}}
    forward: {{targets: ["sip:{first};transport=tcp", "sip:{second}"], no_answer_timeout: 500ms, ring_timeout: 3s}}
  - name: dead
    match: {{request_uri: {{prefix: "sip:dead"}}}}
    forward: {{targets: ["sip:nowhere.invalid", "sip:127.0.0.1:9"], no_answer_timeout: 500ms}}
  - name: good
    match: {{request_uri: {{prefix: "sip:good"}}}}
    forward: {{targets: ["sip:{good}"]}}
  - name: odd
    forward: {{targets: ["sip:{first}", "sip:{second}"], no_answer_timeout: 1s, ring_timeout: 20s}}
"""


def resident_kilobytes(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


class FuzzThrough:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        sip.source = self.rng
        self.log = collections.deque(maxlen=LOGGED)
        self.agenda = Agenda()
        arguments = (self.agenda, self.rng, MUTATED, self.log)
        self.callees = [OddCallee("callee1", *arguments), OddCallee("callee2", *arguments)]
        self.callers = [OddCaller("caller1", *arguments), OddCaller("caller2", *arguments)]
        self.good = UdpPeer(("127.0.0.1", 9))
        with tempfile.NamedTemporaryFile("w", suffix=".secret", delete=False) as password:
            password.write("p")
        self.server = Server(CONFIG.format(first=self.callees[0].hostport, second=self.callees[1].hostport,
                                           good="%s:%d" % self.good.address, password=password.name))
        pathlib.Path(password.name).unlink()
        self.good.server = self.server.sip()
        self.phone = UdpPeer(self.server.sip())
        for phone in self.phones:
            phone.server = self.server.sip()
        self.api = Api(self.server.grpc)
        self.calls = []  # names, as of the last second
        self.terminating = collections.deque()
        self.terminated = self.placed = self.checked = 0

    @property
    def phones(self):
        return self.callees + self.callers

    def pump(self, seconds):
        """Lets everybody act for a while."""
        deadline = Deadline(seconds)
        while True:
            self.agenda.run_due()
            ready, _, _ = select.select(self.phones, [], [], 0.002)
            for phone in ready:
                phone.take()
            if deadline.over():
                return

    def run(self, seconds):
        deadline = Deadline(seconds)
        while not deadline.over():
            self.calls = [call.name for call in self.api.list() if call.state in OPEN]
            for _ in range(CALLS_PER_SECOND):
                if len(self.agenda) < MOST_PENDING:
                    self.rng.choice(self.callers).call()
                    self.placed += 1
                self.pump(1 / CALLS_PER_SECOND)
                self.terminate_some()
            self.check()

    def terminate_some(self):
        """Ends some of the calls, in one way or another; does not wait for it."""
        while self.terminating and self.terminating[0][1].done():
            self.settled(*self.terminating.popleft())
        if len(self.terminating) > 200:
            return
        for name in self.rng.sample(self.calls, min(len(self.calls), self.rng.choice((0, 0, 0, 0, 1, 2)))):
            treatment = self.rng.choice((None, None, answer_then_bye(), final_response(486), final_response(699, "x" * 120),
                                         redirect(["sip:a@example.com", "tel:+1"], 302)))
            intent = self.rng.choice((pb.INTENT_BUSY, pb.INTENT_DECLINED, pb.INTENT_ELSEWHERE)) if treatment is None else None
            self.terminating.append((name, self.api.terminate_later(name, treatment=treatment, intent=intent)))
            self.terminated += 1

    @staticmethod
    def settled(name, future, seconds=DEADLINE):
        try:
            error = future.exception(seconds)
        except grpc.FutureTimeoutError:
            raise AssertionError(f"TerminateCall of {name} was not answered") from None
        if error is not None:
            assert error.code() in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND), error

    def check(self):
        """A good phone is served as if nothing had happened: a parked call, and one that goes through."""
        assert self.server.alive(), "adieud died"
        self.checked += 1
        parked = Call(self.phone, user="probe")
        self.ask(parked.invite_bytes(), parked.call_id, lambda m: m.status == 180)
        self.end(parked, 486)
        through = Call(self.phone, user="good")
        self.ask(through.invite_bytes(), through.call_id, lambda m: m.status == 100)
        invite = self.seen_by_good(lambda m: m.method == "INVITE" and not m.status)
        self.good.send(sip.response_to(invite, 180, "Ringing", [("Contact", self.good.contact)]))
        through.expect(180, DEADLINE)
        future = self.api.terminate_later(sip_call_id=through.call_id, intent=pb.INTENT_BUSY)
        cancel = self.seen_by_good(lambda m: m.method == "CANCEL")
        self.good.send(sip.response_to(cancel, 200, "OK"))
        self.good.send(sip.response_to(invite, 487, "Request Terminated"))
        through.ack(through.expect(486, DEADLINE))
        future.result()
        for peer in (self.phone, self.good):
            peer.inbox.clear()
            peer.received.clear()

    def seen_by_good(self, wanted):
        deadline = Deadline(DEADLINE)
        while not deadline.over():
            for message in self.good.received:
                if wanted(message):
                    return message
            self.good.pump(0.05)
            assert self.server.alive(), "adieud died"
        raise AssertionError("the good callee did not get its request")

    def ask(self, data, call_id, wanted):
        """Sends it, again each half second (a full socket drops datagrams), until the answer is there."""
        deadline = Deadline(DEADLINE)
        while True:
            self.phone.send(data)
            try:
                return self.phone.expect(call_id, wanted, "answer", min(0.5, deadline.left()))
            except AssertionError:
                assert self.server.alive(), "adieud died"
                if deadline.over():
                    raise

    def end(self, call, code):
        self.api.terminate(sip_call_id=call.call_id, treatment=final_response(code, "Checked"), timeout=DEADLINE)
        final = call.expect(code, DEADLINE)
        assert final.start_line == f"SIP/2.0 {code} Checked", final
        call.ack(final)

    def settle(self):
        """Ends all; gives the seconds until no call was left."""
        begin, deadline = time.monotonic(), Deadline(SETTLE)
        self.agenda.clear()
        for phone in self.phones:
            phone.polite = True
        asked = set()
        while True:
            self.pump(0.1)
            assert self.server.alive(), "adieud died"
            left = scrape(self.server.metrics).value("adieu_calls")
            if left == 0:
                break
            calls = [call for call in self.api.list() if call.state in OPEN]
            assert not deadline.over(), f"{left:.0f} calls left over {SETTLE:.0f} s after all were ended: {calls[:3]}"
            for call in calls:
                if call.name not in asked:
                    asked.add(call.name)
                    self.terminating.append((call.name, self.api.terminate_later(call.name, intent=pb.INTENT_BUSY)))
        gone = time.monotonic() - begin
        while self.terminating:
            self.settled(*self.terminating.popleft(), 10 * SCALE)
        for phone in self.phones:
            phone.polite = False
        return gone


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    arguments = parser.parse_args()
    print(f"fuzz_through: seed {arguments.seed}, {arguments.seconds:.0f} s", flush=True)
    fuzz, memory, settled = FuzzThrough(arguments.seed), [], []
    begin = time.monotonic()
    try:
        # What is left of the time after the first round is for more of them; the last one settles within its share.
        rounds = max(1, round(arguments.seconds / 150))
        for _ in range(rounds):
            fuzz.run(max(arguments.seconds / rounds - 40, arguments.seconds / rounds / 2))
            settled.append(fuzz.settle())
            memory.append(resident_kilobytes(fuzz.server.pid))
            print(f"fuzz_through: {fuzz.placed} calls, {sum(p.count for p in fuzz.phones)} messages, {fuzz.terminated} ended "
                  f"by the API; all gone after {settled[-1]:.0f} s; {memory[-1] // 1024} MB", flush=True)
        fuzz.check()
        fuzz.api.close()
        fuzz.server.stop()
        assert memory[-1] < 1.5 * memory[0] + 65536, f"resident kB after each round: {memory}"
    except Exception as failure:  # every failure is told with its seed
        kept = tempfile.NamedTemporaryFile(prefix="fuzz-through-", suffix=".txt", delete=False)
        with kept:
            for who, way, data in fuzz.log:
                kept.write(f"{who} {way} {data!r}\n".encode())
        print(f"fuzz_through: FAILED after {sum(p.count for p in fuzz.phones)} messages, seed {arguments.seed}: {failure!r}\n"
              f"the last messages: {kept.name}\n{fuzz.server.tail(200)}", file=sys.stderr)
        fuzz.server.kill()
        return 1
    print(f"fuzz_through: {time.monotonic() - begin:.0f} s, {fuzz.checked} calls of a good phone served; alive")
    return 0


if __name__ == "__main__":
    sys.exit(main())
