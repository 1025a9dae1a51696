#!/usr/bin/env bash
# available.sh: check that everything build.sh needs is available. If not, print what is missing and exit with 1.
set -euo pipefail
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}

missing=()
for tool in java javac mvn gcc readelf unzip aapt2 zipalign apksigner; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "android: skipped; not installed: ${missing[*]} (Debian: apt install maven openjdk-17-jdk-headless gcc binutils unzip aapt zipalign apksigner)"
    exit 1
fi
engine=org/tensorflow/tensorflow-lite/2.16.1/tensorflow-lite-2.16.1.pom
if [ ! -e "$cache/m2/$engine" ] && ! curl -sSf -m 20 -o /dev/null "https://repo1.maven.org/maven2/$engine"; then
    echo "android: skipped; Maven Central cannot be reached and $cache has no downloads; connect once to fill it"
    exit 1
fi
