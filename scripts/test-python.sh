#!/usr/bin/env bash
# Makes the Python of the fakes (Tests/Fakes) in .build/test-python, where it does not fit Tests/Fakes/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Tests/Fakes/requirements.txt
folder=.build/test-python
# Written last, so that what was cut off half-way is made anew.
stamp=$folder/requirements.txt
if cmp -s "$requirements" "$stamp" && [[ -x $folder/bin/python3 ]]; then exit 0; fi

echo "Installing the Python of the fakes in $folder" >&2
mkdir -p .build
# The distribution's Python: its venv is what install-dependencies.sh installs.
/usr/bin/python3 -m venv --clear "$folder"
# Without the cache, which would be outside of this folder; without temporary files elsewhere for the same reason.
mkdir "$folder/tmp"
TMPDIR=$PWD/$folder/tmp "$folder/bin/python3" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --requirement "$requirements" </dev/null >&2
rm -rf "$folder/tmp"
cp "$requirements" "$stamp"
