"""A file in, a file out: formats, times, sound, tags, rotation, colours."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import video

from tests.runtime.video.clips import (
    GREEN,
    MAGENTA,
    green_model,
    packets_of,
    picture,
    read_frames,
    rgb,
    times_of,
    write_clip,
)

UNEVEN = (0, 40, 95, 100, 240, 300)


def middle(image: np.ndarray) -> np.ndarray:
    """The middle of the green rectangle, the middle of its right neighbour, and that of the lower half."""
    height, width = image.shape[:2]
    return np.stack([image[height // 4, width // 4], image[height // 4, -width // 8], image[-height // 4, width // 4]])


@pytest.mark.parametrize(
    ("name", "decoder", "largest"),
    [("out.webm", "libvpx-vp9", 0.5), ("out.mov", None, 0.1), ("out.mkv", "libvpx-vp9", 0.5)],
)
def test_transparency_is_in_the_file(tmp_path: Path, name: str, decoder: str | None, largest: float) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    video.process(clip, tmp_path / name, model=green_model())
    video.process(clip, tmp_path / "frames", model=green_model())

    frames = read_frames(tmp_path / name, decoder)
    assert len(frames) == 10
    errors = []
    for number, frame in enumerate(frames, 1):
        wide = name == "out.mov"
        alpha = frame.reformat(format="rgba64le" if wide else "rgba").to_ndarray()[..., 3] / (257 if wide else 1)
        errors.append(np.abs(alpha - np.asarray(Image.open(tmp_path / "frames" / f"{number:06}.png"))[..., 3]).mean())
    assert np.mean(errors) < largest


def test_a_folder_gets_frames_and_their_times(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", UNEVEN)

    outcome = video.process(clip, tmp_path / "frames", model=green_model())

    names = [f"{number:06}.png" for number in range(1, 7)]
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == [*names, "timestamps.txt"]
    lines = (tmp_path / "frames" / "timestamps.txt").read_text().splitlines()
    assert lines == ["# timestamp format v2", *(f"{time:.3f}" for time in UNEVEN)]
    assert outcome.frames == 6
    with Image.open(tmp_path / "frames" / "000001.png") as frame:
        assert (frame.mode, frame.size) == ("RGBA", (96, 64))
        inside, outside, below = middle(np.asarray(frame).astype(int))
    assert inside[3] == 255
    assert np.abs(inside[:3] - GREEN).max() <= 6
    assert outside[3] == below[3] == 0


@pytest.mark.parametrize(
    ("options", "behind"),
    [
        ({"background": "#102030"}, (16, 32, 48)),
        ({"matte": True}, (0, 0, 0)),
        ({"blur": 0.0}, MAGENTA),
    ],
    ids=["colour", "matte", "blur"],
)
def test_what_is_behind_the_person(tmp_path: Path, options: dict[str, object], behind: tuple[int, int, int]) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    video.process(clip, tmp_path / "out.mp4", model=green_model(), **options)  # type: ignore[arg-type]

    frames = read_frames(tmp_path / "out.mp4")
    inside, outside, below = middle(rgb(frames[0]))
    assert len(frames) == 10
    assert np.abs(inside - ((255, 255, 255) if "matte" in options else GREEN)).max() <= 8
    assert np.abs(outside - behind).max() <= 8
    assert np.abs(below - behind).max() <= 8


def test_a_picture_and_a_video_behind_the_person(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")
    Image.new("RGB", (10, 10), (0, 0, 255)).save(tmp_path / "blue.png")
    shades = [(40 * number, 40 * number, 40 * number) for number in range(4)]
    write_clip(
        tmp_path / "grey.mp4",
        (0, 80, 160, 240),
        draw=lambda number, size: np.full((size[1], size[0], 3), shades[number], np.uint8),
    )

    video.process(clip, tmp_path / "a.mp4", background=tmp_path / "blue.png", model=green_model())
    video.process(clip, tmp_path / "b.mp4", background=tmp_path / "grey.mp4", model=green_model())

    assert np.abs(middle(rgb(read_frames(tmp_path / "a.mp4")[0]))[1:] - (0, 0, 255)).max() <= 8
    seen = [middle(rgb(frame))[2] for frame in read_frames(tmp_path / "b.mp4")]
    # Each of its frames is shown for two of ours, the last one for as long as its file says; then it begins again.
    expected = [0, 0, 1, 1, 2, 2, 3]
    assert np.abs(np.stack(seen[:7]) - np.array([shades[i] for i in expected])).max() <= 8
    assert any(shade.max() <= 8 for shade in seen[8:])


def test_stacked_has_the_matte_below_the_person(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    video.process(clip, tmp_path / "out.mp4", stacked=True, model=green_model())

    both = rgb(read_frames(tmp_path / "out.mp4")[0])
    assert both.shape == (128, 96, 3)
    assert np.abs(middle(both[:64]) - (GREEN, (0, 0, 0), (0, 0, 0))).max() <= 8
    assert np.abs(middle(both[64:]) - ((255, 255, 255), (0, 0, 0), (0, 0, 0))).max() <= 8


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.webm"])
def test_times_equal_the_inputs(tmp_path: Path, name: str) -> None:
    clip = write_clip(tmp_path / "in.mp4", UNEVEN, sound="aac", time_base=Fraction(1, 16_000), tags={})
    expected = times_of(read_frames(clip))

    video.process(clip, tmp_path / name, background="black", model=green_model())

    found = times_of(read_frames(tmp_path / name))
    assert len(found) == len(expected)
    resolution = Fraction(1, 2000) if name in ("out.mkv", "out.webm") else 0  # Matroska counts milliseconds
    assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= resolution


@pytest.mark.parametrize(
    ("source", "sound", "name"),
    [
        ("in.mp4", "aac", "out.mp4"),
        ("in.mp4", "aac", "out.mov"),
        ("in.mp4", "aac", "out.mkv"),
        ("in.webm", "libopus", "out.webm"),
        ("in.mkv", "pcm_s16le", "out.mov"),
    ],
)
def test_sound_is_copied_packet_for_packet(tmp_path: Path, source: str, sound: str, name: str) -> None:
    codec = "libvpx-vp9" if source == "in.webm" else "libx264"
    clip = write_clip(tmp_path / source, sound=sound, codec=codec)

    outcome = video.process(clip, tmp_path / name, background="black", model=green_model())

    before, after = packets_of(clip, "audio"), packets_of(tmp_path / name, "audio")
    assert outcome.left_out == []
    assert len(before) > 10
    assert [data for _, data in after] == [data for _, data in before]
    assert max(abs(a[0] - b[0]) for a, b in zip(after, before, strict=True)) <= Fraction(1, 1000)


@pytest.mark.parametrize(("name", "codec"), [("out.webm", "opus"), ("out.mp4", "aac")])
def test_sound_that_does_not_fit_is_encoded_again(tmp_path: Path, name: str, codec: str) -> None:
    clip = write_clip(tmp_path / "in.mkv", tuple(range(0, 1000, 40)), sound="pcm_s16le")

    video.process(clip, tmp_path / name, background="black", model=green_model())

    with open_clip(tmp_path / name) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == codec
        frames = list(container.decode(stream))
        first, last = frames[0], frames[-1]
    samples = sum(frame.samples for frame in frames)
    assert abs(float(first.pts * first.time_base)) < 0.03
    assert abs(samples / 48_000 - 1) < 0.06
    assert abs(float(last.pts * last.time_base) + last.samples / 48_000 - 1) < 0.06


def open_clip(path: Path):  # type: ignore[no-untyped-def]
    import av

    return av.open(str(path))


def test_tags_and_chapters_are_copied_but_not_the_place(tmp_path: Path) -> None:
    chapter = {"id": 1, "start": 100, "end": 300, "time_base": Fraction(1, 1000), "metadata": {"title": "two"}}
    tags = {"title": "a talk", "artist": "me", "location": "+48.1+011.6/"}
    clip = write_clip(tmp_path / "in.mkv", tags=tags, chapters=[chapter])

    for name in ("out.mp4", "out.mkv"):
        video.process(clip, tmp_path / name, background="black", model=green_model())

    with open_clip(tmp_path / "out.mp4") as container:
        assert container.metadata["title"] == "a talk"
        assert container.metadata["artist"] == "me"
        assert not any("location" in name.lower() for name in container.metadata)
    with open_clip(tmp_path / "out.mkv") as container:  # MP4 has no time before its first chapter
        (found,) = container.chapters()
        assert found["start"] * found["time_base"] == Fraction(1, 10)
        assert found["end"] * found["time_base"] == Fraction(3, 10)
        assert found["metadata"]["title"] == "two"


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_phone_rotation_is_applied_to_the_pixels(tmp_path: Path, rotation: int) -> None:
    clip = write_clip(tmp_path / "in.mp4", (0, 40), rotation=rotation)

    video.process(clip, tmp_path / "frames", model=green_model())
    video.process(clip, tmp_path / "out.mp4", background="black", model=green_model())

    turned = np.rot90(picture(0), rotation // 90)
    expected = (turned[..., 1] == GREEN[1]).astype(int) * 255
    alpha = np.asarray(Image.open(tmp_path / "frames" / "000001.png"))[..., 3].astype(int)
    assert alpha.shape == expected.shape
    assert np.abs(alpha - expected).mean() < 4
    (first, _) = read_frames(tmp_path / "out.mp4")
    assert (first.height, first.width) == expected.shape
    assert first.rotation == 0


@pytest.mark.parametrize("size", [(97, 65), (95, 64), (64, 33)])
@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.mov"])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int], name: str) -> None:
    clip = write_clip(tmp_path / "in.mkv", (0, 40), size=size, codec="ffv1", pixel_format="yuv444p")

    video.process(clip, tmp_path / name, background="black", model=green_model())

    width, height = size
    even = name != "out.webm"
    frame = read_frames(tmp_path / name)[0]
    assert (frame.width, frame.height) == ((width + width % 2, height + height % 2) if even else size)
    inside, outside, _ = middle(rgb(frame))
    assert np.abs(inside - GREEN).max() <= 8
    assert np.abs(outside).max() <= 8


def test_ten_bits(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mkv", (0, 40), codec="ffv1", pixel_format="yuv420p10le")

    video.process(clip, tmp_path / "frames", model=green_model())

    inside, outside, below = middle(np.asarray(Image.open(tmp_path / "frames" / "000001.png")).astype(int))
    assert np.abs(inside - (*GREEN, 255)).max() <= 3
    assert outside[3] == below[3] == 0


def test_a_part_of_a_video(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", tuple(range(0, 2000, 40)), sound="aac", options={"g": "10"})

    video.process(clip, tmp_path / "part.mp4", background="black", start=0.8, duration=0.4, model=green_model())

    assert times_of(read_frames(tmp_path / "part.mp4")) == [Fraction(number, 25) for number in range(10)]
    first = rgb(read_frames(tmp_path / "part.mp4")[0])
    assert first[16, 48 + 15].max() > 150  # the rectangle of frame 20, which is 20 wider
    assert first[16, 48 + 25].max() < 50
    sound = packets_of(tmp_path / "part.mp4", "audio")
    whole = packets_of(clip, "audio")
    inside = [data for time, data in whole if Fraction(8, 10) <= time < Fraction(12, 10)]
    assert [data for _, data in sound] == inside
    assert abs(sound[0][0]) < 0.03


def test_without_sound(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", sound="aac")

    video.process(clip, tmp_path / "out.mp4", background="black", sound=False, model=green_model())

    assert packets_of(tmp_path / "out.mp4", "audio") == []


def test_subtitles_are_copied_or_named(tmp_path: Path) -> None:
    import av

    subtitles = tmp_path / "in.srt"
    subtitles.write_text("1\n00:00:00,080 --> 00:00:00,200\nhello\n\n")
    clip = write_clip(tmp_path / "silent.mkv")
    with av.open(str(clip)) as source, av.open(str(subtitles)) as text, av.open(str(tmp_path / "in.mkv"), "w") as out:
        ways = {each.streams[0].type: out.add_stream_from_template(each.streams[0]) for each in (source, text)}
        for container in (source, text):
            for packet in container.demux():
                if packet.size:
                    packet.stream = ways[packet.stream.type]
                    out.mux(packet)

    kept = video.process(tmp_path / "in.mkv", tmp_path / "out.mkv", background="black", model=green_model())
    lost = video.process(tmp_path / "in.mkv", tmp_path / "out.mp4", background="black", model=green_model())

    assert packets_of(tmp_path / "out.mkv", "subtitle") == packets_of(tmp_path / "in.mkv", "subtitle") != []
    assert kept.left_out == []
    (sentence,) = lost.left_out
    assert sentence == f"{tmp_path / 'in.mkv'}: mp4 cannot hold its subtitles (srt), so the result has none of them"


def test_progress_counts_frames(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")
    seen: list[tuple[int, int | None]] = []

    video.process(
        clip,
        tmp_path / "out.mp4",
        background="black",
        model=green_model(),
        progress=lambda progress: seen.append((progress.frames, progress.total)),
    )

    assert seen == [(number, 10) for number in range(1, 11)]
