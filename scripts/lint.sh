#!/usr/bin/env bash
# Checks the format of all Swift sources, except those that protoc generated.
set -euo pipefail
cd "$(dirname "$0")/.."

# Tracked and new files alike, so that the check means the same before and after a commit.
git ls-files -z --cached --others --exclude-standard -- 'Package.swift' 'Sources/**.swift' 'Tests/**.swift' \
  | grep -zv '\.pb\.swift$' \
  | while IFS= read -r -d '' file; do if [[ -e $file ]]; then printf '%s\0' "$file"; fi; done \
  | xargs -0 swift format lint --strict --parallel
