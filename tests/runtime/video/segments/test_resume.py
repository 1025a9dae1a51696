"""A run that ends early continues where it stopped, and segments of different runs are never joined."""

import _thread
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import video
from pspm_runtime.errors import OutputError, PspmError, VideoError
from pspm_runtime.video.run import Progress
from pspm_runtime.video.segments.folder import SUFFIX, SegmentsFolder

from tests.runtime.pictures import snapshot
from tests.runtime.video.clips import green_model, read_frames
from tests.runtime.video.segments.films import TIMES, write_film
from tests.runtime.video.segments.tiny_model import write_bundle

STOP_AFTER = 40  # in the second segment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, a film, and what an unbroken run gives."""
    folder = tmp_path_factory.mktemp("films")
    write_bundle(folder / "model")
    write_film(folder / "in.mp4", sound="aac")
    process(folder, folder / "unbroken.mp4", resume=True)
    return folder


def process(folder: Path, out: Path, **options: Any) -> Any:
    given = {"background": "#204060", "model": str(folder / "model")}
    return video.process(folder / "in.mp4", out, **(given | options))


class Interrupt:
    """Presses Ctrl-C once, after some frames."""

    def __init__(self) -> None:
        self.pressed = False

    def __call__(self, progress: Progress) -> None:
        if progress.frames >= STOP_AFTER and not self.pressed:
            self.pressed = True
            _thread.interrupt_main()
            time.sleep(0.5)


def interrupted(folder: Path, out: Path, **options: Any) -> KeyboardInterrupt:
    with pytest.raises(KeyboardInterrupt) as stopped:
        process(folder, out, progress=Interrupt(), **({"resume": True} | options))
    return stopped.value


def test_ctrl_c_and_resume(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    stop = interrupted(folder, out)

    segments = tmp_path / f"out.mp4{SUFFIX}"
    kept = sorted(path.name for path in segments.iterdir())
    assert "000000.mp4" in kept
    assert not out.exists()
    playable = sum(len(read_frames(path)) for path in segments.glob("00000?.mp4"))
    assert 0 < playable < len(TIMES)
    assert stop.__notes__ == [f"{segments} has {playable} finished frames; run it again with --resume to continue"]
    before = (segments / "000000.mp4").stat().st_mtime_ns
    seen: list[Progress] = []

    def look(progress: Progress) -> None:
        seen.append(progress)
        assert (segments / "000000.mp4").stat().st_mtime_ns == before

    outcome = process(folder, out, resume=True, progress=look)

    assert outcome.frames == len(TIMES)
    assert seen[0].frames == playable + 1
    assert out.read_bytes() == (folder / "unbroken.mp4").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_processes_give_the_same_and_continue(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    interrupted(folder, out)

    with pytest.raises(OutputError, match=r"out\.mp4\.segments has an unfinished run; continue it with --resume"):
        process(folder, out, jobs=2)
    process(folder, out, jobs=2, resume=True)
    process(folder, tmp_path / "fresh.mp4", jobs=2)

    assert out.read_bytes() == (folder / "unbroken.mp4").read_bytes()
    assert (tmp_path / "fresh.mp4").read_bytes() == (folder / "unbroken.mp4").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh.mp4", "out.mp4"]


def test_ctrl_c_ends_the_processes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"

    stop = interrupted(folder, out, jobs=2)

    assert multiprocessing.active_children() == []
    assert getattr(stop, "__notes__", []) or list(tmp_path.iterdir()) == []
    process(folder, out, resume=True)
    assert out.read_bytes() == (folder / "unbroken.mp4").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_runs(folder: Path, tmp_path: Path, jobs: str) -> None:
    program = [sys.executable, "-m", "pspm_runtime.command.cli", "video", str(folder / "in.mp4"), "-o", "out.mp4"]
    program += ["--with", "#204060", "--model", str(folder / "model"), "--resume", "--jobs", jobs, "--quiet"]
    segments = tmp_path / f"out.mp4{SUFFIX}"
    for kill in range(3):
        with subprocess.Popen(program, cwd=tmp_path, start_new_session=True) as process:
            while process.poll() is None and len(list(segments.glob("*.json"))) < 2 + kill:
                time.sleep(0.01)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)  # the workers end themselves
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)

    if done.returncode:  # the last run was faster than its signal
        assert "exists already" in done.stderr
    assert (tmp_path / "out.mp4").read_bytes() == (folder / "unbroken.mp4").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_a_run_writes_to_no_file_of_a_killed_one(tmp_path: Path) -> None:
    """A process of the killed run may still write there."""
    killed = SegmentsFolder(tmp_path / "out.mp4", {}, resume=True)
    left = killed.unfinished(3)
    left.write_bytes(b"of the killed run")
    killed.close()

    folder = SegmentsFolder(tmp_path / "out.mp4", {}, resume=True)
    assert not left.exists()
    mine = folder.unfinished(3)
    mine.write_bytes(b"of this one")
    left.write_bytes(b"a last word")

    assert mine.read_bytes() == b"of this one"
    folder.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "name"), [(b"", "000000.mp4"), (b"damage", "000000.mp4"), (b"{", "000000.json"), (None, "000000.mp4")]
)
def test_damaged_segments_are_made_again(folder: Path, tmp_path: Path, damage: bytes | None, name: str) -> None:
    out = tmp_path / "out.mp4"
    interrupted(folder, out)
    file = tmp_path / f"out.mp4{SUFFIX}" / name
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)

    process(folder, out, resume=True)

    assert out.read_bytes() == (folder / "unbroken.mp4").read_bytes()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"background": "#204061"}, "background"),
        ({"background": None, "blur": 0.5}, "background and another blur"),
        ({"start": 1}, "start"),
        ({"quality": "best"}, "quality"),
        ({"model": "mobile"}, "model"),
        ({"sound": False}, "sound"),
    ],
)
def test_other_options_are_refused(folder: Path, tmp_path: Path, options: dict[str, Any], what: str) -> None:
    out = tmp_path / "out.mp4"
    interrupted(folder, out)
    before = snapshot(tmp_path)

    with pytest.raises(OutputError, match=rf"out\.mp4\.segments was begun with another {what}; give what it was"):
        process(folder, out, resume=True, **options)
    assert snapshot(tmp_path) == before


def test_another_video_or_background_is_refused(folder: Path, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4")
    picture = tmp_path / "blue.png"
    Image.new("RGB", (8, 8), "blue").save(picture)
    given = {"background": picture, "model": str(folder / "model"), "resume": True}

    with pytest.raises(KeyboardInterrupt):
        video.process(film, tmp_path / "out.mp4", progress=Interrupt(), **given)
    Image.new("RGB", (8, 8), "red").save(picture)
    with pytest.raises(OutputError, match="another background"):
        video.process(film, tmp_path / "out.mp4", **given)
    os.utime(film, (1, 1))
    with pytest.raises(OutputError, match="another video"):
        video.process(film, tmp_path / "out.mp4", **given)


def test_two_runs_do_not_share_segments(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    errors = []

    def second(progress: Progress) -> None:
        if progress.frames == 1:
            with pytest.raises(OutputError) as refused:
                process(folder, out, resume=True)
            errors.append(str(refused.value))

    process(folder, out, resume=True, progress=second)

    assert errors == [f"another run works in {out}{SUFFIX}; wait for its end"]


def test_a_foreign_folder_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / f"out.mp4{SUFFIX}").mkdir()
    (tmp_path / f"out.mp4{SUFFIX}" / "mine.txt").write_text("mine")

    with pytest.raises(OutputError, match="has files of something else"):
        process(folder, tmp_path / "out.mp4", resume=True)
    assert (tmp_path / f"out.mp4{SUFFIX}" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": 0}, "jobs must be a whole number from 1 to 256"),
        ({"jobs": 2, "model": green_model()}, "a model by its name or its folder"),
        ({"resume": True, "background": Image.new("RGB", (4, 4))}, "needs a colour or a file as background"),
        ({"resume": "yes"}, "resume"),
    ],
)
def test_orders_that_cannot_be_done(folder: Path, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(PspmError, match=message):
        process(folder, tmp_path / "out.mp4", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_changes_keeps_the_segments_before_it(folder: Path, tmp_path: Path) -> None:
    first = write_film(tmp_path / "a.ts", tuple(range(150)), codec="mpeg2video", time_base=Fraction(1, 25))
    second = write_film(
        tmp_path / "b.ts", tuple(range(150, 160)), codec="mpeg2video", time_base=Fraction(1, 25), size=(128, 64)
    )
    film = tmp_path / "in.ts"
    film.write_bytes(first.read_bytes() + second.read_bytes())

    with pytest.raises(
        VideoError, match=r"changes its size from 96x64 to 128x64 .*; .*out\.mp4\.segments has 125 finished frames"
    ):
        video.process(film, tmp_path / "out.mp4", background="black", model=str(folder / "model"), resume=True)
    assert len(read_frames(tmp_path / f"out.mp4{SUFFIX}" / "000000.mp4")) == 125


def test_times_that_go_back_are_refused(folder: Path, tmp_path: Path) -> None:
    first = write_film(tmp_path / "a.ts", tuple(range(150)), codec="mpeg2video", time_base=Fraction(1, 25))
    film = tmp_path / "in.ts"
    film.write_bytes(first.read_bytes() + first.read_bytes())

    with pytest.raises(VideoError, match=r"the times of .*in\.ts go back .*without --resume and --jobs"):
        video.process(film, tmp_path / "out.mp4", background="black", model=str(folder / "model"), resume=True)


def test_frames_without_times_are_refused(folder: Path, tmp_path: Path) -> None:
    write_film(tmp_path / "in.h264", tuple(range(150)), time_base=Fraction(1, 25))

    with pytest.raises(VideoError, match=r"the frames of .*in\.h264 have no times; .*without --resume and --jobs"):
        video.process(
            tmp_path / "in.h264", tmp_path / "out.mp4", background="black", model=str(folder / "model"), resume=True
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.h264"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_damage_and_truncation_are_those_of_one_piece(folder: Path, tmp_path: Path, jobs: int) -> None:
    film = write_film(tmp_path / "in.mkv")
    data = bytearray(film.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 400] = np.random.default_rng(0).bytes(400)
    film.write_bytes(data[: len(data) * 3 // 4])

    said = []
    for out, options in (("whole.mp4", {}), ("parts.mp4", {"jobs": jobs, "resume": True})):
        with pytest.raises(VideoError, match=r"in\.mkv .*ends before its header says; .* other \d+ frames") as refused:
            video.process(film, tmp_path / out, background="black", model=str(folder / "model"), **options)
        said.append(str(refused.value).replace("parts", "whole"))

    assert said[0] == said[1]
    assert 20 < len(read_frames(tmp_path / "parts.mp4")) == len(read_frames(tmp_path / "whole.mp4")) < 50
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mkv", "parts.mp4", "whole.mp4"]
