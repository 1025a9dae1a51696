"""Photos without a person on the command line: they get their empty result, and one sentence says so."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.command.batch.account import Account
from pspm_runtime.command.cli import main

from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import disc, encoded, gradient

EFFECTS = {"alpha": [], "cutout": [], "background": ["--with", "#ff0000"], "blur": []}


@pytest.fixture(autouse=True)
def engine(fake_engine: FakeEngine) -> FakeEngine:
    fake_engine.answer = same_everywhere(0)
    return fake_engine


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "photo.png").write_bytes(encoded(Image.fromarray(gradient(60, 80))))
    return tmp_path / "photo.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dark photo, in which the engine finds a person, and two light ones, in which it finds none."""
    (tmp_path / "in").mkdir()
    for name, level in (("a", 250), ("b", 20), ("c", 240)):
        Image.new("RGB", (60, 80), (level, level, level)).save(tmp_path / f"in/{name}.png")
    return tmp_path / "in"


class FindsTheDark(FakeEngine):
    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        height, width, _ = view.shape
        return disc(width, height) if view.mean() < 128 else np.zeros((height, width), np.float32)


@pytest.fixture
def dark(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEngine, "alpha", FindsTheDark.alpha)


@pytest.mark.parametrize("effect", EFFECTS)
def test_one_sentence_on_standard_error(
    effect: str, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([effect, str(photo), "-o", str(tmp_path / "out.png"), *EFFECTS[effect]]) == 0

    assert capsys.readouterr() == ("", f"pspm: no person found in {photo}\n")
    assert (tmp_path / "out.png").exists()


def test_16_bits_say_it_too(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png"), "--alpha-bits", "16"]) == 0
    assert capsys.readouterr().err == f"pspm: no person found in {photo}\n"


def test_nothing_is_said_of_a_photo_with_a_person(
    engine: FakeEngine, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answer = disc
    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png")]) == 0
    assert capsys.readouterr() == ("", "")


def test_required_person_fails_and_writes_nothing(photo: Path, tmp_path: Path) -> None:
    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png"), "--require-person"]) == 1
    assert not (tmp_path / "out.png").exists()


def test_json(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.png")
    assert main(["alpha", str(photo), "-o", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"written": [out], "failed": [], "no_person": [str(photo)]}

    assert main(["alpha", str(photo), "-o", out, "--force", "--json-lines"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "input": str(photo),
        "status": "written",
        "output": out,
        "no_person": True,
    }


def test_a_folder_names_them(dark: None, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(folder), "-o", str(tmp_path / "out")]) == 0
    named = f"{folder / 'a.png'}, {folder / 'c.png'}"
    assert f"no person found in 2 photos: {named}" in capsys.readouterr().err.splitlines()


def test_of_many_the_first_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account(many=True)
    for photo in ("e.jpg", "b.jpg", "d.jpg", "a\n.jpg", "c.jpg"):
        account.written(photo, "out.png", has_person=False)
    account.report()
    assert capsys.readouterr().err.splitlines()[1] == ("no person found in 5 photos: a\\n.jpg, b.jpg, c.jpg and 2 more")


def test_a_folder_names_them_in_json(
    dark: None, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alpha", str(folder), "-o", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["no_person"] == [str(folder / "a.png"), str(folder / "c.png")]

    assert main(["alpha", str(folder), "-o", str(tmp_path / "out"), "--force", "--json-lines"]) == 0
    *photos, totals = map(json.loads, capsys.readouterr().out.splitlines())
    assert [entry.get("no_person", False) for entry in photos] == [True, False, True]
    assert totals["no_person"] == 2
