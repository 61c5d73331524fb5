#!/usr/bin/env bash
# clang-format over everything, clang-tidy (warnings are errors) over the C++ files changed since BASE.
# Usage: tools/lint.sh [BASE]   default: the commit before this one. Needs clang-format-19 and clang-tidy-19.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-HEAD~1}
for tool in clang-format-19 clang-tidy-19; do
  command -v $tool >/dev/null || { echo "$tool is missing: apt-get install clang-format-19 clang-tidy-19" >&2; exit 1; }
done
git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror
changed=$(git diff --name-only --diff-filter=d "$base" -- '*.cpp' | grep -v '^src/torch_trainer/' || true)
[ -z "$changed" ] && { echo "no C++ file changed since $base"; exit 0; }
echo "$changed" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/release --quiet
