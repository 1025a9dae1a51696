"""Photos, mattes and files that the tests of the runtime share."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pspm_runtime import PspmError


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG put together by hand, for what Pillow does not write; rows without their filter bytes."""
    stride = len(rows) // height
    raw = b"".join(b"\0" + rows[y * stride : (y + 1) * stride] for y in range(height)) if rows else b""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def noise(width: int, height: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def gradient(width: int, height: int) -> np.ndarray:
    """Smooth and different along both axes and in every channel, so that no flip or swap goes unnoticed."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return (np.stack([x, y, (x + 2 * y) / 3], -1) * 200 + 20).astype(np.uint8)


def disc(width: int, height: int, softness: float = 0.1, share: float = 0.6) -> np.ndarray:
    """An ellipse in the middle as a matte in [0, 1], its edge as wide as `softness` of its radius."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1)
    distance = np.hypot(x, y) / share
    return np.clip((1 - distance) / softness + 0.5, 0, 1).astype(np.float32)


def matte(alpha: np.ndarray) -> Image.Image:
    return Image.fromarray((alpha * 255 + 0.5).astype(np.uint8))


def composite(foreground: np.ndarray, background: np.ndarray, alpha: Image.Image) -> Image.Image:
    """alpha F + (1 - alpha) B, with colours as arrays of (3,) or (H, W, 3)."""
    a = np.asarray(alpha, np.float64)[..., None] / 255
    return Image.fromarray((a * foreground + (1 - a) * background + 0.5).astype(np.uint8))


def around(mask: np.ndarray, reach: int) -> np.ndarray:
    """The mask and everything within `reach` pixels of it, in a square."""
    height, width = mask.shape
    padded = np.pad(mask, reach)
    steps = range(2 * reach + 1)
    tall = np.any([padded[dy : dy + height] for dy in steps], axis=0)
    return np.any([tall[:, dx : dx + width] for dx in steps], axis=0)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def assert_one_sentence(error: PspmError, *parts: str) -> None:
    """One line that names the input and says what to do: every part occurs in it."""
    message = str(error)
    assert "\n" not in message
    assert len(message) > 20
    for part in parts:
        assert part in message
