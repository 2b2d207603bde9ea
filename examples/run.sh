#!/bin/bash
# Installs what is missing, builds, and runs the main job: orders on an embedded store, a look at
# them with plain SQL, then a seller that is killed in the middle and loses nothing.
# Usage: examples/run.sh
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
build=${HOLDFAST_BUILD:-$root/build}/example

"$root/.ci/install" build example
mkdir -p "$build"
if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" --buildtype=release -Dtests=disabled -Dbench=disabled \
        >"$build/setup.log" || { cat "$build/setup.log"; exit 1; }
fi
meson compile -C "$build" >"$build/compile.log" || { cat "$build/compile.log"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n== %s\n' "$1"; }

say "a first order (examples/quickstart.c)"
"$build/examples/quickstart" sqlite:shop.db

say "the same store, through the command-line tool"
"$build/examples/cli/holdfast" --store sqlite:shop.db list orders
"$build/examples/cli/holdfast" --store sqlite:shop.db list items

say "the same order from Python (bindings/python/examples/order.py)"
PYTHONPATH=$root/bindings/python HOLDFAST_LIBRARY=$build/libholdfast.so.0 \
    python3 -B "$root/bindings/python/examples/order.py"

for url in sqlite:survive.db lmdb:survive.lmdb; do
    say "a seller that is killed in the middle (examples/survive.c)"
    "$build/examples/survive" "$url"
done
