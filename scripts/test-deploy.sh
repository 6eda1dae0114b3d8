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

# Without -B, compiled files would appear among the sources.
"$python" -B -m unittest test_dockerfile test_manifests test_findings test_units

# Containers need a root, if only one of a user namespace. Mounts, processes and addresses of the pods end with the namespaces.
namespaces=(--mount --propagation private --net --pid --fork --kill-child --mount-proc)
for way in "" "sudo -n" "--map-root-user --map-auto"; do
  case $way in
    "") if [[ $EUID -ne 0 ]]; then continue; fi; isolated=(unshare "${namespaces[@]}") ;;
    sudo*) isolated=(sudo -n unshare "${namespaces[@]}") ;;
    *) isolated=(unshare --map-root-user --map-auto "${namespaces[@]}") ;;
  esac
  if "${isolated[@]}" true 2>/dev/null; then
    exec "${isolated[@]}" env TACIT="$TACIT" "${images[@]}" "$python" -B -m unittest test_pods
  fi
done
# An ordinary container is such a place. Everything else has been tested; this has to be said where nobody overlooks it.
echo "NOT RUN: the pods of deploy/kubernetes. This machine gives no namespaces: they need root (not that of a container without" \
  "privileges), sudo without a password, or subordinate users (package uidmap, /etc/subuid)." >&2
if [[ -n ${images[*]-} ]]; then exit 1; fi
