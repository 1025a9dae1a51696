"""check_apk.py APK: native libraries lie at whole pages, the dex holds nothing that Android 8 cannot run, the size."""

import struct
import sys
import zipfile
from pathlib import Path

LARGEST = 25_000_000
PAGE = 16384
# Of the dex format: what Android 8 knows, and its header's places of string ids and the map.
DEX_VERSION = b"038"
MAP_OFFSET = 0x34
CALL_SITE_IDS, METHOD_HANDLES = 0x0007, 0x0008


def main(apk: Path) -> None:
    with zipfile.ZipFile(apk) as entries, apk.open("rb") as file:
        libraries = [info for info in entries.infolist() if info.filename.endswith(".so")]
        for info in libraries:
            if info.compress_type != zipfile.ZIP_STORED:
                raise SystemExit(f"{info.filename} is compressed")
            file.seek(info.header_offset + 26)
            start = info.header_offset + 30 + sum(struct.unpack("<2H", file.read(4)))
            if start % PAGE:
                raise SystemExit(f"{info.filename} begins at {start}, which is no multiple of {PAGE}")
        print(f"native libraries: {len(libraries)}, stored at multiples of {PAGE}")
        dexes = [info for info in entries.infolist() if info.filename.endswith(".dex")]
        for info in dexes:
            check_dex(info.filename, entries.read(info))
        print(f"dex: {len(dexes)}, {sum(info.file_size for info in dexes)} bytes, no call sites, no method handles")
        models = [info.filename for info in entries.infolist() if info.filename.endswith(".tflite")]
        print(f"models: {len(models)}")
    size = apk.stat().st_size
    if size >= LARGEST:
        raise SystemExit(f"{apk} has {size} bytes, {LARGEST} at most")
    print(f"size: {size / 1e6:.1f} MB")


def check_dex(name: str, dex: bytes) -> None:
    """Raise for a version or a kind of item that Android 8 (API 26) does not know."""
    if dex[:4] != b"dex\n" or dex[4:7] > DEX_VERSION:
        raise SystemExit(f"{name} is of version {dex[4:7]!r}")
    (offset,) = struct.unpack_from("<I", dex, MAP_OFFSET)
    (items,) = struct.unpack_from("<I", dex, offset)
    kinds = {struct.unpack_from("<H", dex, offset + 4 + 12 * i)[0] for i in range(items)}
    if kinds & {CALL_SITE_IDS, METHOD_HANDLES}:
        raise SystemExit(f"{name} holds invoke-custom or a method handle")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
