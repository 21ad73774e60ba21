#!/usr/bin/python3
"""Kills a real adieud amid writes of policies and terminations, again and again, on one store.

    ADIEU_BIN=build/dev/bin tests/soak/crash.py --rounds 8 [--seed 1]

After each kill -9 it starts again: every policy and termination that was acknowledged must be there as it was told, what
was not acknowledged was done whole or not at all, and each request that is asked again with its request id gets its first
answer and changes nothing. Exit 0: so it was. 1: it was not; each fault is told.
"""

import argparse
import asyncio
import collections
import os
import pathlib
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from harness.api import UNLIMITED, Api, final_response  # noqa: E402
from harness.policies import listed  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb, rpc  # noqa: E402
from harness.wait import DEADLINE, SCALE  # noqa: E402
from crash_ledger import Change, Ending, PolicyEntry  # noqa: E402
from phones import Caller, GlareCall  # noqa: E402

WRITERS = 8
NAMES_EACH = 4
ENDERS = 8
# Seconds from the first answer to the kill.
LIFE = (0.0, 0.5)


class Parked(GlareCall):
    """A call that has no callee."""

    def callee_is_done(self):
        return True


class Crash:
    def __init__(self, rng):
        self.rng = rng
        self.entries = [[PolicyEntry(f"cancelPolicies/p{writer}-{i}") for i in range(NAMES_EACH)]
                        for writer in range(WRITERS)]
        self.endings = []
        self.tokens = 0
        self.seen = collections.Counter()
        self.wrong = []

    def token(self):
        self.tokens += 1
        return f"t{self.tokens}"

    # What is asked.

    def next_change(self, entry):
        token = self.token()
        policy = pb.CancelPolicy(name=entry.name, description=token, mode=pb.CANCEL_POLICY_MODE_SHADOW, rules=[
            pb.Rule(id="one", triggers=[pb.TRIGGER_RING_TIMEOUT], treatment=final_response(486))])
        if entry.told is None:
            if self.rng.random() < 0.5:
                return Change(pb.CreateCancelPolicyRequest(cancel_policy=policy, request_id=token), token)
            return Change(pb.UpdateCancelPolicyRequest(cancel_policy=policy, allow_missing=True, request_id=token), token)
        if self.rng.random() < 0.25:
            return Change(pb.DeleteCancelPolicyRequest(name=entry.name, etag=entry.told.etag, request_id=token), None)
        policy.etag = entry.told.etag
        return Change(pb.UpdateCancelPolicyRequest(cancel_policy=policy, request_id=token), token)

    async def ask(self, change):
        """What is told of the policy: it, or None after a deletion."""
        method = getattr(self.policies, type(change.request).__name__.removesuffix("Request"))
        answer = await method(change.request, timeout=DEADLINE)
        return answer if change.wanted is not None else None

    # The load, until the server dies.

    async def write_policies(self, entries):
        while True:
            entry = self.rng.choice(entries)
            entry.open = self.next_change(entry)
            entry.answered(await self.ask(entry.open))
            self.seen["writes"] += 1
            self.first.set()

    async def end_calls(self, caller):
        while True:
            token = self.token()
            call = Parked(self.tokens, stubborn=False)
            caller.invite(call)
            await call.rings.wait()
            ending = Ending(pb.TerminateCallRequest(sip_call_id=call.call_id, note=token, request_id=token))
            self.endings.append(ending)
            ending.name = (await self.calls.TerminateCall(ending.request, timeout=DEADLINE)).name
            self.seen["terminations"] += 1
            self.first.set()

    async def live(self, server):
        """Everything at once, until some moment after the first answer."""
        self.first = asyncio.Event()
        async with grpc.aio.insecure_channel(server.grpc, options=UNLIMITED) as channel:
            self.policies, self.calls = rpc.CancelPolicyServiceStub(channel), rpc.CallControlServiceStub(channel)
            loop = asyncio.get_running_loop()
            transport, caller = await loop.create_datagram_endpoint(
                lambda: Caller(server.sip()), sock=Caller.open_socket())
            tasks = [asyncio.create_task(self.write_policies(entries)) for entries in self.entries]
            tasks += [asyncio.create_task(self.end_calls(caller)) for _ in range(ENDERS)]
            await asyncio.wait_for(self.first.wait(), DEADLINE)
            await asyncio.sleep(self.rng.uniform(*LIFE) * SCALE)
            os.kill(server.pid, signal.SIGKILL)
            # What waits for a phone waits in vain; what waits for an answer gets an error.
            done, pending = await asyncio.wait(tasks, timeout=0.5 * SCALE)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            for call in caller.calls.values():
                call.heard = True  # Nothing is sent again.
            transport.close()
        for task in done:
            error = task.exception()
            if not isinstance(error, grpc.aio.AioRpcError) or error.code() not in (
                    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                self.wrong.append(f"while it lived: {error!r}")

    # What is there afterwards.

    def judge(self, server):
        with Api(server.grpc) as api:
            policies = {policy.name: policy for policy in listed(api)}
            by_note = collections.defaultdict(list)
            for termination in api.terminations(page_size=1000):
                by_note[termination.note].append(termination.name)
        for entries in self.entries:
            for entry in entries:
                self.wrong += entry.complaints(policies.get(entry.name))
        for ending in self.endings:
            self.wrong += ending.complaints(by_note)
        return policies, by_note

    async def ask_again(self, server, policies, by_note):
        async with grpc.aio.insecure_channel(server.grpc, options=UNLIMITED) as channel:
            self.policies, self.calls = rpc.CancelPolicyServiceStub(channel), rpc.CallControlServiceStub(channel)
            entries = [entry for each in self.entries for entry in each]
            await asyncio.gather(*(self.repeat(entry, policies.get(entry.name)) for entry in entries))
            # Those of the last round, and some of before.
            endings = self.endings[-200:] + self.rng.sample(self.endings, min(50, len(self.endings)))
            await asyncio.gather(*(self.repeat_ending(ending, by_note) for ending in endings))

    async def repeat(self, entry, found):
        try:
            if entry.open is None:
                if entry.last and await self.ask(entry.last) != entry.told:
                    self.wrong.append(f"{entry.name}: another answer to {entry.last.request.request_id}")
                return
            done = entry.is_done(found)
            self.seen["open writes done" if done else "open writes lost"] += 1
            answer = await self.ask(entry.open)
            if done and answer != found:
                self.wrong.append(f"{entry.name}: {entry.open.request.request_id} was carried out twice")
            entry.answered(answer)
        except grpc.aio.AioRpcError as error:
            self.wrong.append(f"{entry.name}, asked again: {error.code().name} {error.details()}")

    async def repeat_ending(self, ending, by_note):
        found = by_note.get(ending.request.note, [])
        try:
            name = (await self.calls.TerminateCall(ending.request, timeout=DEADLINE)).name
        except grpc.aio.AioRpcError as error:
            name = error.code().name
        # Without a record the request is a new one, and its call is gone, or was let go after the restart.
        if name not in (found[:1] or ("NOT_FOUND", "FAILED_PRECONDITION")):
            self.wrong.append(f"{ending.request.note}, asked again: {name}, recorded is {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    arguments = parser.parse_args()
    print(f"crash: seed {arguments.seed}, {arguments.rounds} rounds", flush=True)

    folder = tempfile.mkdtemp(prefix="adieu-crash-")
    crash, begin, rounds = Crash(random.Random(arguments.seed)), time.monotonic(), 0
    try:
        for rounds in range(1, arguments.rounds + 1):
            for dies in (True, False):
                server = Server(store=f"sqlite:{folder}/adieu.db")
                try:
                    if dies:
                        asyncio.run(crash.live(server))
                        continue
                    asyncio.run(crash.ask_again(server, *crash.judge(server)))
                finally:
                    server.kill()
            if crash.wrong:
                break
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"crash: {rounds} rounds in {time.monotonic() - begin:.0f} s; {dict(crash.seen)}")
    # A run that never hit a write has tested little.
    if not crash.wrong and rounds >= 8 and not crash.seen["open writes done"] + crash.seen["open writes lost"]:
        crash.wrong.append("no kill came between a write and its answer")
    for complaint in crash.wrong[:40]:
        print(f"crash: {complaint}", file=sys.stderr)
    print(f"crash: {f'FAILED, {len(crash.wrong)} complaints' if crash.wrong else 'everything acknowledged was there'}")
    return 1 if crash.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
