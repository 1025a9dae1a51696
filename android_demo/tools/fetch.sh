#!/usr/bin/env bash
# fetch.sh: download the files of artefacts.txt from Maven Central into the cache, check their sha256, unpack the AARs
# (classes.jar and native libraries), and write the paths for build.sh.
set -euo pipefail
demo=$(cd "$(dirname "$0")/.." && pwd)
cache=${PSPM_ANDROID_CACHE:-$HOME/.cache/pspm/android}
mkdir -p "$cache/aars"
cd "$cache"

while read -r sum artefact; do
    IFS=: read -r group name version type classifier <<<"$artefact"
    file=m2/${group//.//}/$name/$version/$name-$version${classifier:+-$classifier}.$type
    if [ ! -f "$file" ]; then
        mvn -q -B -ntp "-Dmaven.repo.local=$cache/m2" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get \
            "-Dartifact=$artefact" -Dtransitive=false >&2
    fi
    if ! echo "$sum  $file" | sha256sum --check --status; then
        echo "$cache/$file does not have the sha256 in artefacts.txt; delete it and try again, and do not build if this repeats" >&2
        exit 1
    fi
    if [ "$type" = aar ] && [ ! -f "aars/$name/$version" ]; then
        rm -rf "aars/$name"
        unzip -q "$file" -d "aars/$name"
        touch "aars/$name/$version"
    fi
    case $name in
    r8) echo "R8=$cache/$file" ;;
    android-all) case $version in 14-*) echo "PLATFORM_14=$cache/$file" ;; *) echo "PLATFORM=$cache/$file" ;; esac ;;
    kotlin-stdlib) echo "STDLIB=$cache/$file" ;;
    ktlint-cli) echo "KTLINT=$cache/$file" ;;
    detekt-cli) echo "DETEKT=$cache/$file" ;;
    junit-platform-console-standalone) echo "JUNIT=$cache/$file" ;;
    esac
done <"$demo/tools/artefacts.txt" >paths.new
mv paths.new paths
