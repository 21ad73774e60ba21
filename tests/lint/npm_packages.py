"""Installs the npm packages that a package-lock.json pins. Without npm or its registry it fails: a check that cannot run
has not passed."""

import os
import pathlib
import shutil
import subprocess


def install(folder: pathlib.Path, work: pathlib.Path, *options: str) -> pathlib.Path:
    """Makes `work` hold the packages of the lock file in `folder`, unless they are there already. Returns node_modules."""
    modules = work / "node_modules"
    lock = folder / "package-lock.json"
    wanted = lock.read_bytes() + " ".join(options).encode()
    # Written after a success, so that a broken installation is never taken for a good one.
    stamp = work / "installed"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return modules
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copy(folder / "package.json", work)
    shutil.copy(lock, work)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options]
    # npm has its own list of authorities; where a proxy needs another one, the system knows it.
    environment = {"NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt", **os.environ}
    try:
        subprocess.run(command, cwd=work, check=True, timeout=240, env=environment)
    except (OSError, subprocess.SubprocessError) as error:
        raise SystemExit(f"cannot install the packages of {lock}: {error}") from error
    stamp.write_bytes(wanted)
    return modules
