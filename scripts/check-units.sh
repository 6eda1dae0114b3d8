#!/usr/bin/env bash
# Boots a Debian with systemd in a container of its own (.build/machine), installs Tacit there as docs/systemd.md says, and runs
# Tests/DeployTests/machine.sh in it: start, users, watchdog, reload, stop, sockets.
#
#   scripts/check-units.sh PATH-TO-TACIT       a release build: it must need no Swift libraries
set -euo pipefail
cd "$(dirname "$0")/.."

tacit=$(readlink -f "${1:?usage: scripts/check-units.sh PATH-TO-TACIT}")
if [[ $EUID -ne 0 ]]; then exec sudo env PATH="$PATH" "$0" "$@"; fi
folder=.build/machine
debian=$folder/debian
packages=systemd,systemd-sysv,dbus,libssl3,libcurl4,libmariadb3,libpq5,libsqlite3-0,libyaml-0-2,libstdc++6
# Made anew when other packages are wanted.
if [[ $(cat "$debian/etc/ready" 2>/dev/null) != "$packages" ]]; then
  echo "debootstrap bookworm, with systemd" >&2
  rm -rf "$debian"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include="$packages" bookworm "$debian" >/dev/null
  echo "$packages" >"$debian/etc/ready"
fi
root=$folder/root
rm -rf "$root"
cp -a "$debian" "$root"

install -m 0755 "$tacit" "$root/usr/bin/tacit"
install -D -m 0644 deploy/systemd/tacit.sysusers "$root/usr/lib/sysusers.d/tacit.conf"
install -D -m 0644 deploy/systemd/tacit.tmpfiles "$root/usr/lib/tmpfiles.d/tacit.conf"
install -m 0644 -t "$root/etc/systemd/system" deploy/systemd/tacit.service deploy/systemd/tacit.socket
systemd-sysusers --root="$root" tacit.conf
group=$(awk -F: '$1 == "tacit" { print $3 }' "$root/etc/group")

certificates=$root/client
"$tacit" certs init --trust-domain example.org --directory "$certificates" 2>/dev/null
"$tacit" certs issue agent --directory "$certificates" --identity spiffe://example.org/agent --dns localhost 2>/dev/null
"$tacit" certs issue worker --directory "$certificates" --identity spiffe://example.org/tenant/main/service/worker 2>/dev/null
install -d -m 0750 -g "$group" "$root/etc/tacit" "$root/etc/tacit/tls"
install -m 0640 -g "$group" deploy/kubernetes/base/agent.yaml "$root/etc/tacit/agent.yaml"
install -m 0640 -g "$group" "$certificates/agent.key" "$root/etc/tacit/tls/tls.key"
install -m 0644 -g "$group" "$certificates/agent.crt" "$root/etc/tacit/tls/tls.crt"
install -m 0644 -g "$group" "$certificates/ca.crt" "$root/etc/tacit/tls/ca.crt"
rm "$certificates"/agent.* "$certificates/ca.key"

# What a machine of one's own would say about itself, a secret, and a shorter time for the watchdog than the unit's.
mkdir "$root/etc/systemd/system/tacit.service.d"
cat >"$root/etc/systemd/system/tacit.service.d/check.conf" <<UNIT
[Service]
Environment=NODE_NAME=machine SECRET_DB_PASSWORD=$(printf %s 'correct horse battery staple' | base64 -w 0)
WatchdogSec=6s
UNIT
install -m 0755 Tests/DeployTests/machine.sh "$root/machine.sh"
cat >"$root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=multi-user.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/machine.sh
StandardOutput=file:/machine.log
StandardError=inherit
TimeoutStartSec=240s
UNIT
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -s ../check.service "$root/etc/systemd/system/default.target.wants/check.service"

# No registration: there may be no systemd on this machine. No network: it needs none.
# The filter of the container itself would refuse to lock memory, which the unit allows.
timeout --kill-after=10s 300 systemd-nspawn --quiet --register=no --keep-unit --private-network \
  --system-call-filter="@memlock memfd_secret" --directory="$root" --boot \
  </dev/null >"$folder/boot.log" 2>&1 || true
cat "$root/machine.log"
tail -n 1 "$root/machine.log" | grep -qx 'ALL WELL'
