"""check_apk.py APK: check that native libraries are page-aligned, that Android 8 can run the dex, and the size.

Warns of libraries whose segments are aligned to less than 16 KB: phones with pages of 16 KB cannot load them.
"""

import struct
import sys
import zipfile
from pathlib import Path

LARGEST = 25_000_000
PAGE = 16384
PT_LOAD = b"\x01\x00\x00\x00"
# The newest dex version that Android 8 reads, the header offset of the map, and the item types it does not support.
DEX_VERSION = b"038"
MAP_OFFSET = 0x34
CALL_SITE_IDS, METHOD_HANDLES = 0x0007, 0x0008


def main(apk: Path) -> None:
    with zipfile.ZipFile(apk) as entries, apk.open("rb") as file:
        libraries = [info for info in entries.infolist() if info.filename.endswith(".so")]
        for info in libraries:
            if info.compress_type != zipfile.ZIP_STORED:
                raise SystemExit(f"{info.filename} is compressed; store it uncompressed")
            file.seek(info.header_offset + 26)
            start = info.header_offset + 30 + sum(struct.unpack("<2H", file.read(4)))
            if start % PAGE:
                raise SystemExit(f"{info.filename} begins at byte {start}, not at a multiple of {PAGE}")
        print(f"native libraries: {len(libraries)}, uncompressed, at multiples of {PAGE} bytes")
        small = [info.filename for info in libraries if segment_alignment(entries.read(info)) < PAGE]
        if small:
            print(
                f"WARNING: phones with pages of 16 KB cannot load {', '.join(small)}, and the Play store refuses it. "
                "This APK is for side-loading and tests; build with Gradle, which uses LiteRT, to publish the app."
            )
        dexes = [info for info in entries.infolist() if info.filename.endswith(".dex")]
        for info in dexes:
            check_dex(info.filename, entries.read(info))
        print(f"dex: {len(dexes)}, {sum(info.file_size for info in dexes)} bytes, no call sites, no method handles")
        models = [info.filename for info in entries.infolist() if info.filename.endswith(".tflite")]
        print(f"models: {len(models)}")
    size = apk.stat().st_size
    if size >= LARGEST:
        raise SystemExit(f"{apk} has {size} bytes, more than the limit of {LARGEST}")
    print(f"size: {size / 1e6:.1f} MB")


def segment_alignment(library: bytes) -> int:
    """The smallest p_align of the loadable segments of a 64-bit ELF library, in bytes."""
    (offset,) = struct.unpack_from("<Q", library, 0x20)
    size, count = struct.unpack_from("<2H", library, 0x36)
    headers = [library[offset + i * size : offset + (i + 1) * size] for i in range(count)]
    return min(struct.unpack_from("<Q", header, 0x30)[0] for header in headers if header[:4] == PT_LOAD)


def check_dex(name: str, dex: bytes) -> None:
    """Exit if the dex has a version or an item type that Android 8 (API 26) does not support."""
    if dex[:4] != b"dex\n" or dex[4:7] > DEX_VERSION:
        raise SystemExit(f"{name} has the dex version {dex[4:7]!r}, newer than {DEX_VERSION!r}")
    (offset,) = struct.unpack_from("<I", dex, MAP_OFFSET)
    (items,) = struct.unpack_from("<I", dex, offset)
    kinds = {struct.unpack_from("<H", dex, offset + 4 + 12 * i)[0] for i in range(items)}
    if kinds & {CALL_SITE_IDS, METHOD_HANDLES}:
        raise SystemExit(f"{name} contains invoke-custom or a method handle")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
