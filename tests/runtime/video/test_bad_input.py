"""Videos that cannot be read, or not to their end, and results that cannot be written: one sentence each."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import video
from pspm_runtime.errors import ModelError, NoPersonError, OutputError, PspmError, VideoError
from pspm_runtime.model import Model

from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.video.clips import GreenEngine, av, green_model, read_frames, write_clip

# A second and more, so that the header's length tells whether something is missing.
LONG = tuple(range(0, 2000, 40))


def process(path: Path, out: Path, **options: Any) -> Any:
    return video.process(path, out, **({"background": "black", "model": green_model()} | options))


def nothing_but(folder: Path, *names: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4 does not exist"):
        process(tmp_path / "gone.mp4", tmp_path / "out.mp4")
    with pytest.raises(VideoError, match="is a folder"):
        process(tmp_path, tmp_path / "out.mp4")


@pytest.mark.parametrize("data", [b"", b"not a video", bytes(5000)], ids=["empty", "text", "zeros"])
def test_not_a_video(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.mp4").write_bytes(data)

    with pytest.raises(VideoError, match=r"in\.mp4 (is not a video|has no video)"):
        process(tmp_path / "in.mp4", tmp_path / "out.mp4")
    assert nothing_but(tmp_path, "in.mp4")


def test_sound_only(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "in.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        stream.layout = "stereo"
        from tests.runtime.video.clips import write_noise

        write_noise(container, stream, 0.2)

    with pytest.raises(VideoError, match=r"in\.wav has no video"):
        process(tmp_path / "in.wav", tmp_path / "out.mp4")


def test_cut_short_before_its_index(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", LONG)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    with pytest.raises(VideoError, match="its end is missing"):
        process(clip, tmp_path / "out.mp4")
    assert nothing_but(tmp_path, "in.mp4")


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mkv", LONG, options={"g": "5"})
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    with pytest.raises(VideoError, match=r"in\.mkv .*ends before its header says; .*out\.mp4 has the other \d+ frames"):
        process(clip, tmp_path / "out.mp4")
    assert 5 < len(read_frames(tmp_path / "out.mp4")) < 45


def test_a_damaged_middle_costs_some_frames_only(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mkv", LONG, options={"g": "5"})
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(0).bytes(400)
    clip.write_bytes(data)

    with pytest.raises(VideoError, match=r"in\.mkv is damaged in \d+ places?.*; .*out\.mp4 has the other \d+ frames"):
        process(clip, tmp_path / "out.mp4")
    frames = read_frames(tmp_path / "out.mp4")
    assert 20 < len(frames) <= 50
    assert frames[-1].time > 1.5


def test_a_changing_size_keeps_the_part_before_it(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "a.ts", range(10), codec="mpeg2video", time_base=Fraction(1, 25))
    second = write_clip(tmp_path / "b.ts", range(10, 20), codec="mpeg2video", time_base=Fraction(1, 25), size=(128, 64))
    clip = tmp_path / "in.ts"
    clip.write_bytes(first.read_bytes() + second.read_bytes())

    with pytest.raises(
        VideoError, match=r"changes its size from 96x64 to 128x64 .*; .*out\.unfinished\.mp4 has the first"
    ):
        process(clip, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
    assert len(read_frames(tmp_path / "out.unfinished.mp4")) >= 9


def test_one_frame(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", (0,))
    Image.new("RGB", (96, 64), (0, 200, 0)).save(tmp_path / "photo.jpg")

    assert process(clip, tmp_path / "out.mp4").frames == 1
    assert process(tmp_path / "photo.jpg", tmp_path / "photo.webm", background=None).frames == 1
    assert len(read_frames(tmp_path / "out.mp4")) == len(read_frames(tmp_path / "photo.webm")) == 1


def test_a_start_behind_the_end(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    with pytest.raises(VideoError, match="no frame after 100 s"):
        process(clip, tmp_path / "out.mp4", start=100)
    assert nothing_but(tmp_path, "in.mp4")


def test_nobody(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", (0, 40))

    with pytest.raises(NoPersonError, match=r"no person was found in any frame of .*in\.mp4; .*out\.mp4 was written"):
        process(clip, tmp_path / "out.mp4", model=Model(FakeEngine(same_everywhere(0))))
    assert len(read_frames(tmp_path / "out.mp4")) == 2


@pytest.mark.parametrize(
    ("out", "options", "message"),
    [
        ("out.mp4", {"background": None}, r"out\.mp4 cannot hold transparency; use \.webm"),
        ("out.avi", {}, r"out\.avi does not end in a known format"),
        ("in.mp4", {}, r"in\.mp4 is an input"),
        ("in.mp4", {"force": True}, r"in\.mp4 is an input"),
        ("there.mp4", {}, r"there\.mp4 exists already; give --force"),
        ("photos", {}, "photos has other files than numbered frames"),
        ("photos", {"force": True}, "photos has other files than numbered frames"),
        ("out.mp4", {"blur": 0.5}, "a background and a blur exclude each other"),
        ("out.mp4", {"background": None, "blur": 2}, "a blur strength of 2 is out of range"),
        ("out.mp4", {"start": -1}, "start must be a number of seconds"),
        ("out.mp4", {"duration": 0}, "duration must be a number of seconds"),
        ("out.mp4", {"background": "#12"}, "is not a colour"),
        ("out.mp4", {"background": "gone.png"}, r"gone\.png"),
        ("out.mp4", {"model": "mobile-trimap"}, "a model that needs a trimap cannot matte a video"),
    ],
)
def test_orders_that_cannot_be_done(tmp_path: Path, out: str, options: dict[str, Any], message: str) -> None:
    clip = write_clip(tmp_path / "in.mp4", (0, 40))
    (tmp_path / "there.mp4").write_bytes(b"there")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(b"photo")
    before = clip.read_bytes()

    with pytest.raises(PspmError, match=message):
        process(clip, tmp_path / out, **options)

    assert clip.read_bytes() == before
    assert nothing_but(tmp_path, "in.mp4", "there.mp4", "photos")
    assert nothing_but(tmp_path / "photos", "me.jpg")


def test_force_replaces_a_result_and_its_frames(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", (0, 40))
    (tmp_path / "out.mp4").write_bytes(b"old")
    process(write_clip(tmp_path / "long.mp4"), tmp_path / "frames", background=None)

    with pytest.raises(OutputError, match="frames has frames already; give --force"):
        process(clip, tmp_path / "frames", background=None)
    process(clip, tmp_path / "out.mp4", force=True)
    process(clip, tmp_path / "frames", background=None, force=True)

    assert len(read_frames(tmp_path / "out.mp4")) == 2
    assert nothing_but(tmp_path / "frames", "000001.png", "000002.png", "timestamps.txt")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pspm_runtime.video.container.writer import VideoWriter

    clip = write_clip(tmp_path / "in.mp4")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VideoWriter, "close", full)
    with pytest.raises(OutputError, match=r"out\.mp4 cannot be written: No space left on device; choose another place"):
        process(clip, tmp_path / "out.mp4")
    assert nothing_but(tmp_path, "in.mp4")


class StoppingEngine(GreenEngine):
    """Presses Ctrl-C at a frame, then waits until that was heard."""

    def __init__(self, at: int, error: BaseException | None = None) -> None:
        super().__init__()
        self.at, self.error = at, error

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        if len(self.runs) == self.at:
            if self.error:
                raise self.error
            import _thread

            _thread.interrupt_main()
        return super().alpha(view, trimap)


@pytest.fixture
def threads() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.mov", "frames"])
def test_ctrl_c_leaves_a_file_that_plays(tmp_path: Path, name: str) -> None:
    clip = write_clip(tmp_path / "in.mp4", LONG, sound="aac")

    with pytest.raises(KeyboardInterrupt) as stopped:
        process(clip, tmp_path / name, model=Model(StoppingEngine(10), quality="fast"))

    kept = tmp_path / name.replace(".", ".unfinished.") if "." in name else tmp_path / "frames.unfinished"
    assert nothing_but(tmp_path, "in.mp4", kept.name)
    count = len(list(kept.glob("*.png"))) if kept.is_dir() else len(read_frames(kept))
    assert 1 <= count <= 50
    assert stopped.value.__notes__ == [f"{kept} has the first {count} frames"]


@pytest.mark.usefixtures("threads")
def test_a_network_that_fails_keeps_what_is_finished(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    # Of four frames that the network has seen, and three between.
    with pytest.raises(ModelError, match=r"it broke; .*out\.unfinished\.mp4 has the first 7 frames"):
        process(clip, tmp_path / "out.mp4", model=Model(StoppingEngine(4, ModelError("it broke")), quality="fast"))
    assert len(read_frames(tmp_path / "out.unfinished.mp4")) == 7


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), "a.png", np.zeros((0, 4, 3), np.uint8)]
)
def test_frames_that_are_no_arrays(frame: Any) -> None:
    with pytest.raises(VideoError, match=r"frame 0 is .*; give RGB arrays"):
        next(video.matte([frame], model=green_model()))


def test_an_unknown_codec(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.avi", range(10), codec="mpeg4", time_base=Fraction(1, 25))
    clip.write_bytes(clip.read_bytes().replace(b"FMP4", b"ZZZZ"))

    with pytest.raises(
        VideoError, match=r"in\.avi has video of a kind that cannot be decoded here; convert it to H\.264"
    ):
        process(clip, tmp_path / "out.mp4")
    assert nothing_but(tmp_path, "in.avi")


@pytest.mark.parametrize("name", ["in.mkv", "in.mp4"])
def test_no_frames(tmp_path: Path, name: str) -> None:
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        container.start_encoding()

    with pytest.raises(VideoError, match=rf"{name} (has no frames|has no video|is not a video)"):
        process(tmp_path / name, tmp_path / "out.mp4")
    assert nothing_but(tmp_path, name)


def test_all_black(tmp_path: Path) -> None:
    def black(number: int, size: tuple[int, int]) -> np.ndarray:
        return np.zeros((size[1], size[0], 3), np.uint8)

    clip = write_clip(tmp_path / "in.mp4", draw=black)

    with pytest.raises(NoPersonError, match="no person was found in any frame"):
        process(clip, tmp_path / "out.webm", background=None)
    assert len(read_frames(tmp_path / "out.webm")) == 10
