"""What the manifests say of the programs: the variables, paths, commands and services that they name are there."""

import functools
import pathlib
import re
import subprocess

from harness.server import binary
from harness.wait import DEADLINE

from manifests import config, container, of_kind, one, pod, title
from pod_run import PodRun

ROOT = pathlib.Path(__file__).resolve().parents[3]

_VARIABLE = re.compile(r"\$\((\w+)\)")
_PATH = re.compile(r"(?<![\w/])/[\w./-]+")


@functools.cache
def _help(*command: str) -> str:
    return subprocess.run([binary(command[0]), *command[1:], "--help"], capture_output=True, text=True,
                          timeout=DEADLINE).stdout


@functools.cache
def _health_services() -> set[str]:
    """Readiness and liveness."""
    source = (ROOT / "server/api/server.cc").read_text(encoding="utf-8")
    return {"", re.search(r'kLive\[\] = "([\w.]+)"', source).group(1)}


def _texts(value) -> list[str]:
    """Every text in a tree."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _variable_problems(objects: list[dict]) -> list[str]:
    found, defined = [], set()
    for entry in container(objects)["env"]:
        found += [f"env {entry['name']}: $({name}) is not defined before it"
                  for name in _VARIABLE.findall(entry.get("value", "")) if name not in defined]
        defined.add(entry["name"])
        if entry["name"].startswith("ADIEU_") and f"(Env:{entry['name']})" not in _help("adieu"):
            found.append(f"env {entry['name']}: adieu does not read it")
    return found + [f"args: $({name}) is not defined" for argument in container(objects)["args"]
                    for name in _VARIABLE.findall(argument) if name not in defined]


def _volume_problems(objects: list[dict]) -> list[str]:
    spec = one(objects, "StatefulSet")["spec"]
    claims = {claim["metadata"]["name"] for claim in spec["volumeClaimTemplates"]}
    volumes = {volume["name"] for volume in pod(objects)["volumes"]} | claims
    mounts = container(objects)["volumeMounts"]
    found = [f"volumeMounts: there is no volume {name}" for name in {mount["name"] for mount in mounts} - volumes]
    found += [f"volumes: {name} is not mounted" for name in volumes - {mount["name"] for mount in mounts}]
    for mount in mounts:
        path = mount["mountPath"]
        # The inner one would need a folder in the outer one, which is read-only.
        found += [f"volumeMounts: {path} is inside of {other['mountPath']}" for other in mounts
                  if path.startswith(other["mountPath"] + "/")]
        if mount["name"] not in claims and not mount.get("readOnly"):
            found.append(f"volumeMounts: {path} can be written")
    store = config(objects)["store"]["sqlite"]["path"]
    kept = [mount["mountPath"] for mount in mounts if mount["name"] in claims]
    if not any(store.startswith(path + "/") for path in kept):
        found.append(f"store.sqlite.path: {store} is not on a volume that stays")
    return found


def _path_problems(objects: list[dict]) -> list[str]:
    """Every path that adieud or adieu is given lies on a volume: there is nothing of ours in the image but programs."""
    mounts = [mount["mountPath"] for mount in container(objects)["volumeMounts"]]
    given = _texts(config(objects)) + container(objects)["args"] + _texts(container(objects)["env"])
    paths = {path for text in given for path in _PATH.findall(text.partition("=")[2] if "=" in text else text)
             if "://" not in text}
    return [f"{path} is on no volume" for path in sorted(paths)
            if not any((path + "/").startswith(mount + "/") for mount in mounts)]


def _command_problems(where: str, command: list[str]) -> list[str]:
    if command[1] != "health":
        return [f"{where}: {' '.join(command)} does not ask for health"]
    known = _help("adieu") + _help("adieu", "health")
    return [f"{where}: adieu health has no {word}" for word in command[2:]
            if word.startswith("-") and not re.search(rf"(^|[\s,]){re.escape(word)}\b", known)]


def _probe_problems(objects: list[dict]) -> list[str]:
    found = []
    api = config(objects)["api"]
    wanted = {"startupProbe": "adieu.live", "readinessProbe": "", "livenessProbe": "adieu.live"}
    for name, service in wanted.items():
        probe = container(objects).get(name)
        if not probe:
            found.append(f"{name} is missing")
            continue
        if ("grpc" in probe) == ("tls" in api):
            found.append(f"{name}: with TLS an exec probe, without a gRPC probe")
            continue
        if "grpc" in probe:
            asked = probe["grpc"].get("service", "")
            if probe["grpc"]["port"] != int(api["listen"].rpartition(":")[2]):
                found.append(f"{name}: gRPC is not at port {probe['grpc']['port']}")
        else:
            command = probe["exec"]["command"]
            found += _command_problems(name, command)
            asked = command[command.index("--service") + 1] if "--service" in command else ""
        if asked != service or asked not in _health_services():
            found.append(f"{name}: asks for the service {asked!r}, not {service!r}")
    return found


def _certificate_problems(objects: list[dict]) -> list[str]:
    """What cert-manager makes is what the pod takes, and good for whom adieu in the container asks."""
    found = []
    taken = {volume["secret"]["secretName"] for volume in pod(objects)["volumes"] if "secret" in volume}
    servers = [entry["value"] for entry in container(objects)["env"] if entry["name"] == "ADIEU_SERVER"]
    asked = [server.rpartition(":")[0] for server in servers]
    for entry in of_kind(objects, "Certificate"):
        if entry["spec"]["secretName"] not in taken:
            found.append(f"{title(entry)}: the pod does not take the Secret {entry['spec']['secretName']}")
        found += [f"{title(entry)}: is not for {name}" for name in asked if name not in entry["spec"]["dnsNames"]]
        if set(entry["spec"]["usages"]) != {"server auth", "client auth"}:
            found.append(f"{title(entry)}: instances and probes both show it")
    return found


def problems(objects: list[dict], secrets: dict[str, dict[str, str]] | None = None) -> list[str]:
    found = (_variable_problems(objects) + _volume_problems(objects) + _path_problems(objects) +
             _probe_problems(objects) + _certificate_problems(objects))
    with PodRun(objects, secrets) as run:
        return found + run.check().splitlines()
