"""The programs that are measured, started and ended: each gives the flags that point loadgen at it."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

START_SECONDS = 30
STOP_SECONDS = 20
KAMAILIO = shutil.which("kamailio", path=os.environ["PATH"] + ":/usr/sbin")


class Failed(Exception):
    """A program did not do its part."""


@contextlib.contextmanager
def process(command, **options):
    """A process that never outlives the block."""
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def ready_line(log, running):
    """The log line of adieud that says that it is ready, as a dict."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        for line in log.read_text(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict) and "ready" in (event.get("event"), event.get("message")):
                    return event
        time.sleep(0.05)
    raise Failed("adieud is not ready:\n" + log.read_text(errors="replace")[-2000:])


def write_policies(folder, count):
    """Policies that every trigger asks and that match no call."""
    folder.mkdir()
    rules = [{"id": trigger.lower(), "triggers": [trigger], "treatment": treatment,
              "match": {"any_of": {"matches": [{"caller_user_agent": {"regex": ".*no such phone.*", "ignore_case": True}},
                                               {"from_uri": {"prefix": "sip:nobody@"}}]}}}
             for trigger, treatment in (("ARRIVAL", {"as_intent": "FORBIDDEN"}), ("RING_TIMEOUT", {"as_intent": "QUIET"}),
                                        ("FAR_END_FAILURE", {"as_intent": "QUIET"}), ("DRAIN", {"as_intent": "QUIET"}),
                                        ("CALLER_CANCEL", {"cancel_reasons": [{"sip_status": 200}]}))]
    for number in range(count):
        policy = {"name": f"cancelPolicies/bench-{number}", "mode": "ENFORCED", "rules": rules}
        (folder / f"bench-{number}.yaml").write_text(json.dumps(policy))


@contextlib.contextmanager
def adieud(binaries, callee=None, policies=0):
    """A server of its own with SQLite in a temporary folder; with a callee (`host:port`) it sends every call there. It has
    so many policies that every trigger asks and that match no call."""
    with tempfile.TemporaryDirectory(prefix="adieu-bench-") as name:
        folder = pathlib.Path(name)
        log = folder / "adieud.log"
        command = [binaries / "adieud", "--store", f"sqlite:{folder}/adieu.db"]
        for flag in ("--sip-listen", "--grpc-listen", "--metrics-listen"):
            command += [flag, "127.0.0.1:0"]
        config = {}
        if callee:
            config["routes"] = [{"name": "through", "forward": {"targets": [f"sip:{callee}"]}}]
        if policies:
            write_policies(folder / "policies", policies)
            config["policies"] = {"directory": str(folder / "policies")}
        (folder / "adieud.yaml").write_text(json.dumps(config))
        command += ["--config", folder / "adieud.yaml"]
        with log.open("w") as file, process(command, stdout=file, stderr=file, cwd=folder) as running:
            ready = ready_line(log, running)
            listeners = ready["sip_listeners"]
            if isinstance(listeners, str):
                listeners = json.loads(listeners)
            yield ["--sip", listeners[0]["address"], "--grpc", ready["grpc"], "--server-pid", str(running.pid)]
            if running.poll() is not None:
                raise Failed("adieud died:\n" + log.read_text(errors="replace")[-2000:])


@contextlib.contextmanager
def bare_nua(binaries):
    """The bare SIP stack."""
    with process([binaries / "bare_nua"], stdout=subprocess.PIPE, text=True) as running:
        address = running.stdout.readline().strip()
        if not address:
            raise Failed("bare_nua did not start")
        yield ["--sip", address, "--server-pid", str(running.pid)]


def free_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return "%s:%d" % probe.getsockname()


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def answers(address):
    """Does something answer a SIP request there?"""
    host, port = address.rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        probe.connect((host, int(port)))
        own = "%s:%d" % probe.getsockname()
        with contextlib.suppress(OSError):
            probe.send((f"BYE sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKprobe\r\nFrom: <sip:a@b>;tag=a\r\n"
                        f"To: <sip:c@d>;tag=b\r\nCall-ID: probe\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n").encode())
            return bool(probe.recv(4096))
    return False


@contextlib.contextmanager
def kamailio(callee):
    """Kamailio as a proxy to the callee."""
    with tempfile.TemporaryDirectory(prefix="adieu-kamailio-") as name:
        folder = pathlib.Path(name)
        text = (pathlib.Path(__file__).parent / "kamailio.cfg").read_text()
        (folder / "kamailio.cfg").write_text(text.replace("@CALLEE@", f"sip:{callee}"))
        address = free_address()
        command = [KAMAILIO, "-f", folder / "kamailio.cfg", "-DD", "-Y", folder, "-l", f"udp:{address}", "-m", "512"]
        log = folder / "log"
        with log.open("w") as file, process(command, stdout=file, stderr=file, cwd=folder) as running:
            deadline = time.monotonic() + START_SECONDS
            while not answers(address):
                if time.monotonic() > deadline or running.poll() is not None:
                    raise Failed("kamailio did not start:\n" + log.read_text(errors="replace")[-2000:])
            pids = [flag for pid in children(running.pid) for flag in ("--with-pid", pid)]
            yield ["--sip", address, "--server-pid", str(running.pid)], pids
