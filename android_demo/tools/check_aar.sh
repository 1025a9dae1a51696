#!/usr/bin/env bash
# check_aar.sh AAR FOLDER: check that a Java app compiles against the AAR, whose classes are unpacked into FOLDER. Needs tools/fetch.sh.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=/dev/null
source "${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}/paths"
rm -rf "$2"
mkdir -p "$2/classes"
unzip -q "$1" -d "$2"
for entry in AndroidManifest.xml classes.jar R.txt proguard.txt META-INF/com/android/build/gradle/aar-metadata.properties; do
    [ -f "$2/$entry" ] || { echo "$1 has no $entry" >&2; exit 1; }
done
cmp "$2/proguard.txt" "$demo/matting/consumer-rules.pro"
# android-all is compiled for a newer Java than the one that compiles this.
javac -Xlint:all,-classfile -Werror --release 17 -cp "$2/classes.jar:$PLATFORM_14:$STDLIB" -d "$2/classes" \
    "$demo/tools/consumer/Consumer.java"
echo "AAR: a Java app compiles against it"
