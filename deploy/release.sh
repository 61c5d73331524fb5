#!/bin/sh
# Which voltage this machine runs. A release is a folder of its own; the one in use is a link that is changed at one
# instant; the one before is one command away. A restart takes positions from the venue, so neither way needs to be flat.
#
#   deploy/release.sh install BUILD    the voltage of a build folder (with its LightGBM), kept and made the one in use
#   deploy/release.sh rollback         the one before again; once more: one further
#   deploy/release.sh list             all, oldest first; * is in use
#
# VOLTAGE_ROOT: where to, default /opt/voltage, which deploy/voltage.service runs. The service is restarted if it runs.
set -eu
root=${VOLTAGE_ROOT:-/opt/voltage}
releases=$root/releases
used=$root/history   # the names of releases in the order in which they came into use

die() { echo "release.sh: $*" >&2; exit 1; }

use() { # NAME
  [ -x "$releases/$1/voltage" ] || die "$releases/$1: no voltage there"
  "$releases/$1/voltage" --version >/dev/null || die "$1 does not run on this machine; nothing was changed"
  ln -s "releases/$1" "$root/current.new" && mv -T "$root/current.new" "$root/current"
  [ -L "$root/voltage" ] || ln -s current/voltage "$root/voltage"
  [ -L "$root/docs" ] || ln -s current/docs "$root/docs"
  echo "in use: $1 ($("$root/voltage" --version))"
  if systemctl is-active --quiet voltage 2>/dev/null; then systemctl restart voltage; fi
}

case "${1:-}" in
  install)
    build=${2:?release.sh install BUILD}
    source=$(cd "$(dirname "$0")/.." && pwd)
    [ -x "$build/voltage" ] || die "$build/voltage: not there; tools/setup.sh run builds it"
    name=$(sha256sum "$build/voltage" | cut -c1-12)
    if [ ! -e "$releases/$name" ]; then
      part=$releases/.$name.part
      rm -rf "$part"; mkdir -p "$part/lib"
      cp "$build/voltage" "$part/"
      cp "$source"/.deps/lightgbm-*/lib/lib_lightgbm.so "$part/lib/"
      [ ! -e "$build/libvoltage_torch.so" ] || cp "$build/libvoltage_torch.so" "$part/"
      cp -R "$source/docs" "$part/docs"
      mv -T "$part" "$releases/$name"
    fi
    use "$name"
    [ "$(tail -n 1 "$used" 2>/dev/null)" = "$name" ] || echo "$name" >> "$used"
    ;;
  rollback)
    [ -e "$used" ] && [ "$(wc -l < "$used")" -ge 2 ] || die "there is no release before this one"
    use "$(tail -n 2 "$used" | head -n 1)"
    sed '$d' "$used" > "$used.new" && mv "$used.new" "$used"
    ;;
  list)
    [ -e "$used" ] || die "nothing is installed in $root"
    now=$(basename "$(readlink "$root/current")")
    while read -r name; do
      mark=' '; [ "$name" = "$now" ] && mark='*'
      echo "$mark $name  $("$releases/$name/voltage" --version)"
    done < "$used"
    ;;
  *) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
