#!/usr/bin/env bash
# The whole story on one machine, in a temporary folder that is gone afterwards.
#
#   scripts/demo.sh PATH-TO-TACIT
set -euo pipefail

tacit=$(readlink -f "${1:?usage: scripts/demo.sh PATH-TO-TACIT}")
home=$(mktemp -d)
agent=
finish() {
  if [[ -n $agent ]]; then
    kill "$agent" 2>/dev/null || true
    wait "$agent" 2>/dev/null || true
  fi
  rm -rf "$home"
}
trap finish EXIT
cd "$home"

step() { printf '\n%s\n' "$*"; }
# Also ends a last line that has no line break.
indent() { awk '{ print "  " $0 }'; }

# Says what is run, then runs it as somebody: the person's certificate and key are the client's.
as() {
  local who=$1
  shift
  printf '  %s$ tacit' "$who"
  printf ' %s' "${@@Q}" | sed -E "s/'([A-Za-z0-9_=.,:\/-]+)'/\1/g"
  printf '\n'
  TACIT_CERTIFICATE=certs/$who.crt TACIT_PRIVATE_KEY=certs/$who.key TACIT_CA=certs/ca.crt \
    "$tacit" "$@" 2>&1 | indent
}

free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "no free port was found" >&2
  return 1
}

unix=unix://$home/agent.sock
tcp=tcp://127.0.0.1:$(free_port)
health=127.0.0.1:$(free_port)

step "1. A certificate authority, and a certificate for everybody"
"$tacit" certs init --directory certs --trust-domain example.org 2>&1 | indent
issue() { "$tacit" certs issue "$1" --directory certs --identity "$2" "${@:3}" 2>&1 | indent; }
issue agent spiffe://example.org/agent --dns localhost --ip 127.0.0.1
issue worker spiffe://example.org/tenant/main/service/worker
issue executor spiffe://example.org/tenant/main/service/executor
issue operator spiffe://example.org/operator/demo

step "2. A configuration: a Unix socket and a TCP port, one store, who may do what"
cat >agent.yaml <<YAML
tacit:
  node: demo
  listeners:
    - address: $unix
    - address: $tcp
  tls:
    certificate: $home/certs/agent.crt
    private-key: $home/certs/agent.key
    client-ca: $home/certs/ca.crt
  policy:
    grants:
      - identity: spiffe://example.org/tenant/{tenant}/service/{service}
        tenant: "{tenant}"
        service: "{service}"
        namespaces: [company.**]
        keys: ["*"]
        operations: [get, list]
      - identity: spiffe://example.org/operator/*
        tenant: main
        service: "*"
        namespaces: [company.**]
        keys: ["*"]
        operations: [list, put, delete]
  memory:
    lock: preferred
  audit:
    file: $home/audit.jsonl
    required: true
  health:
    address: $health
kestra:
  secret:
    type: sqlite
    sqlite:
      path: $home/secrets.db
      secret: \${DEMO_STORE_SECRET}
    isolation:
      enabled: true
YAML
sed "s#$home#.#" agent.yaml | indent

step "3. The agent starts"
: >agent.log
DEMO_STORE_SECRET=$(head -c 32 /dev/urandom | base64 -w 0) "$tacit" agent -c agent.yaml 2>>agent.log &
agent=$!
for _ in $(seq 100); do
  if "$tacit" health --ready --address "$health" >/dev/null 2>&1; then break; fi
  if ! kill -0 "$agent" 2>/dev/null; then break; fi
  sleep 0.05
done
sed "s#$home#.#g" agent.log | indent
"$tacit" health --ready --address "$health" | indent

export TACIT_SOCKET=$unix
step "4. An operator stores a secret; its value comes from standard input"
printf %s 'correct horse battery staple' >value
as operator put DB_PASSWORD --namespace company.team <value
rm value

step "5. A worker fetches it, over the Unix socket and over TCP"
as worker get DB_PASSWORD --namespace company.team
as worker get DB_PASSWORD --namespace company.team --socket "$tcp"

step "6. A worker's task has it in its environment, and nowhere else"
as worker exec --namespace company.team --env DB_PASSWORD=DB_PASSWORD -- \
  sh -c 'echo "the task sees a password of ${#DB_PASSWORD} characters"'

step "7. An executor has a good certificate too, and is denied"
status=0
as executor get DB_PASSWORD --namespace company.team || status=$?
echo "  exit status: $status"
if [[ $status -ne 1 ]]; then
  echo "  expected 1" >&2
  exit 1
fi

step "8. Every decision is in the audit, and no value is"
indent <audit.jsonl

step "9. The agent stops, and wipes what it held"
kill "$agent"
status=0
wait "$agent" || status=$?
agent=
echo "  exit status: $status"
found=$(cat secrets.db* audit.jsonl agent.log | grep -c 'correct horse' || true)
echo "  the value in the store's files, the audit and the log: found $found times"
if [[ $status -ne 0 || $found -ne 0 ]]; then exit 1; fi
