#!/usr/bin/env bash
# arm64.sh: the tests of the engine once more, with the phone's own library for arm64, under qemu-user. After build.sh.
# It shows that the arm64 kernels compute the same; its times mean nothing. A quarter of an hour on two busy cores.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
work=$demo/target
root=$cache/arm64

command -v aarch64-linux-gnu-gcc >/dev/null || {
    echo "android-arm64: skipped, for aarch64-linux-gnu-gcc is not installed (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross)"
    exit 0
}
[ -d "$work/vectors" ] || {
    echo "android-arm64: run make android first" >&2
    exit 1
}

# Packages of two releases, unpacked, not installed: Debian 12's own qemu crashes on this code, 13's does not.
get_packages() {
    local release=$1 architecture=$2 into=$3 apt=$root/apt-$1
    shift 3
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$root/debs" "$into"
    : >"$apt/status"
    local mirror
    mirror=${PSPM_DEBIAN:-$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 '/debian/\?$')}
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<C
APT::Architecture "$architecture";
APT::Architectures "$architecture";
APT::Sandbox::User "root";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
C
    APT_CONFIG=$apt/apt.conf apt-get -qq update
    (cd "$root/debs" && APT_CONFIG=$apt/apt.conf apt-get -qq download "$@")
    for package in "$root"/debs/*.deb; do dpkg -x "$package" "$into"; done
    rm -rf "$root/debs" "$apt"
}

# libjpeg and liblcms are Java's, for the photo that is a JPEG.
packages=(libc6 libgcc-s1 libstdc++6 zlib1g libjpeg62-turbo liblcms2-2 openjdk-17-jre-headless)
if [ "$(cat "$root/complete" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$root"
    get_packages trixie amd64 "$root/qemu" qemu-user
    get_packages bookworm arm64 "$root/debian" "${packages[@]}"
    echo "${packages[*]}" >"$root/complete"
fi

# shellcheck source=/dev/null
source "$cache/paths"
engine=$cache/aars/tensorflow-lite/jni/arm64-v8a
"$demo/tools/shim/build.sh" aarch64-linux-gnu-gcc "$work/shim-arm64" "$engine/libtensorflowlite_jni.so"
json=$(ls "$cache"/m2/org/json/json/*/json-*.jar | grep -v sources | head -1)
annotations=$(ls "$cache"/m2/org/jetbrains/annotations/*/annotations-*.jar | head -1)
classes=$demo/matting/target/classes:$demo/matting/target/test-classes:$STDLIB:$annotations:$json
for jar in "$cache"/aars/*/classes.jar; do classes+=:$jar; done

log=$work/arm64.log
rm -f "$work/arm64-android.log"
# The compiler that takes longer costs more than it gives under qemu.
ANDROID_LOG_FILE=$work/arm64-android.log "$root/qemu/usr/bin/qemu-aarch64" -cpu "${CPU:-cortex-a76}" \
    -E LD_PRELOAD="$work/shim-arm64/libcanary.so" -L "$root/debian" \
    "$root/debian/usr/lib/jvm/java-17-openjdk-arm64/bin/java" -XX:TieredStopAtLevel=1 \
    "-Dpspm.vectors=$work/vectors" "-Dpspm.bundles=$work/bundles" "-Dpspm.references=$work/references" \
    "-Dpspm.shim=$work/shim-arm64" "-Djava.library.path=$engine" \
    -jar "$JUNIT" execute --disable-banner --class-path "$classes" --select-class pspm.matting.EngineTest | tee "$log"
grep -q 'aarch64' "$log"
