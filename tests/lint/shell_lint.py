"""Runs shellcheck on every shell script. Usage: shell_lint.py ROOT"""

import pathlib
import subprocess
import sys

import tree


def is_shell(path: pathlib.Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and (b"bash" in first or first.rstrip().endswith((b"/sh", b" sh")))


def main(root: pathlib.Path) -> int:
    scripts = [path for path in tree.files(root) if path.suffix == ".sh" or is_shell(path)]
    if not scripts:
        print(f"no shell scripts below {root}", file=sys.stderr)
        return 1
    done = subprocess.run(["shellcheck", "--external-sources", "--source-path=SCRIPTDIR", *map(str, scripts)],
                          timeout=300)
    print(f"{len(scripts)} scripts")
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
