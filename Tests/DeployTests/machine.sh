#!/bin/bash
# Runs inside a booted Debian in which Tacit is installed as docs/systemd.md says; scripts/check-units.sh boots it. Each step
# says what it found, and the first that finds something else ends it all.
set -euo pipefail

say() { printf '%s\n' "$*"; }
fail() {
  say "FAILED: $*"
  systemctl status --no-pager --lines=30 tacit.service tacit.socket || true
  exit 1
}
# Waits for something that a program says, for a while.
until_true() {
  local what=$1
  shift
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "$what did not come true"
}
property() { systemctl show --property="$1" --value tacit.service; }
# Each has a copy of the key that only they can read.
ask() {
  runuser -u "$1" -- env TACIT_CERTIFICATE=/client/worker.crt TACIT_PRIVATE_KEY="/client/$1.key" TACIT_CA=/client/ca.crt \
    tacit get DB_PASSWORD --namespace company.team 2>&1
}
denied() { [[ $(ask "$1") == *OPERATION_NOT_ALLOWED* ]]; }
restarted() { [[ $(property NRestarts) == 1 ]]; }
right='correct horse battery staple'

useradd worker --groups tacit-clients
useradd stranger
install -m 0400 -o stranger /client/worker.key /client/stranger.key
chown worker /client/worker.key
chmod 0755 /client
chmod 0644 /client/*.crt

systemctl start tacit.service || fail "it does not start"
say "started: $(property StatusText)"
[[ $(property NotifyAccess) == main && $(property ActiveState) == active ]] || fail "it is not active"
systemd-analyze security --no-pager --threshold=15 tacit.service | tail -n 1

[[ $(ask worker) == "$right" ]] || fail "the worker did not get its secret: $(ask worker)"
say "a member of tacit-clients has the secret"
status=0
answer=$(ask stranger) || status=$?
[[ $status == 3 ]] || fail "a stranger got to the socket: $answer"
say "others do not reach the socket"

before=$(property MainPID)
for file in limits status; do [[ -r /proc/$before/$file ]] || fail "/proc/$before/$file cannot be read"; done
grep -q '^Max core file size *0 *0 ' "/proc/$before/limits" || fail "it may leave core files"
grep -q '^CapBnd:[[:space:]]*0*$' "/proc/$before/status" || fail "it could gain a capability"
grep -q '^Seccomp:[[:space:]]*2$' "/proc/$before/status" || fail "its system calls are not filtered"
say "no capability, filtered system calls, no core files"

# The unit's own time between two signs of life, several times over.
sleep $(($(property WatchdogUSec | sed -E 's/^([0-9]+)s$/\1/') * 3))
[[ $(property MainPID) == "$before" && $(property NRestarts) == 0 ]] || fail "it was restarted although it was well"
say "the watchdog leaves an agent alone that is well"

sed -i 's/operations: \[get, list\]/operations: [list]/' /etc/tacit/agent.yaml
systemctl reload tacit.service || fail "it does not reload"
until_true "the new policy" denied worker
sed -i 's/operations: \[list\]/operations: [get, list]/' /etc/tacit/agent.yaml
systemctl reload tacit.service || fail "it does not reload"
until_true "the old policy" ask worker
[[ $(property MainPID) == "$before" ]] || fail "the reload was a restart"
say "a reload changes the policy and keeps the process"

kill -STOP "$before"
until_true "the watchdog's restart" restarted
until_true "the start after it" systemctl is-active tacit.service
[[ $(property MainPID) != "$before" ]] || fail "the process that hangs is still there"
[[ $(ask worker) == "$right" ]] || fail "the worker did not get its secret: $(ask worker)"
say "an agent that hangs is killed and started again"

systemctl stop tacit.service
[[ $(property Result) == success && $(property ExecMainStatus) == 0 ]] || fail "it did not end with 0"
[[ -z $(ls -A /run/tacit) ]] || fail "left in /run/tacit: $(ls -A /run/tacit)"
say "it stops, ends with 0, and leaves no socket"

systemctl start tacit.socket || fail "the socket unit does not start"
[[ $(stat -c '%a %U %G' /run/tacit/agent.sock) == "660 tacit tacit-clients" ]] || fail "$(stat /run/tacit/agent.sock)"
[[ $(property ActiveState) == inactive ]] || fail "it runs before anybody asked"
[[ $(ask worker) == "$right" ]] || fail "who asks first does not start the agent: $(ask worker)"
say "the first client starts the agent"
(for _ in $(seq 40); do ask worker && echo || echo "refused with $?"; done) >/tmp/asked &
for _ in 1 2 3; do systemctl restart tacit.service; done
wait $!
[[ $(sort -u /tmp/asked) == "$right" ]] || fail "refused during a restart: $(sort /tmp/asked | uniq -c)"
say "40 clients during three restarts: all have their secret"
systemctl stop tacit.socket tacit.service
[[ -z $(ls -A /run/tacit) ]] || fail "left in /run/tacit: $(ls -A /run/tacit)"
say "ALL WELL"
