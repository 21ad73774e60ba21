"""The checks must be able to fail: each kind of fault is planted in what was built, and is found."""

import copy

import pytest
import yaml

import hardening
import image
import lifetime
import metric_names
import names
import ports
import program
import schema
from builds import ROOT, built
from manifests import container, of_kind, one, pod


@pytest.fixture
def objects(request):
    """A build that may be changed."""
    return copy.deepcopy(built(request.param))


def of(name):
    return pytest.mark.parametrize("objects", [name], indirect=True)


def told(check, objects, part):
    assert [problem for problem in check(objects) if part in problem], check(objects)


def service(objects, name):
    return one(objects, "Service", name)["spec"]


def policy(objects):
    return one(objects, "NetworkPolicy")["spec"]


def probe(objects, kind="readinessProbe"):
    return container(objects)[kind]


def configure(objects, change):
    """Changes the configuration file of the ConfigMap."""
    data = of_kind(objects, "ConfigMap")[0]["data"]
    tree = yaml.safe_load(data["adieud.yaml"])
    change(tree)
    data["adieud.yaml"] = yaml.safe_dump(tree)


BASE = [
    (names.problems, lambda o: o.append(o[0]), "is there twice"),
    (names.problems, lambda o: service(o, "adieu")["selector"].update(a="b"), "Service adieu: the selector"),
    (names.problems, lambda o: service(o, "adieu-sip").pop("selector"), "Service adieu-sip: the selector"),
    (names.problems, lambda o: one(o, "PodDisruptionBudget")["spec"].update(selector={}), "PodDisruptionBudget"),
    (names.problems, lambda o: policy(o).update(podSelector={"matchExpressions": []}), "NetworkPolicy adieu"),
    (names.problems, lambda o: pod(o)["topologySpreadConstraints"][0].update(labelSelector={}), "the spread over"),
    (names.problems, lambda o: pod(o)["volumes"][0]["configMap"].update(name="a"), "no volume has it"),
    (names.problems, lambda o: one(o, "StatefulSet")["spec"].update(serviceName="adieu"), "not a headless Service"),
    (names.problems, lambda o: one(o, "StatefulSet")["spec"].update(serviceName="other"), "not a headless Service"),

    (ports.problems, lambda o: container(o)["ports"].pop(0), "container port 5060/UDP is missing"),
    (ports.problems, lambda o: container(o)["ports"][3].update(containerPort=9465), "adieud does not listen there"),
    (ports.problems, lambda o: container(o)["ports"][1].pop("protocol"), "container port sip-tcp: no protocol"),
    (ports.problems, lambda o: configure(o, lambda c: c["api"].update(listen="0.0.0.0:50052")), "50052/TCP is missing"),
    (ports.problems, lambda o: service(o, "adieu")["ports"][0].update(targetPort="http"), "has no such port"),
    (ports.problems, lambda o: service(o, "adieu-sip")["ports"][0].update(targetPort="sip-tcp"), "has no such port"),
    (ports.problems, lambda o: service(o, "adieu-sip")["ports"][0].update(port=5061), "which peers are told"),
    (ports.problems, lambda o: service(o, "adieu-sip")["ports"][1].pop("protocol"), "port sip-tcp: no protocol"),
    (ports.problems, lambda o: service(o, "adieu-sip")["ports"].pop(1), "SIP is UDP and TCP"),
    (ports.problems, lambda o: service(o, "adieu-sip").pop("publishNotReadyAddresses"), "that drains"),
    (ports.problems, lambda o: service(o, "adieu-instances").pop("publishNotReadyAddresses"), "that drains"),
    (ports.problems, lambda o: service(o, "adieu-sip").pop("externalTrafficPolicy"), "hides the address"),
    (ports.problems, lambda o: policy(o).update(policyTypes=["Ingress"]), "lets everything in or out"),
    (ports.problems, lambda o: policy(o)["ingress"][1].pop("from"), "is open to everybody"),
    (ports.problems, lambda o: policy(o)["ingress"][1].update({"from": [{"podSelector": {}}]}), "is open to everybody"),
    (ports.problems, lambda o: policy(o)["ingress"][2].pop("ports"), "not one thing that adieud serves"),
    (ports.problems, lambda o: policy(o)["ingress"].pop(2), "nobody reaches metrics"),
    (ports.problems, lambda o: policy(o)["egress"].pop(0), "names of targets"),
    (ports.problems, lambda o: policy(o)["ingress"][0]["from"][0]["ipBlock"].update(cidr="::/0"), "sip.allow has"),
    (ports.problems, lambda o: policy(o)["egress"][1]["to"][0]["ipBlock"].update(cidr="::/0"), "egress"),
    (ports.problems, lambda o: service(o, "adieu-sip").pop("loadBalancerSourceRanges"), "Service adieu-sip has []"),

    (lifetime.problems, lambda o: pod(o).update(terminationGracePeriodSeconds=100), "a drain takes up to 111 s"),
    (lifetime.problems, lambda o: configure(o, lambda c: c["drain"].update(answered_after="300s")), "up to 351 s"),
    (lifetime.problems, lambda o: configure(o, lambda c: c["drain"].update(ringing_after="0s")), "ended at once"),
    (lifetime.problems, lambda o: configure(o, lambda c: c["limits"].update(max_ringing=50000)), "needs 1145 MB"),

    (hardening.problems, lambda o: pod(o)["securityContext"].pop("runAsNonRoot"), "runAsNonRoot"),
    (hardening.problems, lambda o: pod(o)["securityContext"].update(runAsUser=0), "must be 65532, is 0"),
    (hardening.problems, lambda o: pod(o).pop("automountServiceAccountToken"), "automountServiceAccountToken"),
    (hardening.problems, lambda o: pod(o).pop("enableServiceLinks"), "enableServiceLinks"),
    (hardening.problems, lambda o: container(o).pop("securityContext"), "readOnlyRootFilesystem"),
    (hardening.problems, lambda o: container(o)["securityContext"].update(privileged=True), "privileged"),
    (hardening.problems, lambda o: container(o)["securityContext"]["capabilities"].update(add=["NET_RAW"]), "NET_RAW"),
    (hardening.problems, lambda o: pod(o)["volumes"].append({"name": "x", "hostPath": {}}), "x is not restricted"),

    (program.problems, lambda o: container(o)["args"].append("--sip-lisen=$(POD_IP):5061"), "sip-lisen"),
    (program.problems, lambda o: container(o)["args"].append("--store=$(STORE)"), "$(STORE) is not defined"),
    (program.problems, lambda o: container(o)["args"].append("--sip-listen=0.0.0.0:5061"), "wildcard"),
    (program.problems, lambda o: container(o)["env"].insert(0, {"name": "A", "value": "$(POD_IP)"}), "is not defined"),
    (program.problems, lambda o: container(o)["env"].append({"name": "ADIEU_SRVER", "value": "a"}), "does not read it"),
    (program.problems, lambda o: container(o)["volumeMounts"][0].update(name="other"), "there is no volume other"),
    (program.problems, lambda o: container(o)["volumeMounts"].pop(1), "policies is not mounted"),
    (program.problems, lambda o: container(o)["volumeMounts"][1].update(mountPath="/etc/adieu/config/p"), "inside"),
    (program.problems, lambda o: container(o)["volumeMounts"][0].pop("readOnly"), "can be written"),
    (program.problems, lambda o: configure(o, lambda c: c["store"]["sqlite"].update(path="/tmp/a.db")), "that stays"),
    (program.problems, lambda o: configure(o, lambda c: c["policies"].update(directory="/etc/x")), "is on no volume"),
    (program.problems, lambda o: configure(o, lambda c: c["drain"].update(ringing=1)), "drain.ringing: is not"),
    (program.problems, lambda o: configure(o, lambda c: c["api"].pop("insecure")), "is not a loopback address"),
    (program.problems, lambda o: probe(o)["grpc"].update(port=50052), "gRPC is not at port 50052"),
    (program.problems, lambda o: probe(o)["grpc"].update(service="adieu.live"), "asks for the service"),
    (program.problems, lambda o: probe(o, "livenessProbe")["grpc"].pop("service"), "not 'adieu.live'"),
    (program.problems, lambda o: container(o).pop("livenessProbe"), "livenessProbe is missing"),

    (schema.problems, lambda o: pod(o).update(hostNetwrk=True), "hostNetwrk is not a known key"),
    (schema.problems, lambda o: pod(o)["volumes"][0]["configMap"].update(nam="a"), "nam is not a known key"),
    (schema.problems, lambda o: pod(o).update(terminationGracePeriodSeconds="120"), "terminationGracePeriodSeconds"),
    (schema.problems, lambda o: one(o, "StatefulSet")["spec"].pop("selector"), "selector"),
    (schema.problems, lambda o: one(o, "StatefulSet").update(apiVersion="apps/v2"), "is not known here"),
]


@of("base")
@pytest.mark.parametrize("check, plant, part", BASE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_in_base_is_found(objects, check, plant, part):
    plant(objects)
    told(check, objects, part)


TLS = [
    (lambda o: probe(o).update(grpc={"port": 50051}), "with TLS an exec probe"),
    (lambda o: probe(o)["exec"].update(command=["/usr/bin/adieu", "helth"]), "does not ask for health"),
    (lambda o: probe(o)["exec"]["command"].append("--tls-name"), "adieu health has no --tls-name"),
    (lambda o: probe(o)["exec"]["command"].extend(["--service", "x"]), "asks for the service 'x'"),
    (lambda o: one(o, "Certificate")["spec"].update(secretName="other"), "does not take the Secret other"),
    (lambda o: one(o, "Certificate")["spec"]["dnsNames"].remove("localhost"), "is not for localhost"),
    (lambda o: one(o, "Certificate")["spec"]["usages"].pop(), "both show it"),
]


@of("components/cert-manager")
@pytest.mark.parametrize("plant, part", TLS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_in_tls_is_found(objects, plant, part, secrets):
    plant(objects)
    told(lambda changed: program.problems(changed, secrets), objects, part)


@of("overlays/tls")
@pytest.mark.parametrize("there, planted, part", [
    ("USER 65532:65532", "USER 0:0", "the user is 0:0"),
    ("EXPOSE 5060/udp ", "EXPOSE ", "not ['50051/tcp', '5060/tcp', '5060/udp', '9464/tcp']"),
    ("VOLUME /var/lib/adieu", "VOLUME /data", "/data stays"),
    ('ENTRYPOINT ["/usr/bin/adieud"]', 'ENTRYPOINT ["/bin/sh", "-c", "adieud"]', "does not get the arguments"),
    ("-t /out/usr/bin ", "-t /out/usr/local/bin ", "/usr/bin/adieu is not in the image"),
    ("ENTRYPOINT", "# ENTRYPOINT", "there is no image"),
])
def test_a_fault_in_the_image_is_found(objects, there, planted, part):
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert there in dockerfile
    told(lambda o: image.problems(o, dockerfile.replace(there, planted)), objects, part)


@of("components/autoscaling")
def test_a_fault_in_the_autoscaler_is_found(objects):
    one(objects, "StatefulSet")["spec"]["replicas"] = 1
    told(names.problems, objects, "replicas would undo")
    autoscaler = one(objects, "HorizontalPodAutoscaler")["spec"]
    autoscaler["scaleTargetRef"]["kind"] = "Deployment"
    told(names.problems, objects, "there is no Deployment adieu")
    autoscaler["metrics"][0]["pods"]["metric"]["name"] = "adieu_calls_now"
    told(lambda changed: metric_names.autoscaler_problems(changed, ROOT), objects, "has no adieu_calls_now")


@of("components/prometheus-operator")
def test_a_fault_in_the_monitor_is_found(objects):
    monitor = one(objects, "PodMonitor")["spec"]
    monitor["podMetricsEndpoints"][0]["port"] = "http"
    told(ports.problems, objects, "the container has no port http")
    monitor["podMetricsEndpoints"][0]["intervall"] = "15s"
    told(schema.problems, objects, "intervall is not a known key")
    monitor["selector"] = {"matchLabels": {"app": "adieu"}}
    told(names.problems, objects, "PodMonitor adieu: the selector")


@of("overlays/host-network")
def test_a_fault_in_the_anti_affinity_is_found(objects):
    (term,) = pod(objects)["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    term["labelSelector"]["matchLabels"] = {"app": "adieu"}
    told(names.problems, objects, "the anti-affinity")


@pytest.mark.parametrize("query, part", [
    ("sum(adieu_call)", "there is no metric adieu_call"),
    ("grpc_server_handled_count", "there is no metric grpc_server_handled_count"),
    ("rate(adieu_termination_sent_seconds_total[1m])", "there is no metric adieu_termination_sent_seconds_total"),
    ('adieu_calls{state=~"ringing|waiting"}', "adieu_calls has no state waiting"),
    ("adieu:calls:sum + adieu_termination_sent_seconds_bucket + adieu_calls", ""),
])
def test_a_metric_that_is_not_there_is_found(tmp_path, query, part):
    adapter = "deploy/kubernetes/components/autoscaling/prometheus-adapter.yaml"
    for file in ("docs/metrics.md", adapter):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    (tmp_path / "deploy/dashboard.json").write_text(query, encoding="utf-8")
    found = metric_names.problems(tmp_path)
    assert found == [f"deploy/dashboard.json: {part}"] if part else found == []
