#!/usr/bin/env bash
# Rebuilds the components that are committed here and under samples/, and says in
# built/SOURCES.sha256 which source each belongs to.
#
#   tests/workers/build.sh                     everything
#   tests/workers/build.sh rust samples        these parts; also: javascript python go c
#
# Needs rustup with the target wasm32-wasip2; for the other languages also node, python3 and the
# package registries. Their tools come at the versions that their folders name and, like all that
# is built, go to $CIRQUE_WORKERS_CACHE (~/.cache/cirque-workers), never into the source tree.
#
# A line of SOURCES.sha256 is
#
#   <sha256 of the source>  <sha256 of the committed file>  <name>
#
# with two spaces between, in byte order of the names. The sha256 of the source is that of its files
# one after the other, with nothing between or before them, in this order:
#
#   name             source                                                committed file
#   NAME             examples/NAME.rs Cargo.toml Cargo.lock src/lib.rs     built/NAME.wasm
#   sample/NAME      samples/NAME/: src/lib.rs Cargo.toml Cargo.lock       samples/NAME/NAME.wasm
#   language/NAME    languages/NAME/: every file, in byte order of names   built/NAME.wasm
#
# A component of more than 3 MB is committed compressed instead, as NAME.wasm.gz, and the sha256 is
# that of the compressed file. The same source gives the same file on the same toolchain, but for
# JavaScript and Python, whose tools put a snapshot of a running engine into it.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
samples=$(cd "$here/../../samples" && pwd)
cache=${CIRQUE_WORKERS_CACHE:-$HOME/.cache/cirque-workers}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
wasm=$CARGO_TARGET_DIR/wasm32-wasip2/release
# Panics name source files: without the place where this machine keeps them.
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
sums=$here/built/SOURCES.sha256
mkdir -p "$here/built" "$cache"
touch "$sums"

COMPRESS_ABOVE_BYTES=3000000

# record NAME COMMITTED SOURCE...: the line of one component.
record() {
    local name=$1 committed=$2
    shift 2
    local source built
    source=$(cat "$@" | sha256sum | cut -d' ' -f1)
    built=$(sha256sum < "$committed" | cut -d' ' -f1)
    { awk -v name="$name" '$3 != name' "$sums"; echo "$source  $built  $name"; } |
        sort -k3,3 > "$sums.new"
    mv "$sums.new" "$sums"
}

# commit COMPONENT TARGET: puts it in its place, compressed when it is large; sets `committed`.
commit() {
    local component=$1 target=$2
    rm -f "$target" "$target.gz"
    if [ "$(stat -c %s "$component")" -gt "$COMPRESS_ABOVE_BYTES" ]; then
        gzip -9 -n < "$component" > "$target.gz"
        committed=$target.gz
    else
        cp "$component" "$target"
        committed=$target
    fi
}

rust() {
    cd "$here"
    # The world of `cirque:workers`, with the interfaces of WASI that it stands on.
    rm -rf wit
    cp -r "$(crate_folder wasip2)/wit" wit
    cp "$here/../../wit/workers.wit" wit/wasi-crate.wit
    cargo build --locked --release --target wasm32-wasip2 --examples -j "${JOBS:-1}"
    local source name
    for source in examples/*.rs; do
        name=$(basename "$source" .rs)
        commit "$wasm/examples/${name//-/_}.wasm" "built/$name.wasm"
        record "$name" "$committed" "$source" Cargo.toml Cargo.lock src/lib.rs
    done
}

samples() {
    local folder name
    for folder in "$samples"/*/; do
        [ -e "$folder/Cargo.toml" ] || continue
        name=$(basename "$folder")
        cd "$folder"
        cargo build --locked --release --target wasm32-wasip2 -j "${JOBS:-1}"
        commit "$wasm/$name.wasm" "$name.wasm"
        record "sample/$name" "$committed" src/lib.rs Cargo.toml Cargo.lock
    done
}

# crate_folder NAME: where cargo keeps the source of a dependency of this folder's Cargo.toml.
crate_folder() {
    dirname "$(cargo metadata --locked --format-version 1 --manifest-path "$here/Cargo.toml" |
        python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == sys.argv[1]:
        print(package["manifest_path"])' "$1")"
}

# language NAME: a copy of its folder to work in, with its Python tools on the path and the WIT of
# wasi:http (from the crate wasip2) in the folder `wit`.
language() {
    work=$cache/$1
    rm -rf "$work"
    cp -r "$here/languages/$1" "$work"
    cd "$work"
    cp -r "$(crate_folder wasip2)/wit" wit
    if [ -e requirements.txt ]; then
        python3 -m venv tools
        tools/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
        export PATH=$work/tools/bin:$PATH
    fi
}

# finish_language NAME COMPONENT
finish_language() {
    commit "$2" "$here/built/$1.wasm"
    cd "$here/languages/$1"
    record "language/$1" "$committed" *
}

javascript() {
    language javascript
    # Not `npm ci`: it misses the optional packages of other platforms in the lock file, and stops.
    npm install --no-save --silent
    # The engine speaks 0.2.10 and wants that number in the world; the interfaces are the same.
    sed -i 's/0\.2\.12/0.2.10/g' wit/deps/*.wit
    echo 'package cirque:worker; world worker { export wasi:http/incoming-handler@0.2.10; }' \
        > wit/wasi-crate.wit
    node build.mjs
    finish_language javascript "$work/worker.wasm"
}

python() {
    language python
    componentize-py -d wit -w wasi:http/proxy@0.2.12 componentize worker -o worker.wasm
    finish_language python "$work/worker.wasm"
}

# The Go toolchain makes a preview1 module: see realloc.wat for what is added to it before the
# adapter can make a component of it.
go() {
    language go
    GOOS=wasip1 GOARCH=wasm GOTOOLCHAIN=local GOCACHE=$work/cache \
        command go build -trimpath -ldflags='-s -w' -buildmode=c-shared -o go.wasm .
    wasm-tools print go.wasm > go.wat
    local pages
    pages=$(sed -nE 's/^  \(memory [^0-9]*0;\) ([0-9]+)\)$/\1/p' go.wat)
    {
        sed -E "\$d; s/^(  \(memory [^0-9]*0;\)) $pages\)\$/\1 $((pages + 256)))/" go.wat
        sed "s/const FREE/const $(((pages + 224) * 65536))/" realloc.wat
        echo ')'
    } > worker.wat
    wasm-tools parse worker.wat -o module.wasm
    wasm-tools component embed wit --world wasi:http/proxy@0.2.12 module.wasm -o embedded.wasm
    local adapters
    adapters=$(crate_folder wasi-preview1-component-adapter-provider)/artefacts
    wasm-tools component new embedded.wasm -o worker.wasm \
        --adapt "$adapters/wasi_snapshot_preview1.reactor.wasm"
    finish_language go "$work/worker.wasm"
}

c() {
    language c
    ZIG_GLOBAL_CACHE_DIR=$work/cache python3 -m ziglang cc -target wasm32-freestanding -Os \
        -Wall -Wextra -Werror -nostdlib -Wl,--no-entry -Wl,--strip-all -o module.wasm worker.c
    wasm-tools component embed wit --world wasi:http/proxy@0.2.12 module.wasm -o embedded.wasm
    wasm-tools component new embedded.wasm -o worker.wasm
    finish_language c "$work/worker.wasm"
}

if [ $# -eq 0 ]; then
    set -- rust samples javascript python go c
fi
for part in "$@"; do
    ( "$part" )
done
