"""Animations and pages on the command line: the first frame with one sentence, or all of them."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.command.cli import main
from pspm_runtime.files.animation import open_frames

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
DURATIONS = [40, 80, 120]


def several(kind: str, **options: Any) -> bytes:
    first, *others = [Image.new("RGB", (24, 20), colour) for colour in COLOURS]
    return encoded(first, kind, save_all=True, append_images=others, **options)


@pytest.fixture(autouse=True)
def engine(fake_engine: FakeEngine) -> FakeEngine:
    return fake_engine


@pytest.fixture
def gif(tmp_path: Path) -> Path:
    (tmp_path / "three.gif").write_bytes(several("GIF", duration=DURATIONS, loop=2))
    return tmp_path / "three.gif"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages.tif").write_bytes(several("TIFF"))
    return tmp_path / "pages.tif"


def run(effect: str, *arguments: object) -> int:
    return main([effect, *map(str, arguments)])


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_one_sentence_says_how_many_frames_were_left(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(several(kind))

    assert run("alpha", photo, "-o", tmp_path / "a.png") == 0

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(part in error for part in (str(photo), "2 more frames or pages", "left out", "--frames"))


def test_a_photo_of_one_frame_is_processed_silently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("GIF", "TIFF", "JPEG", "MPO"):
        (tmp_path / kind).write_bytes(encoded(Image.fromarray(gradient(24, 20)), kind))
        assert run("alpha", tmp_path / kind, "-o", tmp_path / f"{kind}.png") == 0
    assert capsys.readouterr().err == ""


def test_json_says_it_too(gif: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("alpha", gif, "-o", tmp_path / "a.png", "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "written": [str(tmp_path / "a.png")],
        "failed": [],
        "frames_left": {str(gif): 2},
    }
    assert captured.err == ""

    assert run("alpha", gif, "-o", tmp_path / "b.png", "--json-lines") == 0
    assert json.loads(capsys.readouterr().out)["frames_left"] == 2


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_folder_gives_one_sentence_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.gif", "b.gif", "c.gif"):
        (folder / name).write_bytes(several("GIF"))
    Image.fromarray(gradient(24, 20)).save(folder / "d.jpg")

    assert run("alpha", folder, "-o", tmp_path / "out", "--jobs", jobs) == 0
    # Another process has the true model, which finds nobody in these pictures.
    lines = [
        line for line in capsys.readouterr().err.splitlines() if not line.startswith("no person found in 4 photos: ")
    ]
    assert lines[-1].startswith("of 3 photos with several frames or pages, only the first one")
    assert "4 of 4 photos done" in lines

    assert run("alpha", folder, "-o", tmp_path / "again", "--json") == 0
    assert json.loads(capsys.readouterr().out)["frames_left"] == {str(folder / f"{n}.gif"): 2 for n in "abc"}


@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
@pytest.mark.parametrize("effect", ["alpha", "cutout", "blur"])
def test_all_frames_as_one_animation(
    gif: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], effect: str, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    code = run(effect, gif, "-o", out, "--frames")
    error = capsys.readouterr().err

    if (effect, suffix) == ("cutout", ".gif"):
        assert code == 1
        assert "no soft transparency" in error
        assert not out.exists()
        return
    assert (code, error) == (0, "")
    frames = open_frames(out)
    if effect == "alpha" and suffix != ".png":
        return  # the mattes are equal, and these formats join equal frames
    assert frames.loop == 2
    assert [photo.duration for photo in frames] == DURATIONS
    if effect == "blur":
        assert [np.asarray(p.image)[0, 0].round(-1).tolist() for p in frames] == [list(c) for c in COLOURS]


def test_an_animation_through_a_pipe(
    gif: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gif.read_bytes())))

    assert run("blur", "-", "-o", "-", "--frames", "--format", "webp") == 0

    captured = capfdbinary.readouterr()
    assert captured.err == b""
    assert [photo.duration for photo in open_frames(captured.out)] == DURATIONS


@pytest.mark.parametrize("source", ["gif", "pages"])
def test_all_frames_as_numbered_files(source: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    photo: Path = request.getfixturevalue(source)
    out = tmp_path / "out"

    assert run("blur", photo, "-o", f"{out}/", "--frames", "--format", "png") == 0

    assert sorted(path.name for path in out.iterdir()) == [f"{photo.name}-000{n}.png" for n in (1, 2, 3)]
    for number, colour in enumerate(COLOURS, 1):
        with Image.open(out / f"{photo.name}-000{number}.png") as result:
            assert np.abs(np.asarray(result)[0, 0].astype(int) - colour).max() <= 2


def test_numbered_files_are_not_replaced(gif: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "three.gif-0002.png").write_bytes(b"mine")

    assert run("alpha", gif, "-o", out, "--frames") == 1
    assert "three.gif-0002.png exists already" in capsys.readouterr().err
    assert (out / "three.gif-0002.png").read_bytes() == b"mine"

    assert run("alpha", gif, "-o", out, "--frames", "--force", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["written"]) == 3


def test_a_photo_of_one_frame_has_the_usual_name(tmp_path: Path) -> None:
    Image.fromarray(gradient(24, 20)).save(tmp_path / "a.jpg")

    assert run("alpha", tmp_path / "a.jpg", "-o", f"{tmp_path}/out/", "--frames") == 0

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]


def test_a_folder_with_frames_gives_animations(
    gif: Path, pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(gradient(24, 20)).save(tmp_path / "still.jpg")
    out = tmp_path / "out"

    assert run("blur", gif, pages, tmp_path / "still.jpg", "-o", out, "--frames", "--format", "webp") == 0

    assert len(open_frames(out / "three.gif.webp")) == len(open_frames(out / "pages.tif.webp")) == 3
    assert [photo.duration for photo in open_frames(out / "pages.tif.webp")] == [1000, 1000, 1000]
    assert len(open_frames(out / "still.webp")) == 1
    assert "frames" not in capsys.readouterr().err

    assert run("blur", gif, pages, tmp_path / "still.jpg", "-o", out, "--frames", "--format", "webp", "--resume") == 0
    assert "3 of them earlier" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["out.jpg", "--frames"], ("JPEG file holds no animation", ".webp, .png or .gif")),
        (["out.tif", "--frames"], ("TIFF file holds no animation", "folder")),
        (["out.gif"], ("out.gif", "is for animations", "--frames")),
        (["out.webp", "--frames", "--crop"], ("--crop", "leave it out")),
    ],
)
def test_what_does_not_fit_is_refused(
    gif: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], parts: tuple[str, ...]
) -> None:
    assert run("blur", gif, "-o", tmp_path / arguments[0], *arguments[1:]) == 1

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(part in error for part in parts)
