"""Debian's image `debian:bookworm-slim` without a registry: debootstrap, less what the slim image leaves out."""

import os
import pathlib
import shutil
import subprocess

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
DEBOOTSTRAP_SECONDS = 900
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# The same two files as in Debian's image: dpkg leaves out what nobody reads in a container, apt keeps no packages.
DPKG_EXCLUDES = "".join(f"path-exclude /usr/share/{name}/*\n" for name in (
    "doc", "info", "linda", "lintian/overrides", "locale", "man")) + "path-include /usr/share/doc/*/copyright\n"
APT_CLEAN = """DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def archives():
    """(address, suite) of Debian's archives as this machine reaches them."""
    lines = _output("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    fields = [line.split() for line in lines.splitlines()]
    found = [(field[0].rstrip("/"), field[1]) for field in fields
             if len(field) == 3 and field[1].startswith(SUITE) and field[2] == "main"]
    return list(dict.fromkeys(found)) if SUITE in (suite for _, suite in found) else [(MIRROR, SUITE)]


def downloads():
    """What this machine tells apt about downloading: proxies, authorities, ages."""
    lines = _output("apt-config", "dump", "--no-empty", "--format", '%F "%v";%n', "Acquire").splitlines()
    return [line for line in lines if not line.startswith("Acquire::IndexTargets")]


def _proxies():
    shell = {"http_proxy": "Acquire::http::Proxy", "https_proxy": "Acquire::https::Proxy"}
    found = {name: _output("apt-config", "dump", "--no-empty", "--format", "%v", key) for name, key in shell.items()}
    return {name: value for name, value in found.items() if value and value != "DIRECT"}


def _slim(root):
    for name in ("info", "lintian", "locale", "man"):
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
    for folder, _, files in os.walk(root / "usr/share/doc"):
        for name in files:
            if name != "copyright":
                (pathlib.Path(folder) / name).unlink()
    for folder in ("var/lib/apt/lists", "var/cache/apt", "var/log"):
        shutil.rmtree(root / folder)
        (root / folder).mkdir()


def _configure(root):
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(DPKG_EXCLUDES)
    (root / "etc/apt/apt.conf.d/docker-clean").write_text(APT_CLEAN)
    (root / "etc/apt/apt.conf.d/host").write_text("".join(line + "\n" for line in downloads()))
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    (root / "etc/apt/sources.list.d/debian.sources").write_text("\n".join(
        f"Types: deb\nURIs: {address}\nSuites: {suite}\nComponents: main\nSigned-By: {KEYRING}\n"
        for address, suite in archives()))


def make(root):
    """Fills the empty folder `root`."""
    root.chmod(0o755)
    mirror = next(address for address, suite in archives() if suite == SUITE)
    done = subprocess.run(["debootstrap", "--variant=minbase", SUITE, root, mirror], capture_output=True, text=True,
                          env={**_proxies(), **os.environ}, timeout=DEBOOTSTRAP_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"debootstrap: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    _slim(root)
    _configure(root)
