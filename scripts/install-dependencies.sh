#!/usr/bin/env bash
# Installs, with apt-get, what is missing to build Tacit. Does nothing where all is there.
# The Python packages of the tests go into .build and nowhere else.
#
#   scripts/install-dependencies.sh              to build
#   scripts/install-dependencies.sh test         to test, too
#   scripts/install-dependencies.sh machines     to put root folders of Debian together and to boot one, too
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(libssl-dev libcurl4-openssl-dev libsqlite3-dev libyaml-dev libpq-dev libmariadb-dev pkg-config ca-certificates)
if [[ ${1:-} == machines ]]; then packages+=(debootstrap systemd-container); fi
if [[ ${1:-} == test ]]; then
  packages+=(openssl protobuf-compiler python3 python3-venv python3-protobuf python3-cryptography)
  # Tests start servers of their own. What Debian's packages set up is neither used nor started by them.
  packages+=(postgresql mariadb-server util-linux)
  # Of the tests of deploy/: systemd-analyze, and setcap for the image.
  packages+=(systemd libcap2-bin)
  # A browser for the status page. Ubuntu has it as a snap only: install Google Chrome there.
  command -v chromium google-chrome >/dev/null || packages+=(chromium)
fi

if ! command -v swift >/dev/null; then
  echo "Swift 6.3 or later is needed and is in no distribution's packages: see https://www.swift.org/install/linux/" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  if ! dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed'; then missing+=("$package"); fi
done

install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
    </dev/null >&2
}
if [[ ${#missing[@]} -gt 0 ]]; then
  as_root=()
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing, and there is no sudo to install them with: ${missing[*]}" >&2
      exit 2
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}" >&2
  # Package lists are often missing or old; they are fetched only where they are needed.
  install || { "${as_root[@]}" apt-get update -q </dev/null >&2 && install; }
fi

if [[ ${1:-} == test ]]; then
  scripts/test-python.sh
  scripts/test-promtool.sh
fi

