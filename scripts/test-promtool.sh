#!/usr/bin/env bash
# Puts promtool, which checks metrics and alerts, in .build/test-promtool, where it is not there yet. It is taken out of the
# distribution's package, which is not installed: that would start a Prometheus on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build/test-promtool
if [[ -x $folder/promtool ]]; then exit 0; fi

echo "Taking promtool out of the package prometheus, into $folder" >&2
rm -rf "$folder"
mkdir -p "$folder/package"
download() { (cd "$folder/package" && apt-get download -q prometheus </dev/null >&2); }
as_root=()
if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
# Package lists are often missing or old; they are fetched only where they are needed.
download || { "${as_root[@]}" apt-get update -q </dev/null >&2 && download; }
dpkg-deb --fsys-tarfile "$folder"/package/prometheus_*.deb | tar --extract --to-stdout ./usr/bin/promtool >"$folder/tool"
rm -rf "$folder/package"
chmod 0755 "$folder/tool"
# Renamed last, so that what was cut off half-way is made anew.
mv "$folder/tool" "$folder/promtool"
