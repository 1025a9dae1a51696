"""ICC profiles and colours that the tests of colour share."""

import struct

import numpy as np
from PIL import Image
from pspm_runtime.colour.cicp import SRGB_CURVE
from pspm_runtime.colour.icc import D50, Curve, Primaries, write_grey_profile, write_rgb_profile

P3_PRIMARIES = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_PRIMARIES = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO_PRIMARIES = Primaries((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585))

DISPLAY_P3 = write_rgb_profile(P3_PRIMARIES, SRGB_CURVE, name="Display P3")
DISPLAY_P3_V2 = write_rgb_profile(P3_PRIMARIES, SRGB_CURVE, name="Display P3", version=2)
ADOBE = write_rgb_profile(ADOBE_PRIMARIES, Curve(563 / 256), name="Adobe", version=2)
PROPHOTO = write_rgb_profile(PROPHOTO_PRIMARIES, Curve(1.8), name="ProPhoto")
GREY = write_grey_profile(Curve(1.8))
GREY_V2 = write_grey_profile(SRGB_CURVE, version=2)

# Published by Apple, adapted to D50.
P3_TO_XYZ = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
_STEPS = np.linspace(0, 1, 4096)


def lut_profile(space: bytes, device_class: bytes, *, both_ways: bool) -> bytes:
    """A version 2 profile with a table to Lab: Display P3, or CMYK over it."""
    channels = {b"RGB ": 3, b"CMYK": 4}[space]
    device = _grid(channels, 17 if channels == 3 else 9)
    rgb = device if channels == 3 else (1 - device[:, :3]) * (1 - device[:, 3:])
    lab = _xyz_to_lab(SRGB_CURVE.light(rgb) @ P3_TO_XYZ.T)
    tags = {b"A2B0": _lut16(channels, 17 if channels == 3 else 9, (lab + np.array([0, 128, 128])) / (100, 255, 255))}
    if both_ways:
        light = _lab_to_xyz(_grid(3, 33) * (100 * 65535 / 65280, 65535 / 256, 65535 / 256) - (0, 128, 128))
        light = np.clip(light @ np.linalg.inv(P3_TO_XYZ).T, 0, 1)
        tags[b"B2A0"] = _lut16(3, 33, np.interp(light, SRGB_CURVE.light(_STEPS), _STEPS) * 65535 / 65280)
    return _with_tags(space, device_class, tags)


def _grid(channels: int, steps: int) -> np.ndarray:
    return np.stack(np.meshgrid(*channels * [np.linspace(0, 1, steps)], indexing="ij"), -1).reshape(-1, channels)


def _xyz_to_lab(xyz: np.ndarray) -> np.ndarray:
    t = np.maximum(xyz, 0) / D50
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _lab_to_xyz(lab: np.ndarray) -> np.ndarray:
    y = (lab[:, 0] + 16) / 116
    t = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], -1)
    return np.where(t > 6 / 29, t**3, (116 * t - 16) * 27 / 24389) * D50


def _lut16(inputs: int, grid: int, table: np.ndarray) -> bytes:
    head = b"mft2" + struct.pack(">IBBBx9iHH", 0, inputs, 3, grid, *(np.eye(3, dtype=int) * 65536).ravel(), 2, 2)
    ramp = np.array([0, 65535], ">u2").tobytes()
    return head + inputs * ramp + np.round(np.clip(table * 65280, 0, 65535)).astype(">u2").tobytes() + 3 * ramp


def version_4(profile: bytes) -> bytes:
    """The same profile, with a header that says version 4.4."""
    return profile[:8] + struct.pack(">I", 0x04400000) + profile[12:]


def _with_tags(space: bytes, device_class: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A grey profile's header and text, with another space and other tags."""
    text = b"desc" + struct.pack(">II", 0, 4) + b"LUT\0" + bytes(78)
    tags = {b"desc": text, b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061), **tags}
    at, table, data = 132 + 12 * len(tags), b"", b""
    for tag, value in tags.items():
        value += bytes(-len(value) % 4)
        table += tag + struct.pack(">II", at + len(data), len(value))
        data += value
    header = bytearray(GREY_V2[:128])
    header[:4] = struct.pack(">I", at + len(data))
    header[12:24] = device_class + space + b"Lab "
    return bytes(header) + struct.pack(">I", len(tags)) + table + data


LUT = lut_profile(b"RGB ", b"mntr", both_ways=True)
LUT_V4 = version_4(LUT)
SCANNER = lut_profile(b"RGB ", b"scnr", both_ways=False)
CMYK = lut_profile(b"CMYK", b"prtr", both_ways=False)


def lattice(steps: int = 9, channels: int = 3) -> np.ndarray:
    """All colours of `steps` levels a channel, (N, channels) uint8."""
    levels = np.linspace(0, 255, steps).round().astype(np.uint8)
    return np.stack(np.meshgrid(*channels * [levels], indexing="ij"), -1).reshape(-1, channels)


def row(colours: np.ndarray, mode: str | None = None) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(colours[None]), mode)


def dcf_exif(colour_space: int | None, index: str | None) -> bytes:
    """EXIF with a colour space and an interoperability index, as cameras write them."""
    model = (0x110, 2, b"Camera\0")
    own = [] if colour_space is None else [(0xA001, 3, struct.pack("<H", colour_space))]
    exif_at = 8 + len(_ifd([model, (0x8769, 4, bytes(4))], 8))
    interop_at = exif_at + len(_ifd([*own, (0xA005, 4, bytes(4))], exif_at))
    interop = [] if index is None else [(1, 2, index.encode() + b"\0")]
    return b"".join(
        [
            b"Exif\0\0II*\0" + struct.pack("<I", 8),
            _ifd([model, (0x8769, 4, struct.pack("<I", exif_at))], 8),
            _ifd([*own, (0xA005, 4, struct.pack("<I", interop_at))], exif_at),
            _ifd(interop, interop_at),
        ]
    )


def _ifd(entries: list[tuple[int, int, bytes]], at: int) -> bytes:
    """A TIFF directory at this offset: (tag, type, value) of texts (2), shorts (3) and longs (4)."""
    at += 2 + 12 * len(entries) + 4
    table, data = struct.pack("<H", len(entries)), b""
    for tag, kind, value in entries:
        count = len(value) // {2: 1, 3: 2, 4: 4}[kind]
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", at + len(data))
        table += struct.pack("<HHI", tag, kind, count) + place
        data += value + bytes(len(value) % 2) if len(value) > 4 else b""
    return table + bytes(4) + data
