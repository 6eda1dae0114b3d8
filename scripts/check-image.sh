#!/usr/bin/env bash
# Carries the steps of deploy/docker/Dockerfile out in root folders (.build/image), looks at what is in the last one, and runs
# the example pods in it. For machines without a container engine. Takes as long as a release build, and a few minutes.
#
#   scripts/check-image.sh [PATH]...     more of this machine for the build, read-only: mirrors of packages, git's configuration
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $EUID -ne 0 ]]; then exec sudo env PATH="$PATH" "$0" "$@"; fi
folder=.build/image
binds=()
for path; do binds+=(--bind "$path"); done
python3 -B Tests/DeployTests/carry_out.py "$folder" "${binds[@]}" --cache .build/image-objects

image=$folder/final
echo "In the image:"
(cd "$image" && find . -type f -printf '%8kK  %p\n' | sort -k2 && du -sh .)
# The programs are all that can be run: no shell, nothing that changes its user, and nothing but what they link.
programs=$(cd "$image" && find . -type f -perm /111 -not -name '*.so*' -not -name 'ld-linux*' | sort | tr '\n' ' ')
if [[ $programs != "./usr/bin/tacit ./usr/bin/tacit-agent " ]]; then
  echo "unexpected programs: $programs" >&2
  exit 1
fi
if [[ -n $(find "$image" -perm /6000) ]]; then
  echo "set-user-ID programs: $(find "$image" -perm /6000)" >&2
  exit 1
fi
# The pods' own tests, in these root folders: version, check, an agent that answers its probes, a worker, an executor.
scripts/test-deploy.sh "$folder/build/out/tacit" "$folder"
