"""Compares what a page says with what a program prints. What differs from run to run counts as equal: names of calls,
terminations and sweeps, times, and numbers with a point. `...` stands for any lines, in a line for any text. Spaces
count as one, empty lines as none."""

import re

_VARIES = (
    (re.compile(r"\b(calls|terminations|sweeps)/\w+"), r"\1/*"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])"), "N"),
)


def _plain(line):
    for pattern, mark in _VARIES:
        line = pattern.sub(mark, line)
    return " ".join(line.split())


def _lines(lines):
    return [plain for plain in map(_plain, lines) if plain]


def _describes(line, actual):
    return re.fullmatch(".*".join(map(re.escape, line.split("..."))), actual) is not None


def is_like(expected, actual):
    """Whether the lines `expected` describe the lines `actual`."""
    expected, actual = _lines(expected), _lines(actual)
    # reach[i]: the lines of `expected` so far describe the first i of `actual`.
    reach = [True] + [False] * len(actual)
    for line in expected:
        if line == "...":
            first = reach.index(True) if True in reach else len(reach)
            reach = [i >= first for i in range(len(reach))]
        else:
            reach = [False] + [reach[i] and _describes(line, actual[i]) for i in range(len(actual))]
    return reach[-1]
