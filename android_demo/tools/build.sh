#!/usr/bin/env bash
# build.sh: build the library, run the tests and build a signed APK, without the Android SDK. Prints the APK's path last.
# Downloads are cached in ~/.cache/pspm/android (or PSPM_ANDROID_CACHE).
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$demo")
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
uv=$(command -v uv || echo "$root/.uv/bin/uv")
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
work=$demo/target
maven=(mvn -B -ntp "-Dmaven.repo.local=$cache/m2" "-Daars=$cache/aars" -Dkotlin.compiler.daemon=false)

step() { echo "== $*"; }

step "downloads"
"$demo/tools/fetch.sh"
# shellcheck source=/dev/null
source "$cache/paths"

step "models"
"$demo/tools/assets.sh"

step "test vectors of the Python runtime"
mkdir -p "$work"
python() { (cd "$root" && "$uv" run --frozen --no-sync "$@"); }
python pspm vectors -o "$work/vectors"
rm -rf "$work/bundles" "$work/references"
mkdir "$work/bundles"
cp -r "$demo"/app/src/main/assets/mobile-* "$work/bundles"
python python "$demo/tools/references.py" "$work/bundles" "$work/references"

step "shim of Android's C library"
"$demo/tools/shim/build.sh" gcc "$work/shim-x86_64" "$cache/aars/tensorflow-lite/jni/x86_64/libtensorflowlite_jni.so"

step "resources"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/pyproject.toml")
resources=$demo/app/target/resources apk=$demo/app/target/apk
rm -rf "$resources" "$apk"
mkdir -p "$resources" "$apk/values"
echo "<resources><string name=\"version\">$version</string></resources>" >"$apk/values/version.xml"
# aapt2 needs the package in the manifest. Gradle forbids it there and reads it from build.gradle.kts.
sed 's/<manifest /<manifest package="pspm.demo" android:versionCode="1" android:versionName="'"$version"'" /' \
    "$demo/app/src/main/AndroidManifest.xml" >"$apk/AndroidManifest.xml"
aapt2 compile --dir "$demo/app/src/main/res" -o "$apk/resources.zip"
aapt2 compile -o "$apk" "$apk/values/version.xml"
# Debian's aapt2 is too old for uses-native-library and for some chunks of the platform's resources: ignore its warnings.
aapt2 link -I "$PLATFORM_14" --manifest "$apk/AndroidManifest.xml" --min-sdk-version 26 --target-sdk-version 36 \
    --warn-manifest-validation -A "$demo/app/src/main/assets" --java "$resources" --proguard "$apk/resources.pro" -o "$apk/linked.apk" \
    "$apk/resources.zip" "$apk/values_version.arsc.flat" 2>&1 | grep -v 'Unknown chunk type' || true
test -s "$apk/linked.apk"

step "library, app and tests"
rm -f "$demo"/*/target/android.log
(cd "$demo" && "${maven[@]}" verify "-Dsurefire.arguments=-Dpspm.vectors=$work/vectors -Dpspm.bundles=$work/bundles \
-Dpspm.references=$work/references -Dpspm.shim=$work/shim-x86_64 -Dpspm.root=$root \
-Djava.library.path=$cache/aars/tensorflow-lite/jni/x86_64")

step "AAR"
aar=$(python3 "$demo/tools/pack_aar.py" "$demo/matting/target/repository" "$demo/matting/target/matting-1.jar")
again=$(python3 "$demo/tools/pack_aar.py" "$demo/matting/target/repository-again" "$demo/matting/target/matting-1.jar")
cmp "$aar" "$again"
"$demo/tools/check_aar.sh" "$aar" "$demo/matting/target/aar"
echo "$aar"

step "rules for R8"
"$demo/tools/check_shrunk.sh" "$demo/matting/target/matting-1.jar" "$work/shim-x86_64" "$work/bundles/mobile-fp16-256"

step "check the benchmark report with Python"
report=$demo/app/target/report.json
python python -c "
import json, jsonschema
jsonschema.validate(json.load(open('$report')), json.load(open('runtime/pspm_runtime/bench.schema.json')))
"
python pspm bench --compare "$report"

step "dex"
cat >"$apk/engine.pro" <<'P'
-keepattributes SourceFile,LineNumberTable
-dontwarn org.jetbrains.annotations.**
P
dex() {
    rm -rf "$1"
    mkdir "$1"
    java -cp "$R8" com.android.tools.r8.R8 --release --min-api 26 --lib "$PLATFORM" --lib "$java_home" \
        --pg-conf "$apk/resources.pro" --pg-conf "$apk/engine.pro" --pg-conf "$demo/matting/consumer-rules.pro" --output "$1" \
        "$demo/matting/target/matting-1.jar" "$demo/app/target/app-1.jar" "$STDLIB" "$cache"/aars/*/classes.jar
}
dex "$apk/dex"

step "APK"
pack() {
    python3 "$demo/tools/pack_apk.py" "$1" "$apk/linked.apk" "$2" \
        "arm64-v8a=$cache/aars/tensorflow-lite/jni/arm64-v8a/libtensorflowlite_jni.so" \
        "arm64-v8a=$cache/aars/tensorflow-lite-gpu/jni/arm64-v8a/libtensorflowlite_gpu_jni.so" \
        "x86_64=$cache/aars/tensorflow-lite/jni/x86_64/libtensorflowlite_jni.so"
}
pack "$apk/unsigned.apk" "$apk/dex"
# A debug key, as Android Studio creates one. Sign a published app with your own key.
key=$cache/debug.keystore
[ -f "$key" ] || keytool -genkeypair -keystore "$key" -storepass android -keypass android -alias debug -keyalg RSA -keysize 2048 \
    -validity 10000 -dname CN=debug >/dev/null 2>&1
apksigner sign --ks "$key" --ks-pass pass:android --min-sdk-version 26 --v1-signing-enabled false --out "$apk/pspm-demo.apk" \
    "$apk/unsigned.apk"

step "checks"
dex "$apk/dex-again"
pack "$apk/again.apk" "$apk/dex-again"
"$demo/tools/check_apk.sh" "$apk"
echo "$apk/pspm-demo.apk"
