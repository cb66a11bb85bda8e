#!/bin/sh
# Prints the path of a uv for this checkout, installing one privately under .cache when need be.
# Nothing outside the checkout is touched: a Python that refuses `pip install` (PEP 668) is no obstacle.
set -eu
cd "$(dirname "$0")/.."
cache=$PWD/.cache

say() { echo "$*" >&2; }

newest_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}

works() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

for uv in "$cache/uv-venv/bin/uv" "$cache/uv-target/bin/uv"; do
    if works "$uv"; then echo "$uv"; exit; fi
done

if ! python=$(newest_python); then
    if command -v uv >/dev/null 2>&1; then command -v uv; exit; fi
    say "Kunak needs Python 3.11 or newer; here is $(python3 --version 2>/dev/null || echo 'no python3')."
    say "Install one (Debian 12 or newer, Ubuntu 24.04 or newer: apt-get install python3 python3-venv), then try again."
    exit 1
fi

mkdir -p "$cache"
log=$cache/uv-bootstrap.log
: >"$log"

rm -rf "$cache/uv-venv"
if "$python" -m venv "$cache/uv-venv" >>"$log" 2>&1 &&
    "$cache/uv-venv/bin/python" -m pip install --quiet --disable-pip-version-check uv >>"$log" 2>&1 &&
    works "$cache/uv-venv/bin/uv"; then
    echo "$cache/uv-venv/bin/uv"
    exit
fi
rm -rf "$cache/uv-venv" # half-made, as without ensurepip

if command -v uv >/dev/null 2>&1; then command -v uv; exit; fi

rm -rf "$cache/uv-target"
if "$python" -m pip install --quiet --disable-pip-version-check --target "$cache/uv-target" uv >>"$log" 2>&1 &&
    works "$cache/uv-target/bin/uv"; then
    echo "$cache/uv-target/bin/uv"
    exit
fi
rm -rf "$cache/uv-target"

tail -n 5 "$log" >&2
if "$python" -m pip --version >/dev/null 2>&1; then
    say "uv, which installs what Kunak needs, could not be fetched from PyPI with $python (see $log)."
    say "Check the network or the package index of pip, or install uv yourself (https://docs.astral.sh/uv/), then try again."
else
    say "$python can neither make a virtual environment nor run pip, so uv, which installs what Kunak needs, cannot be fetched."
    say "Install what is missing (Debian, Ubuntu: apt-get install python3-venv), or uv itself, then try again."
fi
exit 1
