"""A run in segments gives what a run in one piece gives, and continues where it stopped."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pspm_runtime import video
from pspm_runtime.video import effect
from pspm_runtime.video.segments.folder import SUFFIX

from tests.runtime.pictures import snapshot
from tests.runtime.video.clips import av, packets_of, read_frames, rgb, times_of
from tests.runtime.video.segments.films import TIMES, walking, write_film
from tests.runtime.video.segments.tiny_model import write_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_bundle(folder / "model")
    write_film(folder / "in.mp4", sound="aac")
    return folder


def process(folder: Path, out: Path, name: str = "in.mp4", **options: Any) -> Any:
    return video.process(folder / name, out, model=str(folder / "model"), **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"background": "in.mp4", "start": 1.3, "duration": 8.1},
        {"blur": 0.5, "start": 4.9},
        {"stacked": True, "duration": 5},
    ],
    ids=["whole", "a video behind a part", "the end", "the beginning"],
)
def test_frames_equal_those_of_one_piece(folder: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    if "background" in options:
        options = options | {"background": folder / options["background"]}

    whole = process(folder, tmp_path / "whole", **options)
    parts = process(folder, tmp_path / "parts", resume=True, **options)

    assert (parts.frames, parts.empty, parts.left_out) == (whole.frames, whole.empty, whole.left_out)
    assert whole.frames == len(TIMES) if not options else 20 < whole.frames < len(TIMES)
    assert snapshot(tmp_path / "parts") == snapshot(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts", "whole"]


def test_small_people_are_followed_as_in_one_piece(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their boxes depend on the frames before, but not across the ends of segments."""
    (tmp_path / "model").symlink_to(folder / "model")
    write_film(tmp_path / "in.mp4", draw=walking, size=(480, 270))
    boxes: list[Any] = []
    shots = effect.spaced_shots

    def noted(*arguments: Any) -> Any:
        for shot in shots(*arguments):
            boxes.append(shot.looks[1].box)
            yield shot

    monkeypatch.setattr(effect, "spaced_shots", noted)

    process(tmp_path, tmp_path / "whole")
    seen, boxes = boxes, []
    process(tmp_path, tmp_path / "parts", resume=True)

    assert len(seen) == len(TIMES) < len(boxes)
    assert 5 < len(set(seen)) < 0.7 * len(TIMES)
    assert snapshot(tmp_path / "parts") == snapshot(tmp_path / "whole")


@pytest.mark.parametrize("name", ["in.mkv", "in.ts", "in.avi", "in.webm"])
def test_other_containers_are_cut_alike(folder: Path, tmp_path: Path, name: str) -> None:
    codec = {"in.ts": "mpeg2video", "in.avi": "mpeg4", "in.webm": "libvpx-vp9"}.get(name, "libx264")
    if name in ("in.ts", "in.avi"):
        write_film(tmp_path / name, tuple(range(280)), codec=codec, time_base=Fraction(1, 25))
    else:
        write_film(tmp_path / name, codec=codec)
    (tmp_path / "model").symlink_to(folder / "model")

    process(tmp_path, tmp_path / "whole", name)
    process(tmp_path, tmp_path / "parts", name, resume=True)

    assert snapshot(tmp_path / "parts") == snapshot(tmp_path / "whole")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("out.mp4", {"background": "#204060"}),
        ("out.mov", {}),
        ("out.webm", {}),
        ("out.mkv", {"matte": True}),
    ],
)
def test_a_file_is_like_that_of_one_piece(folder: Path, tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    process(folder, tmp_path / f"whole-{name}", **options)
    process(folder, tmp_path / name, resume=True, **options)

    decoder = "libvpx-vp9" if name == "out.webm" else None
    whole, parts = (read_frames(tmp_path / each, decoder) for each in (f"whole-{name}", name))
    assert len(parts) == len(whole) == len(TIMES)
    assert times_of(parts) == times_of(whole)
    pairs = list(zip(parts, whole, strict=True))
    if name == "out.mov":  # each frame is coded by itself
        wide = [[frame.reformat(format="rgba64le").to_ndarray() for frame in pair] for pair in pairs]
        assert all(np.array_equal(part, one) for part, one in wide)
    assert max(np.abs(rgb(part) - rgb(one)).mean() for part, one in pairs) < 3
    assert packets_of(tmp_path / name, "audio") == packets_of(tmp_path / f"whole-{name}", "audio") != []
    assert facts(tmp_path / name) == facts(tmp_path / f"whole-{name}")
    assert not (tmp_path / f"{name}{SUFFIX}").exists()


def facts(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        return [
            container.duration,
            [(stream.type, stream.duration, stream.time_base) for stream in container.streams],
            (context.name, context.pix_fmt, context.profile),
            (context.width, context.height, context.colorspace, context.color_range, context.color_primaries),
            video.average_rate,
            video.sample_aspect_ratio,
            dict(video.metadata),
        ]
