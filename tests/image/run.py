"""Builds both images by the Dockerfile, runs each one as a container runtime does, and prints what they weigh.

run.py [--loadgen FILE]

In each image, read-only and without privileges: a phone calls and is ended by `adieu`, another one rings while SIGTERM
comes and is let go, and adieud exits with 0. loadgen, when one is built, lets 10,000 calls ring.

Needs root, buildah, debootstrap, SIPp and iproute2 (scripts/setup --image). Exit 0 with a line that says why when one
of them is missing, or namespaces; with ADIEU_CI in the environment that is a failure as soon as buildah is there.
ADIEU_IMAGE_CCACHE names a folder that ccache keeps between builds.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("image", "integration", "supply")]

import base  # noqa: E402
import hardening  # noqa: E402
from container import Container  # noqa: E402
from harness.namespace import Namespace, Refused, run as run_command  # noqa: E402
from harness.sipp import Sipp  # noqa: E402
from harness.wait import until  # noqa: E402
from storage import Storage, size  # noqa: E402

# Documentation addresses; the network namespace is ours, so its ports are free.
HOST, SIP, GRPC = "192.0.2.10", 5060, 50051
LIMITS = {"slim": 130e6, "bare": 35e6}
RINGING = 10_000
LOAD_SECONDS = 300


class Missing(Exception):
    """This machine lacks something."""


def require():
    if os.geteuid() != 0:
        raise Missing("not root")
    for program in ("buildah", "debootstrap", "sipp", "ip"):
        if not shutil.which(program):
            raise Missing(f"no {program}: scripts/setup --image")
    probe = "mount --bind /tmp /tmp && mount -t proc proc /proc"
    done = subprocess.run(["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "sh", "-c", probe],
                          capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise Missing(f"no namespaces and mounts: {done.stderr.strip()}")


def version():
    return re.search(r"project\(adieu VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def build(storage):
    """The seconds it took."""
    begin = time.monotonic()
    flags = ["--build-arg", f"VERSION={version()}", "--build-arg", "REVISION=test"]
    volume = []
    if os.environ.get("ADIEU_IMAGE_CCACHE"):
        cache = pathlib.Path(os.environ["ADIEU_IMAGE_CCACHE"]).resolve()
        cache.mkdir(parents=True, exist_ok=True)
        volume = ["--volume", f"{cache}:/root/.cache/ccache"]
    storage.build(ROOT, "build", "adieu-build", *volume)
    # The programs are compiled once: what both targets copy from is that image.
    for target in LIMITS:
        storage.build(ROOT, target, f"adieu-{target}", *flags, "--build-context",
                      "build=container-image://localhost/adieu-build")
    return time.monotonic() - begin


def check_configuration(configuration):
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in configuration["Labels"].items()}
    assert (labels["version"], labels["revision"]) == (version(), "test"), labels
    assert labels["title"] and labels["description"] and labels["licenses"] == "Apache-2.0", labels
    assert set(configuration["ExposedPorts"]) == {"5060/udp", "5060/tcp", "50051/tcp", "9464/tcp"}, configuration
    assert configuration["User"] == "65532:65532", configuration


def check_privileges(container):
    assert container.status("NSpid")[-1] == "1", "adieud is not the first process"
    assert set(container.status("Uid") + container.status("Gid")) == {"65532"}
    assert int(container.status("CapEff")[0], 16) == 0 and container.status("NoNewPrivs") == ["1"]
    assert container.read_only()


def check_supply(root):
    """Hardened programs, and a bill of materials with the versions that are in the image."""
    for program in ("adieud", "adieu"):
        assert not hardening.missing(root / "usr/bin" / program)
    path = root / "usr/share/doc/adieu/sbom.json"
    loaded = {made["name"]: made["version"] for made in json.loads(path.read_text())["components"]
              if {"name": "adieu:use", "value": "loaded"} in made["properties"]}
    assert {"libc6", "libgrpc++1.51", "libsofia-sip-ua0", "libssl3"} <= set(loaded), loaded
    # `bare` has no packages.
    if (root / "var/lib/dpkg/status").exists():
        query = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", "-f", "${Package} ${Version}\n", *loaded]
        shown = subprocess.run(query, capture_output=True, check=True, text=True, timeout=60).stdout
        assert dict(line.split() for line in shown.splitlines()) == loaded
    subprocess.run([ROOT / "scripts/cves", path], check=True, timeout=60)


def phone():
    call = ROOT / "deploy/compose"
    return Sipp(str(call / "call.xml"), (HOST, SIP), 1, extra=("-inf", str(call / "phones.csv")))


def ringing(container):
    def probe():
        told = container.run("/usr/bin/adieu", "calls", "list", "--state", "ringing", "-o", "json")
        return json.loads(told).get("calls")

    return until(probe, "the call rings")[0]["name"]


def end_a_call(container):
    with phone() as caller:
        told = json.loads(container.run("/usr/bin/adieu", "calls", "terminate", ringing(container), "--wait", "ended",
                                        "-o", "json"))
        caller.wait()
    assert [leg["outcome"] for leg in told["legs"]] == ["LEG_OUTCOME_ENDED"], told


def drain(container):
    with phone() as caller:
        ringing(container)
        container.terminate()
        caller.wait()
    assert container.wait() == 0, container.tail()


def let_ring(container, loadgen):
    """How many calls ring, and megabytes. A busy machine may lose some: that is no fault of the image."""
    done = subprocess.run(
        [loadgen, "storm", "--calls", str(RINGING), "--invites", "1000", "--sip", f"{HOST}:{SIP}", "--grpc",
         f"{HOST}:{GRPC}", "--server-pid", str(container.pid)], stdout=subprocess.PIPE, text=True, timeout=LOAD_SECONDS)
    figures = json.loads(done.stdout)
    return figures["listed"], figures["rss_mb_ringing"] * 1024 * 1024 / 1e6


def try_out(target, storage, folder, loadgen):
    """Rows of figures."""
    root, configuration = storage.unpack(f"adieu-{target}"), storage.configuration(f"adieu-{target}")
    bytes_ = size(root)
    check_configuration(configuration)
    check_supply(root)
    folder.mkdir()
    arguments = ["--sip-listen", f"{HOST}:{SIP}", "--grpc-listen", f"0.0.0.0:{GRPC}", "--insecure-api",
                 "--metrics-listen", "0.0.0.0:9464"]
    with Container(root, configuration, folder, arguments) as container:
        yield f"{target}: size, MB", f"{bytes_ / 1e6:.1f}", f"{LIMITS[target] / 1e6:.0f}"
        yield f"{target}: from exec to ready, ms", f"{container.start_milliseconds():.0f}", ""
        yield f"{target}: resident when idle, MB", f"{container.resident_megabytes():.1f}", ""
        check_privileges(container)
        assert container.run("/usr/bin/adieu", "--version").split()[-1] == version()
        container.run("/usr/bin/adieu", "health")
        end_a_call(container)
        if loadgen and target == "slim":
            calls, megabytes = let_ring(container, loadgen)
            yield f"{target}: resident with {calls:,} calls ringing, MB", f"{megabytes:.0f}", ""
        drain(container)
    store = container.volumes["/var/lib/adieu"] / "adieu.db"
    assert store.stat().st_uid == 65532 and store.stat().st_size > 0
    assert bytes_ < LIMITS[target], f"{target} has {bytes_ / 1e6:.1f} MB"


def measure(folder, loadgen):
    with contextlib.closing(Storage(folder / "storage")) as storage, \
            contextlib.closing(Namespace()) as namespace:
        storage.add("debian:bookworm-slim", base.make)
        yield "both images are built in, s", f"{build(storage):.0f}", ""
        with namespace.inside():
            run_command(f"ip address add {HOST}/24 dev lo")
            for target in LIMITS:
                yield from try_out(target, storage, folder / target, loadgen)


def built_loadgen():
    built = [path for preset in ("bench", "dev") if (path := ROOT / "build" / preset / "bin/loadgen").exists()]
    return built[0] if built else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loadgen", type=pathlib.Path, default=built_loadgen(),
                        help="what lets calls ring (default: the one below build/)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that everything is put away
    try:
        require()
        with tempfile.TemporaryDirectory(prefix="adieu-image-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
            rows = list(measure(pathlib.Path(name), options.loadgen))
    except (Missing, Refused) as missing:
        failed = bool(os.environ.get("ADIEU_CI") and shutil.which("buildah"))
        print(f"image: {'FAILED' if failed else 'skipped'}: {missing}")
        return 1 if failed else 0
    print(f"\n{'figure':52} {'measured':>9} {'limit':>6}")
    for figure, measured, limit in rows:
        print(f"{figure:52} {measured:>9} {limit:>6}")
    if not options.loadgen:
        print(f"not measured: memory with {RINGING:,} calls ringing; no loadgen is built (cmake --build --preset dev "
              "--target loadgen)")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
