#!/bin/bash
# Builds the server and runs six of it for half a minute: two order, two inventory and two payment
# instances, with HAProxy in front of the orders where it is installed. Checkouts go on while one
# instance of each role is killed with -9; then the stores are asked what became of them.
# Usage: examples/microservices.sh [--seconds N] [--store lmdb|sqlite] [--drop N]
# HOLDFAST_SERVER names a server that is built already.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
server=${HOLDFAST_SERVER:-}

if [ -z "$server" ]; then
    build=${HOLDFAST_BUILD:-$root/build}/example
    "$root/.ci/install" build example
    mkdir -p "$build"
    if [ ! -f "$build/build.ninja" ]; then
        meson setup "$build" "$root" --buildtype=release -Dtests=disabled -Dbench=disabled \
            >"$build/setup.log" || { cat "$build/setup.log"; exit 1; }
    fi
    meson compile -C "$build" >"$build/compile.log" || { cat "$build/compile.log"; exit 1; }
    server=$build/examples/server/holdfast-server
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONPATH=$root/examples/services python3 -B -m microservices "$server" "$work" "$@"
