"""Which files belong to the tree: what git tracks or would track, or without git everything but builds."""

import os
import pathlib
import subprocess

SKIPPED = {".git", "build", "node_modules", "__pycache__", ".pytest_cache"}


def _from_git(root: pathlib.Path) -> list[str] | None:
    # safe.directory: in a container the clone often belongs to somebody else.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [name for name in done.stdout.decode().split("\0") if name]


def _from_folders(root: pathlib.Path) -> list[str]:
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        names += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return names


def files(root: pathlib.Path, *suffixes: str) -> list[pathlib.Path]:
    """The files of the tree with one of these suffixes (all without any), sorted, without deleted ones."""
    names = _from_git(root)
    if names is None:
        names = _from_folders(root)
    paths = sorted({root / name for name in names if not suffixes or name.endswith(suffixes)})
    return [path for path in paths if path.is_file()]
