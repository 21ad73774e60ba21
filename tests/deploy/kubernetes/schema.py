"""What is wrong with objects by the types of Kubernetes: missing keys, wrong types, unknown keys (schema.js)."""

import json
import pathlib
import subprocess

import kustomize

HERE = pathlib.Path(__file__).resolve().parent


def problems(objects: list[dict]) -> list[str]:
    done = subprocess.run(["node", HERE / "schema.js", kustomize.packages()], input=json.dumps(objects),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [problem for one in json.loads(done.stdout) for problem in one]
