"""Fails when a program was built without what cmake/Hardening.cmake asks for. Usage: hardening.py PROGRAM..."""

import pathlib
import re
import subprocess
import sys


def _readelf(option: str, program: pathlib.Path) -> str:
    done = subprocess.run(["readelf", "--wide", option, str(program)], capture_output=True, check=True, text=True,
                          timeout=60)
    return done.stdout


def missing(program: pathlib.Path) -> list[str]:
    header, segments, dynamic, symbols = (_readelf(option, program)
                                          for option in ("--file-header", "--segments", "--dynamic", "--dyn-syms"))
    flags = set(re.findall(r"\w+", "".join(re.findall(r"\(FLAGS(?:_1)?\)(.*)", dynamic))))
    # What the loader must find elsewhere: a call into it stands somewhere in the program.
    wanted = set(re.findall(r" UND ([^@\s]+)", symbols))
    stack = re.findall(r"GNU_STACK .* ([RWE ]{3}) ", segments)
    loaded = re.findall(r"LOAD .* ([RWE ]{3}) ", segments)
    found = {
        "position independent (PIE)": re.search(r"Type:\s+DYN", header) and "PIE" in flags,
        "relocations read-only after start (RELRO)": "GNU_RELRO" in segments,
        "all symbols bound at start (BIND_NOW)": flags & {"BIND_NOW", "NOW"},
        "no executable stack": len(stack) == 1 and "E" not in stack[0],
        "no segment writable and executable": loaded and not any("W" in one and "E" in one for one in loaded),
        "no relocations in code (TEXTREL)": not re.search(r"TEXTREL", dynamic),
        "no search path of its own (RPATH)": not re.search(r"\((RPATH|RUNPATH)\)", dynamic),
        "stack protector": "__stack_chk_fail" in wanted,
        "checked C functions (FORTIFY_SOURCE)": any(re.fullmatch(r"__\w+_chk", name) for name in wanted),
        "checked containers (_GLIBCXX_ASSERTIONS)": any("glibcxx_assert_fail" in name for name in wanted),
    }
    return [name for name, good in found.items() if not good]


def main(programs: list[str]) -> int:
    faults = [f"{program}: {name}: missing" for program in programs for name in missing(pathlib.Path(program))]
    print("\n".join(faults) or f"{len(programs)} programs")
    return 1 if faults or not programs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
