#!/usr/bin/env bash
# check_apk.sh FOLDER: hold FOLDER/pspm-demo.apk to what a phone and the store ask of it.
set -euo pipefail
folder=$1
apk=$folder/pspm-demo.apk
fail() {
    echo "$apk: $*" >&2
    exit 1
}

cmp "$folder/unsigned.apk" "$folder/again.apk" || fail "two builds differ"
echo "unsigned APK: the same bytes from two builds"

signatures=$(apksigner verify --verbose --min-sdk-version 26 "$apk")
for scheme in v2 v3; do
    grep -q "Verified using $scheme scheme .*: true" <<<"$signatures" || fail "has no $scheme signature"
done
echo "signatures: v2 and v3"

badging=$(aapt2 dump badging "$apk" 2>/dev/null)
for line in "package: name='pspm.demo'" "minSdkVersion:'26'\|sdkVersion:'26'" "targetSdkVersion:'35'" \
    "launchable-activity: name='pspm.demo.LiveActivity'" "uses-permission: name='android.permission.CAMERA'" \
    "native-code: 'arm64-v8a' 'x86_64'"; do
    grep -q "$line" <<<"$badging" || fail "its badging lacks $line"
done
[ "$(grep -c '^uses-permission:' <<<"$badging")" = 1 ] || fail "it asks for more than the camera"
echo "badging: pspm.demo, Android 8 to 15, arm64-v8a and x86_64, permission for the camera alone"

zipalign -c -p 4 "$apk" || fail "is not aligned"
python3 "$(dirname "$0")/check_apk.py" "$apk"
