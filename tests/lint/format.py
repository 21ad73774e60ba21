"""Fails when a C++ file is not formatted as .clang-format says. Usage: format.py ROOT"""

import pathlib
import subprocess
import sys

import tree


def main(root: pathlib.Path) -> int:
    sources = tree.files(root, ".cc", ".h")
    if not sources:
        print(f"no C++ files below {root}", file=sys.stderr)
        return 1
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *map(str, sources)], timeout=300)
    print(f"{len(sources)} files")
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
