"""Small sound files of every kind that PSPM reads, made here, for the fuzzer to damage."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
import torch
from PIL import Image, ImageCms, features
from PIL.PngImagePlugin import PngInfo
from pspm_runtime.bundle import MANIFEST, open_bundle
from pspm_runtime.colour.cicp import cicp_profile
from pspm_runtime.colour.icc import Curve, write_grey_profile

from tests.runtime.pictures import encoded, gradient, noise

SIZE = 48, 40
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WIDE = cicp_profile(9, 16) or b""


def pictures() -> dict[str, bytes]:
    """Pictures by the names of their files."""
    width, height = SIZE
    rgb = Image.fromarray(((gradient(width, height) * 3.0 + noise(width, height)) / 4).astype(np.uint8))
    found = dict(_jpegs(rgb))
    for more in (_pngs, _tiffs, _others):
        found |= dict(more(rgb))
    return found


def trimap() -> bytes:
    """A trimap of `SIZE` as PNG."""
    values = np.repeat(np.array([0, 128, 255], np.uint8), SIZE[0] // 3)[None].repeat(SIZE[1], 0)
    return encoded(Image.fromarray(values))


def profiles() -> dict[str, bytes]:
    """ICC profiles by the names of their files."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return {"srgb.icc": SRGB, "wide.icc": WIDE, "grey.icc": write_grey_profile(Curve(2.2)), "lab.icc": lab}


def manifest() -> bytes:
    """The manifest of a shipped model."""
    return (open_bundle("b5").model.parent / MANIFEST).read_bytes()


def ledger() -> bytes:
    """A ledger of an output folder."""
    recipe = {"recipe": "0" * 16, "name": "alpha", "model": "0" * 64}
    line = {"result": "a.png", "bytes": 99, "photo": "a.jpg", "photo_bytes": 9, "photo_mtime_ns": 1, "recipe": "0" * 16}
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in (recipe, line, line))


def checkpoint(folder: Path) -> bytes:
    """A checkpoint of one small weight, as torch writes it."""
    state = {"hyper_parameters": {"network": "mobile"}, "state_dict": {"network.a": torch.arange(8.0)}, "loops": [1]}
    torch.save(state, folder / "seed.ckpt")
    return (folder / "seed.ckpt").read_bytes()


def _exif(*, adobe: bool = False) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Fuzz"
    exif.get_ifd(0x8769).update({0xA001: 65535 if adobe else 1, 0x9003: "2026:01:01 00:00:00"})
    if adobe:
        exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    return exif


def _jpegs(rgb: Image.Image) -> Iterator[tuple[str, bytes]]:
    yield "plain.jpg", encoded(rgb, "JPEG")
    yield "profile.jpg", encoded(rgb, "JPEG", icc_profile=WIDE, exif=_exif(), subsampling=2)
    yield "adobe.jpg", encoded(rgb, "JPEG", exif=_exif(adobe=True), dpi=(72, 72), comment=b"a comment")
    yield "progressive.jpg", encoded(rgb, "JPEG", progressive=True)
    yield "restart.jpg", encoded(rgb, "JPEG", restart_marker_blocks=2)
    yield "grey.jpg", encoded(rgb.convert("L"), "JPEG", icc_profile=write_grey_profile(Curve(1.8)))
    yield "cmyk.jpg", encoded(rgb.convert("CMYK"), "JPEG")
    yield "two.mpo", encoded(rgb, "MPO", save_all=True, append_images=[rgb.rotate(90)])


def _pngs(rgb: Image.Image) -> Iterator[tuple[str, bytes]]:
    rgba, palette = rgb.copy(), rgb.quantize(16)
    rgba.putalpha(rgb.convert("L"))
    text = PngInfo()
    text.add_text("Comment", "x" * 300, zip=True)
    text.add_itxt("Title", "t", "en", "T", zip=True)
    yield "rgb.png", encoded(rgb)
    yield "rgba.png", encoded(rgba, exif=_exif(), icc_profile=SRGB, dpi=(72, 72))
    yield "text.png", encoded(rgb, pnginfo=text)
    yield "palette.png", encoded(palette, transparency=bytes(range(0, 256, 16)))
    yield "key.png", encoded(rgb, transparency=rgb.getpixel((0, 0)))
    yield "grey.png", encoded(rgb.convert("L"), transparency=7)
    yield "bits.png", encoded(rgb.convert("1"))
    yield "alpha.png", encoded(rgba.convert("LA"))
    yield "animated.png", encoded(rgba, save_all=True, append_images=[rgba.rotate(180)], default_image=True)
    wide = np.asarray(rgb).astype(np.uint16) * 257
    yield "grey16.png", encoded(Image.fromarray(wide[..., 0]))
    yield "rgb16.png", _with_chunk(_cv2("x.png", wide), b"gAMA", struct.pack(">I", 45455))
    yield "rgba16.png", _cv2("x.png", np.dstack([wide, wide[..., 0]]))
    yield "code_points.png", _with_chunk(encoded(rgb), b"cICP", bytes([9, 16, 0, 1]))
    yield "gamma.png", _with_chunk(encoded(rgb), b"gAMA", struct.pack(">I", 100000))
    yield "interlaced.png", _interlaced()


def _tiffs(rgb: Image.Image) -> Iterator[tuple[str, bytes]]:
    pixels = np.asarray(rgb)
    wide = pixels.astype(np.uint16) * 257
    yield "raw.tif", encoded(rgb, "TIFF", exif=_exif(), icc_profile=SRGB)
    for kind in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "zstd", "lzma"):
        yield f"{kind}.tif", encoded(rgb, "TIFF", compression=kind)
    yield "fax.tif", encoded(rgb.convert("1"), "TIFF", compression="group4")
    yield "cmyk.tif", encoded(rgb.convert("CMYK"), "TIFF")
    yield "palette.tif", encoded(rgb.quantize(32), "TIFF")
    yield "big.tif", encoded(rgb, "TIFF", big_tiff=True)
    yield "pages.tif", encoded(rgb, "TIFF", save_all=True, append_images=[rgb.rotate(90)])
    yield "grey16.tif", _tifffile(wide[..., 0], photometric="minisblack", byteorder=">")
    yield "white16.tif", _tifffile(wide[..., 0], photometric="miniswhite", compression="zlib")
    yield "rgb16.tif", _tifffile(wide, photometric="rgb", compression="zlib", predictor=True)
    yield "tiles.tif", _tifffile(pixels, photometric="rgb", tile=(16, 16), compression="zlib")
    yield "planes.tif", _tifffile(np.moveaxis(pixels, -1, 0).copy(), photometric="rgb", planarconfig="separate")
    yield "lab.tif", _tifffile(pixels, photometric="cielab")
    yield "ycbcr.tif", _tifffile(pixels, photometric="ycbcr")
    yield "float.tif", _tifffile(pixels[..., 0].astype(np.float32), photometric="minisblack")
    yield (
        "premultiplied.tif",
        _tifffile(np.dstack([pixels, pixels[..., 0]]), photometric="rgb", extrasamples=["assocalpha"]),
    )


def _others(rgb: Image.Image) -> Iterator[tuple[str, bytes]]:
    rgba, palette = rgb.copy(), rgb.quantize(16)
    rgba.putalpha(rgb.convert("L"))
    frames: dict[str, Any] = {"save_all": True, "append_images": [rgb.rotate(90)], "duration": 50}
    yield "lossy.webp", encoded(rgb, "WEBP", icc_profile=WIDE, exif=_exif())
    yield "lossless.webp", encoded(rgba, "WEBP", lossless=True)
    yield "animated.webp", encoded(rgb, "WEBP", **frames)
    yield "still.gif", encoded(palette, "GIF")
    yield "animated.gif", encoded(rgb, "GIF", transparency=2, comment=b"frames", **frames)
    yield "rgb.bmp", encoded(rgb, "BMP")
    yield "palette.bmp", encoded(palette, "BMP")
    yield "rgba.bmp", encoded(rgba, "BMP")
    yield "runs.bmp", _runs_bmp()
    yield "plain.jp2", encoded(rgb, "JPEG2000")
    yield "tiles.j2k", encoded(rgba, "JPEG2000", no_jp2=True, tile_size=(32, 32), num_resolutions=3)
    yield "rgb.ppm", encoded(rgb, "PPM")
    yield "grey.pgm", b"P5\n16 12\n1023\n" + np.arange(192, dtype=">u2").tobytes()
    yield "text.ppm", b"P3\n# words\n4 3\n255\n" + b" ".join(b"%d" % (7 * i) for i in range(36))
    yield "bits.pbm", encoded(rgb.convert("1"), "PPM")
    yield "rgb.tga", encoded(rgb, "TGA")
    yield "runs.tga", encoded(rgba, "TGA", compression="tga_rle")
    yield "refused.ico", encoded(rgba, "ICO", sizes=[(16, 16), (32, 32)])
    yield "refused.eps", encoded(rgb, "EPS")
    if find_spec("pillow_heif"):
        yield "plain.heic", _heic(rgb)
    if features.check("avif"):
        yield "plain.avif", encoded(rgb, "AVIF")
        yield "alpha.avif", encoded(rgba, "AVIF", exif=_exif(), icc_profile=SRGB)
        yield "animated.avif", encoded(rgb, "AVIF", **frames)


def _heic(rgb: Image.Image) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(rgb).save(file)
    return file.getvalue()


def _cv2(name: str, pixels: np.ndarray) -> bytes:
    return bytes(cv2.imencode(Path(name).suffix, pixels)[1])


def _tifffile(pixels: np.ndarray, *, byteorder: Any = "<", **options: Any) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder) as writer:
        writer.write(pixels, **options)
    return file.getvalue()


def _with_chunk(data: bytes, kind: bytes, value: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    end = 8 + 25
    check = struct.pack(">I", zlib.crc32(kind + value))
    return data[:end] + struct.pack(">I", len(value)) + kind + value + check + data[end:]


def _interlaced() -> bytes:
    """A grey PNG of 8 x 8 with Adam7, which Pillow does not write."""
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
    rows = b"".join(b"\0" + bytes(range(width)) for width, height in passes for _ in range(height))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    parts = (struct.pack(">I", len(v)) + k + v + struct.pack(">I", zlib.crc32(k + v)) for k, v in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _runs_bmp() -> bytes:
    """A BMP of 8 x 4 with run-length coding, which Pillow does not write."""
    runs = b"".join(bytes([8, y, 0, 0]) for y in range(4)) + b"\0\1"
    palette = b"".join(bytes([i, i, i, 0]) for i in range(256))
    start = 14 + 40 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, 8, 4, 1, 8, 1, len(runs), 2835, 2835, 256, 0)
    return struct.pack("<2sIHHI", b"BM", start + len(runs), 0, 0, start) + header + palette + runs
