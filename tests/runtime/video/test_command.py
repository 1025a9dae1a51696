"""The command `pspm video`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pspm_runtime import model as model_module
from pspm_runtime import video
from pspm_runtime.command.cli import main

from tests.runtime.video.clips import GreenEngine, picture, read_frames, write_clip


@pytest.fixture(autouse=True)
def green(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(model_module, "open_engine", lambda *_: GreenEngine())
    return


def test_an_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "in.mp4", sound="aac")

    assert main(["video", str(clip), "-o", str(tmp_path / "out.webm")]) == 0
    assert main(["video", str(clip), "-o", str(tmp_path / "m.mp4"), "--matte", "--quiet"]) == 0
    assert main(["video", str(clip), "-o", str(tmp_path / "b.mp4"), "--blur", "0.3", "--duration", "0.2"]) == 0

    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'out.webm'}: 10 frames\n{tmp_path / 'b.mp4'}: 5 frames\n"
    assert said.err == ""
    assert len(read_frames(tmp_path / "m.mp4")) == 10


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["-o", "out.mp4"], "out.mp4 cannot hold transparency"),
        (["-o", "out.mp4", "--with", "gone.png"], "gone.png"),
        (["-o", "out.webm", "--start", "50"], "no frame after 50 s"),
    ],
)
def test_mistakes_get_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "in.mp4", (0, 40))

    assert main(["video", "in.mp4", *options]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pspm: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_without_pyav(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "av", None)

    assert main(["video", "in.mp4", "-o", "out.webm"]) == 1

    assert (
        capsys.readouterr().err == "pspm: this needs av; install it in a clone of PSPM with: pip install '.[video]'\n"
    )


def test_mattes_of_arrays_are_those_of_photos_and_need_no_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    from tests.runtime.video.clips import green_model

    frames = [picture(number) for number in range(3)]

    mattes = list(video.matte(iter(frames), model=green_model()))

    assert [(matte.shape, matte.dtype) for matte in mattes] == 3 * [((64, 96), np.float32)]
    alphas = [green_model().predict_alpha(frame) for frame in frames]
    assert np.array_equal(mattes[0], alphas[0])
    for alpha, matte in zip(alphas, mattes, strict=True):  # the person moves, so the filter leaves almost all as it is
        assert np.abs(matte - alpha).mean() < 0.004


@pytest.mark.parametrize(("command", "threads"), [("video", "1"), ("webcam", "1"), ("alpha", "None")])
def test_numpy_has_one_thread_for_the_small_matrices_of_frames(command: str, threads: str) -> None:
    program = f"""
import os, sys
from pspm_command import main
sys.argv = ["pspm", "{command}", "--help"]
try:
    main()
finally:
    print(os.environ.get("OPENBLAS_NUM_THREADS"))
"""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == threads
