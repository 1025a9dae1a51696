"""Segment: a part of the result that is complete, and what a file says of it."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pspm_runtime.files.encoding.deflate import fast_zlib

_PART = 1 << 20


@dataclass(frozen=True)
class Segment:
    """A part of the result.

    times: when each frame is shown and for how long, in units of the reader. delay: how many frames its codec decodes
    ahead. empty: frames without a person. lost, ended: as `VideoReader.part` counts them. end: of the last frame, in
    seconds of the input. bytes, crc32: of the file or files with the frames.
    """

    times: list[tuple[int, int]]
    delay: int
    empty: int
    lost: int
    ended: bool
    end: Fraction
    bytes: int
    crc32: int

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all. Raises OSError."""
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="ascii") as file:
            json.dump(asdict(self) | {"end": str(self.end)}, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path, media: Path) -> "Segment | None":
        """Read a segment whose frames are complete, None if they or the JSON are not."""
        try:
            facts: dict[str, Any] = json.loads(path.read_bytes())
            times = [(int(time), int(duration)) for time, duration in facts.pop("times")]
            segment = cls(times, end=Fraction(facts.pop("end")), **facts)
            found = checksum(media) if times else (0, 0)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return segment if found == (segment.bytes, segment.crc32) else None


def parts_of(media: Path) -> list[Path]:
    """The file with the frames, or the files of a folder."""
    return sorted(media.iterdir()) if media.is_dir() else [media]


def checksum(media: Path, *, sync: bool = False) -> tuple[int, int]:
    """Size and CRC-32 of the frames. sync: wait until the disk has them. Raises OSError."""
    size = crc32 = 0
    for path in parts_of(media):
        with path.open("rb") as file:
            for data in _pieces(file):
                size, crc32 = size + len(data), fast_zlib.crc32(data, crc32)
            if sync:
                os.fsync(file.fileno())
    return size, crc32


def _pieces(file: Any) -> Iterator[bytes]:
    while data := file.read(_PART):
        yield data
