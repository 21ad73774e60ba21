"""A reader who follows a page: one shell in a folder that looks like a fresh clone, and further terminals.

One thread; `close` ends every process that the page started.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from like import is_like
from harness.wait import SCALE, until

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Seconds for one step.
DEADLINE = 30 * SCALE

# Reads the names of scripts, runs each in this shell, and answers with its status.
_SHELL = r"""
set -o pipefail
exec {ask}<"$1" {tell}>"$2"
while read -r step <&"$ask"; do
  source "$step" >"$step.out" 2>&1 </dev/null {ask}<&- {tell}>&-
  echo "$?" >&"$tell"
done
"""


class Failed(Exception):
    """A step did not do what the page says."""


class Reader:
    def __init__(self, programs):
        self._stack = contextlib.ExitStack()
        self._folder = pathlib.Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="adieu-docs-", ignore_cleanup_errors=True)))
        self.clone = self._folder / "adieu"
        self._notes = self._folder / "notes"
        self._notes.mkdir()
        self._names = self._folder / "names"
        self._names.touch()
        self._make_clone(programs)
        self._environment = {
            "PATH": f"{programs}:{HERE / 'bin'}:/usr/sbin:/usr/bin:{os.environ['PATH']}", "HOME": str(self._folder),
            "LC_ALL": "C.UTF-8", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1", "ADIEU_DOCS_NAMES": str(self._names),
            "ADIEU_TEST_SCALE": str(SCALE), "ADIEU_TREE": str(ROOT)}
        self._groups = []
        self._terminals = {}
        self._count = 0
        self._stack.callback(self._end)
        self._start()

    def _make_clone(self, programs):
        self.clone.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in (".git", "build", "examples"):
                (self.clone / entry.name).symlink_to(entry)
        # Sources are made in it.
        shutil.copytree(ROOT / "examples", self.clone / "examples",
                        ignore=shutil.ignore_patterns("node_modules", "generated", "adieuv1"))
        for preset in ("release", "dev"):
            (self.clone / "build" / preset).mkdir(parents=True)
            (self.clone / "build" / preset / "bin").symlink_to(programs)

    def _spawn(self, command, **more):
        process = subprocess.Popen(command, cwd=self.clone, env=self._environment, stdin=subprocess.DEVNULL,
                                   start_new_session=True, **more)
        self._groups.append(process)
        return process

    def _start(self):
        ask, tell = self._folder / "ask", self._folder / "tell"
        os.mkfifo(ask)
        os.mkfifo(tell)
        log = self._stack.enter_context((self._folder / "shell").open("wb"))
        self._shell = self._spawn(["bash", "--norc", "-c", _SHELL, "page", str(ask), str(tell)], stdout=log, stderr=log)
        self._ask = self._stack.enter_context(ask.open("w"))
        # Not blocking: the shell may be gone.
        self._tell = os.open(tell, os.O_RDONLY | os.O_NONBLOCK)
        self._stack.callback(os.close, self._tell)

    def _note(self, text):
        """A new script with this text, in which the page's names are those of calls that exist."""
        for line in self._names.read_text().splitlines():
            written, real = line.split()
            text = text.replace(written, real)
        self._count += 1
        note = self._notes / str(self._count)
        note.write_text(text + "\n")
        return note

    def _type(self, text, stop_at_failure):
        note = self._note(("set -e" if stop_at_failure else "set +e") + "\n" + text)
        self._ask.write(f"{note}\n")
        self._ask.flush()
        status = until(lambda: self._status() or (self._shell.poll() is not None and "ended"), f"the end of:\n{text}",
                       DEADLINE)
        if status == "ended":
            status = self._status() or str(self._shell.returncode)
        return int(status), self._read(f"{note}.out")

    def _status(self):
        try:
            return os.read(self._tell, 64).decode().strip()
        except BlockingIOError:
            return ""

    @staticmethod
    def _read(name):
        return pathlib.Path(name).read_text(encoding="utf-8", errors="replace")

    def _commands(self, step):
        for command in step.commands:
            status, printed = self._type(command.text, command.exit == 0)
            if status != command.exit:
                raise Failed(f"line {step.line}: exit {status}, not {command.exit}:\n{command.text}\n{printed[-3000:]}")
            if command.output is not None and not is_like(command.output, printed.splitlines()):
                says = "\n".join(command.output)
                raise Failed(f"line {step.line}: {command.text}\nprints\n{printed[-6000:]}\nand the page says\n{says}")

    def _terminal(self, step):
        text = "\n".join(command.text for command in step.commands)
        note = self._note(f"set -eo pipefail\n{text}")
        with open(f"{note}.out", "wb") as out:
            process = self._spawn(["bash", "--norc", str(note)], stdout=out, stderr=out)
        self._terminals[process] = (text, note)

        def said():
            ended = process.poll() is not None
            return step.argument in self._read(f"{note}.out") or (ended and "ended")
        if until(said, f"line {step.line}: {text}\nto say {step.argument!r}", DEADLINE) == "ended":
            printed = self._read(f"{note}.out")[-3000:]
            raise Failed(f"line {step.line}: ended without {step.argument!r}:\n{text}\n{printed}")

    def _interrupt(self, step):
        """Ctrl-C in the terminal with this command, and its end."""
        meant = [process for process, (text, _) in self._terminals.items()
                 if step.argument in text and process.poll() is None]
        if len(meant) != 1:
            raise Failed(f"line {step.line}: {len(meant)} terminals run {step.argument!r}")
        os.killpg(meant[0].pid, signal.SIGINT)
        try:
            meant[0].wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise Failed(f"line {step.line}: {step.argument} does not end") from None

    def _file(self, step):
        path = self.clone / step.argument
        if path.is_symlink() or any(parent.is_symlink() for parent in path.parents if parent != self.clone.parent):
            raise Failed(f"line {step.line}: {step.argument} is a file of the tree")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.commands[0].text)

    def take(self, step):
        """Does what the step says; Failed when it does not do what the page says."""
        act = {"commands": self._commands, "terminal": self._terminal, "interrupt": self._interrupt,
               "file": self._file, "skip": lambda _: None}
        try:
            act[step.kind](step)
        except AssertionError as late:
            raise Failed(f"line {step.line}: {late}\n{self._terminals_say()}") from None

    def _terminals_say(self):
        """For a failure: the other terminals may know why."""
        return "\n".join(f"in the terminal of {text.strip()}:\n{self._read(f'{note}.out')[-1500:]}"
                         for text, note in self._terminals.values())

    def _end(self):
        for process in self._groups:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                if number == signal.SIGTERM:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(2)
            process.wait(10)

    def close(self):
        self._stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
