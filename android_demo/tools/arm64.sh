#!/usr/bin/env bash
# arm64.sh: run the engine's tests again with the phone's arm64 library, under qemu-user. Run build.sh first.
# It shows that the arm64 kernels give the same results. Its timings mean nothing. Takes about 15 minutes on two busy cores.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
work=$demo/target
root=$cache/arm64

command -v aarch64-linux-gnu-gcc >/dev/null || {
    echo "android-arm64: skipped; aarch64-linux-gnu-gcc is not installed (Debian: apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross)"
    exit 0
}
[ -d "$work/vectors" ] || {
    echo "android-arm64: there are no test vectors; run make android first" >&2
    exit 1
}

# Unpack packages of two Debian releases without installing them: Debian 12's qemu crashes on this code, Debian 13's works.
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

# Java needs libjpeg and liblcms to decode the JPEG photo.
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
# Under qemu the optimising JIT compiler costs more time than it saves.
ANDROID_LOG_FILE=$work/arm64-android.log "$root/qemu/usr/bin/qemu-aarch64" -cpu "${CPU:-cortex-a76}" \
    -E LD_PRELOAD="$work/shim-arm64/libcanary.so" -L "$root/debian" \
    "$root/debian/usr/lib/jvm/java-17-openjdk-arm64/bin/java" -XX:TieredStopAtLevel=1 \
    "-Dpspm.vectors=$work/vectors" "-Dpspm.bundles=$work/bundles" "-Dpspm.references=$work/references" \
    "-Dpspm.shim=$work/shim-arm64" "-Djava.library.path=$engine" \
    -jar "$JUNIT" execute --disable-banner --class-path "$classes" --select-class pspm.matting.EngineTest | tee "$log"
grep -q 'aarch64' "$log"
