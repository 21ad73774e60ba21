"""The server under test, the generated stubs, and a caller."""

import importlib
import os
import pathlib
import subprocess
import sys
import types

import grpc
import pytest

from phone import Phone

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOOGLE_RPC = "/usr/share/gocode/src/github.com/gogo/googleapis/google/rpc"


def generate(root, files, out):
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", f"--python_out={out}",
               f"--grpc_python_out={out}", *files]
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture(scope="session")
def adieu(tmp_path_factory):
    """The generated modules: `adieu.calls`, `adieu.details`... as an application would import them."""
    out = tmp_path_factory.mktemp("stubs")
    protos = ROOT / "proto"
    generate(protos, [str(path.relative_to(protos)) for path in sorted(protos.glob("adieu/v1/*.proto"))], out)
    # As top-level modules: the package `google` belongs to protobuf.
    generate(GOOGLE_RPC, ["error_details.proto", "status.proto"], out)
    sys.path.insert(0, str(out))
    names = {
        "call": "adieu.v1.call_pb2",
        "state": "adieu.v1.call_state_pb2",
        "match": "adieu.v1.match_pb2",
        "termination": "adieu.v1.termination_pb2",
        "treatment": "adieu.v1.treatment_pb2",
        "service": "adieu.v1.call_control_service_pb2",
        "rpc": "adieu.v1.call_control_service_pb2_grpc",
        "trigger": "adieu.v1.trigger_pb2",
        "policy": "adieu.v1.cancel_policy_pb2",
        "policies": "adieu.v1.cancel_policy_service_pb2",
        "policies_rpc": "adieu.v1.cancel_policy_service_pb2_grpc",
        "details": "error_details_pb2",
        "status": "status_pb2",
    }
    yield types.SimpleNamespace(**{name: importlib.import_module(module) for name, module in names.items()})
    sys.path.remove(str(out))


@pytest.fixture
def channel():
    with grpc.insecure_channel(os.environ["ADIEU_GRPC"], options=[("grpc.enable_http_proxy", 0)]) as opened:
        yield opened


@pytest.fixture
def stub(adieu, channel):
    return adieu.rpc.CallControlServiceStub(channel)


@pytest.fixture
def policies(adieu, channel):
    return adieu.policies_rpc.CancelPolicyServiceStub(channel)


@pytest.fixture
def phone():
    with Phone(os.environ["ADIEU_SIP"]) as caller:
        yield caller
