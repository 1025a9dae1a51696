"""Photos, mattes and files for the tests of the runtime."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pspm_runtime import PspmError
from pspm_runtime.spec.pictures import disc, gradient, noise, to_codes

__all__ = [
    "around",
    "assert_one_sentence",
    "composite",
    "disc",
    "encoded",
    "gradient",
    "matte",
    "noise",
    "png",
    "snapshot",
]


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG of a kind that Pillow does not write. rows: without their filter bytes."""
    stride = len(rows) // height
    raw = b"".join(b"\0" + rows[y * stride : (y + 1) * stride] for y in range(height)) if rows else b""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def matte(alpha: np.ndarray) -> Image.Image:
    return Image.fromarray(to_codes(alpha))


def composite(foreground: np.ndarray, background: np.ndarray, alpha: Image.Image) -> Image.Image:
    """alpha F + (1 - alpha) B, with colours as arrays of (3,) or (H, W, 3)."""
    a = np.asarray(alpha, np.float64)[..., None] / 255
    return Image.fromarray((a * foreground + (1 - a) * background + 0.5).astype(np.uint8))


def around(mask: np.ndarray, reach: int) -> np.ndarray:
    """Dilate a mask by a square of `reach` pixels to each side."""
    height, width = mask.shape
    padded = np.pad(mask, reach)
    steps = range(2 * reach + 1)
    tall = np.any([padded[dy : dy + height] for dy in steps], axis=0)
    return np.any([tall[:, dx : dx + width] for dx in steps], axis=0)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def assert_one_sentence(error: PspmError, *parts: str) -> None:
    """Check that the message is one line and contains every part."""
    message = str(error)
    assert "\n" not in message
    assert len(message) > 20
    for part in parts:
        assert part in message
