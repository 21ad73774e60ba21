#!/bin/sh
# Makes the Python package of the API in ./generated. Needs grpc_tools (python3-grpc-tools in Debian, grpcio-tools elsewhere).
set -eu
cd "$(dirname "$0")"
mkdir -p generated
python3 -m grpc_tools.protoc -I ../../proto --python_out=generated --grpc_python_out=generated ../../proto/adieu/v1/*.proto
