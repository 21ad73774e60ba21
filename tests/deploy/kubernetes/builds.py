"""What is built: base, the overlays, base with each component, and the overlay that docs/kubernetes.md shows."""

import functools
import os
import pathlib
import re
import tempfile

import kustomize

ROOT = pathlib.Path(__file__).resolve().parents[3]
MANIFESTS = ROOT / "deploy/kubernetes"
PAGE = ROOT / "docs/kubernetes.md"

# A block of the page that is a file.
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

NAMES = ["base", *(f"overlays/{folder.name}" for folder in sorted((MANIFESTS / "overlays").iterdir())),
         *(f"components/{folder.name}" for folder in sorted((MANIFESTS / "components").iterdir())), "page"]


# What a component wants below it.
_BELOW = {"components/cert-manager": ["components/tls"]}


def _component(folder: pathlib.Path, component: str) -> list[dict]:
    """The component on top of base."""
    to = os.path.relpath(MANIFESTS.resolve(), folder.resolve())
    components = [f"{to}/{name}" for name in [*_BELOW.get(component, []), component]]
    (folder / "kustomization.yaml").write_text(
        f"resources: [{to}/base]\ncomponents: [{', '.join(components)}]\n", encoding="utf-8")
    return kustomize.build(folder)


def _page(folder: pathlib.Path) -> list[dict]:
    """As a reader of the page does: the clone is called adieu, and the files lie beside it."""
    (folder / "adieu").symlink_to(ROOT)
    files = _FILE.findall(PAGE.read_text(encoding="utf-8"))
    for name, text in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (top,) = [name for name, _ in files if name.endswith("/kustomization.yaml")]
    return kustomize.build((folder / top).parent)


@functools.cache
def built(name: str) -> list[dict]:
    """The objects of one of NAMES. Not to be changed."""
    with tempfile.TemporaryDirectory(prefix="adieu-kustomize-") as folder:
        if name == "page":
            return _page(pathlib.Path(folder))
        if name.startswith("components/"):
            return _component(pathlib.Path(folder), name)
    return kustomize.build(MANIFESTS / name)
