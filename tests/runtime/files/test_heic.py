"""HEIC photos, written by pillow-heif itself, are read as pillow-heif decodes them."""

import io
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import PhotoError, open_photo
from pspm_runtime.colour.boxes import split
from pspm_runtime.colour.cicp import cicp_profile

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.files.test_photo import stored
from tests.runtime.pictures import assert_one_sentence, gradient, noise

pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra heif (pillow-heif)")

WIDTH, HEIGHT = 96, 64
UPRIGHT = gradient(WIDTH, HEIGHT)


def heic(*images: Image.Image, **options: Any) -> bytes:
    """A lossless HEIC file of one or several images."""
    file = pillow_heif.HeifFile()
    for image in images:
        added = file.add_frombytes(image.mode, image.size, image.tobytes())
        added.info.update(image.info)
    return saved(file, **options)


def saved(file: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    file.save(buffer, **{"quality": -1, "chroma": 444, "matrix_coefficients": 0, **options})
    return buffer.getvalue()


def test_a_heic_photo_is_read_exactly() -> None:
    photo = open_photo(heic(Image.fromarray(UPRIGHT)))

    assert np.array_equal(np.asarray(photo.image), UPRIGHT)
    assert photo.icc_profile is None
    assert photo.transparency is None


@pytest.mark.parametrize("orientation", range(2, 9))
def test_rotated_photos_come_out_upright(orientation: int) -> None:
    """As phones do, pillow-heif writes the rotation and mirroring beside the same orientation in EXIF."""
    image, exif = stored(UPRIGHT, orientation)
    image.info["exif"] = exif.tobytes()
    data = heic(image)

    assert b"irot" in data or b"imir" in data
    assert b"irot" in data or b"imir" in data
    assert np.array_equal(np.asarray(open_photo(data).image), UPRIGHT)


def test_colours_by_nclx_and_by_a_profile() -> None:
    image = Image.fromarray(UPRIGHT)
    coded = open_photo(heic(image, color_primaries=12, transfer_characteristics=13))
    image.info["icc_profile"] = profiles.ADOBE
    described = open_photo(heic(image))

    assert coded.icc_profile == cicp_profile(12, 13)
    assert described.icc_profile == profiles.ADOBE
    assert np.array_equal(np.asarray(coded.image), UPRIGHT)


@pytest.mark.parametrize("mode", ["RGB;16", "RGBA;16"])
def test_10_bits_are_scaled_to_8(mode: str) -> None:
    pixels = noise(WIDTH, HEIGHT, 4)[..., : len(mode) - 3]
    file = pillow_heif.from_bytes(mode, (WIDTH, HEIGHT), (pixels.astype(np.uint16) * 257).tobytes())

    photo = open_photo(saved(file))

    assert np.abs(np.asarray(photo.image).astype(int) - pixels[..., :3]).max() <= 1
    assert (photo.transparency is not None) == ("A" in mode)
    if photo.transparency is not None:
        assert np.abs(np.asarray(photo.transparency).astype(int) - pixels[..., 3]).max() <= 1


def test_alpha_is_the_photos_transparency() -> None:
    pixels = noise(WIDTH, HEIGHT, 4)

    photo = open_photo(heic(Image.fromarray(pixels)))

    assert photo.transparency is not None
    assert np.array_equal(np.asarray(photo.transparency), pixels[..., 3])
    assert np.array_equal(np.asarray(photo.image), pixels[..., :3])


@pytest.mark.parametrize("primary", [0, 1])
def test_the_primary_one_of_several_images_is_read(primary: int) -> None:
    images = Image.fromarray(UPRIGHT), Image.fromarray(UPRIGHT[::-1].copy())

    photo = open_photo(heic(*images, primary_index=primary))

    assert np.array_equal(np.asarray(photo.image), np.asarray(images[primary]))


def test_limits_hold_from_the_header_on(tmp_path: Path) -> None:
    """A small file of a large picture is refused without its pixels in memory."""
    (tmp_path / "large.heic").write_bytes(
        heic(Image.new("L", (6000, 4000)), matrix_coefficients=1, chroma=420, quality=10)
    )
    (tmp_path / "small.heic").write_bytes(heic(Image.new("L", (64, 64))))
    program = """
        import resource, sys
        from pspm_runtime import PhotoError, open_photo
        open_photo(sys.argv[1])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            open_photo(sys.argv[2], max_megapixels=20)
        except PhotoError as error:
            assert "24 megapixels" in str(error), error
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), tmp_path / "small.heic", tmp_path / "large.heic"]
    grown = int(subprocess.run(command, capture_output=True, check=True).stdout)
    assert grown * 1024 < 24e6


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_short_is_refused(share: float) -> None:
    data = heic(Image.fromarray(noise(WIDTH, HEIGHT)))
    with pytest.raises(PhotoError) as caught:
        open_photo(data[: int(share * len(data))])
    assert_one_sentence(caught.value, "the bytes given", "choose another copy")


def test_nothing_is_registered_in_pillow() -> None:
    open_photo(heic(Image.fromarray(UPRIGHT)))

    assert "HEIF" not in Image.OPEN
    assert "HEIF" not in Image.SAVE


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_gain_map(data: bytes) -> bytes:
    """A file of two images whose second one becomes a gain map of the first, as Apple's phones write it."""
    top = dict(split(data))
    meta = dict(split(top[b"meta"][4:]))
    properties = dict(split(meta[b"iprp"]))
    kind = box(b"auxC", bytes(4) + b"urn:com:apple:photo:2020:aux:hdrgainmap\0")
    count = len(list(split(properties[b"ipco"]))) + 1
    owners = bytearray(properties[b"ipma"])
    at = 8 + 3 + owners[10]  # behind the associations of the first item
    assert owners[at : at + 2] == b"\0\2"
    owners[at + 2] += 1
    owners = owners[: at + 3] + bytes([count]) + owners[at + 3 :]
    meta[b"iprp"] = box(b"ipco", properties[b"ipco"] + kind) + box(b"ipma", bytes(owners))
    meta[b"iref"] = bytes(4) + box(b"auxl", struct.pack(">HHH", 2, 1, 1))

    def written() -> bytes:
        return box(b"meta", top[b"meta"][:4] + b"".join(box(name, value) for name, value in meta.items()))

    moved = len(written()) - len(top[b"meta"]) - 8
    places = bytearray(meta[b"iloc"])
    for item in range(2):
        where = 8 + 18 * item + 4  # items of one extent, with offsets from a base
        (base,) = struct.unpack(">I", places[where : where + 4])
        places[where : where + 4] = struct.pack(">I", base + moved)
    meta[b"iloc"] = bytes(places)
    return box(b"ftyp", top[b"ftyp"]) + written() + box(b"mdat", top[b"mdat"])


def test_a_gain_map_is_left_out() -> None:
    two = heic(Image.fromarray(UPRIGHT), Image.fromarray(noise(WIDTH // 2, HEIGHT // 2, 1)[..., 0]))
    data = with_gain_map(two)
    assert list(pillow_heif.open_heif(io.BytesIO(data)).info["aux"]) == ["urn:com:apple:photo:2020:aux:hdrgainmap"]

    photo = open_photo(data)

    assert open_photo(two).frames == 2
    assert photo.frames == 1
    assert np.array_equal(np.asarray(photo.image), UPRIGHT)
