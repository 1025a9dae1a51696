"""Alpha first: what is made with one encoder at a time is what two encoders make, also where a run ends early."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import video
from pspm_runtime.errors import ModelError, VideoError
from pspm_runtime.model import Model
from pspm_runtime.video import alpha_first
from pspm_runtime.video.container.alpha_plane import encode_alpha
from pspm_runtime.video.container.encoder import VP9_WITH_ALPHA
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.container.writer import VideoWriter

from tests.runtime.video.clips import av, green_model, packets_of, read_frames, times_of, write_clip
from tests.runtime.video.segments.films import TIMES, write_film
from tests.runtime.video.segments.test_segments import facts
from tests.runtime.video.segments.tiny_model import write_bundle
from tests.runtime.video.test_bad_input import LONG, StoppingEngine

LIBVPX = "libvpx-vp9"


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alpha_first, "LARGEST_AT_ONCE", 0)


def alphas(path: Path) -> list[np.ndarray]:
    return [frame.reformat(format="rgba").to_ndarray()[..., 3].astype(int) for frame in read_frames(path, LIBVPX)]


def packets(path: Path) -> list[Any]:
    """Colours, alpha and times of each packet."""
    with av.open(str(path)) as container:
        read = container.demux(container.streams.video[0])
        return [(p.pts, p.dts, bytes(p), [bytes(each) for each in p.iter_sidedata()]) for p in read if p.size]


@pytest.mark.parametrize("size", [(96, 64), (95, 63)])
def test_the_bytes_are_those_of_two_encoders(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = write_clip(tmp_path / "in.mkv", size=size, codec="ffv1", pixel_format="bgr0")
    reader = VideoReader(clip)
    rng = np.random.default_rng(1)
    images = [
        Image.fromarray(np.dstack([np.asarray(frame.photo.image), rng.integers(0, 256, size[::-1])]).astype(np.uint8))
        for frame in reader.frames()
    ]
    times = [(40 * number, 40) for number in range(len(images))]
    # The scaler rounds alpha when it converts a frame, by one level at most, so the planes are taken behind it.
    planes = [reader.colour.to_frame(image, "yuva420p").planes[3] for image in images]
    mattes = [np.frombuffer(plane, np.uint8).reshape(size[1], -1)[:, : size[0]] for plane in planes]
    alone = list(encode_alpha(((m, *t) for m, t in zip(mattes, times, strict=True)), size, reader))

    for name, alpha in (("two.webm", None), ("one.webm", alone)):
        writer = VideoWriter(tmp_path / name, VP9_WITH_ALPHA, reader, size, with_sound=False, alpha=alpha)
        for image, each in zip(images, times, strict=True):
            writer.write(image, *each)
        writer.close(complete=True)
    reader.close()

    assert packets(tmp_path / "one.webm") == packets(tmp_path / "two.webm")
    assert len({alpha for *_, (alpha,) in packets(tmp_path / "one.webm")}) == len(images)


@pytest.mark.usefixtures("one_at_a_time")
@pytest.mark.parametrize("name", ["out.webm", "out.mkv"])
def test_a_film_is_that_of_two_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    film, bundle = write_film(tmp_path / "in.mp4", sound="aac"), str(write_bundle(tmp_path / "model"))
    seen: list[int] = []

    one = video.process(film, tmp_path / name, model=bundle, progress=lambda progress: seen.append(progress.frames))
    video.process(film, tmp_path / f"parts-{name}", model=bundle, resume=True)
    video.process(film, tmp_path / "frames", model=bundle)
    monkeypatch.setattr(alpha_first, "LARGEST_AT_ONCE", 10**9)
    two = video.process(film, tmp_path / f"two-{name}", model=bundle)

    assert (one.frames, one.empty, one.left_out) == (two.frames, two.empty, two.left_out)
    assert seen == list(range(1, len(TIMES) + 1))
    assert facts(tmp_path / name) == facts(tmp_path / f"two-{name}")
    assert packets_of(tmp_path / name, "audio") == packets_of(tmp_path / f"two-{name}", "audio") != []
    assert times_of(read_frames(tmp_path / name)) == times_of(read_frames(tmp_path / f"two-{name}"))
    assert packets(tmp_path / name) == packets(tmp_path / f"parts-{name}")
    pngs = [np.asarray(Image.open(path))[..., 3].astype(int) for path in sorted((tmp_path / "frames").glob("*.png"))]
    errors = [np.abs(alpha - png).mean() for alpha, png in zip(alphas(tmp_path / name), pngs, strict=True)]
    assert np.mean(errors) < 0.5
    assert not list(tmp_path.glob(".pspm-*"))
    assert not list(tmp_path.glob("*.segments"))


@pytest.mark.usefixtures("one_at_a_time")
def test_the_name_of_a_result_changes_nothing(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    for name in ("out.webm", "part.webm"):  # a part has the second name while it waits
        video.process(clip, tmp_path / name, model=green_model())

    assert packets(tmp_path / "part.webm") == packets(tmp_path / "out.webm")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.webm", "part.webm"]


@pytest.mark.usefixtures("one_at_a_time")
def test_ctrl_c_leaves_a_file_that_plays(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", LONG, sound="aac")

    with pytest.raises(KeyboardInterrupt) as stopped:
        video.process(clip, tmp_path / "out.webm", model=Model(StoppingEngine(10), quality="fast"))

    kept = tmp_path / "out.unfinished.webm"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", kept.name]
    count = len(alphas(kept))
    assert 1 <= count < len(LONG)
    assert stopped.value.__notes__ == [f"{kept} has the first {count} frames"]


@pytest.mark.usefixtures("one_at_a_time")
def test_a_network_that_fails_keeps_what_is_finished(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", sound="aac")
    model = Model(StoppingEngine(4, ModelError("it broke")), quality="fast")

    with pytest.raises(ModelError, match=r"it broke; .*out\.unfinished\.webm has the first 7 frames"):
        video.process(clip, tmp_path / "out.webm", model=model)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.unfinished.webm"]
    assert len(alphas(tmp_path / "out.unfinished.webm")) == 7


@pytest.mark.usefixtures("one_at_a_time")
@pytest.mark.parametrize("name", ["in.ts", "in.h264"])
def test_films_that_cannot_be_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    codec = {"codec": "mpeg2video"} if name == "in.ts" else {}
    film = write_film(tmp_path / name, tuple(range(80)), time_base=Fraction(1, 25), **codec)
    if name == "in.ts":  # two films behind each other
        film.write_bytes(film.read_bytes() * 2)

    outcome = video.process(film, tmp_path / "out.webm", model=green_model())
    monkeypatch.setattr(alpha_first, "LARGEST_AT_ONCE", 10**9)
    video.process(film, tmp_path / "two.webm", model=green_model())

    assert outcome.frames == len(packets(tmp_path / "out.webm")) >= 80
    assert packets(tmp_path / "out.webm") == packets(tmp_path / "two.webm")


@pytest.mark.usefixtures("one_at_a_time")
def test_damage_is_that_of_two_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = write_film(tmp_path / "in.mkv")
    data = bytearray(film.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 400] = np.random.default_rng(0).bytes(400)
    film.write_bytes(data[: len(data) * 3 // 4])

    said = []
    for most in (0, 10**9):
        monkeypatch.setattr(alpha_first, "LARGEST_AT_ONCE", most)
        with pytest.raises(VideoError, match=r"in\.mkv .*ends before its header says; .* other \d+ frames") as refused:
            video.process(film, tmp_path / "out.webm", model=green_model(), force=True)
        said.append(str(refused.value))

    assert said[0] == said[1]


LIMITED = """
import resource, sys
from pspm_runtime.command.cli import main
from pspm_runtime.video import alpha_first
alpha_first.LARGEST_AT_ONCE = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files")
@pytest.mark.parametrize("limit", [300, 2_000], ids=["mattes", "colours"])
def test_a_disk_that_is_full_midway(tmp_path: Path, limit: int) -> None:
    write_clip(tmp_path / "in.mp4")
    write_bundle(tmp_path / "model")
    arguments = ["video", "in.mp4", "-o", "out.webm", "--model", "model", "--threads", "1"]

    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 1, done
    assert done.stderr == "pspm: out.webm cannot be written: File too large; choose another place\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "model"]
