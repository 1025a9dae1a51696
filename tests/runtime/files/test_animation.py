"""Animations, pages and files of several pictures: counted, read frame by frame, and written again."""

import io
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, features
from pspm_runtime import OutputError, PhotoError, open_photo
from pspm_runtime.files.animation import open_frames
from pspm_runtime.files.encoding.encode_animation import ANIMATED, check_animated, encode_animation

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.files.test_heic import heic
from tests.runtime.pictures import assert_one_sentence, encoded, gradient, noise

COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200), (200, 200, 20), (20, 200, 200)]
SIZE = 48, 32
DURATIONS = [40, 80, 120, 160, 200]


def pictures(mode: str = "RGB") -> list[Image.Image]:
    """Plain pictures of different colours."""
    return [Image.new("RGB", SIZE, colour).convert(mode) for colour in COLOURS]


def animated(kind: str, **options: Any) -> bytes:
    first, *others = pictures()
    return encoded(first, kind, save_all=True, append_images=others, duration=DURATIONS, **options)


def pages(**options: Any) -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, **options) as writer:
        for picture in pictures():
            writer.write(np.asarray(picture), photometric="rgb")
    return buffer.getvalue()


def mpo() -> bytes:
    """An MPO by hand: from the fourth picture on, Pillow writes wrong places."""
    first, *others = [encoded(picture, "JPEG", quality=95) for picture in pictures()]
    count = 1 + len(others)
    length = 8 + 2 + 3 * 12 + 4 + 16 * count
    at = 20  # behind the start and the JFIF segment
    header = at + 8
    entries = struct.pack("<IIIHH", 0x030000, len(first) + 8 + length, 0, 0, 0)
    place = len(first) + 8 + length - header
    for other in others:
        entries += struct.pack("<IIIHH", 0x020003, len(other), place, 0, 0)
        place += len(other)
    index = b"II*\0" + struct.pack("<IH", 8, 3) + struct.pack("<HHI4s", 0xB000, 7, 4, b"0100")
    index += struct.pack("<HHII", 0xB001, 4, 1, count) + struct.pack("<HHIII", 0xB002, 7, 16 * count, 50, 0) + entries
    assert len(index) == length
    segment = b"\xff\xe2" + struct.pack(">H", 6 + length) + b"MPF\0" + index
    return b"".join([first[:at], segment, first[at:], *others])


FILES: dict[str, Callable[[], bytes]] = {
    "GIF": lambda: animated("GIF"),
    "APNG": lambda: animated("PNG"),
    "WebP": lambda: animated("WEBP", lossless=True),
    "AVIF": lambda: animated("AVIF", quality=95),
    "TIFF": pages,
    "big-endian TIFF": lambda: pages(byteorder=">"),
    "BigTIFF": lambda: pages(bigtiff=True),
    "MPO": mpo,
    "HEIC": lambda: heic(*pictures()),
}
PLAYED = ("GIF", "APNG", "WebP", "AVIF")


@pytest.mark.parametrize("kind", FILES)
def test_every_frame_is_read_in_its_order(kind: str) -> None:
    data = FILES[kind]()

    animation = open_frames(data)
    photos = list(animation)

    assert len(animation) == len(photos) == 5
    for photo, colour in zip(photos, COLOURS, strict=True):
        assert photo.image.size == SIZE
        assert np.abs(np.asarray(photo.image).astype(int) - colour).max() <= 4
    assert [photo.frames for photo in photos] == 5 * [5]
    assert [photo.duration for photo in photos] == (DURATIONS if kind in PLAYED else 5 * [0])
    assert [photo.image.tobytes() for photo in animation] == [photo.image.tobytes() for photo in photos]


@pytest.mark.parametrize("kind", FILES)
def test_a_photo_is_the_first_frame_and_knows_of_the_others(kind: str) -> None:
    photo = open_photo(FILES[kind]())

    assert photo.frames == 5
    assert np.abs(np.asarray(photo.image).astype(int) - COLOURS[0]).max() <= 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_single_picture_is_its_only_frame(kind: str, tmp_path: Path) -> None:
    data = encoded(Image.fromarray(gradient(24, 16)), kind)
    (tmp_path / "a").write_bytes(data)

    for photo in (data, tmp_path / "a", io.BytesIO(data), open_photo(data), gradient(24, 16)):
        frames = list(open_frames(photo))
        assert [frame.frames for frame in frames] == [1]
        assert frames[0].image.size == (24, 16)
    assert open_photo(data).frames == 1


def test_frames_of_a_pil_image_leave_it_where_it_was() -> None:
    image = Image.open(io.BytesIO(animated("GIF")))
    image.seek(3)

    assert len(list(open_frames(image))) == 5
    assert image.tell() == 3


@pytest.mark.parametrize("photo", [7, None, [1]])
def test_what_is_no_photo_is_refused(photo: Any) -> None:
    with pytest.raises(PhotoError, match="pass a path"):
        open_frames(photo)


def test_disposal_and_blending_show_whole_frames() -> None:
    """A red square that moves over a blue ground, stored as differences."""
    shown = []
    for step in range(4):
        frame = Image.new("RGB", SIZE, "blue")
        frame.paste("red", (8 * step, 4, 8 * step + 8, 12))
        shown.append(frame)
    for kind, disposal in (("GIF", 0), ("GIF", 1), ("GIF", 2), ("PNG", 0), ("PNG", 1)):
        data = encoded(shown[0], kind, save_all=True, append_images=shown[1:], duration=50, disposal=disposal)
        for photo, frame in zip(open_frames(data), shown, strict=True):
            assert np.abs(np.asarray(photo.over_white()).astype(int) - np.asarray(frame)).max() <= 1, (kind, disposal)


def test_a_picture_for_viewers_without_animations_is_no_frame_of_an_apng() -> None:
    still, *others = pictures()
    data = encoded(still, "PNG", save_all=True, append_images=others, default_image=True, duration=50)

    assert np.asarray(open_photo(data).image)[0, 0].tolist() == list(COLOURS[0])
    assert [np.asarray(photo.image)[0, 0].tolist() for photo in open_frames(data)] == [list(c) for c in COLOURS[1:]]


@pytest.mark.parametrize("kind", [1, 4])
def test_copies_and_masks_are_no_pages(kind: int) -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(np.asarray(pictures()[0]), photometric="rgb")
        if kind == 1:
            writer.write(np.asarray(pictures()[1])[::2, ::2], photometric="rgb", subfiletype=1)
        else:
            writer.write(np.ones(SIZE[::-1], bool), photometric="mask", subfiletype=4)
        writer.write(np.asarray(pictures()[2]), photometric="rgb", subfiletype=2)

    assert [np.asarray(p.image)[0, 0].tolist() for p in open_frames(buffer.getvalue())] == [
        list(COLOURS[0]),
        list(COLOURS[2]),
    ]


def test_a_page_of_a_kind_that_cannot_be_read_is_named() -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(np.asarray(pictures()[0]), photometric="rgb")
        writer.write(np.zeros((8, 8, 3), np.float32), photometric="rgb")
    assert open_photo(buffer.getvalue()).frames == 2
    with pytest.raises(PhotoError) as caught:
        list(open_frames(buffer.getvalue()))
    assert_one_sentence(caught.value, "frame 2 of the bytes given as photo")


GAIN_MAP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" hdrgm:Version="1.0"/>'


@pytest.mark.parametrize("kind", ["smaller", "grey", "gain map by XMP", "depth by XMP", "gain map by the first XMP"])
def test_what_phones_write_behind_a_photo_is_no_frame(kind: str) -> None:
    first = pictures()[0]
    second = {
        "smaller": Image.fromarray(noise(24, 16)),
        "grey": Image.fromarray(noise(*SIZE, 1)[..., 0]),
    }.get(kind, Image.fromarray(noise(*SIZE)))
    about = {"gain map by XMP": GAIN_MAP, "depth by XMP": b"<x:xmpmeta xmlns:x='adobe:ns:meta/' GDepth:depth=''/>"}
    second.encoderinfo = {"xmp": about[kind]} if kind in about else {}
    options = {"xmp": GAIN_MAP} if kind.endswith("first XMP") else {}
    data = encoded(first, "MPO", save_all=True, append_images=[second], **options)
    assert data.count(b"\xff\xd8\xff") == 2

    assert open_photo(data).frames == len(open_frames(data)) == 1


def test_a_stereo_pair_has_two_pictures() -> None:
    left, right = Image.fromarray(gradient(*SIZE)), Image.fromarray(gradient(*SIZE)[:, ::-1].copy())
    data = encoded(left, "MPO", save_all=True, append_images=[right], quality=95)

    assert open_photo(data).frames == 2
    for photo, picture in zip(open_frames(data), (left, right), strict=True):
        assert np.abs(np.asarray(photo.image).astype(int) - np.asarray(picture)).mean() < 3


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "APNG", "MPO"])
def test_a_damaged_frame_costs_only_itself_and_the_later_ones(kind: str) -> None:
    data = FILES[kind]()
    for share in (0.95, 0.7, 0.5):
        cut = data[: int(share * len(data))]
        try:
            first = open_photo(cut)
        except PhotoError as error:
            assert_one_sentence(error, "the bytes given as photo")
            continue
        assert np.abs(np.asarray(first.image).astype(int) - COLOURS[0]).max() <= 4
        try:
            list(open_frames(cut))
        except PhotoError as error:
            assert_one_sentence(error, "of the bytes given as photo")


def test_the_limit_holds_for_every_page() -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(gradient(20, 20), photometric="rgb")
        writer.write(gradient(200, 200), photometric="rgb")
    read = []
    with pytest.raises(PhotoError) as caught:
        for photo in open_frames(buffer.getvalue(), 0.01):
            read.append(photo.image.size)  # noqa: PERF401
    assert read == [(20, 20)]
    assert_one_sentence(caught.value, "frame 2 of the bytes given as photo", "0.04 megapixels")


LOOPS = {"GIF": (None, 0, 3), "PNG": (0, 3), "WEBP": (0, 3)}


@pytest.mark.parametrize(("kind", "loop"), [(kind, loop) for kind, loops in LOOPS.items() for loop in loops])
@pytest.mark.parametrize("suffix", ANIMATED)
def test_durations_and_loop_are_kept(kind: str, loop: int | None, suffix: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    data = animated(kind, **({} if loop is None else {"loop": loop}), **options)
    animation = open_frames(data)

    again = encode_animation(
        ((photo.image, photo.duration) for photo in animation), len(animation), suffix, 100, animation.loop
    )

    copy = open_frames(again)
    assert copy.loop == animation.loop == loop
    assert len(copy) == 5
    for photo, colour, duration in zip(copy, COLOURS, DURATIONS, strict=True):
        assert np.abs(np.asarray(photo.image).astype(int) - colour).max() <= 4
        assert photo.duration == duration


@pytest.mark.parametrize("suffix", [".png", ".webp"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_animations_of_results(suffix: str, mode: str) -> None:
    frames = [Image.fromarray(noise(30, 20, 4, seed)).convert(mode) for seed in range(3)]
    if mode == "RGBA":
        for frame in frames:
            frame.putalpha(Image.fromarray(noise(30, 20, 1, 9)[..., 0]))
    profile = None if mode == "L" else profiles.DISPLAY_P3
    for frame in frames:
        frame.info = {"icc_profile": profile} if profile else {}

    data = encode_animation(((frame, 50) for frame in frames), 3, suffix, 100)

    for photo, frame in zip(open_frames(data), frames, strict=True):
        assert photo.icc_profile == profile
        if suffix == ".png":
            assert np.array_equal(np.asarray(photo.image), np.asarray(frame.convert("RGB")))
        if mode == "RGBA":
            assert np.array_equal(np.asarray(photo.transparency), np.asarray(frame)[..., 3])


@pytest.mark.parametrize("suffix", ANIMATED)
def test_frames_that_differ_are_refused(suffix: str) -> None:
    small, large = Image.new("RGB", (8, 8)), Image.new("RGB", (9, 8))
    other = small.copy()
    other.info["icc_profile"] = profiles.ADOBE
    for frames, word in (([small, large], "size"), ([small, other], "colour profiles")):
        with pytest.raises(OutputError) as caught:
            encode_animation([(frame, 10) for frame in frames], 2, suffix)
        assert_one_sentence(caught.value, word, "give a folder")


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".avif", ".jxl"])
def test_other_formats_hold_no_animation(suffix: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_animated(suffix, transparent=False)
    assert_one_sentence(caught.value, "holds no animation", ".webp, .png or .gif", "folder")
    with pytest.raises(OutputError, match="no soft transparency"):
        check_animated(".gif", transparent=True)
    check_animated(".GIF", transparent=False)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_one_frame_is_in_memory_at_a_time(suffix: str) -> None:
    """tracemalloc sees what Python and numpy allocate; Pillow's images are counted by hand."""
    alive = 0
    most = 0

    class Counted(Image.Image):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def frames(count: int) -> Any:
        nonlocal alive, most
        for index in range(count):
            image = Counted()
            image.im = Image.new("L", (64, 64), index).im
            image._mode, image._size = "L", (64, 64)
            alive += 1
            most = max(most, alive)
            yield image, 10

    tracemalloc.start()
    encode_animation(frames(40), 40, suffix)
    tracemalloc.stop()
    assert most <= 3


def test_long_durations_of_an_apng() -> None:
    frames = [(picture, duration) for picture, duration in zip(pictures()[:3], (65_535, 70_000, 10**9), strict=True)]

    read = [photo.duration for photo in open_frames(encode_animation(frames, 3, ".png"))]

    assert read == [65_535, 70_000, 65_535_000]


if not features.check("avif"):
    del FILES["AVIF"]
if "pillow_heif" not in sys.modules:
    del FILES["HEIC"]
assert struct.calcsize(">5IHHBB") == 26
