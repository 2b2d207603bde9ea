#!/bin/sh
# Runs a command in a new temporary folder, which is also its TMPDIR, and removes the folder after.
folder=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-test.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
cd "$folder" || exit 99
TMPDIR=$folder "$@"
