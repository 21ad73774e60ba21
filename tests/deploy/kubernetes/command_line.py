"""Commands of `adieu` that the files name: the program knows them."""

import functools
import re
import subprocess

from harness.server import binary
from harness.wait import DEADLINE


@functools.cache
def _help(*command: str) -> str:
    return subprocess.run([binary(command[0]), *command[1:], "--help"], capture_output=True, text=True,
                          timeout=DEADLINE).stdout


def reads(variable: str) -> bool:
    """Whether adieu has this variable of the environment."""
    return f"(Env:{variable})" in _help("adieu")


def problems(command: list[str]) -> list[str]:
    """Of `adieu calls list --state ringing`, in words."""
    words = [word for word in command[1:] if not word.startswith("-")]
    text = _help("adieu", *words[:2])
    used = re.search(r"^Usage: ([a-z ]+) ", text, re.MULTILINE).group(1)
    if "Subcommands:" in text:
        return [f"{used} has no command {' '.join(words[len(used.split()) - 1:][:1])}"]
    known = _help("adieu") + text
    return [f"{used} has no {word}" for word in command[1:]
            if word.startswith("-") and not re.search(rf"(^|[\s,]){re.escape(word.partition('=')[0])}\b", known)]
