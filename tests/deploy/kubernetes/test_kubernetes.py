"""Manifests: they build, have the types of Kubernetes, fit each other, and say of the programs what is true."""

import os

import pytest

import hardening
import image
import lifetime
import metric_names
import names
import ports
import program
import schema
from builds import NAMES, PAGE, ROOT, built
from harness.namespace import Namespace, Refused, run
from manifests import config, container, pod
from pod_run import POD_IP, PodRun

BUILDS = pytest.mark.parametrize("name", NAMES)


def test_types():
    assert schema.problems([entry for name in NAMES for entry in built(name)]) == []


@BUILDS
def test_they_fit_each_other(name):
    objects = built(name)
    assert names.problems(objects) + ports.problems(objects) + lifetime.problems(objects) == []
    assert hardening.problems(objects) + metric_names.autoscaler_problems(objects, ROOT) == []


@BUILDS
def test_the_programs_know_what_they_are_told(name, secrets):
    assert program.problems(built(name), secrets) == []


def test_tls_changes_the_api_alone():
    base, tls = config(built("base")), config(built("overlays/tls"))
    assert {key for key in base | tls if base.get(key) != tls.get(key)} == {"api"}


def test_metrics():
    assert metric_names.problems(ROOT) == []


@BUILDS
def test_the_image_has_what_they_name(name):
    assert image.problems(built(name), (ROOT / "Dockerfile").read_text(encoding="utf-8")) == []


@BUILDS
def test_the_page_tells_what_must_be_there(name):
    page = PAGE.read_text(encoding="utf-8")
    needed = [volume["secret"]["secretName"] for volume in pod(built(name))["volumes"] if "secret" in volume]
    assert [name for name in needed if f"`{name}`" not in page] == []


def test_the_page_tells_the_times():
    page = PAGE.read_text(encoding="utf-8")
    assert [time for time in lifetime.moments(built("page")) if f" {time:g} s" not in page] == []
    assert f"+ {lifetime.after_the_last_order():g} s" in page


@pytest.fixture(scope="module")
def network():
    """A network where the pod's ports are free."""
    try:
        namespace = Namespace()
        with namespace.inside():
            run(f"ip address add {POD_IP}/32 dev lo")
            yield namespace
    except Refused as refused:
        # The machines of .ci can.
        (pytest.fail if os.environ.get("ADIEU_CI") else pytest.skip)(f"no network namespace here: {refused}")


@pytest.mark.parametrize("name", ["base", "overlays/tls"])
def test_it_runs_and_its_probes_succeed(name, network, secrets):
    """With the manifest's own arguments, files and ports. A gRPC probe is asked by `adieu health`."""
    objects = built(name)
    with PodRun(objects, secrets) as pod_run:
        pod_run.start()
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container(objects)[kind]
            command = probe["exec"]["command"] if "exec" in probe else [
                "adieu", "health", "--service", probe["grpc"].get("service", ""),
                "--server", f"{POD_IP}:{probe['grpc']['port']}"]
            done = pod_run.execute(*command)
            assert done.returncode == 0, (kind, done.stderr)
        assert pod_run.stop() == 0
