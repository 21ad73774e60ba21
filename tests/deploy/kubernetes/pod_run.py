"""The container of a build, run here: its files lie below a folder, its program comes from ADIEU_BIN."""

import pathlib
import re
import subprocess
import tempfile

from harness.server import binary
from harness.wait import DEADLINE, until

from manifests import container, one, pod

# The pod's address; the network namespace of the run must have it.
POD_IP = "10.88.1.7"


class PodRun:
    """`secrets`: the content of Secrets, by name. A context: at its end the program is stopped, the files are gone."""

    def __init__(self, objects: list[dict], secrets: dict[str, dict[str, str]] | None = None):
        self._objects = objects
        self._container = container(objects)
        self._secrets = secrets or {}
        self._root = tempfile.TemporaryDirectory(prefix="adieu-pod-", ignore_cleanup_errors=True)
        self._process = None
        self._write_files()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(DEADLINE)
        self._root.cleanup()

    def _here(self, text: str) -> str:
        """A text of the manifests with the paths and variables of this run."""
        variables = {"POD_NAME": f"{one(self._objects, 'StatefulSet')['metadata']['name']}-0", "POD_IP": POD_IP}
        for name, value in variables.items():
            text = text.replace(f"$({name})", value)
        for mount in self._container["volumeMounts"]:
            path = mount["mountPath"]
            text = re.sub(rf"(?<![\w/]){re.escape(path)}(?![\w-])", self._root.name + path, text)
        return text

    def _data(self, volume: dict) -> dict[str, str]:
        if "secret" in volume:
            return self._secrets.get(volume["secret"]["secretName"], {})
        if "configMap" in volume and not volume["configMap"].get("optional"):
            return one(self._objects, "ConfigMap", volume["configMap"]["name"])["data"]
        return {}

    def _write_files(self) -> None:
        volumes = {volume["name"]: volume for volume in pod(self._objects)["volumes"]}
        for mount in self._container["volumeMounts"]:
            folder = pathlib.Path(self._root.name + mount["mountPath"])
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in self._data(volumes.get(mount["name"], {})).items():
                (folder / name).write_text(self._here(text), encoding="utf-8")

    def _command(self) -> list[str]:
        return [binary("adieud"), *map(self._here, self._container["args"])]

    def _environment(self) -> dict[str, str]:
        return {entry["name"]: self._here(entry["value"]) for entry in self._container["env"] if "value" in entry}

    def check(self) -> str:
        """What `adieud --check` says about the container's arguments and files: nothing when they are good."""
        done = subprocess.run([*self._command(), "--check"], capture_output=True, text=True, timeout=DEADLINE,
                              env=self._environment())
        return done.stderr.strip() if done.returncode else ""

    def start(self) -> None:
        """Starts adieud; back when it is ready."""
        log = pathlib.Path(self._root.name) / "log"
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(self._command(), stderr=stderr, env=self._environment())
        until(lambda: '"ready"' in log.read_text() or self._process.poll() is not None, "adieud is ready or ended")
        assert self._process.poll() is None, log.read_text()

    def execute(self, *command: str) -> subprocess.CompletedProcess:
        """Runs a program of the image as a probe or `kubectl exec` would."""
        program = binary(pathlib.Path(command[0]).name)
        return subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=DEADLINE,
                              env=self._environment())

    def stop(self) -> int:
        """Asks adieud to end, as Kubernetes does, and returns its exit status."""
        self._process.terminate()
        return self._process.wait(DEADLINE)
