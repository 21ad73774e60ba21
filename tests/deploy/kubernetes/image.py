"""What the manifests say of the image, by the Dockerfile: the programs, the user, the ports, the folder that stays."""

import re

from manifests import container, one, pod

_FROM = re.compile(r"^FROM (\S+)(?: AS (\S+))?$", re.MULTILINE)


def _stages(dockerfile: str) -> dict[str, str]:
    """The text of each stage that is an image of ours, by its name: with continued lines as one."""
    text = re.sub(r"\\\n\s*", " ", dockerfile)
    starts = list(_FROM.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    stages = {start.group(2): text[start.end():end] for start, end in zip(starts, ends)}
    return {name: stage for name, stage in stages.items() if "\nENTRYPOINT " in stage}


def _last(stage: str, instruction: str) -> str:
    found = re.findall(rf"^{instruction} (.*)$", stage, re.MULTILINE)
    return found[-1] if found else ""


def _programs(dockerfile: str) -> set[str]:
    """Where `install ... -t /out/FOLDER FILE...` puts the programs."""
    found = re.search(r"install -D -s -t /out(/\S+)((?: build/\S+)+)", dockerfile)
    return {f"{found.group(1)}/{file.rpartition('/')[2]}" for file in found.group(2).split()} if found else set()


def problems(objects: list[dict], dockerfile: str) -> list[str]:
    spec, main = pod(objects), container(objects)
    user = spec["securityContext"]
    claims = {claim["metadata"]["name"] for claim in one(objects, "StatefulSet")["spec"]["volumeClaimTemplates"]}
    kept = {mount["mountPath"] for mount in main["volumeMounts"] if mount["name"] in claims}
    ports = {f"{port['containerPort']}/{port['protocol'].lower()}" for port in main["ports"]}
    programs = _programs(dockerfile)
    stages = _stages(dockerfile)
    found = [] if stages else ["there is no image"]
    for name, stage in stages.items():
        entry = re.findall(r'"([^"]*)"', _last(stage, "ENTRYPOINT"))
        if "command" in main or len(entry) != 1 or not entry[0].endswith("/adieud") or entry[0] not in programs:
            found.append(f"{name}: adieud does not get the arguments")
        if _last(stage, "USER") != f"{user['runAsUser']}:{user['runAsGroup']}":
            found.append(f"{name}: the user is {_last(stage, 'USER')}")
        if set(_last(stage, "EXPOSE").split()) != ports:
            found.append(f"{name}: the ports are {_last(stage, 'EXPOSE')}, not {sorted(ports)}")
        if {_last(stage, "VOLUME")} != kept:
            found.append(f"{name}: {_last(stage, 'VOLUME')} stays, not {sorted(kept)}")
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        command = main[kind].get("exec", {}).get("command", [])
        found += [f"{kind}: {program} is not in the image" for program in command[:1] if program not in programs]
    return found
