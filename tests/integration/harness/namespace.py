"""Network namespaces that live as long as this process, however it ends. Without root they need user namespaces."""

import contextlib
import ctypes
import os
import subprocess

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """This machine does not let us make namespaces."""


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise Refused(f"{name}: {os.strerror(code)}")


def _unshare(flags):
    _call("unshare", flags)


def _become_root_of_own():
    """A user namespace of our own, where we may make network namespaces and come back. Only while there is one thread."""
    user, group = os.getuid(), os.getgid()
    _unshare(_NEWUSER | _NEWNET)
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{file}", "w") as opened:
            opened.write(text)


def run(command):
    """A command of ours, as one text; what it says where it fails."""
    done = subprocess.run(command.split(), capture_output=True, timeout=30)
    if done.returncode != 0:
        raise Refused(f"{command}: {done.stderr.decode(errors='replace').strip()}")


class Namespace:
    def __init__(self):
        if os.geteuid() != 0:
            _become_root_of_own()
        with self._leaving():
            _unshare(_NEWNET)
            run("ip link set lo up")
            self._descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    @contextlib.contextmanager
    def _leaving():
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield
        finally:
            _call("setns", home, _NEWNET)
            os.close(home)

    @contextlib.contextmanager
    def inside(self):
        """Sockets, programs and threads that start in the block live in this namespace."""
        with self._leaving():
            _call("setns", self._descriptor, _NEWNET)
            yield

    @property
    def path(self):
        """How `ip link ... netns` names it."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def close(self):
        os.close(self._descriptor)
