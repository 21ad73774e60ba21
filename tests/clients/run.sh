#!/usr/bin/env bash
# Runs the Python and the Node client against a running server, both even when the first fails.
#
# ADIEU_GRPC  the server's gRPC address, host:port
# ADIEU_SIP   one of its UDP SIP addresses, host:port
set -uo pipefail
cd "$(dirname "$0")" || exit
: "${ADIEU_GRPC:?the gRPC address of a running adieud}" "${ADIEU_SIP:?a UDP SIP address of a running adieud}"
export ADIEU_GRPC ADIEU_SIP

install_node_modules() (
  cd node || exit 1
  cmp -s package-lock.json node_modules/.installed-lock && exit 0
  # npm has its own list of authorities; where a proxy needs another one, the system knows it.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  timeout 180 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error &&
    cp package-lock.json node_modules/.installed-lock
)

status=0
timeout 120 /usr/bin/python3 -m pytest -q -p no:cacheprovider python || status=1
# Two runs at once share node_modules.
if (flock 9 && install_node_modules) 9<node; then
  timeout 120 node --test node/client.test.js || status=1
else
  echo "run.sh: the packages of the Node client cannot be installed" >&2
  status=1
fi
exit "$status"
