"""deploy/compose.yaml and deploy/prometheus/prometheus.yml, against the programs and each other."""

import pathlib
import re

import yaml

import command_line
import lifetime
from manifests import port_of, seconds
from root import Root


def _texts_below(folder: pathlib.Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.yaml"))}


def _mounts(service: dict, deploy: pathlib.Path) -> dict[str, dict[str, str]]:
    """The files of the folders of the tree that the container sees, and empty folders for its volumes."""
    pairs = [entry.split(":")[:2] for entry in service.get("volumes", [])]
    return {path: _texts_below(deploy / source) if source.startswith(".") else {} for source, path in pairs}


def _grace_problems(name: str, service: dict, config: dict) -> list[str]:
    drain = {"ringing_after": "0s", "answered_after": "30s", **config.get("drain", {})}
    needed = max(map(seconds, drain.values())) + lifetime.after_the_last_order()
    grace = seconds(service.get("stop_grace_period", "10s"))
    return [f"{name}: stop_grace_period is {grace:g} s, a drain takes up to {needed:g} s"] if grace < needed else []


def _served(config: dict) -> dict[str, str]:
    """The addresses on which adieud is reached, by what it speaks."""
    return {"SIP": config["sip"]["listeners"][0]["address"], "gRPC": config["api"]["listen"],
            "metrics": config["metrics"]["listen"]}


def _server_problems(name: str, service: dict, deploy: pathlib.Path) -> list[str]:
    """Of a service that runs adieud."""
    root = Root()
    try:
        mounts = _mounts(service, deploy)
        root.add(mounts)
        said = root.check(service.get("command", []))
    finally:
        root.close()
    if said:
        return [f"{name}: {line}" for line in said.splitlines()]
    config = yaml.safe_load(next(text for files in mounts.values() for file, text in files.items()
                                 if file == "adieud.yaml"))
    ports = {port_of(address) for address in _served(config).values()}
    found = [f"{name}: ports: adieud does not listen at {port}" for port in service.get("ports", [])
              if port_of(port.partition("/")[0]) not in ports]
    here = [network.get("ipv4_address") for network in service.get("networks", {}).values()]
    if _served(config)["SIP"].rpartition(":")[0] not in here:
        found.append(f"{name}: {_served(config)['SIP']} is not an address of the container")
    found += [f"{name}: healthcheck: {problem}"
              for problem in command_line.problems(service["healthcheck"]["test"][1:])]
    return found + _grace_problems(name, service, config)


def _client_problems(name: str, service: dict, addresses: dict[str, str]) -> list[str]:
    """Of another service: whom it asks, and with which commands."""
    lines = [word for word in service.get("command", []) if isinstance(word, str)]
    found = [f"{name}: {problem}" for line in lines for command in command_line.in_shell(line)
             for problem in command_line.problems(command)]
    asked = service.get("environment", {}).get("ADIEU_SERVER")
    if asked and port_of(asked) != port_of(addresses["gRPC"]):
        found.append(f"{name}: gRPC is not at {asked}")
    host, _, port = addresses["SIP"].rpartition(":")
    found += [f"{name}: SIP is not at {word}" for line in lines for word in re.findall(rf"{re.escape(host)}:\d+", line)
              if port_of(word) != int(port)]
    return found


def problems(deploy: pathlib.Path) -> list[str]:
    services = yaml.safe_load((deploy / "compose.yaml").read_text(encoding="utf-8"))["services"]
    name, server = next((name, entry) for name, entry in services.items() if "adieud" in str(entry.get("command")))
    found = _server_problems(name, server, deploy)
    if found:
        return found
    addresses = _served(yaml.safe_load((deploy / "compose/adieud.yaml").read_text(encoding="utf-8")))
    for other, service in services.items():
        if other != name:
            found += _client_problems(other, service, addresses)
    return found


def scrape_problems(deploy: pathlib.Path) -> list[str]:
    """Prometheus reads where adieud of compose.yaml serves."""
    scraped = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    config = yaml.safe_load((deploy / "compose/adieud.yaml").read_text(encoding="utf-8"))
    port = port_of(config["metrics"]["listen"])
    return [f"prometheus.yml: metrics are not at {target}" for job in scraped if job["job_name"] == "adieu"
            for entry in job["static_configs"] for target in entry["targets"] if port_of(target) != port]
