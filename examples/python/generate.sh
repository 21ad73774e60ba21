#!/bin/sh
# Makes the Python package of the API in ./generated. Needs grpc_tools: python3-grpc-tools in Debian, grpcio-tools
# elsewhere.
set -eu
cd "$(dirname "$0")"
protos=../../proto
mkdir -p generated
python3 -m grpc_tools.protoc -I "$protos" --python_out=generated --grpc_python_out=generated "$protos"/adieu/v1/*.proto
