#!/usr/bin/env bash
# Installs what voltage needs on Debian 12 and builds it. Usage: tools/setup.sh run|test
#   run   the libraries and the Release build of the product; VOLTAGE_TORCH=OFF in the environment leaves out
#         libtorch (half a gigabyte), without which `train` makes a bundle without PatchTST
#   test  the above, and what the tests need
# Idempotent: what is there is left alone, nothing is fetched twice. Needs root or sudo for packages.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-run}
case "$want" in run|test) ;; *) echo "usage: tools/setup.sh run|test" >&2; exit 2 ;; esac

say() { printf '\n== %s\n' "$*"; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

packages_run=(g++ cmake ninja-build ccache mold unzip python3-pip libfmt-dev libssl-dev zlib1g-dev libsqlite3-dev
  libsimdjson-dev nlohmann-json3-dev libcli11-dev libexpected-dev libtomlplusplus-dev libyaml-cpp-dev libboost1.81-dev libgomp1)
packages_train=(libtorch-dev libopenblas0-openmp)
packages_test=(libgtest-dev libgmock-dev python3-torch)
if [ "${VOLTAGE_TORCH:-AUTO}" != OFF ]; then packages_run+=("${packages_train[@]}"); fi

install_packages() {
  local missing=()
  for p in "$@"; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p"); done
  if [ ${#missing[@]} -eq 0 ]; then echo "all there"; return; fi
  echo "installing: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" |
    awk '/newly installed/ {print "  " $0} /^Setting up/ {n++; if (n % 20 == 0) print "  " n " packages set up"} END {print "  " n+0 " packages set up"}'
}

# LightGBM: the library of the official wheel and the headers of the official source distribution.
install_lightgbm() {
  local prefix=.deps/lightgbm-4.7.0
  if [ -e "$prefix/.done" ]; then echo "all there"; return; fi
  local work; work=$(mktemp -d); trap 'rm -rf "$work"' RETURN
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -d "$work" -r tools/pins/lightgbm-wheel.txt
  python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary lightgbm --require-hashes -d "$work" -r tools/pins/lightgbm-sdist.txt
  ls "$work"/lightgbm-4.7.0.tar.gz >/dev/null
  rm -rf "$prefix"; mkdir -p "$prefix/lib"
  unzip -q -j -d "$prefix/lib" "$work"/lightgbm-*.whl 'lightgbm/lib/lib_lightgbm.so'
  tar -xzf "$work"/lightgbm-4.7.0.tar.gz -C "$prefix" --strip-components=1 lightgbm-4.7.0/include lightgbm-4.7.0/LICENSE
  touch "$prefix/.done"
}

say "Debian packages"
if [ "$want" = test ]; then install_packages "${packages_run[@]}" "${packages_test[@]}"; else install_packages "${packages_run[@]}"; fi
say "LightGBM 4.7.0"
install_lightgbm
say "Release build"
tests=OFF; target=voltage
if [ "$want" = test ]; then tests=ON; target=all; fi
# A tree that once built the tests keeps them: turning them off would only cost a rebuild.
if [ "$want" = run ] && grep -qs 'VOLTAGE_TESTS:BOOL=ON' build/release/CMakeCache.txt; then tests=ON; fi
cmake --preset release -DVOLTAGE_TESTS=$tests -DVOLTAGE_TORCH="${VOLTAGE_TORCH:-AUTO}" >build-configure.log 2>&1 || { cat build-configure.log >&2; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release --target $target
