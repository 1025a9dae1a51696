#!/usr/bin/env bash
# lint.sh: ktlint and detekt over the Kotlin and Gradle sources, and the versions of Gradle against those of Maven.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
cd "$demo"
# shellcheck source=/dev/null
source "$cache/paths"
java -jar "$KTLINT" --relative "matting/src/**/*.kt" "app/src/**/*.kt" "*.kts" "*/*.kts"
echo "ktlint: nothing found"
java -jar "$DETEKT" --build-upon-default-config --config tools/detekt.yml --input matting/src,app/src
echo "detekt: nothing found"
python3 tools/check_versions.py
