#!/bin/sh
# Runs every test that docs/crash-matrix.rows names and writes docs/crash-matrix.md from the results.
#   tools/crash-matrix.sh [BUILD]      default: build/release, built with VOLTAGE_TESTS=ON
set -e
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build/release}
names=$(grep -v '^#' "$root/docs/crash-matrix.rows" | cut -d'|' -f4 | tr ',' '\n' | tr -d ' ' | grep '\.' | sort -u)
pattern="(^|/)($(printf '%s\n' "$names" | sed 's/\./\\./' | paste -sd'|'))(/|$)"
junit=$build/crash-matrix.xml
ctest --test-dir "$build" -R "$pattern" --output-junit "$junit" --timeout 1800 -j "${VOLTAGE_JOBS:-2}" || true
VOLTAGE_MATRIX_JUNIT=$junit "$build/tests/house/house_tests" --gtest_filter=CrashMatrix.is_written_from_a_run
