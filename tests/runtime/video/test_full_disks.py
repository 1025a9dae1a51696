"""Disks that fill up, places that cannot be written, and muxers that fail: one sentence, nothing half-written."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pspm_runtime import model as model_module
from pspm_runtime import video
from pspm_runtime.command.cli import main
from pspm_runtime.errors import OutputError
from pspm_runtime.video.container import writer as writer_module

from tests.runtime.video.clips import GreenEngine, av, read_frames, write_clip
from tests.runtime.video.segments.tiny_model import write_bundle

LONG = tuple(range(0, 4000, 40))


def noise(number: int, size: tuple[int, int]) -> np.ndarray:
    pixels = np.random.default_rng(number).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    pixels[: size[1] // 2, : size[0] // 2] = (0, 200, 0)
    return pixels


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "open_engine", lambda *_: GreenEngine())


LIMITED = """
import resource, sys
from pspm_runtime.command.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files")
@pytest.mark.parametrize(
    ("name", "options"), [("out.mp4", []), ("out.mkv", []), ("frames", []), ("out.mp4", ["--resume"])]
)
def test_a_disk_that_is_full_midway(tmp_path: Path, name: str, options: list[str]) -> None:
    write_clip(tmp_path / "in.mp4", LONG, size=(192, 128), draw=noise)
    write_bundle(tmp_path / "model")
    limit = 30_000 if name == "frames" else 300_000
    arguments = ["video", "in.mp4", "-o", name, "--blur", "0", "--model", "model", "--threads", "1", *options]

    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 1, done
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("pspm: ")
    assert "cannot be written: File too large" in done.stderr
    kept = [path for path in names(tmp_path) if path not in ("in.mp4", "model")]
    if kept:  # what is kept plays
        assert kept == [name.replace(".", ".unfinished.")] or kept == ["frames.unfinished"]
        assert kept[0] in done.stderr
        if name != "frames":
            assert read_frames(tmp_path / kept[0])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EINVAL, errno.EIO])
@pytest.mark.parametrize("resume", [False, True])
def test_a_muxer_that_fails_midway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, resume: bool) -> None:
    clip = write_clip(tmp_path / "in.mp4")
    bundle = str(write_bundle(tmp_path / "model"))
    write = writer_module.VideoWriter.write
    written = 0

    def fail(self: Any, *given: Any) -> None:
        nonlocal written
        written += 1
        if written > 4:
            av.error.err_check(-number)
        write(self, *given)

    monkeypatch.setattr(writer_module.VideoWriter, "write", fail)
    with pytest.raises(OutputError, match=r"out\.mp4 cannot be written: .*"):
        video.process(clip, tmp_path / "out.mp4", background="black", model=bundle, resume=resume)

    kept = [name for name in names(tmp_path) if name not in ("in.mp4", "model")]
    assert kept == ([] if resume else ["out.unfinished.mp4"])
    if kept:
        assert len(read_frames(tmp_path / kept[0])) == 4


@pytest.mark.usefixtures("green")
@pytest.mark.parametrize("out", ["in.mp4/out.mp4", "/proc/out.mp4"])
@pytest.mark.parametrize("options", [[], ["--jobs", "2"]])
def test_places_that_cannot_be_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    out: str,
    options: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "in.mp4", (0, 40))

    assert main(["video", "in.mp4", "-o", out, "--with", "black", *options]) == 1

    said = capsys.readouterr().err
    assert said.startswith(f"pspm: {out}")
    assert "cannot be written" in said
    assert said.count("\n") == 1
    assert names(tmp_path) == ["in.mp4"]
