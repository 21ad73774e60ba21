"""Runs `buf lint` with the buf version that package-lock.json pins. Without npm or its registry it fails: a check
that cannot run has not passed. Usage: proto_lint.py ROOT WORK_DIRECTORY"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def install(work: pathlib.Path) -> pathlib.Path:
    """Installs buf below the work directory, unless this lock file's packages are there already."""
    buf = work / "node_modules" / ".bin" / "buf"
    lock = HERE / "package-lock.json"
    # Written after a success, so that a broken installation is never taken for a good one.
    stamp = work / "installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return buf
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copy(HERE / "package.json", work)
    shutil.copy(lock, work)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm has its own list of authorities; where a proxy needs another one, the system knows it.
    environment = {"NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt", **os.environ}
    try:
        subprocess.run(command, cwd=work, check=True, timeout=240, env=environment)
    except (OSError, subprocess.SubprocessError) as error:
        raise SystemExit(f"cannot install buf: {error}") from error
    shutil.copy(lock, stamp)
    return buf


def main(root: pathlib.Path, work: pathlib.Path) -> int:
    buf = install(work)
    return subprocess.run([buf, "lint", str(root)], timeout=60).returncode


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
