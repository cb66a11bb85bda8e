#!/bin/sh
# Sees to a Chromium for the browser tests. Where it cannot be installed, says so and succeeds: those tests then skip.
set -eu

if command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is not here, and cannot be installed without root and apt-get: the browser tests are skipped." >&2
    exit 0
fi
echo "Installing Chromium for the browser tests…" >&2
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } </dev/null >/dev/null 2>&1; then
    echo "Chromium could not be installed with apt-get: the browser tests are skipped." >&2
fi
