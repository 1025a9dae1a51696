#!/usr/bin/env bash
# lint.sh: run ktlint and detekt on the Kotlin and Gradle sources and compare the versions in Gradle and Maven.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
cd "$demo"
# shellcheck source=/dev/null
source "$cache/paths"
java -jar "$KTLINT" --relative "matting/src/**/*.kt" "app/src/**/*.kt" "*.kts" "*/*.kts"
echo "ktlint: no findings"
java -jar "$DETEKT" --build-upon-default-config --config tools/detekt.yml --input matting/src,app/src
echo "detekt: no findings"
python3 tools/check_versions.py
