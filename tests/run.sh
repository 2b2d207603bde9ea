#!/bin/bash
# Installs what is missing, builds and runs the tests, in each configuration of the table below.
# Usage: tests/run.sh [CONFIGURATION ...]        all of them when none is named
# Ends with one line "N passed, N failed, N skipped"; the exit code is 0 only when none failed.
# HOLDFAST_BUILD names another folder than ./build for the build folders.
set -uo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
builds=${HOLDFAST_BUILD:-$root/build}

# name | compiler | meson options | which tests
configurations=(
    "gcc-release      | gcc   | --buildtype=release | -t 10"
    "clang-asan-ubsan | clang | -Db_sanitize=address,undefined -Db_lundef=false | --no-suite meta --no-suite python --no-suite e2e --no-suite sweep_disk -t 20"
    "clang-tsan       | clang | -Db_sanitize=thread -Db_lundef=false | --suite thread -t 20"
)

export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
export MALLOC_PERTURB_=0
export HOLDFAST_FUZZ_SECONDS=${HOLDFAST_FUZZ_SECONDS:-60} # of the requests of the server

# Configures and compiles into folder $2 with compiler $3 and the meson options $4.
build()
{
    local folder=$1 compiler=$2 options=$3
    if [ -f "$folder/build.ninja" ]; then
        # shellcheck disable=SC2086
        meson configure "$folder" -Dauto_features=enabled -Dwerror=true $options ||
            return
    else
        # shellcheck disable=SC2086
        CC=$compiler meson setup "$folder" "$root" -Dauto_features=enabled -Dwerror=true $options ||
            return
    fi
    meson compile -C "$folder"
}

# Runs one configuration and leaves its counts ("passed failed skipped") and the reasons of what
# failed in $temporary.
run()
{
    local name=$1 compiler=$2 options=$3 selection=$4
    local counts=$temporary/counts/$1 reasons=$temporary/reasons/$1
    local folder=$builds/$name log=$builds/$name/meson-logs/testlog.json
    mkdir -p "$folder"
    exec 9>"$builds/$name.lock"
    flock 9 # one user of a build folder at a time
    echo "== $name"
    if ! build "$folder" "$compiler" "$options" >"$folder/build.log" 2>&1; then
        { echo "$name: does not build" && tail -n 60 "$folder/build.log"; } | tee "$reasons"
        echo "0 1 0" >"$counts"
        return
    fi
    rm -f "$log"
    # Half of a test's time is waiting for a disk, a deadline or another process, so two run on each
    # processor.
    # shellcheck disable=SC2086
    meson test -C "$folder" --no-rebuild --print-errorlogs --num-processes "$((2 * $(nproc)))" \
        $selection 9>&-
    python3 "$root/tests/support/count.py" "$log" "$?" >"$counts" 2>"$reasons"
}

known=
for row in "${configurations[@]}"; do
    known+=" ${row%% *}"
done
for name in "$@"; do
    case "$known " in
    *" $name "*) ;;
    *) echo "run.sh: no configuration '$name'; known:$known" >&2 && exit 2 ;;
    esac
done

"$root/.ci/install" build example test || exit 1

temporary=$(mktemp -d) || exit 1
trap 'rm -rf "$temporary"' EXIT
mkdir "$temporary/counts" "$temporary/reasons"
for row in "${configurations[@]}"; do
    IFS='|' read -r name compiler options selection <<<"$row"
    name=${name// /}
    case " ${*:-$name} " in
    *" $name "*) (run "$name" "${compiler// /}" "$options" "$selection") ;;
    esac
done
cat "$temporary"/reasons/* # once more at the end, where they are found
cat "$temporary"/counts/* | awk '
    { passed += $1; failed += $2; skipped += $3 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }'
