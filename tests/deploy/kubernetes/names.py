"""Names and selectors: what one object says of another is true."""

from manifests import labels, of_kind, one, pod, title


def _matched(entry: dict) -> dict[str, str]:
    """A label selector; matchExpressions are not used in these manifests, so they are a mistake."""
    return entry.get("matchLabels", {}) if set(entry) <= {"matchLabels"} else {"matchExpressions": "?"}


def _selectors(objects: list[dict]):
    """Every selector that means our pods, and whose it is."""
    for entry in of_kind(objects, "Service"):
        yield title(entry), entry["spec"].get("selector", {})
    for kind in ("StatefulSet", "PodDisruptionBudget", "PodMonitor"):
        for entry in of_kind(objects, kind):
            yield title(entry), _matched(entry["spec"]["selector"])
    for entry in of_kind(objects, "NetworkPolicy"):
        yield title(entry), _matched(entry["spec"]["podSelector"])
    spec = pod(objects)
    for entry in spec["topologySpreadConstraints"]:
        yield f"the spread over {entry['topologyKey']}", _matched(entry["labelSelector"])
    for entry in spec.get("affinity", {}).get("podAntiAffinity", {}).get(
            "requiredDuringSchedulingIgnoredDuringExecution", []):
        yield "the anti-affinity", _matched(entry["labelSelector"])


def _autoscaler_problems(objects: list[dict]) -> list[str]:
    found = []
    for entry in of_kind(objects, "HorizontalPodAutoscaler"):
        target, scaled = entry["spec"]["scaleTargetRef"], one(objects, "StatefulSet")
        if (target["apiVersion"], target["kind"], target["name"]) != (
                scaled["apiVersion"], scaled["kind"], scaled["metadata"]["name"]):
            found.append(f"{title(entry)}: there is no {target['kind']} {target['name']}")
        if "replicas" in scaled["spec"]:
            found.append(f"{title(scaled)}: replicas would undo what {title(entry)} did")
    return found


def problems(objects: list[dict]) -> list[str]:
    found = []
    names = [(entry["kind"], entry["metadata"]["name"]) for entry in objects]
    found += [f"{kind} {name} is there twice" for kind, name in set(names) if names.count((kind, name)) > 1]
    has = labels(objects)
    for whose, selector in _selectors(objects):
        if not selector or not selector.items() <= has.items():
            found.append(f"{whose}: the selector {selector} does not mean the pods")
    maps = {entry["metadata"]["name"] for entry in of_kind(objects, "ConfigMap")}
    taken = {volume["configMap"]["name"] for volume in pod(objects)["volumes"] if "configMap" in volume}
    found += [f"ConfigMap {name}: no volume has it" for name in sorted(maps - taken)]
    spec = one(objects, "StatefulSet")["spec"]
    governing = [entry for entry in of_kind(objects, "Service") if entry["metadata"]["name"] == spec["serviceName"]]
    if not governing or governing[0]["spec"].get("clusterIP") != "None":
        found.append(f"serviceName: {spec['serviceName']} is not a headless Service")
    return found + _autoscaler_problems(objects)
