#!/usr/bin/python3
"""Calls through a real adieud over a lossy network, each ended by the API at a random moment of its life.

    ADIEU_BIN=build/dev/bin tests/soak/loss.py --calls 600 [--rate 25] [--seed 1] [--loss 0.05] [--jitter 0.1]

    caller's namespace  <-- lossy wire -->  adieud's namespace  <-- lossy wire -->  callee's namespace

Every call must be over at both ends within 2*64*T1 + 2 s, none may be ended twice, and adieud must have none left.
Exit 0: so it was. 1: it was not; the calls are told. 77: no network namespaces here; why is told.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import random
import signal
import socket
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

import grpc  # noqa: E402

from harness.api import UNLIMITED, Api  # noqa: E402
from harness.namespace import Namespace, Refused, run  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.stubs import pb, rpc  # noqa: E402
from harness.wait import SCALE  # noqa: E402
from loss_call import LIMIT, Call  # noqa: E402
from loss_callee import Callee  # noqa: E402
from loss_caller import Caller  # noqa: E402
from loss_record import Record, ladder  # noqa: E402
from wire import Netem, Tun, has_netem  # noqa: E402

# When a call is ended, and how often.
MOMENTS = {"calling": 15, "ringing": 25, "answering": 25, "answered": 20, "caller too": 8, "callee too": 7}
INTENTS = (pb.INTENT_QUIET, pb.INTENT_BUSY, pb.INTENT_ELSEWHERE)
ADDRESSES = {"caller": "10.77.1.2", "to caller": "10.77.1.1", "to callee": "10.77.2.1", "callee": "10.77.2.2"}


class Network:
    """Three namespaces and the wires between them. adieud has one address, to which both sides have a way."""

    def __init__(self, arguments, rng):
        self.caller, self.middle, self.callee = Namespace(), Namespace(), Namespace()
        self.why_not_netem = has_netem(self.middle)
        self.wires = [
            self._wire("wire1", (self.caller, "caller"), (self.middle, "to caller"), arguments, rng),
            self._wire("wire2", (self.middle, "to callee"), (self.callee, "callee"), arguments, rng)]
        for side in (self.caller, self.callee):
            with side.inside():
                run(f"ip route add default via {ADDRESSES['to caller' if side is self.caller else 'to callee']}")

    def _wire(self, name, here, there, arguments, rng):
        ends = [(namespace, f"{ADDRESSES[who]}/24") for namespace, who in (here, there)]
        if self.why_not_netem:
            return Tun(name, ends, arguments.loss, arguments.jitter, rng)
        return Netem(name, ends, arguments.loss, arguments.jitter)

    def __str__(self):
        kind = self.wires[0].kind
        return f"{kind} ({self.why_not_netem})" if self.why_not_netem else kind


class Load:
    def __init__(self, server, callee, caller, arguments, rng):
        self.server, self.callee, self.caller = server, callee, caller
        self.arguments, self.rng = arguments, rng
        self.calls = []

    async def run(self):
        kinds = self.rng.choices(list(MOMENTS), list(MOMENTS.values()), k=self.arguments.calls)
        async with grpc.aio.insecure_channel(self.server.grpc, options=UNLIMITED) as channel:
            self.stub = rpc.CallControlServiceStub(channel)
            begin, tasks = time.monotonic(), []
            for i, kind in enumerate(kinds):
                self.calls.append(Call(i, kind))
                tasks.append(asyncio.create_task(self._one(self.calls[-1])))
                await asyncio.sleep(max(0.0, begin + i / self.arguments.rate - time.monotonic()))
            await asyncio.gather(*tasks)
            await self._nothing_repeats()

    async def _one(self, call):
        self.callee.expected[call.user] = call
        self.caller.invite(call)
        try:
            await asyncio.wait_for(self._until_its_moment(call), LIMIT * SCALE)
        except asyncio.TimeoutError:
            call.caller.wrong.append("did not come to its moment")
        await self._terminate(call)
        try:
            await asyncio.wait_for(call.over.wait(), LIMIT * SCALE)
        except asyncio.TimeoutError:
            pass  # complaints() tells

    async def _until_its_moment(self, call):
        if call.moment == "calling":
            await asyncio.sleep(self.rng.uniform(0, 0.3))
            return
        await call.rings.wait()
        if call.moment == "ringing" or call.moment == "caller too" and self.rng.random() < 0.5:
            await asyncio.sleep(self.rng.uniform(0, 1.5))
        elif call.moment == "answering":
            asyncio.get_running_loop().call_later(0.4, self.callee.pick_up, call)
            await asyncio.sleep(0.4 + self.rng.uniform(-0.3, 0.3))
        else:
            self.callee.pick_up(call)
            await call.talks.wait()
            await asyncio.sleep(self.rng.uniform(0, 1))
        if call.moment.endswith("too"):
            phone = self.caller if call.moment == "caller too" else self.callee
            asyncio.get_running_loop().call_later(self.rng.uniform(0, 0.2), phone.hang_up, call)
            await asyncio.sleep(self.rng.uniform(0, 0.2))

    async def _terminate(self, call):
        call.asked_at = time.monotonic()
        request = pb.TerminateCallRequest(sip_call_id=call.call_id, intent=self.rng.choice(INTENTS))
        while True:
            try:
                await self.stub.TerminateCall(request, timeout=30 * SCALE)
                call.outcome = "OK"
                return
            except grpc.aio.AioRpcError as error:
                call.outcome = error.code().name
                if error.code() != grpc.StatusCode.NOT_FOUND or time.monotonic() - call.asked_at > 32 * SCALE:
                    return
            await asyncio.sleep(0.05)  # the INVITE is still on its way

    async def _nothing_repeats(self):
        """Each response of a phone gets its ACK, each request its answer."""
        end = time.monotonic() + LIMIT * SCALE
        while (self.callee.repeating or self.callee.asking or self.caller.asking) and time.monotonic() < end:
            await asyncio.sleep(0.1)


async def open_phone(kind, namespace, server, address):
    with namespace.inside():
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        opened.bind((address, 0))
    opened.setblocking(False)
    _, phone = await asyncio.get_running_loop().create_datagram_endpoint(lambda: kind(server), sock=opened)
    return phone


async def play(network, arguments, rng):
    callee = await open_phone(Callee, network.callee, None, ADDRESSES["callee"])
    config = {"sip": {"listeners": [{"name": "middle", "address": f"{ADDRESSES['to caller']}:0", "transports": ["udp"]}]},
              "routes": [{"name": "through", "forward": {"targets": [f"sip:{callee.host}"], "no_answer_timeout": "32s"}}]}
    with tempfile.TemporaryDirectory(prefix="adieu-loss-") as folder:
        with network.middle.inside():
            server = Server(config=json.dumps(config), sip_listen=None, grpc_listen=f"unix:{folder}/grpc")
        with server:
            callee.server = server.sip()
            caller = await open_phone(Caller, network.caller, server.sip(), ADDRESSES["caller"])
            for wire in network.wires:
                wire.start()
            load = Load(server, callee, caller, arguments, rng)
            await load.run()
            faults = await asyncio.to_thread(check, load)  # the wire and the phones go on
            for wire in network.wires:
                wire.close()
        return load, faults


def check(load):
    """All that went wrong, a text each."""
    told = {call: call.complaints() for call in load.calls}
    faults = [f"a phone failed: {failure}" for phone in (load.caller, load.callee) for failure in phone.failures]
    faults += [f"never acknowledged: {key}" for key in load.callee.repeating]
    faults += [f"never answered: {key}" for phone in (load.caller, load.callee) for key in phone.asking]
    with Api(load.server.grpc) as api:
        load.record = Record(api, load.calls)
        for call, said in load.record.untrue:
            told[call].append(f"adieud says {said}")
        wrong = [(call, what) for call, what in told.items() if what]
        return faults + load.record.faults + [
            f"{call}: {'; '.join(what)}" + (f"\n{ladder(api, call)}" if i < 20 else "")
            for i, (call, what) in enumerate(wrong)]


def figures(network, load, seconds):
    print(f"network: {network}")
    carried, lost = (sum(getattr(wire, name, 0) for wire in network.wires) for name in ("carried", "lost"))
    if carried:
        print(f"packets: {carried}, lost {lost} ({lost / carried:.1%})")
    print(f"calls: {len(load.calls)} in {seconds:.0f} s; live in adieud at the end: {load.record.live}")
    print(f"{'moment':12} calls   over at both ends after [s]: p50    p99    max")
    for kind in MOMENTS:
        times = sorted(call.seconds for call in load.calls if call.moment == kind and call.over.is_set())
        if times:
            print(f"{kind:12} {len(times):5} {statistics.median(times):34.2f} {times[int(len(times) * 0.99)]:6.2f}"
                  f" {times[-1]:6.2f}")
    told = (("the API said", collections.Counter(call.outcome for call in load.calls)),
            ("callers ended by", collections.Counter(str(call.caller.ended) for call in load.calls)),
            ("callees ended by", collections.Counter(str(call.callee.ended) for call in load.calls)),
            ("legs, as adieud says", load.record.legs))
    for what, counted in told:
        print(f"{what}: " + ", ".join(f"{name} {number}" for name, number in counted.most_common()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--rate", type=float, default=25, help="calls per second")
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--jitter", type=float, default=0.1, help="seconds; each packet takes 0 to this long")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("loss: ended from outside"))  # adieud ends too
    rng = random.Random(arguments.seed)
    try:
        network = Network(arguments, rng)
    except (Refused, OSError) as refused:
        print(f"loss: no network namespaces with a wire between them here: {refused}")
        return 77
    begin = time.monotonic()
    load, faults = asyncio.run(play(network, arguments, rng))
    figures(network, load, time.monotonic() - begin)
    for fault in faults[:40]:
        print(f"WRONG: {fault}")
    print(f"loss: {len(faults)} faults" if faults else "loss: every call was over at both ends, once")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
