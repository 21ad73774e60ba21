"""What the checks ask of the objects of one build."""

import re

import yaml


def of_kind(objects: list[dict], kind: str) -> list[dict]:
    return [entry for entry in objects if entry["kind"] == kind]


def one(objects: list[dict], kind: str, name: str | None = None) -> dict:
    found = [entry for entry in of_kind(objects, kind) if name in (None, entry["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} objects {kind} {name or ''}"
    return found[0]


def title(entry: dict) -> str:
    return f"{entry['kind']} {entry['metadata']['name']}"


def pod(objects: list[dict]) -> dict:
    """The pod's spec."""
    return one(objects, "StatefulSet")["spec"]["template"]["spec"]


def labels(objects: list[dict]) -> dict[str, str]:
    """The pods' labels."""
    return one(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]


def container(objects: list[dict]) -> dict:
    (only,) = pod(objects)["containers"]
    return only


def flag(objects: list[dict], name: str) -> str | None:
    """The value of `--name=value` in the arguments."""
    values = [value for value in container(objects)["args"] if value.startswith(f"--{name}=")]
    return values[0].partition("=")[2] if values else None


def config(objects: list[dict]) -> dict:
    """The configuration file that the pod is given."""
    (volume,) = [volume for volume in pod(objects)["volumes"] if volume["name"] == "config"]
    return yaml.safe_load(one(objects, "ConfigMap", volume["configMap"]["name"])["data"]["adieud.yaml"])


def seconds(duration: str) -> float:
    """`1.5s`, `500ms`."""
    number, unit = re.fullmatch(r"([\d.]+)(ms|s)", duration).groups()
    return float(number) / (1000 if unit == "ms" else 1)


def bytes_of(quantity: str) -> int:
    """`512Mi`, `1Gi`."""
    number, unit = re.fullmatch(r"(\d+)([KMG]i)", quantity).groups()
    return int(number) << {"Ki": 10, "Mi": 20, "Gi": 30}[unit]


def port_of(address: str) -> int:
    """The port of `host:port`."""
    return int(address.rpartition(":")[2])
