"""docs/cli.md has every command and every option that --help has, and no others."""

import functools
import pathlib
import re
import subprocess

from harness.server import binary

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "cli.md"


@functools.cache
def commands():
    """{("calls", "list"): text of its --help}, those without commands of their own."""
    found, todo = {}, [()]
    while todo:
        words = todo.pop()
        done = subprocess.run([binary("adieu"), *words, "--help"], capture_output=True, timeout=30, check=True)
        text = done.stdout.decode()
        _, _, below = text.partition("\nSubcommands:\n")
        names = re.findall(r"^  (\S+)", below, re.M)
        todo += [(*words, name) for name in names]
        if not names:
            found[words] = text
    return found


def options(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


def test_every_command_has_a_heading():
    headings = re.findall(r"^##+ (.*)$", DOCUMENT.read_text(), re.M)
    assert len(commands()) > 8
    for words in commands():
        name = " ".join(words)
        assert any(heading == name or heading.startswith(name + " ") for heading in headings), name


def test_every_option_is_there_and_no_other():
    done = subprocess.run([binary("adieu"), "--help"], capture_output=True, timeout=30, check=True)
    helped = set().union(*map(options, commands().values()), options(done.stdout.decode()))
    written = options(re.sub(r"^```.*?^```", "", DOCUMENT.read_text(), flags=re.M | re.S))
    assert helped == written
