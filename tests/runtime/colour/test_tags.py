import io
import struct

import pytest
from pspm_runtime.colour.tags import CodePoints, find_code_points, find_jpeg_2000_profile


def box(kind: bytes, *content: bytes) -> bytes:
    value = b"".join(content)
    return struct.pack(">I4s", 8 + len(value), kind) + value


def nclx(primaries: int, transfer: int) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, 1, 128))


def ipma(owners: dict[int, list[int]], version: int = 0, wide: bool = False) -> bytes:
    content = bytes([version, 0, 0, int(wide)]) + struct.pack(">I", len(owners))
    for item, numbers in owners.items():
        content += struct.pack(">I" if version else ">H", item) + bytes([len(numbers)])
        content += b"".join(struct.pack(">H", 0x8000 | n) if wide else bytes([0x80 | n]) for n in numbers)
    return box(b"ipma", content)


def heif(properties: list[bytes], associations: bytes, primary: int = 1, head: bytes = b"") -> bytes:
    item = box(b"pitm", bytes(4), struct.pack(">H", primary))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(20)), item, box(b"iprp", box(b"ipco", *properties), associations))
    return box(b"ftyp", b"heic", bytes(4), b"mif1") + head + meta + box(b"mdat", bytes(50))


SIZE = box(b"ispe", bytes(12))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("wide", [False, True])
def test_colour_box_of_the_primary_item(version: int, wide: bool) -> None:
    owners = {1: [1, 2], 2: [1, 3]}
    properties = [SIZE, nclx(1, 13), nclx(12, 13)]

    for primary, wanted in ((1, (1, 13, True)), (2, (12, 13, True))):
        file = io.BytesIO(heif(properties, ipma(owners, version, wide), primary))
        assert find_code_points(file) == wanted


def test_picture_whose_primary_item_has_no_colour_box_takes_that_of_its_tiles() -> None:
    assert find_code_points(io.BytesIO(heif([SIZE, nclx(12, 13)], ipma({1: [1], 2: [1, 2]})))) == CodePoints(12, 13)


def test_picture_with_an_icc_profile_alone_has_no_code_points() -> None:
    assert find_code_points(io.BytesIO(heif([box(b"colr", b"prof", bytes(50))], ipma({1: [1]})))) is None


def test_boxes_with_long_sizes_are_passed() -> None:
    long = struct.pack(">I4sQ", 1, b"free", 16 + 5) + bytes(5)

    assert find_code_points(io.BytesIO(heif([nclx(12, 13)], ipma({1: [1]}), head=long))) == CodePoints(12, 13)


def test_position_of_the_file_is_kept() -> None:
    file = io.BytesIO(heif([nclx(12, 13)], ipma({1: [1]})))
    file.seek(7)

    find_code_points(file)
    find_jpeg_2000_profile(file)

    assert file.tell() == 7


def test_damaged_files_have_none_and_end() -> None:
    sound = heif([SIZE, nclx(12, 13)], ipma({1: [1, 2]}))
    for end in range(len(sound) - 50):
        assert find_code_points(io.BytesIO(sound[:end])) in (None, CodePoints(12, 13))
    for at in range(len(sound)):
        for value in (0, 1, 255):
            find_code_points(io.BytesIO(sound[:at] + bytes([value]) + sound[at + 1 :]))


def test_a_file_of_endless_chunks_is_given_up() -> None:
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n" + 100_000 * (bytes(4) + b"teXt" + bytes(4)))

    assert find_code_points(file) is None
    assert find_code_points(io.BytesIO(box(b"ftyp", b"avif") + 100_000 * box(b"free"))) is None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", bytes(100)])
def test_other_files_have_none(data: bytes) -> None:
    assert find_code_points(io.BytesIO(data)) is None
    assert find_jpeg_2000_profile(io.BytesIO(data)) is None
