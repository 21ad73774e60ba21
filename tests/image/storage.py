"""Images in a folder of their own, built by buildah."""

import json
import os
import pathlib
import subprocess

BUILD_SECONDS = 2400


class Storage:
    """Everything that buildah keeps is below `folder`. Called by one thread; close() before the folder goes."""

    def __init__(self, folder):
        self._folder = folder
        self._environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir(parents=True)

    def _run(self, *arguments, seconds=300, **options):
        # vfs: every layer is a plain folder, which works wherever files do.
        command = ["buildah", "--root", self._folder / "images", "--runroot", self._folder / "run", "--storage-driver",
                   "vfs", *arguments]
        return subprocess.run(list(map(str, command)), check=True, env=self._environment, timeout=seconds, text=True,
                              **options)

    def _ask(self, *arguments):
        return self._run(*arguments, stdout=subprocess.PIPE).stdout.strip()

    def add(self, image, fill):
        """Makes an image of what `fill` puts into a folder."""
        container = self._ask("from", "scratch")
        fill(pathlib.Path(self._ask("mount", container)))
        self._ask("commit", "--quiet", "--rm", container, image)

    def build(self, context, target, image, *flags):
        """Builds one target of the Dockerfile in `context`; prints what the build prints."""
        self._run("bud", "--isolation", "chroot", "--pull-never", "--target", target, "--tag", image, *flags, context,
                  seconds=BUILD_SECONDS)

    def configuration(self, image):
        """What the image says about how to run it: `Entrypoint`, `User`, `WorkingDir`, `Volumes`, `Labels` ..."""
        return json.loads(self._ask("inspect", "--type", "image", image))["OCIv1"]["config"]

    def unpack(self, image):
        """The folder with the files of a new container."""
        return pathlib.Path(self._ask("mount", self._ask("from", "--pull-never", image)))

    def close(self):
        for command in ("umount", "rm"):
            self._run(command, "--all", stdout=subprocess.DEVNULL)


def size(root):
    """Bytes of all files below `root`, hard links once."""
    files = {}
    for folder, _, names in os.walk(root):
        for name in names:
            status = (pathlib.Path(folder) / name).lstat()
            files[status.st_ino] = status.st_size
    return sum(files.values())
