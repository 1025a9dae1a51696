"""Fixed composites, as Composition-1k makes them, and their evaluation with given trimaps."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pspm_runtime.command.cli import main

from pspm.data.composites.compose import compose
from pspm.evaluation.datasets import find_cases

BACKGROUNDS = ("z.png", "y.png", "x.png", "w.png", "unused.png")


@pytest.fixture
def adobe(tmp_path: Path) -> Path:
    """Two foregrounds of 48 x 40, four backgrounds of 20 x 80 in the order of a list, and trimaps."""
    root = tmp_path / "adobe"
    for folder in ("fg", "alpha", "bg", "trimaps"):
        (root / folder).mkdir(parents=True)
    for name, grey in (("a", 200), ("b", 100)):
        alpha = np.zeros((48, 40), np.uint8)
        alpha[:, 10:20], alpha[:, 20:] = 51, 255
        cv2.imwrite(str(root / f"fg/{name}.png"), np.full((48, 40, 3), grey, np.uint8))
        cv2.imwrite(str(root / f"alpha/{name}.png"), alpha)
        for k in range(2):
            trimap = np.full((48, 40), 128, np.uint8)
            trimap[:, : 5 + k], trimap[:, 30:] = 0, 255
            cv2.imwrite(str(root / f"trimaps/{name}_{k}.png"), trimap)
    for i, name in enumerate(BACKGROUNDS):
        cv2.imwrite(str(root / "bg" / name), np.full((20, 80, 3), 10 * i, np.uint8))
    (root / "bg.txt").write_text("\n".join(BACKGROUNDS[:4]) + "\n\n")
    (root / "fg.txt").write_text("b.png\na.png\n")
    return root


def composites(adobe: Path, *options: str) -> list[str]:
    folders = [str(adobe / folder) for folder in ("fg", "alpha", "bg")]
    return ["composites", *folders, "-o", str(adobe / "out"), "--each", "2", *options]


def lists(adobe: Path) -> tuple[str, ...]:
    return "--foreground-list", str(adobe / "fg.txt"), "--background-list", str(adobe / "bg.txt")


def test_each_foreground_takes_the_next_backgrounds_of_the_list(
    adobe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(composites(adobe, *lists(adobe), "--trimaps", str(adobe / "trimaps"))) == 0
    assert capsys.readouterr().out == f"{adobe / 'out'}: 4 written, 0 kept\n"
    # b is first in its list, so it gets z and y, which are 0 and 10; a gets x and w.
    for name, foreground, background in (("b_0", 100, 0), ("b_1", 100, 10), ("a_0", 200, 20), ("a_1", 200, 30)):
        image = cv2.imread(str(adobe / f"out/image/{name}.png"))
        assert image.shape == (48, 40, 3)
        assert image[0, 0, 0] == background
        assert image[0, 15, 0] == round(0.2 * foreground + 0.8 * background)
        assert image[0, 30, 0] == foreground
    assert main(composites(adobe, *lists(adobe), "--trimaps", str(adobe / "trimaps"))) == 0
    assert capsys.readouterr().out == f"{adobe / 'out'}: 0 written, 4 kept\n"


def test_a_small_background_is_enlarged_and_a_large_one_cut_at_its_top_left() -> None:
    foreground, alpha = np.zeros((10, 20, 3), np.uint8), np.zeros((10, 20), np.uint8)
    background = np.zeros((5, 30, 3), np.uint8)
    background[:, :15] = 200
    # Enlarged twice, to 10 x 60, of which 10 x 20 are used.
    assert (compose(foreground, alpha, background) == 200).all()
    large = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50, 1).repeat(3, 2).astype(np.uint8)
    assert np.array_equal(compose(foreground, alpha, large), large[:10, :20])


def test_given_trimaps_are_the_evaluations(adobe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(composites(adobe, *lists(adobe), "--trimaps", str(adobe / "trimaps"))) == 0
    (cases,) = find_cases(adobe / "out").values()
    trimap = next(case for case in cases if case.name == "a_1").read_trimap((48, 40))
    assert trimap is not None
    assert np.bincount(trimap[0]).tolist() == [6, 24, 10]
    capsys.readouterr()
    assert main(["evaluate", "--data", str(adobe / "out"), "--closed-form-without-trimap", "--json"]) == 0
    rows = {row["picture"]: row for row in json.loads(capsys.readouterr().out)["pictures"]}
    # A black matte is wrong by alpha: 0.2 on 10 columns and 1 on the 10 columns before the known foreground.
    assert rows["a_1"]["SAD"] == pytest.approx(48 * (10 * 0.2 + 10) / 1000)
    assert rows["a_1"]["SAD_f"] == pytest.approx(48 * (10 * 0.2 + 20) / 1000)


def test_a_trimap_of_another_size_or_missing_is_named(adobe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(composites(adobe, *lists(adobe), "--trimaps", str(adobe / "trimaps"))) == 0
    cv2.imwrite(str(adobe / "out/trimap/a_0.png"), np.zeros((4, 6), np.uint8))
    evaluate = ["evaluate", "--data", str(adobe / "out"), "--closed-form-without-trimap"]
    assert main(evaluate) == 1
    assert "a_0.png is 6 x 4, but its picture is 40 x 48" in capsys.readouterr().err
    (adobe / "out/trimap/a_0.png").unlink()
    assert main(evaluate) == 1
    assert "a_0.png has no trimap; add" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "options", "answer"),
    [
        (None, ("--each", "3"), "2 foregrounds over 3 backgrounds each need 6 backgrounds, but there are 5"),
        ("alpha/a.png", (), "fg/a.png has no alpha; add"),
        ("bg/y.png", ("lists",), "bg/y.png does not exist, but"),
        ("trimaps/b_1.png", ("trimaps",), "fg/b.png has no trimap; add"),
        (None, ("--each", "0"), "--each must be at least 1, not 0"),
    ],
)
def test_mistakes_are_named(
    adobe: Path, capsys: pytest.CaptureFixture[str], spoil: str | None, options: tuple[str, ...], answer: str
) -> None:
    if spoil:
        (adobe / spoil).unlink()
    known = {"lists": lists(adobe), "trimaps": ("--trimaps", str(adobe / "trimaps"))}
    given = [part for option in options for part in known.get(option, (option,))]
    assert main(composites(adobe, *given)) == 1
    assert answer in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_an_alpha_that_is_no_picture_is_named(adobe: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (adobe / "alpha/a.png").write_bytes(content)
    assert main(composites(adobe, *lists(adobe))) == 1
    assert "alpha/a.png cannot be read as an image; replace or remove it" in capsys.readouterr().err
