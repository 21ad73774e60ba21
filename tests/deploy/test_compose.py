"""deploy/compose.yaml against the tree and the programs: what it mounts is there, what it passes is understood, and
what names the same thing in two files agrees. Docker is not asked."""

import ipaddress
import os
import pathlib
import re
import socket
import subprocess
import xml.etree.ElementTree

import pytest
import yaml

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
BIN = pathlib.Path(os.environ["ADIEU_BIN"])
# What a drain takes after answered_after: the patience with the last phones, and the doors.
LAST_LEG_SECONDS, CLOSING_SECONDS = 40, 6


def load(name):
    return yaml.safe_load((DEPLOY / name).read_text())


COMPOSE = load("compose.yaml")
SERVICES = COMPOSE["services"]
CONFIG = load("compose/adieud.yaml")
MOUNTS = [(name, *mount.split(":")[:2]) for name, service in SERVICES.items() for mount in service.get("volumes", ())]


def on_host(service, path):
    """The file of the tree that a container sees under this path."""
    for name, source, target in MOUNTS:
        if name == service and source.startswith(".") and path.startswith(target + "/"):
            return DEPLOY / source / path.removeprefix(target + "/")
    raise AssertionError(f"{service} has no {path}")


def port(address):
    return int(address.rpartition(":")[2])


@pytest.mark.parametrize("service, source, target", MOUNTS)
def test_mounts(service, source, target):
    if source.startswith("."):
        assert (DEPLOY / source).is_dir(), f"{service} mounts {source}"
    else:
        assert source in COMPOSE["volumes"]


def test_services():
    for name, service in SERVICES.items():
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", ())) <= set(SERVICES), name
        for published in service.get("ports", ()):
            assert published.startswith("127.0.0.1:"), f"{name} is open to others: {published}"
    assert (DEPLOY / SERVICES["adieu"]["build"]["context"] / "Dockerfile").is_file()


def test_nothing_can_be_gained():
    for name in ("adieu", "caller", "application"):
        assert SERVICES[name]["read_only"] and SERVICES[name]["cap_drop"] == ["ALL"], name


def test_adieud_takes_its_configuration(tmp_path):
    text = (DEPLOY / "compose/adieud.yaml").read_text()
    for path in re.findall(r"/etc/adieu/\S+", text):
        text = text.replace(path, str(on_host("adieu", path)))
    (tmp_path / "adieud.yaml").write_text(text)
    assert SERVICES["adieu"]["command"] == ["--config", "/etc/adieu/adieud.yaml"]
    assert on_host("adieu", "/etc/adieu/adieud.yaml").is_file()
    done = subprocess.run([BIN / "adieud", "--config", tmp_path / "adieud.yaml", "--check"], capture_output=True,
                          text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def nobody():
    """An address where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield "127.0.0.1:%d" % bound.getsockname()[1]


def test_adieu_understands_its_commands(nobody):
    health = SERVICES["adieu"]["healthcheck"]["test"]
    sweep = re.search(r"do (adieu .*?);", SERVICES["application"]["command"][0]).group(1).split()
    assert health[:2] == ["CMD", "/usr/bin/adieu"]
    for command in (health[2:], [*sweep[1:], "--timeout", "1s"]):
        done = subprocess.run([BIN / "adieu", *command], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "ADIEU_SERVER": nobody})
        assert done.returncode == 3, f"{command}: {done.stderr}"


def test_addresses():
    listener, = CONFIG["sip"]["listeners"]
    address = SERVICES["adieu"]["networks"]["sip"]["ipv4_address"]
    subnet, = COMPOSE["networks"]["sip"]["ipam"]["config"]
    assert listener["address"] == f"{address}:5060"
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet["subnet"])
    assert SERVICES["caller"]["command"][0] == listener["address"]
    assert SERVICES["application"]["environment"]["ADIEU_SERVER"] == f"adieu:{port(CONFIG['api']['listen'])}"
    assert SERVICES["adieu"]["ports"] == [f"127.0.0.1:{port(CONFIG['api']['listen'])}:50051"]


def test_the_drain_fits():
    answered_after = int(CONFIG["drain"]["answered_after"].removesuffix("s"))
    grace = int(SERVICES["adieu"]["stop_grace_period"].removesuffix("s"))
    assert grace > answered_after + LAST_LEG_SECONDS + CLOSING_SECONDS


def test_the_caller_has_what_its_scenario_asks_for():
    command = SERVICES["caller"]["command"]
    scenario = on_host("caller", command[command.index("-sf") + 1]).read_text()
    names, *phones = on_host("caller", command[command.index("-inf") + 1]).read_text().splitlines()
    assert names == "SEQUENTIAL" and phones
    xml.etree.ElementTree.fromstring(scenario)
    fields = {int(number) for number in re.findall(r"\[field(\d+)\]", scenario)}
    for phone in phones:
        assert fields == set(range(len(phone.split(";")))), phone


def test_prometheus_reads_adieud():
    targets = [target for job in load("prometheus/prometheus.yml")["scrape_configs"]
               for config in job["static_configs"] for target in config["targets"]]
    assert targets == [f"adieu:{port(CONFIG['metrics']['listen'])}"]
    assert on_host("prometheus", "/etc/prometheus/prometheus.yml").is_file()


def test_grafana_finds_prometheus_and_the_dashboards():
    source, = load("grafana/provisioning/datasources/prometheus.yaml")["datasources"]
    assert source["url"] in [f"http://{name}:9090" for name in SERVICES]
    folder, = (path.parent for path in DEPLOY.glob("grafana/provisioning/dashboards/*.yaml"))
    provider, = yaml.safe_load(next(folder.glob("*.yaml")).read_text())["providers"]
    boards = on_host("grafana", provider["options"]["path"] + "/x").parent
    assert list(boards.glob("*.json"))
    assert folder == on_host("grafana", "/etc/grafana/provisioning/dashboards/x").parent
