#!/bin/sh
# Makes the Go package of the API in ./adieuv1. Needs protoc, protoc-gen-go and protoc-gen-go-grpc (in Debian packages
# of these names and protobuf-compiler).
set -eu
cd "$(dirname "$0")"
package=adieu.example/end_quietly/adieuv1
protos=../../proto
set --
for file in "$protos"/adieu/v1/*.proto; do
  name=${file#"$protos/"}
  # The protos name no Go package: whoever generates it chooses.
  set -- "$@" "--go_opt=M$name=$package" "--go-grpc_opt=M$name=$package" "$name"
done
mkdir -p adieuv1
protoc -I "$protos" --go_out=adieuv1 "--go_opt=module=$package" \
  --go-grpc_out=adieuv1 "--go-grpc_opt=module=$package" "$@"
