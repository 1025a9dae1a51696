"""pack_apk.py OUT LINKED.apk DEX_FOLDER ABI=ENGINE.so...: build an unsigned APK, reproducibly.

LINKED.apk is the output of aapt2: manifest, resources, assets. Native libraries are stored uncompressed at multiples of
16384 bytes, so that Android can map them directly. An extra field records the alignment, so that apksigner keeps it.
"""

import struct
import sys
import zipfile
from pathlib import Path

TIME = (1981, 1, 1, 0, 0, 0)
PAGE = 16384
WORD = 4
ALIGNMENT_FIELD = 0xD935


def main(out: Path, linked: Path, dex_folder: Path, libraries: list[str]) -> None:
    with zipfile.ZipFile(linked) as source:
        entries = [(info.filename, source.read(info), info.compress_type) for info in source.infolist()]
    entries += [
        (path.name, path.read_bytes(), zipfile.ZIP_DEFLATED) for path in sorted(dex_folder.glob("classes*.dex"))
    ]
    for library in sorted(libraries):
        abi, path = library.split("=", 1)
        entries.append((f"lib/{abi}/{Path(path).name}", Path(path).read_bytes(), zipfile.ZIP_STORED))
    with out.open("wb") as file, zipfile.ZipFile(file, "w", compresslevel=9) as apk:
        for name, content, compression in entries:
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = compression
            entry.external_attr = 0o644 << 16
            if compression == zipfile.ZIP_STORED:
                entry.extra = alignment(file.tell(), name, PAGE if name.endswith(".so") else WORD)
            apk.writestr(entry, content, compresslevel=9)


def alignment(start: int, name: str, multiple: int) -> bytes:
    """The extra field that pads a stored entry so that its content begins at a multiple of `multiple` bytes."""
    header = struct.calcsize("<4s5H3I2H") + len(name.encode()) + struct.calcsize("<3H")
    padding = -(start + header) % multiple
    return struct.pack("<3H", ALIGNMENT_FIELD, 2 + padding, multiple) + bytes(padding)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
