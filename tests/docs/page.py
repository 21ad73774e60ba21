"""A Markdown page as the steps that a reader takes. CONTRIBUTING.md, "Documents", says how a page marks them.

Pure: nothing is run here.
"""

import dataclasses
import re

COMMANDS = ("sh", "bash", "shell")
SESSION = "console"

# A block, a text in backquotes (which is skipped), or a mark.
_PART = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^ *(?P=fence)[ \t]*$"
    r"|(?<!`)(?P<code>`+)(?!`)[^\n]*?(?<!`)(?P=code)(?!`)"
    r"|<!--\s*(?P<mark>not run|file|terminal|interrupt|exit|output|run):(?P<text>.*?)-->",
    re.MULTILINE | re.DOTALL)
# What a block without a language begins with when it is one of commands.
_PROGRAM = re.compile(
    r"^\s*(\$ |(sudo )?(adieud?|cmake|curl|docker|podman|buildah|kubectl|apt-get|systemctl|git|sipp|promtool|npm|node"
    r"|go|python3|kill|export|scripts/\w+|build/\S+|\./?\S*/\S+|\.ci/run)( |$))", re.MULTILINE)


class Wrong(Exception):
    """The page breaks the convention."""


@dataclasses.dataclass
class Command:
    """One thing to type, what the page says it prints (None: nothing is said), and its exit code."""
    text: str
    output: list[str] | None = None
    exit: int = 0


@dataclasses.dataclass
class Step:
    """`kind`: commands, terminal, interrupt, file, skip. `argument`: the text to wait for (none: do not wait), a part
    of the command to interrupt, the file's name, why it is not run."""
    line: int
    kind: str
    commands: list[Command]
    argument: str = ""


def _session(body, where):
    """The commands of a console block: `$ command`, its continuation after a backslash, and what it prints."""
    commands, open_line = [], False
    for line in body.splitlines():
        if open_line:
            commands[-1].text += "\n" + line.removeprefix("> ")
            open_line = line.endswith("\\")
        elif line.startswith("$ "):
            commands.append(Command(line[2:]))
            open_line = line.endswith("\\")
        elif commands:
            commands[-1].output = [*(commands[-1].output or []), line]
        elif line.strip():
            raise Wrong(f"{where}: a console block begins with `$ `")
    if not commands:
        raise Wrong(f"{where}: no command in a console block")
    for command in commands:
        if command.output is not None and not any(line.strip() for line in command.output):
            command.output = None
    return commands


def _set_exits(commands, codes, where):
    """One code is that of the last command, several are one for each."""
    if len(codes) not in (1, len(commands)):
        raise Wrong(f"{where}: {len(codes)} exit codes for {len(commands)} commands")
    for command, code in zip(commands[-len(codes):], codes):
        command.exit = int(code)


def _fence(found, line, marks):
    language, indent = found["language"], len(found["indent"])
    body = re.sub(rf"^ {{0,{indent}}}", "", found["body"], flags=re.MULTILINE)
    where = f"line {line}"
    if "file" in marks:
        return Step(line, "file", [Command(body)], marks["file"])
    if language not in (*COMMANDS, SESSION):
        program = _PROGRAM.search(body) if not language else None
        if program and "not run" not in marks:
            raise Wrong(f"{where}: `{program[0].strip()}` is a command: make the block sh or console")
        if "terminal" in marks or "exit" in marks:
            raise Wrong(f"{where}: this mark needs a block of commands")
        return None
    if "not run" in marks:
        return Step(line, "skip", [Command(body)], marks["not run"])
    commands = _session(body, where) if language == SESSION else [Command(body)]
    if "output" in marks:
        for command in commands:
            command.output = None
    _set_exits(commands, marks.get("exit", "0").split(), where)
    kind = "terminal" if "terminal" in marks else "commands"
    return Step(line, kind, commands, marks.get("terminal", ""))


def steps(text):
    """The steps of a page, in order."""
    result, marks, end = [], {}, 0
    for found in _PART.finditer(text):
        if found["code"]:
            continue
        line = text.count("\n", 0, found.start()) + 1
        if marks and text[end:found.start()].strip():
            raise Wrong(f"line {line}: text stands between the mark {sorted(marks)} and its block")
        end = found.end()
        if found["mark"] == "run":
            result.append(Step(line, "commands", [Command(found["text"].strip())]))
        elif found["mark"]:
            argument = " ".join(found["text"].split())
            if not argument and found["mark"] != "terminal":
                raise Wrong(f"line {line}: `{found['mark']}:` says nothing")
            if found["mark"] == "interrupt":
                result.append(Step(line, "interrupt", [], argument))
            else:
                marks[found["mark"]] = argument
        else:
            step = _fence(found, line, marks)
            marks = {}
            if step:
                result.append(step)
    if marks:
        raise Wrong(f"the mark {sorted(marks)} has no block")
    return result
