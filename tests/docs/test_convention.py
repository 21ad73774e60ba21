"""The test of the pages must be able to fail: what it reads out of a page, and what it makes of one that lies."""

import pytest

from like import is_like
from page import Wrong, steps
from reader import Failed


def told(text):
    return [(step.kind, step.argument, [command.text for command in step.commands]) for step in steps(text)]


@pytest.mark.parametrize("text, expected", [
    ("```sh\na\nb\n```\n", [("commands", "", ["a\nb\n"])]),
    ("1. x\n   ```sh\n   a\n     b\n   ```\n", [("commands", "", ["a\n  b\n"])]),
    ("```console\n$ a \\\n    b\nout\n$ c\n```\n", [("commands", "", ["a \\\n    b", "c"])]),
    ("<!-- not run: no such machine -->\n```sh\na\n```\n", [("skip", "no such machine", ["a\n"])]),
    ("<!-- file: x/y.yaml -->\n```yaml\na: 1\n```\n", [("file", "x/y.yaml", ["a: 1\n"])]),
    ("<!-- terminal: ready -->\n```sh\nserve\n```\n", [("terminal", "ready", ["serve\n"])]),
    ("<!-- run:\na\n-->\ntext\n", [("commands", "", ["a"])]),
    ("` ```sh ` and `<!-- exit: 1 -->` are code\n", []),
    ("```\nadieu: refused\n```\n```yaml\nadieu x\n```\n<!-- a comment -->\n", []),
])
def test_steps(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize("text, problem", [
    ("```\nadieu calls list\n```\n", "is a command"),
    ("```\nx\n\n$ adieu\n```\n", "is a command"),
    ("```\n  scripts/setup && make\n```\n", "is a command"),
    ("```console\nout\n```\n", "begins with"),
    ("<!-- not run: -->\n```sh\na\n```\n", "says nothing"),
    ("<!-- exit: 1 -->\nmore text\n```sh\na\n```\n", "stands between"),
    ("<!-- exit: 1 -->\n", "has no block"),
    ("<!-- exit: 1 2 -->\n```sh\na\n```\n", "2 exit codes for 1 commands"),
    ("<!-- terminal: x -->\n```yaml\na: 1\n```\n", "needs a block of commands"),
])
def test_a_page_that_breaks_the_convention(text, problem):
    with pytest.raises(Wrong, match=problem):
        steps(text)


@pytest.mark.parametrize("expected, actual, same", [
    (["a  b"], ["a b", ""], True),
    (["calls/3f2a at 2026-01-02T03:04:05.6Z", " 0.1 s"], ["calls/zz9 at 2027-11-12T13:14:15.123Z", "12.5 s"], True),
    (["a", "...", "d"], ["a", "b", "c", "d"], True),
    (["..."], [], True),
    (['token: "..."', "b"], ['token: "x.y"', "b"], True),
    (['token: "..."'], ['token: x'], False),
    (["a"], ["a", "b"], False),
    (["a", "b"], ["b", "a"], False),
    (["486 Busy Here"], ["487 Busy Here"], False),
    (["127.0.0.1:5060"], ["127.0.0.2:5060"], False),
])
def test_output(expected, actual, same):
    assert is_like(expected, actual) == same


@pytest.mark.parametrize("text", [
    "```sh\ncd scripts\nx=1\n```\n```sh\ntest \"$x $PWD\" = \"1 $(cd . && pwd)\"\n```\n",
    "```console\n$ echo 'calls/a 2.5'\ncalls/b 3.5\n```\n",
    "<!-- exit: 3 -->\n```console\n$ true\n$ (exit 3)\n```\n",
    "<!-- exit: 2 0 -->\n```console\n$ (exit 2)\n$ true\n```\n",
    "<!-- file: a/b -->\n```\nhello\n```\n```sh\ngrep hello a/b\n```\n",
    "<!-- terminal: up -->\n```sh\necho up\nsleep 1000\n```\n",
    "<!-- run: name calls/3f2a calls/real -->\n```sh\ntest calls/3f2a = calls/\"re\"al\n```\n",
])
def test_a_page_that_is_true(text, reader):
    for step in steps(text):
        reader.take(step)


@pytest.mark.parametrize("text, problem", [
    ("```sh\nfalse\ntrue\n```\n", "exit 1, not 0"),
    ("```sh\nexit 4\n```\n", "exit 4, not 0"),
    ("```sh\nno-such-program\n```\n", "exit 127"),
    ("```sh\nfalse | cat\n```\n", "exit 1"),
    ("<!-- exit: 1 -->\n```sh\ntrue\n```\n", "exit 0, not 1"),
    ("```console\n$ false\n$ true\n```\n", "exit 1, not 0"),
    ("```console\n$ echo 486\n487\n```\n", "the page says"),
    ("<!-- terminal: up -->\n```sh\necho down\n```\n", "ended without 'up'"),
    ("<!-- file: scripts/x -->\n```\n```\n", "of the tree"),
])
def test_a_page_that_lies(text, problem, reader):
    with pytest.raises(Failed, match=problem):
        for step in steps(text):
            reader.take(step)
