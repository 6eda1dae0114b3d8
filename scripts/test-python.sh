#!/usr/bin/env bash
# Makes the Pythons of the tests in .build, each where it does not fit its requirements: test-python for the fakes
# (Tests/Fakes), deploy-python for what judges deploy/ (Tests/DeployTests). Two, because their packages want different others.
set -euo pipefail
cd "$(dirname "$0")/.."

make_python() {
  local folder=$1 requirements=$2
  # Written last, so that what was cut off half-way is made anew.
  local stamp=$folder/requirements.txt
  if cmp -s "$requirements" "$stamp" && [[ -x $folder/bin/python3 ]]; then return; fi

  echo "Installing the Python of $(dirname "$requirements") in $folder" >&2
  mkdir -p .build
  # The distribution's Python: its venv is what install-dependencies.sh installs.
  /usr/bin/python3 -m venv --clear "$folder"
  # Without the cache, which would be outside of this folder; without temporary files elsewhere for the same reason.
  mkdir "$folder/tmp"
  TMPDIR=$PWD/$folder/tmp "$folder/bin/python3" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --requirement "$requirements" </dev/null >&2
  rm -rf "$folder/tmp"
  cp "$requirements" "$stamp"
}

make_python .build/test-python Tests/Fakes/requirements.txt
make_python .build/deploy-python Tests/DeployTests/requirements.txt
