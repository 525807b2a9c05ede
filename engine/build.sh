#!/bin/sh
# Rebuilds built/ from packages. Needs clang 19 with its archiver and linker, the target wasm32-unknown-unknown, node and npm.
# What is fetched and compiled on the way lies in a cache folder outside the tree: ENGINE_CACHE, else ~/.cache/cirque-engine.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${ENGINE_CACHE:-$HOME/.cache/cirque-engine}
cc=${ENGINE_CC:-clang-19}
ar=${ENGINE_AR:-llvm-ar-19}

# The size is also in src/runtime.rs.
stack_bytes=327680

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

check() {
    for tool in cargo node npm "$cc" "$ar"; do
        command -v "$tool" >/dev/null || fail "$tool is missing"
    done
    "$cc" --print-targets | grep -q wasm32 || fail "$cc cannot compile for WebAssembly"
    sysroot=$(rustc --print sysroot)
    [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ] || fail "the Rust target wasm32-unknown-unknown is missing"
    grep -q "STACK_BYTES: u32 = 327_680" "$here/src/runtime.rs" || fail "src/runtime.rs has another stack size than this script"
}

# engine.wasm: with the memory imported, and with whatever sections the linker writes. Paths of this machine are replaced in it.
# (cargo fetches first, so that the folders whose names are replaced are there.)
build_module() {
    (cd "$here" && cargo fetch --locked --target wasm32-unknown-unknown)
    export CARGO_TARGET_DIR="$cache/target"
    # The package compiles a copy of its sources: it is changed when the compiler is called for it.
    printf '#!/bin/sh\nfor it; do case "$it" in */quickjs.c) node "%s" "$it" || exit 1;; esac; done\nexec "%s" "$@"\n' \
        "$here/transform/quickjs.mjs" "$cc" >"$cache/cc"
    chmod +x "$cache/cc"
    export CC_wasm32_unknown_unknown="$cache/cc" AR_wasm32_unknown_unknown="$ar"
    export CFLAGS_wasm32_unknown_unknown="-include $here/c/before.h -I$here/c -ffile-prefix-map=$CARGO_TARGET_DIR=target"
    # So that another change compiles anew.
    CFLAGS_wasm32_unknown_unknown="$CFLAGS_wasm32_unknown_unknown -DCHANGES=$(cat "$here/transform/quickjs.mjs" "$here"/c/*.h | sha256sum | cut -c1-8)"
    RUSTFLAGS="-Clink-arg=--import-memory -Clink-arg=-zstack-size=$stack_bytes"
    # The host puts the entries of workers' modules into the table.
    RUSTFLAGS="$RUSTFLAGS -Clink-arg=--export-table -Clink-arg=--growable-table"
    RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$here=engine"
    for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
        RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$registry=crates"
    done
    export RUSTFLAGS
    (cd "$here" && cargo build --locked --release --target wasm32-unknown-unknown)
    cp "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/engine.wasm" "$here/built/engine.wasm"
    chmod 644 "$here/built/engine.wasm"
}

# Deno's scripts, from crates that cargo fetches and checks; nothing of their Rust is compiled.
find_scripts() {
    (cd "$here/classes" && cargo metadata --locked --format-version 1) >"$cache/classes.json"
    rm -rf "$cache/crates"
    mkdir -p "$cache/crates"
    node -e '
        const { packages, resolve } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        const root = packages.find((it) => it.id === resolve.root);
        for (const { name, req } of root.dependencies) {
            const found = packages.find((it) => it.name === name && req === `=${it.version}`);
            require("fs").symlinkSync(require("path").dirname(found.manifest_path), `${process.argv[2]}/${name}`);
        }
    ' "$cache/classes.json" "$cache/crates"
}

# api.js: those scripts and ours; node/: Node's modules. npm gets its own folder, so that nothing is installed in the tree.
build_script() {
    rm -rf "$cache/npm"
    mkdir -p "$cache/npm"
    cp "$here/package.json" "$here/package-lock.json" "$cache/npm/"
    cp -r "$here/transform" "$here/js" "$cache/npm/"
    (cd "$cache/npm" && npm ci --no-audit --no-fund --loglevel=error && node transform/build.mjs "$cache/crates" js "$here/built/api.js")
    # Last, because it runs the module with the script.
    (cd "$cache/npm" && node transform/heat.mjs "$here/built/engine.wasm" "$here/built/api.js")
    (cd "$cache/npm" && node transform/node.mjs "$here/node" "$here/built/node")
}

# LICENSES.txt: the notices of what has gone into the two files.
collect_licenses() {
    (cd "$here" && cargo metadata --locked --format-version 1 --filter-platform wasm32-unknown-unknown) >"$cache/module.json"
    node "$here/transform/licenses.mjs" "$cache/module.json" "$cache/crates" "$cache/npm/node_modules" >"$here/built/LICENSES.txt"
}

# SOURCES.sha256: what was built from which sources. The sources are the files below in the byte order of their paths.
write_hashes() {
    cd "$here"
    {
        sources | xargs cat | sha256sum | sed 's/ .*/  sources/'
        find built/node -type f | LC_ALL=C sort | xargs cat | sha256sum | sed 's/ .*/  node/'
        for file in api.js engine.wasm LICENSES.txt; do
            sha256sum <"built/$file" | sed "s/ .*/  $file/"
        done
    } >built/SOURCES.sha256
}

sources() {
    {
        echo Cargo.lock
        echo Cargo.toml
        echo build.sh
        echo package-lock.json
        echo package.json
        find c classes js node src transform -type f
    } | LC_ALL=C sort
}

mkdir -p "$cache" "$here/built"
check
build_module
find_scripts
build_script
collect_licenses
write_hashes
cat "$here/built/SOURCES.sha256"
