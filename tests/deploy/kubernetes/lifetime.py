"""How a pod lives and dies: it is not killed before its drain is over, and has the memory that its limits promise."""

import pathlib
import re

from manifests import bytes_of, config, container, pod, seconds

ROOT = pathlib.Path(__file__).resolve().parents[3]

# docs/kubernetes.md says how these were measured.
_IDLE_BYTES = 45_000_000
_RINGING_BYTES = 22_000


def _constant(file: str, name: str, unit: float) -> float:
    """Seconds, from a line such as `constexpr std::chrono::seconds kName{2};`."""
    found = re.search(rf"\b{name}\{{([\d']+)\}}", (ROOT / file).read_text(encoding="utf-8"))
    assert found, f"{file} has no {name} any more"
    return int(found.group(1).replace("'", "")) * unit


def after_the_last_order() -> float:
    """Seconds from the drain's last order to the end of the process, at most."""
    return (_constant("server/engine/drain.h", "patience", 0.001) + _constant("server/main.cc", "kRpcPatience", 1) +
            _constant("server/main.cc", "kAgentPatience", 1) + 2)  # 1.7 s: server/metrics/exposer.h


def moments(objects: list[dict]) -> list[float]:
    """Seconds after the pod was told to go: SIGTERM, ringing calls end, answered ones end, all is over, SIGKILL."""
    stop = container(objects)["lifecycle"]["preStop"]["sleep"]["seconds"]
    ringing, answered = (seconds(config(objects)["drain"][key]) for key in ("ringing_after", "answered_after"))
    return [stop, stop + ringing, stop + answered, stop + max(ringing, answered) + after_the_last_order(),
            pod(objects)["terminationGracePeriodSeconds"]]


def problems(objects: list[dict]) -> list[str]:
    found = []
    drain, ringing_ends, _, over, killed = moments(objects)
    if killed < over:
        found.append(f"terminationGracePeriodSeconds: {killed} s, but a drain takes up to {over:g} s")
    # New calls come until the drain begins.
    if ringing_ends - drain < drain:
        found.append(f"drain.ringing_after: a call of the {drain} s before the drain would be ended at once")
    resources = container(objects)["resources"]
    wanted = _IDLE_BYTES + _RINGING_BYTES * config(objects)["limits"]["max_ringing"]
    for kind in ("requests", "limits"):
        if bytes_of(resources[kind]["memory"]) < wanted:
            found.append(f"resources.{kind}.memory: limits.max_ringing needs {wanted // 1_000_000} MB")
    return found
