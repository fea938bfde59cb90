#!/bin/sh
# Installs Debian's Chromium for the browser tests where it is missing and can be had.
#
# Ends well in any case: without a browser those tests are skipped, and in CI (CI=true) they fail.
set -eu

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium here, and only root can install it with apt-get: no browser tests." >&2
    exit 0
fi

echo "Installing Chromium"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Without a font, every screenshot is a page of empty boxes.
if ! { apt-get update && apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Chromium could not be installed: no browser tests." >&2
fi
