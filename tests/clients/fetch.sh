#!/usr/bin/env bash
# Installs Cloudflare's own clients from npm, and what tries the API's description, once; what is there already is left alone. With `matrix` the older ones too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cirque-clients
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

install() {
  local from=$1 to=$2
  if cmp -s "$from/package-lock.json" "$to/package-lock.json"; then return; fi
  rm -rf "$to" "$to.part"
  mkdir "$to.part"
  cp "$from"/package{,-lock}.json "$to.part/"
  (cd "$to.part" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  mv "$to.part" "$to"
}

install "$here" "$cache/newest"

# What tries HTTP caches.
install "$here/../caching" "$cache/caching"

# Makes requests of the API's description (PyPI).
schemathesis=4.32.5
if [ ! -x "$cache/schemathesis-$schemathesis/bin/schemathesis" ]; then
  rm -rf "$cache"/schemathesis-*
  python3 -m venv "$cache/schemathesis-$schemathesis"
  "$cache/schemathesis-$schemathesis/bin/pip" install -q "schemathesis==$schemathesis" || {
    rm -rf "$cache/schemathesis-$schemathesis"
    exit 1
  }
fi
if [ "${1:-}" = matrix ]; then install "$here/matrix" "$cache/matrix"; fi
