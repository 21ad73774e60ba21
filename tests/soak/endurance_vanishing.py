"""Who goes away without a word in the endurance soak: callers over UDP and TCP, and clients of the API."""

import asyncio
import itertools

import grpc

from endurance_cable import Cable, tear
from harness import sip
from harness.api import UNLIMITED
from harness.stubs import pb, rpc
from harness.wait import DEADLINE, SCALE
from loss_call import LIMIT, Call

# The route of calls that nobody ends lets them ring so long, in seconds.
LOST_RINGS = 5
# How the counter of those is called that met nobody.
UNHEARD = "callers that met nobody"
# Seconds: the server closes a connection without a message after 30 s.
_LEFT_ALONE = 40


def invite(user, server, own, transport, call_id):
    """Of a caller that never says anything else."""
    headers = [("Via", f"SIP/2.0/{transport} {own};branch={sip.branch()}"), ("Max-Forwards", "70"),
               ("From", f"<sip:alice@{own}>;tag={sip.token()}"), ("To", f"<sip:{user}@{server}>"), ("Call-ID", call_id),
               ("CSeq", "1 INVITE"), ("Contact", f"<sip:alice@{own};transport={transport.lower()}>"),
               ("Content-Type", "application/sdp")]
    return sip.request("INVITE", f"sip:{user}@{server}", headers, sip.OFFER)


class Mute(asyncio.DatagramProtocol):
    """A caller over UDP that sends an INVITE and is gone: what comes is not looked at."""

    def connection_made(self, transport):
        self.transport = transport
        self.own = "%s:%d" % transport.get_extra_info("sockname")


class Vanishing:
    """`rate`: of each kind, a second. Whoever never acknowledges a 200 keeps the server busy for 2*64*T1, so none comes when
    `no_more` is set."""

    def __init__(self, scene, rate):
        self._scene, self._rate = scene, rate
        self._numbers = itertools.count()
        self.no_more = asyncio.Event()

    async def run(self):
        _, self._mute = await asyncio.get_running_loop().create_datagram_endpoint(Mute, local_addr=("127.0.0.1", 0))
        kinds = (self._never_acknowledges, self._nobody_ends, self._asks_and_goes, self._half_an_invite, self._hangs_up_tcp)
        try:
            await asyncio.gather(*(self._scene.every(1 / self._rate, kind) for kind in kinds))
        finally:
            self._mute.transport.close()

    def _server(self):
        return "%s:%d" % self._scene.server.sip()

    def _call(self, prefix):
        """A call of a caller that says no more than its INVITE."""
        call = Call(next(self._numbers), "vanishing")
        call.user = f"{prefix}-{call.number}"
        self._scene.callee.expected[call.user] = call
        self._mute.transport.sendto(
            invite(call.user, self._server(), self._mute.own, "UDP", call.call_id), self._scene.server.sip())
        return call

    async def _never_acknowledges(self):
        """It hears nothing of the 200 that the callee gave: the callee must get its BYE."""
        if self.no_more.is_set():
            return
        call = self._call("through-mute")
        if not await self._scene.within(call.rings, DEADLINE):
            self._unheard(call)
            return
        self._scene.callee.pick_up(call)
        call.caller.end("vanished")
        await self._scene.within(call.over, LIMIT * SCALE)
        wrong = [f"callee: {what}" for what in call.callee.wrong]
        if call.callee.ended != "BYE":
            wrong.append(f"the caller vanished, and the callee is over by {call.callee.ended}")
        self._scene.judge(call, wrong)
        self._scene.seen["callers that never sent ACK"] += 1

    def _unheard(self, call):
        """Its only INVITE was refused, or dropped."""
        self._scene.seen[UNHEARD] += 1
        self._scene.callee.forget(call)

    async def _nobody_ends(self):
        self._scene.callee.forget(self._call("lost"))
        self._scene.seen["callers that were gone when it rang"] += 1

    async def _asks_and_goes(self):
        """Asks for the end of a call whose caller never answers, and is torn out while it waits for that."""
        scene, call = self._scene, self._call("lost")
        cable = await Cable().lay(scene.server.grpc)
        async with grpc.aio.insecure_channel(cable.address, options=UNLIMITED) as channel:
            stub = rpc.CallControlServiceStub(channel)
            if not await self._is_known(stub, call.call_id):
                self._unheard(call)
                return
            asked = stub.TerminateCall(
                pb.TerminateCallRequest(sip_call_id=call.call_id, wait=pb.WAIT_ENDED), timeout=DEADLINE)
            waiting = asyncio.ensure_future(asked.code())
            await asyncio.sleep(scene.rng.uniform(0.01, 0.3))
            cable.tear_out()
            code = await waiting
        scene.callee.forget(call)
        scene.seen["clients gone while they waited"] += 1
        if code == grpc.StatusCode.OK:
            scene.tell(f"{call}: its caller never answers, and is said to have ended")

    async def _is_known(self, stub, call_id):
        match = pb.CallMatch(sip_call_ids=pb.StringList(values=[call_id]))
        end = asyncio.get_running_loop().time() + DEADLINE
        while not (await stub.ListCalls(pb.ListCallsRequest(match=match), timeout=DEADLINE)).calls:
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _half_an_invite(self):
        """The connection is closed, torn out, or left alone until the server has closed it."""
        host, port = self._scene.server.sip()
        _, writer = await asyncio.open_connection(host, port)
        own = "%s:%d" % writer.get_extra_info("sockname")
        whole = invite("lost-half", f"{host}:{port}", own, "TCP", sip.token())
        writer.write(whole[:self._scene.rng.randrange(1, len(whole))])
        await writer.drain()
        how = self._scene.rng.choice(("close", "tear", "leave"))
        if how == "leave":
            await self._scene.pause(_LEFT_ALONE)
        (tear if how == "tear" else lambda leaving: leaving.close())(writer)
        self._scene.seen["half INVITEs over TCP"] += 1

    async def _hangs_up_tcp(self):
        """A caller over TCP whose connection is torn out while it rings."""
        host, port = self._scene.server.sip()
        reader, writer = await asyncio.open_connection(host, port)
        own = "%s:%d" % writer.get_extra_info("sockname")
        writer.write(invite("lost-tcp", f"{host}:{port}", own, "TCP", sip.token()))
        heard = b""
        while b"180 Ringing" not in heard and b"503 " not in heard:
            heard += await asyncio.wait_for(reader.read(4096), DEADLINE)
            if reader.at_eof():
                raise AssertionError(f"no 180, but {heard!r}")
        if b"503 " in heard:
            self._scene.seen["calls refused with 503"] += 1
        tear(writer)
        self._scene.seen["callers over TCP torn out"] += 1
