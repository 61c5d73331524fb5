#!/usr/bin/env bash
# Sets up what is missing, builds, and runs all tests. Arguments go to ctest, such as -R Ledger.
# Tests on real recordings look for them in VOLTAGE_TEST_DATA and report themselves skipped without it.
set -euo pipefail
cd "$(dirname "$0")"
tools/setup.sh test
if [ -z "${VOLTAGE_TEST_DATA:-}" ] && [ -d ../shared/data ]; then
  VOLTAGE_TEST_DATA=$(cd ../shared/data && pwd); export VOLTAGE_TEST_DATA
fi
printf '\n== Tests (recordings: %s)\n' "${VOLTAGE_TEST_DATA:-none}"
exec ctest --test-dir build/release --output-on-failure -j "$(nproc)" "$@"
