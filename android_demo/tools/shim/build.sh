#!/usr/bin/env bash
# build.sh COMPILER OUT ENGINE.so: build libc.so, libm.so, libdl.so and liblog.so, with which an Android engine loads on glibc.
# The engine itself is not changed. The build stops at an import that is not in forwarded.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
compiler=$1 out=$2 engine=$3
mkdir -p "$out"
machine=$("$compiler" -dumpmachine)

readelf --dyn-syms -W "$engine" | awk '$7 == "UND" && $8 != "" && $5 != "WEAK" {sub(/@.*/, "", $8); print $8}' | sort -u >"$out/imports"
sed -n 's/^BIONIC(\(.*\))$/\1/p' "$here/bionic.c" | sort >"$out/own"
comm -23 "$out/imports" "$out/own" >"$out/forwarded"
unknown=$(comm -23 "$out/forwarded" "$here/forwarded.txt")
if [ -n "$unknown" ]; then
    echo "the engine imports functions that were not reviewed; review them and add them to forwarded.txt:" $unknown >&2
    exit 1
fi

{
    echo '.section .note.GNU-stack,"",%progbits'
    while read -r name; do
        echo ".text; .globl bionic_$name; .type bionic_$name,%function; .symver bionic_$name,$name@LIBC,remove"
        case $machine in
        x86_64*) echo "bionic_$name: jmp *$name@GOTPCREL(%rip)" ;;
        aarch64*) printf 'bionic_%s: adrp x16,:got:%s\nldr x16,[x16,:got_lo12:%s]\nbr x16\n' "$name" "$name" "$name" ;;
        esac
    done <"$out/forwarded"
} >"$out/forward.s"
echo 'LIBC { };' >"$out/versions"

link() { "$compiler" -shared -Wl,--version-script="$out/versions" -Wl,-z,defs "$@"; }
link -O2 -Wall -fPIC -fno-builtin -Wl,-soname,libc.so -o "$out/libc.so" "$here/bionic.c" "$out/forward.s" -lm
for name in m dl log; do link -Wl,-soname,lib$name.so -o "$out/lib$name.so" -x c /dev/null; done
case $machine in aarch64*) "$compiler" -shared -fPIC -O2 -o "$out/libcanary.so" "$here/canary.c" ;; esac
