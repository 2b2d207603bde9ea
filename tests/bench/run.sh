#!/bin/sh
# Builds, measures holdfast beside what a user would pick instead, and writes a table, CSV and plots.
#
# usage: tests/bench/run.sh [--results DIR] [OPTIONS of bench]
#   tests/bench/run.sh --quick                      two minutes
#   tests/bench/run.sh                              two hours
#   tests/bench/run.sh --case checkout --rounds 5   some cases
#   tests/bench/run.sh --case growth --orders 10000000
# What is not installed (PostgreSQL, Redis, gnuplot) is left out and named.
set -eu

for argument; do
    case $argument in
    -h | --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    esac
done

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${HOLDFAST_BENCH_BUILD:-$root/build/bench}
results=$build/results
if [ "${1-}" = --results ]; then
    results=$2
    shift 2
fi

if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" --buildtype=release -Dbench=enabled >&2
fi
ninja -C "$build" tests/bench/bench >&2
mkdir -p "$results"
"$build/tests/bench/bench" --out "$results" "$@" | tee "$results/table.md"
if command -v gnuplot >/dev/null; then
    gnuplot -e "folder='$results'" "$root/tests/bench/plot.gp" 2>/dev/null ||
        echo "some plots have no data: those cases were not run" >&2
else
    echo "left out: plots (package gnuplot-nox is not installed)"
fi
echo "results: $results"
