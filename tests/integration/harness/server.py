"""One adieud process: started with a deadline, always stopped, its stderr kept for failures."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

from harness.wait import SCALE, Deadline

_SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")

live = []


def binary(name):
    folder = os.environ.get("ADIEU_BIN")
    if not folder:
        raise RuntimeError("ADIEU_BIN must name the folder of adieud and adieu")
    return str(pathlib.Path(folder) / name)


def split_address(address):
    """`[::1]:5060` -> ("::1", 5060)."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def ipv6_works():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_port():
    """A port of 127.0.0.1 that is free now on UDP and TCP, for programs that cannot say which one they took."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            stream.bind(("127.0.0.1", 0))
            try:
                packets.bind(stream.getsockname())
            except OSError:
                continue
            return stream.getsockname()[1]


class Server:
    """`config` is the text of a YAML file, `flags` come after the defaults and win over both."""

    def __init__(self, config=None, flags=(), store=None, sip_listen="127.0.0.1:0", grpc_listen="127.0.0.1:0"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adieu-server-"))
        self.store = store or f"sqlite:{self.folder}/adieu.db"
        command = [binary("adieud")]
        if config is not None:
            (self.folder / "adieu.yaml").write_text(config)
            command += ["--config", str(self.folder / "adieu.yaml")]
        if sip_listen:
            command += ["--sip-listen", sip_listen]
        command += ["--grpc-listen", grpc_listen, "--metrics-listen", "127.0.0.1:0", "--store", self.store, *flags]
        self.command = command
        self._killed = False
        self._lines = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder,
            start_new_session=True)
        live.append(self)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            ready = self.wait_log("ready", 30 * SCALE)
        except AssertionError:
            self.kill()
            raise
        listeners = ready["sip_listeners"]
        if isinstance(listeners, str):  # a field of a log line is text
            listeners = json.loads(listeners)
        self.listeners = {entry["name"]: entry["address"] for entry in listeners}
        self.grpc = ready["grpc"]
        self.metrics = ready["metrics"]

    def _read(self):
        for raw in self._process.stderr:
            if not self.keeps(raw):
                continue
            with self._changed:
                self._lines.append(raw.decode("utf-8", "backslashreplace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._lines.append(None)
            self._changed.notify_all()

    def keeps(self, line):
        """Whether log() has this line. A subclass that runs for long forgets some."""
        return True

    @property
    def pid(self):
        return self._process.pid

    def sip(self, listener=None):
        """(host, port) of a listener, the first one by default."""
        return split_address(self.listeners[listener] if listener else next(iter(self.listeners.values())))

    def log(self):
        with self._changed:
            return [line for line in self._lines if line is not None]

    def wait_log(self, message, seconds):
        """The first JSON log line with this message."""
        deadline, seen = Deadline(seconds), 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    seen += 1
                    if line is None:
                        raise AssertionError(f"adieud ended before it said {message!r}:\n{self.tail()}")
                    try:
                        event = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(event, dict) and message in (event.get("message"), event.get("event")):
                        return event
                if deadline.over():
                    raise AssertionError(f"adieud did not say {message!r} in {seconds:.0f} s:\n{self.tail()}")
                self._changed.wait(deadline.left())

    def tail(self, lines=60):
        return "\n".join(line for line in self._lines[-lines:] if line is not None)

    def alive(self):
        return self._process.poll() is None

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def wait_exit(self, seconds):
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"adieud did not exit in {seconds:.0f} s:\n{self.tail()}") from None
        self._reader.join(10)
        return code

    def kill(self):
        """Ends it at once. stop() then has nothing left to judge."""
        self._killed = True
        if self.alive():
            self._process.kill()
        self._process.wait(30)
        self._forget()

    def _forget(self):
        if self in live:
            live.remove(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        """Stops it as an operator would, a second SIGTERM when calls are left; fails when it had crashed."""
        if self._killed:
            return
        try:
            if self.alive():
                self.terminate()
                try:
                    self._process.wait(5 * SCALE)
                except subprocess.TimeoutExpired:
                    self.terminate()
            code = self.wait_exit(30 * SCALE)
            text = "\n".join(self.log())
            for word in _SANITIZER:
                assert word not in text, f"{word} in the server's output:\n{self.tail(200)}"
            assert code == 0, f"adieud exited with {code}:\n{self.tail()}"
        finally:
            self.kill()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()


def run_to_exit(flags, seconds=30 * SCALE, config=None):
    """Starts adieud where it must refuse to run. Returns (exit code, its output)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="adieu-refused-"))
    try:
        if config is not None:
            (folder / "adieu.yaml").write_text(config)
            flags = ["--config", str(folder / "adieu.yaml"), *flags]
        done = subprocess.run(
            [binary("adieud"), *flags], capture_output=True, timeout=seconds, cwd=folder, stdin=subprocess.DEVNULL)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
    except subprocess.TimeoutExpired as stuck:
        output = (stuck.stderr or b"").decode("utf-8", "backslashreplace")
        raise AssertionError(f"adieud {flags} did not refuse to run:\n{output[-3000:]}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["Server", "binary", "free_port", "ipv6_works", "live", "run_to_exit", "split_address"]
