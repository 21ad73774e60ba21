"""What Pod Security Standards call `restricted`, and a read-only root."""

from manifests import container, pod

_POD = {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"}}
_CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
_SPEC = {"automountServiceAccountToken": False, "enableServiceLinks": False}


def problems(objects: list[dict]) -> list[str]:
    spec = pod(objects)
    found = []
    for where, wanted, given in (("securityContext", _POD, spec.get("securityContext", {})),
                                 ("containers[0].securityContext", _CONTAINER,
                                  container(objects).get("securityContext", {})),
                                 ("spec", _SPEC, spec)):
        found += [f"{where}.{key}: must be {value}, is {given.get(key)}"
                  for key, value in wanted.items() if given.get(key) != value]
    for key in ("privileged", "procMount"):
        if key in container(objects).get("securityContext", {}):
            found.append(f"containers[0].securityContext.{key} is not restricted")
    found += [f"volumes: {volume['name']} is not restricted" for volume in spec["volumes"]
              if not {"configMap", "secret", "emptyDir", "projected", "downwardAPI"} & set(volume)]
    return found
