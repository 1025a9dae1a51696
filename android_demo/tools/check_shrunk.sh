#!/usr/bin/env bash
# check_shrunk.sh CLASSES SHIM BUNDLE: check matting/consumer-rules.pro. R8 shrinks and renames an app, the library and TensorFlow
# Lite. The app must then run the network as before, and the native methods that it can reach must have their names.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
# shellcheck source=/dev/null
source "$cache/paths"
json=$(find "$cache/m2/org/json" -name 'json-*.jar' | head -1)
photo=$demo/../runtime/pspm_runtime/sample/astronaut.jpg
work=$demo/matting/target/shrunk
rm -rf "$work"
mkdir -p "$work/app"
engine=$(printf '%s:' "$cache"/aars/tensorflow-lite*/classes.jar)
javac --release 17 -cp "$1:$engine$STDLIB" -d "$work/app" "$demo/tools/consumer/Matte.java"
(cd "$work/app" && jar cf "$work/app.jar" .)

run() { java "-Djava.library.path=$cache/aars/tensorflow-lite/jni/x86_64" -cp "$1" Matte "$2" "$3" "$photo" 2>/dev/null; }
whole=$(run "$work/app:$1:$engine$STDLIB:$json" "$2" "$3")

# The app's entry point.
cat >"$work/app.pro" <<'P'
-keep class Matte { public static void main(java.lang.String[]); }
-dontwarn org.jetbrains.annotations.**
-dontwarn kotlinx.coroutines.**
P
java -cp "$R8" com.android.tools.r8.R8 --release --classfile --lib "$PLATFORM" --lib "$java_home" \
    --pg-conf "$work/app.pro" --pg-conf "$demo/matting/consumer-rules.pro" --pg-map-output "$work/mapping.txt" \
    --output "$work/shrunk.jar" "$work/app.jar" "$1" "$STDLIB" "$cache"/aars/tensorflow-lite*/classes.jar
small=$(run "$work/shrunk.jar:$json" "$2" "$3" || true)
[ "$small" = "$whole" ] || { echo "the shrunk app printed '$small', not '$whole'; check consumer-rules.pro" >&2; exit 1; }

natives() {
    for jar in "$@"; do
        unzip -Z1 "$jar" 'org/tensorflow/lite/*.class' 2>/dev/null | sed 's/\.class$//' | while read -r name; do
            javap -p -cp "$jar" "$name" | grep ' native ' | sed "s,.* \([A-Za-z0-9]*\)(.*,$name.\1," || true
        done
    done | sort
}
natives "$cache"/aars/tensorflow-lite*/classes.jar >"$work/natives"
natives "$work/shrunk.jar" >"$work/kept"
renamed=$(comm -13 "$work/natives" "$work/kept")
[ -z "$renamed" ] || { echo "R8 renamed native methods: $renamed; check consumer-rules.pro" >&2; exit 1; }
# No desktop can run the delegates, but the library's code reaches them.
for method in org/tensorflow/lite/gpu/GpuDelegate.createDelegate org/tensorflow/lite/nnapi/NnApiDelegateImpl.createDelegate; do
    grep -qx "$method" "$work/kept" || { echo "R8 removed $method; check consumer-rules.pro" >&2; exit 1; }
done
count() { for jar in "$@"; do unzip -Z1 "$jar" 'org/tensorflow/lite/*.class'; done | wc -l; }
echo "shrunk by R8: $small as before; $(wc -l <"$work/kept") native methods kept;" \
    "$(count "$work/shrunk.jar") of $(count "$cache"/aars/tensorflow-lite*/classes.jar) classes of TensorFlow Lite have their names"
