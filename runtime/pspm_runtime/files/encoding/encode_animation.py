"""Encode frames as an animated WebP, APNG or GIF, one frame at a time."""

import io
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from PIL import Image

from pspm_runtime.constants import QUALITY
from pspm_runtime.errors import OutputError
from pspm_runtime.files.encoding.encode import FORMATS
from pspm_runtime.files.encoding.encode_png import chunk, deflated_rows, png_head
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.metadata.metadata import NO_METADATA, Metadata

ANIMATED = {".webp": "WEBP", ".png": "PNG", ".gif": "GIF"}
_LONGEST_DELAY = 65535

TimedFrame = tuple[Image.Image, float]


def check_animated(suffix: str, *, transparent: bool) -> None:
    """Raise OutputError unless the suffix is that of a format for animations, with soft transparency where needed."""
    if suffix.lower() not in ANIMATED:
        kind = FORMATS.get(suffix.lower(), suffix)
        raise OutputError(f"a {kind} file holds no animation; use .webp, .png or .gif, or give a folder with -o")
    if transparent and suffix.lower() == ".gif":
        raise OutputError("a GIF holds no soft transparency; use .webp or .png")


def encode_animation(
    frames: Iterable[tuple[Image.Image | WideImage, float]],
    count: int,
    suffix: str,
    quality: int = QUALITY,
    loop: int | None = 0,
    metadata: Metadata = NO_METADATA,
) -> bytes:
    """Encode frames with their durations in milliseconds. suffix: one of `ANIMATED`.

    count: how many frames there are. loop: how often they are played, 0 for without end, None for once.
    WebP and GIF join frames that are equal. Raises OutputError for frames of different sizes or profiles.
    """
    checked = _alike(frames)
    kind = ANIMATED[suffix.lower()]
    if kind == "PNG":
        return _encode_apng(checked, count, loop, metadata)
    playing = _Playing(checked, count)
    options: dict[str, Any] = {"duration": playing.durations}
    if kind == "WEBP":
        profile = playing.info.get("icc_profile")
        options |= {"quality": quality, "icc_profile": profile, "exif": metadata.exif, "xmp": metadata.xmp}
        options["loop"] = 1 if loop is None else loop
    elif loop is not None:
        options["loop"] = loop
    buffer = io.BytesIO()
    try:
        playing.save(buffer, kind, save_all=True, **options)
    except (OSError, ValueError) as error:
        size = f"{playing.width} x {playing.height} pixels"
        raise OutputError(f"an animation of {size} cannot be a {kind} file ({error}); use .png") from None
    return buffer.getvalue()


class _Playing(Image.Image):
    """An image that is at one frame after the other, as Pillow's encoders ask for them."""

    def __init__(self, frames: Iterator[TimedFrame], count: int) -> None:
        super().__init__()
        self._left = frames
        self.n_frames = count
        self.durations: list[float] = []
        self._next()

    def seek(self, frame: int) -> None:
        if frame >= self.n_frames:
            raise EOFError("no more frames")
        while frame >= len(self.durations):
            self._next()

    def tell(self) -> int:
        return 0

    def _next(self) -> None:
        image, duration = next(self._left)
        self.im, self._mode, self._size = image.im, image.mode, image.size
        self.info = {"icc_profile": image.info["icc_profile"]} if "icc_profile" in image.info else {}
        self.durations.append(duration)


def _alike(frames: Iterable[tuple[Image.Image | WideImage, float]]) -> Iterator[TimedFrame]:
    """The frames themselves. Raises OutputError for 16 bits, and where size or colour profile change."""
    first: Image.Image | None = None
    for image, duration in frames:
        if isinstance(image, WideImage):
            raise OutputError("an animation holds 8 bits a channel; give a folder with -o for 16")
        first = first or image
        if image.size != first.size:
            raise OutputError("the frames differ in size, and an animation has one size; give a folder with -o")
        if image.info.get("icc_profile") != first.info.get("icc_profile"):
            raise OutputError("the frames differ in their colour profiles; give a folder with -o")
        yield image, duration


def _encode_apng(frames: Iterator[TimedFrame], count: int, loop: int | None, metadata: Metadata) -> bytes:
    """Every frame whole, which needs no memory for earlier ones."""
    parts: list[bytes] = []
    number = 0
    for image, duration in frames:
        if not parts:
            parts = [png_head(image, metadata), chunk(b"acTL", struct.pack(">II", count, 1 if loop is None else loop))]
        control = struct.pack(">5IHHBB", number, *image.size, 0, 0, *_delay(duration), 0, 0)
        parts.append(chunk(b"fcTL", control))
        number += 1
        data = deflated_rows(image)
        if number == 1:
            parts.append(chunk(b"IDAT", data))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + data))
            number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


def _delay(duration: float) -> tuple[int, int]:
    """A duration in milliseconds as a fraction of a second."""
    if duration <= _LONGEST_DELAY:
        return round(duration), 1000
    return min(_LONGEST_DELAY, round(duration / 1000)), 1
