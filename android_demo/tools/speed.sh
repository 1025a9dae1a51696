#!/usr/bin/env bash
# speed.sh: measure the three stages of a frame on this machine with JMH. Run build.sh first.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
work=$demo/target
cd "$demo"
mvn -B -ntp -q "-Dmaven.repo.local=$cache/m2" "-Daars=$cache/aars" -Dkotlin.compiler.daemon=false -DskipTests install -pl matting,speed -am
cd speed
mvn -B -ntp -q "-Dmaven.repo.local=$cache/m2" "-Daars=$cache/aars" exec:exec "-Dspeed.arguments=-Dpspm.shim=$work/shim-x86_64 \
-Dpspm.bundles=$work/bundles -Dpspm.sample=$demo/app/src/main/assets/sample.jpg \
-Djava.library.path=$cache/aars/tensorflow-lite/jni/x86_64"
