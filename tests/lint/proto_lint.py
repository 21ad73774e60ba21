"""Runs `buf lint` with the buf version that package-lock.json pins. Usage: proto_lint.py ROOT WORK_DIRECTORY"""

import pathlib
import subprocess
import sys

import npm_packages

HERE = pathlib.Path(__file__).resolve().parent


def main(root: pathlib.Path, work: pathlib.Path) -> int:
    buf = npm_packages.install(HERE, work) / ".bin" / "buf"
    return subprocess.run([buf, "lint", str(root)], timeout=60).returncode


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
