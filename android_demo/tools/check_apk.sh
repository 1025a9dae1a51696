#!/usr/bin/env bash
# check_apk.sh FOLDER: check FOLDER/pspm-demo.apk against the requirements of phones and of the Play store.
set -euo pipefail
folder=$1
apk=$folder/pspm-demo.apk
fail() {
    echo "$apk: $*" >&2
    exit 1
}

cmp "$folder/unsigned.apk" "$folder/again.apk" || fail "two builds of the unsigned APK differ; find what depends on time or order"
echo "unsigned APK: two builds are identical"

signatures=$(apksigner verify --verbose --min-sdk-version 26 "$apk")
for scheme in v2 v3; do
    grep -q "Verified using $scheme scheme .*: true" <<<"$signatures" || fail "the $scheme signature is missing or invalid"
done
echo "signatures: v2 and v3 are valid"

badging=$(aapt2 dump badging "$apk" 2>/dev/null)
for line in "package: name='pspm.demo'" "minSdkVersion:'26'\|sdkVersion:'26'" "targetSdkVersion:'36'" \
    "launchable-activity: name='pspm.demo.LiveActivity'" "uses-permission: name='android.permission.CAMERA'" \
    "native-code: 'arm64-v8a' 'x86_64'"; do
    grep -q "$line" <<<"$badging" || fail "aapt2 dump badging does not print $line"
done
[ "$(grep -c '^uses-permission:' <<<"$badging")" = 1 ] || fail "it requests more permissions than the camera"
echo "badging: pspm.demo, Android 8 to 16, arm64-v8a and x86_64, camera permission only"

zipalign -c -p 4 "$apk" || fail "its entries are not aligned; check pack_apk.py"
python3 "$(dirname "$0")/check_apk.py" "$apk"
