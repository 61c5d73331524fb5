#!/bin/sh
# Shows that g++ and clang give the same effects, byte for byte: journals RUN… made by the g++ build are replayed by a
# core that clang 19 built.
#   tools/compilers-agree.sh RUN…
set -e
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || { echo "usage: tools/compilers-agree.sh RUN…" >&2; exit 2; }
cd "$root"
cmake --preset clang -DVOLTAGE_TORCH=OFF > build/clang-configure.log
cmake --build build/clang --target replay_core -j "${VOLTAGE_JOBS:-2}"
build/clang/tools/replay_core/replay_core "$@"
