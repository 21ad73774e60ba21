"""The container of a build, run here with the program from ADIEU_BIN."""

import pathlib
import subprocess

from harness.server import binary
from harness.wait import DEADLINE, until

from manifests import container, of_kind, one, pod
from root import Root

# The pod's address; the network namespace of the run must have it.
POD_IP = "10.88.1.7"


class PodRun:
    """`secrets`: the content of Secrets, by name. A context: at its end the program is stopped, the files are gone."""

    def __init__(self, objects: list[dict], secrets: dict[str, dict[str, str]] | None = None):
        self._container = container(objects)
        self._root = Root({"POD_NAME": f"{one(objects, 'StatefulSet')['metadata']['name']}-0", "POD_IP": POD_IP})
        self._process = None
        volumes = {volume["name"]: volume for volume in pod(objects)["volumes"]}

        def data(mount: dict) -> dict[str, str]:
            volume = volumes.get(mount["name"], {})
            if "secret" in volume:
                return (secrets or {}).get(volume["secret"]["secretName"], {})
            maps = {entry["metadata"]["name"]: entry["data"] for entry in of_kind(objects, "ConfigMap")}
            return maps.get(volume.get("configMap", {}).get("name"), {})

        self._root.add({mount["mountPath"]: data(mount) for mount in self._container["volumeMounts"]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(DEADLINE)
        self._root.close()

    def check(self) -> str:
        """As Root.check, with the container's arguments."""
        return self._root.check(self._container["args"])

    def _environment(self) -> dict[str, str]:
        given = [entry for entry in self._container["env"] if "value" in entry]
        return {entry["name"]: self._root.here(entry["value"]) for entry in given}

    def start(self) -> None:
        """Starts adieud; back when it is ready."""
        log = self._root.folder / "log"
        with log.open("wb") as stderr:
            self._process = subprocess.Popen([binary("adieud"), *map(self._root.here, self._container["args"])],
                                             stderr=stderr, env=self._environment())
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
