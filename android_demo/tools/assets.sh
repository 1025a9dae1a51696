#!/usr/bin/env bash
# assets.sh: export the models and copy them and the sample portrait into app/src/main/assets, for build.sh and Android Studio.
# Exports take minutes and are cached next to the downloads until the weights or the exporter change.
# PSPM_DATA: folder with the pictures for int8 calibration and its check (docs/data.md). Without it, the sample photo is used.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$demo")
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
data=${PSPM_DATA:-$root/../shared/data}
uv=$(command -v uv || echo "$root/.uv/bin/uv")
assets=$demo/app/src/main/assets

calibrated=()
[ -d "$data/portraits" ] && calibrated=(--data "$data")
exporter() { find export/pspm_export -name '*.py' | LC_ALL=C sort | xargs cat; }
key=$(cd "$root" && { cat runtime/pspm_runtime/weights/mobile/*; exporter; cat uv.lock; echo "${#calibrated[@]}"; } | sha256sum | cut -c1-16)
kept=$cache/bundles/$key

for model in fp32-512 fp16-512 fp16-256 int8-512 int8-256; do
    name=mobile-$model precision=${model%-*} size=${model#*-}
    if [ ! -f "$kept/$name/manifest.json" ]; then
        more=()
        [ "$precision" = int8 ] && more=("${calibrated[@]}")
        (cd "$root" && "$uv" run --frozen --no-sync pspm export --model mobile --format tflite --precision "$precision" --size "$size" \
            "${more[@]}" -o "$kept/$name")
    fi
done

rm -rf "$assets"
mkdir -p "$assets"
cp -r "$kept"/mobile-* "$assets"
cp "$root/runtime/pspm_runtime/sample/astronaut.jpg" "$assets/sample.jpg"
(cd "$assets" && printf '%s\n' mobile-*) >"$assets/models.txt"
