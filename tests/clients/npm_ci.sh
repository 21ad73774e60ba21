#!/usr/bin/env bash
# npm_ci.sh FOLDER: installs the packages of a Node program, unless what its package-lock.json says is there.
set -euo pipefail
cd "$1"

install() {
  cmp -s package-lock.json node_modules/.installed-lock && return
  # npm has its own list of authorities; where a proxy needs another one, the system knows it.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  timeout 180 npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
  cp package-lock.json node_modules/.installed-lock
}

# Two runs at once share node_modules.
exec 9<.
flock 9
install
