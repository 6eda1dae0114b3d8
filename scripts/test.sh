#!/usr/bin/env bash
# Everything that must hold before a change goes in, the cheapest first. The ordinary test run comes last, so that its own
# summary is the last thing on the screen.
#
#   scripts/test.sh                             format, build, tests
#   TACIT_SANITIZERS="address" scripts/test.sh   under a sanitizer too
set -euo pipefail
cd "$(dirname "$0")/.."

# Not by default: the thread sanitizer does not see the standard library's locks on Linux and reports them as races.
sanitizers=${TACIT_SANITIZERS-}
# What hostile input and several threads reach. The rest is run without sanitizers only.
sanitized='^(SecretMemory|Wire|TLS|HTTP|Secrets|Cryptography|Configuration|Liveness|Registry|PostgreSQL|MariaDB|Backends|Migration|TacitClient|Agent)Tests'
strict=(--explicit-target-dependency-import-check error)

step() { printf '\n== %s\n' "$*"; }

step "Format"
scripts/lint.sh

for sanitizer in $sanitizers; do
  step "Tests under the $sanitizer sanitizer"
  # Sanitizers bring an allocator of their own, so the wiping free stays out. One scratch folder each, or every switch
  # would build everything anew. One test after the other for the reason given at the end; there is no XCTest to run,
  # which would leak.
  LSAN_OPTIONS=suppressions=$PWD/scripts/leaks-of-others.txt swift test --no-parallel --disable-xctest \
    --sanitize="$sanitizer" --disable-default-traits --traits PostgreSQL,MariaDB --scratch-path ".build-$sanitizer" \
    -Xswiftc -use-ld=lld --filter "$sanitized"
done

step "Build without database servers"
# Its own folder, because traits change everything that is built.
without=.build-without-servers
for target in PostgreSQL MariaDB Backends; do
  swift build "${strict[@]}" --disable-default-traits --traits WipingFree --target "$target" --scratch-path "$without"
done
if find "$without" -name 'CPostgreSQL*.pcm' -o -name 'CMariaDB*.pcm' | grep -q .; then
  echo "a client library's header was used although its trait is off" >&2
  exit 1
fi

step "Build"
swift build "${strict[@]}" --build-tests

step "Deployment"
scripts/test-deploy.sh .build/debug/tacit

step "Tests"
# One after the other: some tests look at the clock, and must not wait behind hundreds of others.
swift test --no-parallel "${strict[@]}"
