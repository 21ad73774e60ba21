"""Runs an image as a container runtime does: its own processes and mounts, the root read-only, its user, no privileges."""

import datetime
import json
import os
import pathlib
import shlex
import signal
import subprocess

from harness.wait import DEADLINE, until

# The shell is the first process of the container until it becomes the program, which then is.
START = """set -eu
cd {root}
mount --make-rprivate /
mount --bind . .
mkdir -p proc dev
cd {root}
mount -t proc proc proc
mount --rbind /dev dev
{volumes}
mount -o remount,bind,ro .
date -u '+started %FT%T.%6N' >&2
exec env -i {environment} /usr/bin/setpriv --no-new-privs --bounding-set -all,+sys_chroot,+setuid,+setgid \\
  /usr/bin/unshare --root=. --wd={directory} --setuid={user} --setgid={group} {command}
"""


def _moment(text):
    return datetime.datetime.fromisoformat(text.rstrip("Z"))


class Container:
    """One running image, of which `root` has the files and `configuration` the rest. Its volumes keep their files below
    `folder`. In the network namespace of the thread that makes it. Always ended."""

    def __init__(self, root, configuration, folder, arguments):
        self.root, self._configuration = root, configuration
        self._user, self._group = configuration["User"].split(":")
        self._log = folder / "log"
        self.volumes = {path: self._volume(folder, path) for path in configuration["Volumes"]}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "/bin/bash", "-c",
                 self._script(arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(lambda: self._process.poll() is not None or self._events("ready"), "adieud is ready", DEADLINE)
            assert self._process.poll() is None, f"adieud ended:\n{self.tail()}"
            self.pid = int(pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text())
        except BaseException:
            self.close()
            raise

    def _volume(self, folder, path):
        """A new volume gets the owner that the image gives its folder."""
        volume = folder / path.strip("/").replace("/", "-")
        if not volume.exists():
            volume.mkdir()
            status = (self.root / path.strip("/")).stat()
            os.chown(volume, status.st_uid, status.st_gid)
        return volume

    def _script(self, arguments):
        configuration = self._configuration
        command = [*configuration["Entrypoint"], *configuration.get("Cmd", ()), *arguments]
        volumes = [f"mount --bind {shlex.quote(str(volume))} .{path}" for path, volume in self.volumes.items()]
        return START.format(
            root=shlex.quote(str(self.root)), volumes="\n".join(volumes), directory=configuration["WorkingDir"],
            environment=shlex.join(configuration.get("Env", ())), user=self._user, group=self._group,
            command=shlex.join(command))

    def _events(self, name):
        lines = self._log.read_text(errors="replace").splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in events if event["event"] == name]

    def tail(self):
        return self._log.read_text(errors="replace")[-3000:]

    def start_milliseconds(self):
        """From the start of the program until it is ready."""
        started = next(line for line in self._log.read_text().splitlines() if line.startswith("started "))
        ready = _moment(self._events("ready")[0]["time"]) - _moment(started.removeprefix("started "))
        return ready.total_seconds() * 1000

    def status(self, key):
        """A line of /proc/PID/status of the first process."""
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(line.split(":", 1)[1].split() for line in lines if line.startswith(key + ":"))

    def resident_megabytes(self):
        return int(self.status("VmRSS")[0]) * 1024 / 1e6

    def read_only(self):
        mounts = [line.split() for line in pathlib.Path(f"/proc/{self.pid}/mountinfo").read_text().splitlines()]
        return next("ro" in mount[5].split(",") for mount in mounts if mount[4] == "/")

    def run(self, *command):
        """A further program in the container, as its user; what it prints."""
        done = subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--ipc", "--uts", "--root",
             f"--setuid={self._user}", f"--setgid={self._group}", *command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}\n{self.tail()}"
        return done.stdout

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def wait(self):
        """Its exit code."""
        return self._process.wait(DEADLINE)

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
