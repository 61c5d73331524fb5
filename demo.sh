#!/usr/bin/env bash
# Sets up what is missing, builds, and runs voltage on a simulated market. Arguments go to `voltage demo`.
set -euo pipefail
cd "$(dirname "$0")"
# The demo needs no libtorch; a tree that was built with it keeps it.
[ -e build/release/libvoltage_torch.so ] || export VOLTAGE_TORCH="${VOLTAGE_TORCH:-OFF}"
tools/setup.sh run
printf '\n== Demo\n'
exec build/release/voltage demo "$@"
