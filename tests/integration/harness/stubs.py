"""Python classes made from the protos, once per process, in a temporary folder.

    from harness.stubs import pb, rpc      # pb.TerminateCallRequest, rpc.CallControlServiceStub
"""

import atexit
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

ROOT = pathlib.Path(__file__).resolve().parents[3]
_GOOGLE = "/usr/share/gocode/src/github.com/gogo/googleapis/google/rpc"
_GRPC = "/usr/share/grpc-proto/grpc"


def _compiler():
    probe = [sys.executable, "-c", "import grpc_tools.protoc"]
    if subprocess.run(probe, capture_output=True, timeout=60).returncode == 0:
        return [sys.executable, "-m", "grpc_tools.protoc"]
    return ["protoc", "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin"]


def _generate(out):
    compiler = _compiler()
    groups = [
        (ROOT / "proto", sorted(p.relative_to(ROOT / "proto") for folder in ("v1", "journal/v1")
                                for p in (ROOT / "proto/adieu" / folder).glob("*.proto"))),
        # Compiled from their own folders, as top-level modules: the packages `google` and `grpc` are taken.
        (_GOOGLE, ["error_details.proto", "status.proto"]),
        (f"{_GRPC}/health/v1", ["health.proto"]),
        (f"{_GRPC}/reflection/v1alpha", ["reflection.proto"]),
    ]
    for root, files in groups:
        subprocess.run(
            [*compiler, f"-I{root}", f"--python_out={out}", f"--grpc_python_out={out}", *map(str, files)],
            check=True, timeout=120)


def _namespace(modules):
    names = types.SimpleNamespace()
    for module in modules:
        for key, value in vars(importlib.import_module(module)).items():
            if not key.startswith("_") and not isinstance(value, types.ModuleType):
                setattr(names, key, value)
    return names


_out = tempfile.mkdtemp(prefix="adieu-stubs-")
atexit.register(shutil.rmtree, _out, ignore_errors=True)
_generate(_out)
sys.path.insert(0, _out)

_files = sorted(p.stem for p in (ROOT / "proto/adieu/v1").glob("*.proto"))
pb = _namespace(f"adieu.v1.{name}_pb2" for name in _files)
journal = _namespace(["adieu.journal.v1.dialogs_pb2"])
rpc = _namespace(["adieu.v1.call_control_service_pb2_grpc", "adieu.v1.cancel_policy_service_pb2_grpc"])
errors = _namespace(["error_details_pb2", "status_pb2"])
health = _namespace(["health_pb2", "health_pb2_grpc"])
reflection = _namespace(["reflection_pb2", "reflection_pb2_grpc"])
