#!/usr/bin/env bash
# bench.sh OUT: run the app's benchmark with its models in the JVM of this machine, and write a JSON file for each model into the
# folder OUT, for `pspm bench --compare`. bench.sh --bands [MODEL]: print what a frame's composition takes in 1, 2 and 4 bands,
# as wall time and as CPU time. Run build.sh first.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$demo")
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
if [ "$1" = --bands ]; then
    out=none bands=${2:-mobile-int8-256} test='DesktopBenchmarkTest#*bands*'
else
    mkdir -p "$1"
    out=$(cd "$1" && pwd) bands='' test='DesktopBenchmarkTest#*models*'
fi
work=$demo/target
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/pyproject.toml")
cd "$demo"
maven=(mvn -B -ntp -q "-Dmaven.repo.local=$cache/m2" "-Daars=$cache/aars" -Dkotlin.compiler.daemon=false)
"${maven[@]}" -DskipTests install -pl matting -am
"${maven[@]}" test -pl app "-Dtest=$test" "-Dsurefire.arguments=-Dpspm.bench=$out -Dpspm.bands=$bands -Dpspm.version=$version \
-Dpspm.bundles=$work/bundles -Dpspm.shim=$work/shim-x86_64 -Dpspm.root=$root -Djava.library.path=$cache/aars/tensorflow-lite/jni/x86_64"
