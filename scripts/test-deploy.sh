#!/usr/bin/env bash
# What deploy/ promises: manifests and units, judged without a cluster, and the example pods, run against a real agent.
#
#   scripts/test-deploy.sh PATH-TO-TACIT [FOLDER]
#
# FOLDER holds the stages that Tests/DeployTests/carry_out.py left behind; then the pods run in them.
set -euo pipefail
cd "$(dirname "$0")/.."

TACIT=$(readlink -f "${1:?usage: scripts/test-deploy.sh PATH-TO-TACIT [FOLDER]}")
images=()
if [[ -n ${2-} ]]; then images=(TACIT_IMAGES="$(readlink -f "$2")"); fi
python=$PWD/.build/deploy-python/bin/python3
if ! cmp -s Tests/DeployTests/requirements.txt .build/deploy-python/requirements.txt; then
  echo "the Python of these tests is missing or old: run scripts/install-dependencies.sh test" >&2
  exit 2
fi
cd Tests/DeployTests

# Containers need a root, if only one of a user namespace. Mounts, processes and addresses of the pods end with the namespaces.
namespaces=(--mount --propagation private --net --pid --fork --kill-child --mount-proc)
as_root=()
if [[ $EUID -ne 0 ]]; then
  if sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  elif unshare --map-root-user --map-auto true 2>/dev/null; then
    namespaces+=(--map-root-user --map-auto)
  else
    echo "the pods' tests need root, sudo without a password, or subordinate users (package uidmap, /etc/subuid)" >&2
    exit 2
  fi
fi
# Without -B, compiled files would appear among the sources.
"$python" -B -m unittest test_dockerfile test_manifests test_findings test_units
"${as_root[@]}" env TACIT="$TACIT" "${images[@]}" unshare "${namespaces[@]}" "$python" -B -m unittest test_pods
