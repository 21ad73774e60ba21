#!/usr/bin/python3
"""Sends odd requests of every method to a real adieud that holds calls, and checks that it lives and stays right.

    ADIEU_BIN=build/dev/bin tests/fuzz/fuzz_grpc.py SECONDS [--seed SEED]

Messages with odd values in any field, right ones with an odd part, changed bytes, and streams that are left. No answer
may be one of a fault (INTERNAL, UNKNOWN, ...), unless the bytes were no message; nothing of a client may make a header
of its own in what the phones get, or a line of the log that is not JSON. After each burst the policies that were made
are deleted, and a good phone's call rings and is ended as asked. Without a seed it draws one and prints it. Exit 0: it
lived. 1: it did not; the last requests are in the file that is named.
"""

import argparse
import collections
import json
import pathlib
import random
import secrets
import sys
import tempfile
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import google.protobuf.message  # noqa: E402
import grpc  # noqa: E402

from harness import sip  # noqa: E402
from harness.api import Api, final_response  # noqa: E402
from harness.peer import Call, UdpPeer  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb  # noqa: E402
from harness.wait import DEADLINE, SCALE, Deadline  # noqa: E402
from mutate import mutate  # noqa: E402
from odd_message import OddMessages  # noqa: E402

BURST = 40
LIVE = 20
# What a request may be answered; the rest would be a fault of the server.
ALLOWED = {grpc.StatusCode[name] for name in (
    "OK INVALID_ARGUMENT NOT_FOUND ALREADY_EXISTS FAILED_PRECONDITION ABORTED OUT_OF_RANGE RESOURCE_EXHAUSTED CANCELLED "
    "DEADLINE_EXCEEDED").split()}
# What the documents say is not built.
NOT_BUILT = "blocking"
# What the gRPC library answers by itself to bytes that are no message of the method.
NO_MESSAGE = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNIMPLEMENTED)


def policy():
    """One that never meets a call of the good phone."""
    nobody = pb.CallMatch(from_uri=pb.StringMatch(exact="sip:nobody@example.com"))
    return pb.CancelPolicy(name="cancelPolicies/a", mode=pb.CANCEL_POLICY_MODE_SHADOW, rules=[
        pb.Rule(id="a", triggers=[pb.TRIGGER_REQUEST], intents=[pb.INTENT_QUIET], match=nobody,
                treatment=final_response(486, "Busy", reasons=[pb.Reason(q850_cause=17, text="busy")]))])


# Requests that are right, of a call that is live.
RIGHT = {
    pb.TerminateCallRequest: lambda call: pb.TerminateCallRequest(
        sip_call_id=call, treatment=final_response(486, "Busy", reasons=[pb.Reason(q850_cause=17, text="busy")])),
    pb.ApplyCancelPolicyRequest: lambda call: pb.ApplyCancelPolicyRequest(
        policy="cancelPolicies/builtin", match=pb.CallMatch(sip_call_ids=pb.StringList(values=[call]))),
    pb.CreateCancelPolicyRequest: lambda call: pb.CreateCancelPolicyRequest(cancel_policy=policy()),
    pb.UpdateCancelPolicyRequest: lambda call: pb.UpdateCancelPolicyRequest(cancel_policy=policy()),
    pb.ListCallsRequest: lambda call: pb.ListCallsRequest(
        match=pb.CallMatch(caller_user_agent=pb.StringMatch(regex="Foo.*"))),
    pb.ExplainCancelPolicyRequest: lambda call: pb.ExplainCancelPolicyRequest(),
}


def methods():
    """(path, request type, is it answered by a stream) of every method."""
    files = (pb.ListCallsRequest.DESCRIPTOR.file, pb.ListCancelPoliciesRequest.DESCRIPTOR.file)
    return [(f"/{service.full_name}/{method.name}", getattr(pb, method.input_type.name), method.server_streaming)
            for file in files for service in file.services_by_name.values() for method in service.methods]


class Fuzz:
    def __init__(self, server, seed):
        self.rng = random.Random(seed)
        sip.source = self.rng
        self.server = server
        self.api = Api(server.grpc)
        self.phone = UdpPeer(server.sip())
        self.live = []
        self.known = []
        self.odd = OddMessages(self.rng, self.known)
        self.methods = methods()
        self.sent = collections.deque(maxlen=200)
        self.codes = collections.Counter()
        self.checked = 0

    def run(self, seconds):
        deadline = Deadline(seconds)
        while not deadline.over():
            self.hold_calls()
            for answer in [self.send() for _ in range(BURST)]:
                self.take(*answer)
            self.check()

    def hold_calls(self):
        """Some calls that the requests may name ring."""
        while len(self.live) < LIVE:
            call = Call(self.phone)
            self.ring(call)
            self.live.append(call)
        listed = self.api.list(pb.CallMatch(state=pb.CALL_STATE_RINGING))
        ringing = {call.caller.sip_call_id for call in listed}
        self.live = [call for call in self.live if call.call_id in ringing]
        self.known[:] = [text for call in listed for text in (call.name, call.caller.sip_call_id, call.caller.from_uri)]
        self.known += [policy.name for policy in self.policies()] + ["cancelPolicies/a", "cancelPolicies/b"]

    def send(self):
        path, kind, streams = self.rng.choice(self.methods)
        data = self.message(kind).SerializeToString()
        if self.rng.random() < 0.2:
            data = mutate(self.rng, data)
        self.sent.append((path, data))
        timeout = self.rng.choice((0.001, 0.05, 0.3, 1)) * SCALE
        if streams:
            # A watch has no end: it is left.
            return path, kind, data, self.api.channel.unary_stream(path)(data, timeout=min(timeout, 0.1))
        return path, kind, data, self.api.channel.unary_unary(path).future(data, timeout=timeout)

    def message(self, kind):
        """Odd in every part, or a right one with an odd part."""
        if kind not in RIGHT or self.rng.random() < 0.3:
            return self.odd.fill(kind())
        # One request may have ended all that were live.
        message = RIGHT[kind](self.rng.choice(self.live or [Call(self.phone)]).call_id)
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            self.odd.change_one(message)
        return message

    def take(self, path, kind, data, answer):
        try:
            if hasattr(answer, "result"):
                answer.result(timeout=DEADLINE * 2)
            else:
                for _ in zip(range(self.rng.choice((0, 1, 100))), answer):
                    pass
                answer.cancel()
        except (grpc.RpcError, grpc.FutureCancelledError):
            pass
        code = answer.code()
        self.codes[code] += 1
        if code in ALLOWED:
            return
        if code == grpc.StatusCode.UNIMPLEMENTED and NOT_BUILT in answer.details():
            return
        if code in NO_MESSAGE and not is_message(kind, data):
            return
        raise AssertionError(f"{path} {data[:2000]!r} was answered {code} {answer.details()!r}")

    def policies(self):
        return self.api.policies.ListCancelPolicies(pb.ListCancelPoliciesRequest(page_size=1000),
                                                    timeout=DEADLINE).cancel_policies

    def check(self):
        assert self.server.alive(), "adieud died"
        self.checked += 1
        for policy in self.policies():
            if policy.origin == pb.CANCEL_POLICY_ORIGIN_API:
                self.api.policies.DeleteCancelPolicy(
                    pb.DeleteCancelPolicyRequest(name=policy.name), timeout=DEADLINE)
        call, phrase = Call(self.phone), f"Checked {self.checked}"
        self.ring(call)
        self.api.terminate(sip_call_id=call.call_id, treatment=final_response(480, phrase), timeout=DEADLINE)
        final = call.expect(480, DEADLINE)
        assert final.start_line == f"SIP/2.0 480 {phrase}", final
        call.ack(final)
        for message in self.phone.received:
            assert not message.has("X-Injected"), message
            if message.status >= 300:  # to a call that the requests ended
                self.acknowledge(message)
        self.phone.inbox.clear()
        self.phone.received.clear()

    def acknowledge(self, final):
        for call in self.live:
            if call.call_id == final.call_id:
                call.ack(final)

    def ring(self, call):
        """Its INVITE, again until it rings: a policy that a client made may end it."""
        deadline = Deadline(DEADLINE)
        while True:
            self.phone.send(call.invite_bytes())
            try:
                self.phone.expect(call.call_id, lambda m: m.status == 180, "180", min(0.5, deadline.left()))
                return
            except AssertionError:
                assert self.server.alive(), "adieud died"
                if deadline.over():
                    raise


def is_message(kind, data):
    with warnings.catch_warnings(record=True) as warned:  # an end of a group that nothing began
        warnings.simplefilter("always")
        try:
            kind.FromString(data)
        except (google.protobuf.message.DecodeError, UnicodeDecodeError):
            return False
    return not warned


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"fuzz_grpc: seed {seed}, {arguments.seconds:.0f} s", flush=True)
    server = Server()
    fuzz = Fuzz(server, seed)
    begin = time.monotonic()
    try:
        fuzz.run(arguments.seconds)
        fuzz.api.close()
        server.stop()
        for line in server.log():
            json.loads(line)
    except Exception as failure:  # every failure is told with its seed
        kept = tempfile.NamedTemporaryFile(prefix="fuzz-grpc-", suffix=".txt", delete=False)
        with kept:
            for path, data in fuzz.sent:
                kept.write(f"{path} {data!r}\n".encode())
        print(f"fuzz_grpc: FAILED, seed {seed}: {failure}\nthe last requests: {kept.name}\n{server.tail()}", file=sys.stderr)
        server.kill()
        return 1
    codes = ", ".join(f"{code.name} {count}" for code, count in fuzz.codes.most_common())
    print(f"fuzz_grpc: {fuzz.codes.total()} requests in {time.monotonic() - begin:.0f} s, {fuzz.checked} calls of a good "
          f"phone served; {codes}; alive")
    return 0


if __name__ == "__main__":
    sys.exit(main())
