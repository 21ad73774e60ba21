#!/usr/bin/env bash
# Runs the Python and the Node client against a running server, both even when the first fails.
#
# ADIEU_GRPC  the server's gRPC address, host:port
# ADIEU_SIP   one of its UDP SIP addresses, host:port
set -uo pipefail
cd "$(dirname "$0")" || exit
: "${ADIEU_GRPC:?the gRPC address of a running adieud}" "${ADIEU_SIP:?a UDP SIP address of a running adieud}"
export ADIEU_GRPC ADIEU_SIP

status=0
timeout 120 /usr/bin/python3 -m pytest -q -p no:cacheprovider python || status=1
if ./npm_ci.sh node; then
  timeout 120 node --test node/client.test.js || status=1
else
  echo "run.sh: the packages of the Node client cannot be installed" >&2
  status=1
fi
exit "$status"
