"""Ports: the same in the configuration, the arguments, the container, the Services, the probes, the NetworkPolicy."""

from manifests import config, container, flag, of_kind, port_of, title

Port = tuple[int, str]


def _served(objects: list[dict]) -> dict[str, set[Port]]:
    """What adieud listens on, by what it speaks."""
    sip, metrics = flag(objects, "sip-listen"), flag(objects, "metrics-listen")
    grpc = config(objects)["api"]["listen"]
    return {"SIP": {(port_of(sip), "UDP"), (port_of(sip), "TCP")}, "gRPC": {(port_of(grpc), "TCP")},
            "metrics": {(port_of(metrics), "TCP")}}


def _container_problems(objects: list[dict], served: dict[str, set[Port]]) -> list[str]:
    found = []
    ports = container(objects)["ports"]
    # An entry without a protocol makes patches drop the other entry with the same number.
    found += [f"container port {port['name']}: no protocol" for port in ports if "protocol" not in port]
    shown = {(port["containerPort"], port.get("protocol", "TCP")) for port in ports}
    every = set().union(*served.values())
    found += [f"container port {number}/{protocol}: adieud does not listen there"
              for number, protocol in sorted(shown - every)]
    return found + [f"container port {number}/{protocol} is missing" for number, protocol in sorted(every - shown)]


def _service_problems(objects: list[dict]) -> list[str]:
    found = []
    by_name = {port["name"]: port for port in container(objects)["ports"]}
    for entry in of_kind(objects, "Service"):
        for port in entry["spec"]["ports"]:
            where = f"{title(entry)}: port {port['name']}"
            target = by_name.get(port["targetPort"])
            if "protocol" not in port:
                found.append(f"{where}: no protocol")
            if not target or target.get("protocol") != port.get("protocol"):
                found.append(f"{where}: the container has no such port")
            # A Contact shows the port that adieud listens on.
            elif port["port"] != target["containerPort"]:
                found.append(f"{where}: is not {target['containerPort']}, which peers are told")
    for entry in of_kind(objects, "PodMonitor"):
        found += [f"{title(entry)}: the container has no port {endpoint['port']}"
                  for endpoint in entry["spec"]["podMetricsEndpoints"] if endpoint["port"] not in by_name]
    return found


def _carries_calls(entry: dict) -> bool:
    return any(port["name"].startswith("sip") for port in entry["spec"]["ports"])


def _sip_service_problems(objects: list[dict]) -> list[str]:
    found = []
    for entry in filter(_carries_calls, of_kind(objects, "Service")):
        spec = entry["spec"]
        if not spec.get("publishNotReadyAddresses"):
            found.append(f"{title(entry)}: the calls of an instance that drains would not reach it")
        if spec.get("clusterIP") != "None" and spec.get("externalTrafficPolicy") != "Local":
            found.append(f"{title(entry)}: hides the address of the SBC")
        if {port.get("protocol") for port in spec["ports"] if port["name"].startswith("sip")} != {"UDP", "TCP"}:
            found.append(f"{title(entry)}: SIP is UDP and TCP")
    return found


def _rule_ports(rule: dict) -> set[Port]:
    return {(port["port"], port["protocol"]) for port in rule.get("ports", [])}


def _policy_problems(objects: list[dict], served: dict[str, set[Port]]) -> list[str]:
    found = []
    for entry in of_kind(objects, "NetworkPolicy"):
        if set(entry["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
            found.append(f"{title(entry)}: lets everything in or out")
        admitted = set()
        for rule in entry["spec"]["ingress"]:
            ports = _rule_ports(rule)
            admitted |= ports
            if not rule.get("from") or not all(any(peer.values()) for peer in rule["from"]):
                found.append(f"{title(entry)}: {sorted(ports)} is open to everybody")
            if sum(1 for speaks in served.values() if speaks & ports) != 1:
                found.append(f"{title(entry)}: {sorted(ports)} is not one thing that adieud serves")
        found += [f"{title(entry)}: nobody reaches {speaks}"
                  for speaks, ports in served.items() if not ports <= admitted]
        leaving = set().union(*map(_rule_ports, entry["spec"]["egress"]))
        if not {(53, "UDP"), (53, "TCP")} <= leaving:
            found.append(f"{title(entry)}: names of targets cannot be asked for")
    return found


def _network_problems(objects: list[dict], served: dict[str, set[Port]]) -> list[str]:
    """The SBC's networks stand in three files."""
    found = []
    allowed = set(config(objects)["sip"]["allow"])

    def compare(where: str, networks: set[str]) -> None:
        if networks != allowed:
            found.append(f"{where} has {sorted(networks)}, sip.allow has {sorted(allowed)}")

    for entry in of_kind(objects, "NetworkPolicy"):
        spec = entry["spec"]
        for rule in spec["ingress"]:
            if _rule_ports(rule) & served["SIP"]:
                peers = {peer.get("ipBlock", {}).get("cidr") for peer in rule.get("from", [])}
                compare(f"{title(entry)}: ingress", peers)
        out = {peer["ipBlock"]["cidr"] for rule in spec["egress"] for peer in rule["to"] if "ipBlock" in peer}
        if not allowed <= out:
            found.append(f"{title(entry)}: egress does not have all of sip.allow")
    for entry in of_kind(objects, "Service"):
        if entry["spec"].get("type") == "LoadBalancer":
            compare(title(entry), set(entry["spec"].get("loadBalancerSourceRanges", [])))
    return found


def problems(objects: list[dict]) -> list[str]:
    served = _served(objects)
    return (_container_problems(objects, served) + _service_problems(objects) + _sip_service_problems(objects) +
            _policy_problems(objects, served) + _network_problems(objects, served))
