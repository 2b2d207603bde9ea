#!/bin/bash
# Starts the fake provider, runs payments against it, and ends it.
# Usage: run.sh PAYMENTS [STORE-URL]     (PAYMENTS: the built program)
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
coproc provider { exec python3 "$here/fake_provider.py" --truth "$work/truth"; }
trap 'kill "$provider_PID" 2>/dev/null || true; rm -rf "$work"' EXIT
read -r _ _ port <&"${provider[0]}"
"$1" "${2:-sqlite:$work/shop.db}" "http://127.0.0.1:$port"
