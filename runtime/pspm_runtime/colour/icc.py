"""Write ICC profiles from primaries, a white point and a transfer curve, which Pillow's ImageCms cannot do.

ICC.1:2001-04 (version 2) and ICC.1:2022 (version 4).
"""

import struct
from typing import NamedTuple

import numpy as np

Chromaticity = tuple[float, float]

D50 = (0.9642, 1.0, 0.8249)
D65: Chromaticity = (0.3127, 0.3290)

# Cone responses by Bradford, as the specification's annex E uses them to adapt a white point.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_TABLE_SIZE = 1024


class Curve(NamedTuple):
    """Light of a code x in [0, 1]: (a x + b) ** gamma from d upwards, c x below it."""

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0

    def light(self, codes: np.ndarray) -> np.ndarray:
        """Light in [0, 1] of codes in [0, 1]."""
        power = np.maximum(self.a * codes + self.b, 0) ** self.gamma
        return np.where(codes >= self.d, power, self.c * codes)


class Primaries(NamedTuple):
    """The xy chromaticities of an RGB space's primaries and its white point."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity = D65


def write_rgb_profile(
    primaries: Primaries,
    curve: "Curve | np.ndarray | list[Curve]",
    *,
    name: str = "RGB",
    version: int = 4,
    cicp: tuple[int, int] | None = None,
) -> bytes:
    """ICC profile of an RGB space with a matrix and curves.

    curve: for the three channels, a parametric curve, or light in [0, 1] at equally spaced codes from 0 to 1; or a list
    of three parametric curves.
    version: 2 or 4. Version 2 has no parametric curves and stores samples.
    cicp: code points of the primaries and the transfer (H.273) for viewers that read them; version 4 only.
    Raises ValueError for primaries that span no RGB space.
    """
    to_xyz = _rgb_to_xyz(primaries)
    adaptation = _adaptation(primaries.white)
    tags = _common_tags(name, version)
    tags[b"chad"] = b"sf32" + bytes(4) + _s15(*adaptation.ravel())
    for channel, column in zip((b"r", b"g", b"b"), (adaptation @ to_xyz).T, strict=True):
        tags[channel + b"XYZ"] = _xyz(*column)
    curves = curve if isinstance(curve, list) else 3 * [curve]
    tags |= {tag: _curve(one, version) for tag, one in zip((b"rTRC", b"gTRC", b"bTRC"), curves, strict=True)}
    if cicp is not None:
        tags[b"cicp"] = b"cicp" + bytes(4) + bytes([*cicp, 0, 1])
    return _profile(b"RGB ", tags, version)


def write_grey_profile(curve: "Curve | np.ndarray", *, name: str = "Grey", version: int = 4) -> bytes:
    """ICC profile of a grey scale with the given curve, see `write_rgb_profile`."""
    return _profile(b"GRAY", _common_tags(name, version) | {b"kTRC": _curve(curve, version)}, version)


def _rgb_to_xyz(primaries: Primaries) -> np.ndarray:
    """The matrix from linear RGB to XYZ, with the white point at Y = 1."""
    if min(y for _, y in primaries) <= 0:
        raise ValueError("a chromaticity with y = 0 has no colour")
    xyz = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
    if abs(np.linalg.det(xyz[:, :3])) < 1e-3:
        raise ValueError("the primaries lie on one line")
    return xyz[:, :3] * np.linalg.solve(xyz[:, :3], xyz[:, 3])


def _adaptation(white: Chromaticity) -> np.ndarray:
    """The matrix that adapts XYZ from a white point to D50."""
    x, y = white
    cones = np.diag((_BRADFORD @ D50) / (_BRADFORD @ (x / y, 1, (1 - x - y) / y)))
    return np.linalg.solve(_BRADFORD, cones @ _BRADFORD)


def _common_tags(name: str, version: int) -> dict[bytes, bytes]:
    return {b"desc": _text(name, version), b"cprt": _copyright(version), b"wtpt": _xyz(*D50)}


def _text(text: str, version: int) -> bytes:
    if version == 4:
        return b"mluc" + struct.pack(">III4sII", 0, 1, 12, b"enUS", 2 * len(text), 28) + text.encode("utf-16-be")
    ascii_text = text.encode("ascii") + b"\0"
    return b"desc" + struct.pack(">II", 0, len(ascii_text)) + ascii_text + bytes(4 + 4 + 2 + 1 + 67)


def _copyright(version: int) -> bytes:
    return _text("CC0", version) if version == 4 else b"text" + bytes(4) + b"CC0\0"


def _curve(curve: "Curve | np.ndarray", version: int) -> bytes:
    if isinstance(curve, Curve):
        if version == 4:
            return b"para" + struct.pack(">IHH", 0, 3, 0) + _s15(*curve)
        if curve == Curve(curve.gamma):
            return b"curv" + struct.pack(">IIH", 0, 1, round(curve.gamma * 256))
        curve = curve.light(np.linspace(0, 1, _TABLE_SIZE))
    samples = np.round(np.clip(curve, 0, 1) * 65535).astype(">u2")
    return b"curv" + struct.pack(">II", 0, len(samples)) + samples.tobytes()


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + bytes(4) + _s15(x, y, z)


def _s15(*values: float) -> bytes:
    """Fixed-point numbers with 16 bits behind the point."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(space: bytes, tags: dict[bytes, bytes], version: int) -> bytes:
    """The header, the table of tags and their data; equal data is stored once."""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    data = b""
    for value in tags.values():
        if value not in places:
            places[value] = start + len(data)
            data += value + bytes(-len(value) % 4)
    table = b"".join(struct.pack(">4sII", tag, places[value], len(value)) for tag, value in tags.items())
    number = 0x04400000 if version == 4 else 0x02400000
    header = struct.pack(">I4sI4s4s4s", start + len(data), b"", number, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _s15(*D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data
