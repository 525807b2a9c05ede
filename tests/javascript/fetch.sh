#!/usr/bin/env bash
# Makes ready what the JavaScript tests run and this repository does not hold: the Web Platform Tests, which a Debian
# source package carries, and bundles of libraries from npm. What is there already is left alone, so that only the
# first run needs the network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cirque-javascript
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

# Node.js 18.20.4 carries the parts of the suite that concern a runtime without pages, as of 2023. The package of
# this Debian release changes no more; its checksum holds it all the same.
suite_version=18.20.4
suite_sha256=6ce58062c71eae37d9c5ac31eeaeff9c2d48561d21c2849179d056c9c1bd9ebc

fetch_suite() {
  local work=$cache/suite.part uri archive
  rm -rf "$work"
  mkdir -p "$work/parts" "$work/lists/partial" "$work/archives/partial"
  # The machine's own Debian mirror, asked for sources; the machine's own settings stay as they are.
  uri=$(sed -nE 's#^[^\#]*[[:space:]]([a-z+]+://[^ ]*/debian)/?([[:space:]].*)?$#\1#p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed 1q) || true
  [ -n "$uri" ] || { echo "the Web Platform Tests come with a Debian source package, and this machine names no Debian mirror" >&2; return 1; }
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri bookworm main" >"$work/sources.list"
  local options=(-q -q -o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=$work/parts"
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/archives" -o "APT::Sandbox::User=" -o "Debug::NoLocking=1")
  apt-get "${options[@]}" update
  (cd "$work" && apt-get "${options[@]}" source --download-only --tar-only nodejs >/dev/null)
  archive=$work/nodejs_$suite_version+dfsg.orig.tar.xz
  echo "$suite_sha256  $archive" | sha256sum --check --quiet
  mkdir "$work/suite"
  tar -xJf "$archive" -C "$work/suite" --strip-components=4 --wildcards '*/test/fixtures/wpt/*'
  mv "$work/suite" "$cache/suite-$suite_version"
  rm -rf "$work"
}

[ -d "$cache/suite-$suite_version" ] || fetch_suite

# Each of these is made again when what it is made of has changed; the tests compare the stamp too.
cat "$here"/wpt/{areas.json,compose.mjs,shim.js} >"$cache/stamp"
if ! cmp -s "$cache/stamp" "$cache/wpt/stamp"; then
  node "$here/wpt/compose.mjs" "$cache/suite-$suite_version" "$cache/wpt"
  mv "$cache/stamp" "$cache/wpt/stamp"
fi

packages=$cache/packages
if ! cmp -s "$here/bundles/package-lock.json" "$packages/package-lock.json"; then
  rm -rf "$packages" "$packages.part"
  mkdir "$packages.part"
  cp "$here"/bundles/package{,-lock}.json "$packages.part/"
  (cd "$packages.part" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  mv "$packages.part" "$packages"
fi
cat "$here"/bundles/package-lock.json "$here"/bundles/bundle.mjs "$here"/bundles/workers/* >"$cache/stamp"
if ! cmp -s "$cache/stamp" "$cache/bundles/stamp"; then
  rm -rf "$cache/bundles"
  node "$here/bundles/bundle.mjs" "$packages" "$cache/bundles"
  mv "$cache/stamp" "$cache/bundles/stamp"
fi
