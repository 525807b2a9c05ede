#!/usr/bin/env bash
# Records anew what workerd answers to the programs that generate.mjs writes. Needs npm; the recording is committed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=1.20261117.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cirque-javascript/workerd-$version
if [ ! -d "$cache/node_modules" ]; then
  mkdir -p "$cache"
  npm install --prefix "$cache" --no-save --no-audit --no-fund --loglevel=error "@cloudflare/workerd-linux-64@$version"
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
node "$here/record.mjs" "$cache/node_modules/@cloudflare/workerd-linux-64/bin/workerd" "$version" "$scratch"
