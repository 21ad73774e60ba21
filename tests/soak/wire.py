"""A lossy link between two network namespaces: netem where the kernel has it, else our own over TUN devices."""

import asyncio
import fcntl
import os
import struct

from harness.namespace import Refused, run

_TUNSETIFF, _TUN_WITHOUT_HEADER = 0x400454CA, 0x1001


def has_netem(namespace):
    with namespace.inside():
        try:
            run("tc qdisc add dev lo root netem loss 5%")
        except Refused as refused:
            return str(refused)
        run("tc qdisc del dev lo root")
    return ""


class Netem:
    """A veth pair; what leaves either end is delayed or lost by the kernel."""

    kind = "netem"

    def __init__(self, name, ends, loss, jitter):
        (here, here_address), (there, there_address) = ends
        with here.inside():
            run(f"ip link add {name}a type veth peer name {name}b netns {there.path}")
        for end, device, address in ((here, f"{name}a", here_address), (there, f"{name}b", there_address)):
            half = jitter * 500
            with end.inside():
                run(f"ip addr add {address} dev {device}")
                run(f"ip link set {device} up")
                run(f"tc qdisc add dev {device} root netem limit 100000 delay {half:.0f}ms {half:.0f}ms loss {loss:.0%}")

    def start(self):
        pass

    def close(self):
        pass


class Tun:
    """Each IPv4 packet is lost with probability `loss`, or arrives 0 to `jitter` seconds later, in any order."""

    kind = "our own wire over TUN"

    def __init__(self, name, ends, loss, jitter, random):
        self.loss, self.jitter, self.random = loss, jitter, random
        self.carried = self.lost = 0
        self._ends = []
        for namespace, address in ends:
            with namespace.inside():
                descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
                self._ends.append(descriptor)
                fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _TUN_WITHOUT_HEADER))
                run(f"ip addr add {address} dev {name}")
                run(f"ip link set {name} up txqueuelen 100000")

    def start(self):
        self._loop = asyncio.get_running_loop()
        here, there = self._ends
        self._loop.add_reader(here, self._carry, here, there)
        self._loop.add_reader(there, self._carry, there, here)

    def _carry(self, source, sink):
        while True:
            try:
                packet = os.read(source, 65535)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue
            self.carried += 1
            if self.random.random() < self.loss:
                self.lost += 1
                continue
            self._loop.call_later(self.random.uniform(0, self.jitter), os.write, sink, packet)

    def close(self):
        for descriptor in self._ends:
            self._loop.remove_reader(descriptor)
