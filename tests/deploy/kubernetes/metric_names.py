"""Every metric that a file below deploy/ names is one of docs/metrics.md."""

import pathlib
import re

import yaml

import tree
from manifests import of_kind, title

_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)
_STATES = re.compile(r"^\| `state` \| (.*) \|$", re.MULTILINE)
# Not a part of a recording rule's name, which has colons.
_NAME = re.compile(r"(?<![\w:.-])(?:adieu|grpc_server|exposer)_[a-z0-9_]+(?![\w:*])")
_STATE = re.compile(r'adieu_calls\{[^}]*state=~?"([\w|]+)"')
# What Prometheus makes of one histogram.
_SERIES = {"histogram": ("_bucket", "_sum", "_count")}
# What the HTTP library of adieud adds.
_LIBRARY = {"exposer_transferred_bytes_total", "exposer_scrapes_total", "exposer_request_latencies",
            "exposer_request_latencies_sum", "exposer_request_latencies_count"}


def known(root: pathlib.Path) -> set[str]:
    """Every series by its name."""
    page = (root / "docs/metrics.md").read_text(encoding="utf-8")
    return _LIBRARY | {name + suffix for name, kind in _ROW.findall(page) for suffix in ("", *_SERIES.get(kind, ()))}


def _adapter_names(root: pathlib.Path) -> set[str]:
    """What the metrics adapter makes of ours."""
    values = yaml.safe_load((root / "deploy/kubernetes/components/autoscaling/prometheus-adapter.yaml").read_text())
    return {rule["name"]["as"] for rule in values["rules"]["custom"]}


def problems(root: pathlib.Path) -> list[str]:
    found = []
    names = known(root) | _adapter_names(root)
    states = _STATES.search((root / "docs/metrics.md").read_text(encoding="utf-8")).group(1)
    for file in tree.files(root, ".yaml", ".yml", ".json"):
        where = file.relative_to(root)
        if where.parts[0] != "deploy":
            continue
        text = file.read_text(encoding="utf-8")
        found += [f"{where}: there is no metric {name}" for name in sorted(set(_NAME.findall(text)) - names)]
        found += [f"{where}: adieu_calls has no state {state}" for group in _STATE.findall(text)
                  for state in group.split("|") if f"`{state}`" not in states]
    return found


def autoscaler_problems(objects: list[dict], root: pathlib.Path) -> list[str]:
    """The autoscaler asks for what the adapter's file offers."""
    offered = _adapter_names(root)
    return [f"{title(entry)}: the adapter has no {metric['pods']['metric']['name']}"
            for entry in of_kind(objects, "HorizontalPodAutoscaler") for metric in entry["spec"]["metrics"]
            if metric["pods"]["metric"]["name"] not in offered]
