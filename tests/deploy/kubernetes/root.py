"""The file system of a container, below a folder of this machine."""

import pathlib
import re
import subprocess
import tempfile

from harness.server import binary
from harness.wait import DEADLINE


class Root:
    """Gone after close(). `variables` are what `$(NAME)` stands for."""

    def __init__(self, variables: dict[str, str] | None = None):
        self._folder = tempfile.TemporaryDirectory(prefix="adieu-container-", ignore_cleanup_errors=True)
        self._variables = variables or {}
        self._mounts: list[str] = []

    def close(self) -> None:
        self._folder.cleanup()

    @property
    def folder(self) -> pathlib.Path:
        return pathlib.Path(self._folder.name)

    def add(self, mounts: dict[str, dict[str, str]]) -> None:
        """Files by their folder and name. In them, too, the folders' paths become those of this machine."""
        self._mounts += mounts
        for path, files in mounts.items():
            folder = pathlib.Path(self._folder.name + path)
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(self.here(text), encoding="utf-8")

    def here(self, text: str) -> str:
        """A text of the container with the paths and variables of this machine."""
        for name, value in self._variables.items():
            text = text.replace(f"$({name})", value)
        for path in self._mounts:
            text = re.sub(rf"(?<![\w/]){re.escape(path)}(?![\w-])", self._folder.name + path, text)
        return text

    def check(self, arguments: list[str]) -> str:
        """What `adieud --check` says about these arguments and the files: nothing when they are good."""
        done = subprocess.run([binary("adieud"), *map(self.here, arguments), "--check"], capture_output=True, text=True,
                              timeout=DEADLINE)
        return done.stderr.strip() if done.returncode else ""
