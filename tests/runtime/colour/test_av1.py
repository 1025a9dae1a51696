"""What an AV1 stream says of colour counts where an AVIF has no nclx box."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, features
from pspm_runtime import open_photo
from pspm_runtime.colour.av1 import colour_points
from pspm_runtime.colour.cicp import cicp_profile
from pspm_runtime.colour.tags import CodePoints, find_code_points

from tests.runtime.pictures import encoded, gradient, noise

needs_avif = pytest.mark.skipif(not features.check("avif"), reason="needs a Pillow with AVIF")
IMAGE = Image.fromarray(gradient(64, 48))


class Written:
    """Bits, written one number after the other."""

    def __init__(self) -> None:
        self.bits = ""

    def add(self, *numbers: tuple[int, int]) -> "Written":
        """Numbers with their counts of bits."""
        self.bits += "".join(f"{value:0{count}b}" for value, count in numbers)
        return self

    def data(self) -> bytes:
        whole = self.bits + "0" * (-len(self.bits) % 8)
        return int(whole, 2).to_bytes(len(whole) // 8, "big")


def unit(content: bytes, kind: int = 1) -> bytes:
    """An open bitstream unit with its size."""
    return bytes([kind << 3 | 2, len(content)]) + content


def header(points: tuple[int, int] | None, profile: int = 0, *, reduced: bool = False, timing: bool = False) -> bytes:
    bits = Written().add((profile, 3), (1, 1), (int(reduced), 1))
    if reduced:
        bits.add((4, 5))
    elif timing:
        bits.add((1, 1), (1, 32), (25, 32), (1, 1), (0b00101, 5), (1, 1), (9, 5), (1, 32), (0, 10), (1, 1), (1, 5))
        for _ in range(2):
            bits.add((1, 12), (9, 5), (1, 1), (1, 1), (7, 10), (8, 10), (0, 1), (1, 1), (3, 4))
    else:
        bits.add((0, 1), (0, 1), (0, 5), (0, 12), (4, 5))
    bits.add((5, 4), (5, 4), (63, 6), (47, 6))
    if not reduced:
        bits.add((int(timing), 1))
        if timing:
            bits.add((3, 7))
    bits.add((0, 3))
    if not reduced:
        bits.add((0, 4), (1, 1), (0, 2), (0, 1), (1, 1), (0, 1), (1, 1), (6, 3)) if timing else bits.add(
            (0, 4), (0, 1), (1, 1), (1, 1)
        )
    bits.add((0, 3), (1, 1))
    if profile == 2:
        bits.add((1, 1))
    if profile != 1:
        bits.add((0, 1))
    bits.add((0, 1)) if points is None else bits.add((1, 1), (points[0], 8), (points[1], 8), (6, 8))
    return unit(bits.add((0, 20)).data())


@pytest.mark.parametrize("profile", [0, 1, 2])
@pytest.mark.parametrize("kind", [{}, {"reduced": True}, {"timing": True}])
@pytest.mark.parametrize("points", [(12, 13), (9, 16), None])
def test_colours_of_a_sequence_header(profile: int, kind: dict[str, bool], points: tuple[int, int] | None) -> None:
    data = unit(b"", 2) + header(points, profile, **kind)

    assert colour_points(data + unit(bytes(9), 6)) == points


def test_damaged_units_end() -> None:
    sound = unit(b"", 2) + header((12, 13), timing=True)
    for end in range(len(sound)):
        try:
            assert colour_points(sound[:end]) == (12, 13)
        except IndexError:
            assert end < len(sound) - 2
    with pytest.raises(IndexError):
        colour_points(100 * unit(b"", 2))
    for at in range(len(sound)):
        for value in (0, 255):
            try:
                colour_points(sound[:at] + bytes([value]) + sound[at + 1 :])
            except IndexError:
                continue


def without_colour_box(data: bytes) -> bytes:
    return data.replace(b"colrnclx", b"freenclx")


def with_points(data: bytes, primaries: int, transfer: int) -> bytes:
    """Change the colours in the stream, whose bits are not aligned."""
    bits = "".join(f"{byte:08b}" for byte in data)
    found = "1" + f"{1:08b}{13:08b}"
    start = bits.index(found, 8 * (data.index(b"mdat") + 4))
    bits = bits[: start + 1] + f"{primaries:08b}{transfer:08b}" + bits[start + 17 :]
    return int(bits, 2).to_bytes(len(data), "big")


@needs_avif
@pytest.mark.parametrize("alpha", [False, True])
def test_an_avif_without_a_colour_box(alpha: bool) -> None:
    image = Image.fromarray(noise(64, 48, 4)) if alpha else IMAGE
    data = without_colour_box(with_points(encoded(image, "AVIF"), 12, 13))

    assert find_code_points(io.BytesIO(data)) == CodePoints(12, 13)
    assert open_photo(data).icc_profile == cicp_profile(12, 13)


@needs_avif
def test_the_colour_box_goes_before_the_stream() -> None:
    assert find_code_points(io.BytesIO(with_points(encoded(IMAGE, "AVIF"), 12, 13))) == CodePoints(1, 13)


@needs_avif
@pytest.mark.parametrize("has_box", [True, False])
@pytest.mark.parametrize("has_item", [True, False])
def test_a_sequence_of_pictures(has_box: bool, has_item: bool) -> None:
    """libavif describes the first picture as an item and as a track; other programs write the track alone."""
    data = encoded(IMAGE, "AVIF", save_all=True, append_images=[Image.fromarray(noise(64, 48))])
    data = with_points(data, 12, 13)
    # Primaries and transfer in the boxes.
    data = data.replace(b"colrnclx" + struct.pack(">HH", 1, 13), b"colrnclx" + struct.pack(">HH", 9, 13))
    if not has_box:
        data = without_colour_box(data)
    if not has_item:
        data = data.replace(b"meta", b"free", 1)

    found = find_code_points(io.BytesIO(data))

    if has_box:
        assert found == CodePoints(9, 13)
    elif has_item:
        assert found == CodePoints(12, 13)
    else:
        assert found in (None, CodePoints(12, 13)), "libavif leaves the header out of the track"


def grid(construction: int = 0) -> bytes:
    """A picture of two tiles: an item that refers to two coded ones."""
    stream = header((12, 13))

    def box(kind: bytes, *content: bytes) -> bytes:
        value = b"".join(content)
        return struct.pack(">I4s", 8 + len(value), kind) + value

    properties = box(b"iprp", box(b"ipco", box(b"av1C", bytes(4))), box(b"ipma", bytes(8)))
    references = box(b"iref", bytes(4), box(b"dimg", struct.pack(">HHHH", 1, 2, 2, 3)))

    def meta(offset: int) -> bytes:
        items = struct.pack(">BBHBBH", 1, 0, 0, 0x44, 0x00, 3)
        for item, (method, place) in {1: (1, 0), 2: (construction, offset), 3: (0, 99)}.items():
            items += struct.pack(">HHHHII", item, method, 0, 1, place, 20)
        primary = box(b"pitm", bytes(4), struct.pack(">H", 1))
        return box(b"meta", bytes(4), primary, box(b"iloc", items), references, properties)

    start = box(b"ftyp", b"avif", bytes(4))
    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", stream, bytes(600))


def test_a_grid_has_the_colours_of_its_first_tile() -> None:
    assert find_code_points(io.BytesIO(grid())) == CodePoints(12, 13)
    assert find_code_points(io.BytesIO(grid(construction=1))) is None


def test_damaged_grids_end() -> None:
    sound = grid()
    for at in range(len(sound) - 600):
        for value in (0, 1, 255):
            find_code_points(io.BytesIO(sound[:at] + bytes([value]) + sound[at + 1 :]))
        find_code_points(io.BytesIO(sound[:at]))


def test_pixels_do_not_change() -> None:
    data = encoded(IMAGE, "AVIF") if features.check("avif") else encoded(IMAGE)
    assert np.array_equal(np.asarray(open_photo(data).image), np.asarray(open_photo(without_colour_box(data)).image))
