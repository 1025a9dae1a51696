#!/usr/bin/env bash
# screens.sh: run the app's screens in a simulated Android 14 with the real models and draw them to screens/target/drawn.
# Run build.sh first. Downloads 250 MB more, part of it (androidx.test:monitor) from Google's Maven repository.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
work=$demo/target
home=$demo/screens/target/robolectric
maven=(mvn -B -ntp "-Dmaven.repo.local=$cache/m2" "-Daars=$cache/aars" -Dkotlin.compiler.daemon=false)
get() { (cd /tmp && "${maven[@]}" -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get -Dtransitive=false "$@"); }

monitor=$cache/m2/androidx/test/monitor/1.8.0/monitor-1.8.0.aar
[ -f "$monitor" ] || get -Dartifact=androidx.test:monitor:1.8.0:aar -DremoteRepositories=https://dl.google.com/dl/android/maven2
[ -d "$cache/aars/monitor" ] || unzip -q "$monitor" -d "$cache/aars/monitor"
android=14-robolectric-10818077-i7
instrumented=$cache/m2/org/robolectric/android-all-instrumented/$android/android-all-instrumented-$android.jar
[ -f "$instrumented" ] || get "-Dartifact=org.robolectric:android-all-instrumented:$android"

mkdir -p "$home/config/com/android/tools"
ln -sf "$instrumented" "$home/"
cat >"$home/config/com/android/tools/test_config.properties" <<P
android_resource_apk=$demo/app/target/apk/linked.apk
android_merged_manifest=$demo/app/target/apk/AndroidManifest.xml
android_merged_assets=$demo/app/src/main/assets
android_custom_package=pspm.demo
P
cd "$demo"
"${maven[@]}" -f screens/pom.xml verify "-Dsurefire.arguments=-Xmx3g -Dpspm.shim=$work/shim-x86_64 \
-Djava.library.path=$cache/aars/tensorflow-lite/jni/x86_64"
echo "$demo/screens/target/drawn"
