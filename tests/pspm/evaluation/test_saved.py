"""Evaluations of other tools' saved mattes, on saved pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pspm_runtime.command.cli import main

from pspm.data.folders.split import held_back
from pspm.evaluation import metrics
from pspm.evaluation.candidate import Estimate
from pspm.evaluation.datasets import find_cases
from pspm.evaluation.saved.mattes import read_saved_matte
from pspm.evaluation.scores import EMPTY, mean_scores, score


def disc(radius: int, height: int = 48, width: int = 64) -> np.ndarray:
    """The alpha of a disc, with a soft edge, in 8 bits."""
    y, x = np.mgrid[:height, :width]
    return np.round(np.clip((radius - np.hypot(y - height / 2, x - width / 2)) / 6 + 0.5, 0, 1) * 255).astype(np.uint8)


def write(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_WEBP_QUALITY, 101] if path.suffix == ".webp" else [])


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Two sets: two people, and two pictures of nobody."""
    folder = tmp_path / "sets"
    for name, radius in (("people/{}/a", 12), ("people/{}/b", 16), ("nobody/{}/a", -9), ("nobody/{}/b", -9)):
        write(folder / f"{name.format('image')}.png", np.full((48, 64, 3), 90, np.uint8))
        write(folder / f"{name.format('alpha')}.png", disc(radius))
    return folder


@pytest.fixture
def mattes(tmp_path: Path) -> Path:
    """Of people a true matte and an empty one, of nobody an empty one and a small person."""
    folder = tmp_path / "mattes"
    for name, radius in (("people/a", 12), ("people/b", -9), ("nobody/a", -9), ("nobody/b", 5)):
        write(folder / f"{name}.png", disc(radius))
    return folder


def evaluate(*arguments: str | Path) -> int:
    return main(["evaluate", "--json", *map(str, arguments)])


def test_saved_mattes_are_scored_in_the_same_table(
    sets: Path, mattes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = mattes.rename(mattes.with_name("same=mattes"))
    options = ["--data", sets, "--predictions", f"tool={same}", "--closed-form-without-trimap", "--flicker"]
    assert evaluate(*options) == 0
    result = json.loads(capsys.readouterr().out)
    assert [(each["subject"], each["kind"]) for each in result["subjects"]] == [
        ("closed form, no trimap", "closed-form"),
        ("tool", "saved"),
    ]
    means = {(mean["set"], mean["subject"]): mean for mean in result["means"]}
    tool, black = (means["people", subject] for subject in ("tool", "closed form, no trimap"))
    assert (tool["IoU"], tool["IoU_min"], tool["missed"], tool["false_alarm"]) == (0.5, 0, 0.5, None)
    assert (black["IoU"], black["missed"]) == (0, 1)
    assert (tool["flicker"], black["flicker"]) == (None, 0)
    nobody = means["nobody", "tool"]
    assert (nobody["missed"], nobody["false_alarm"]) == (None, 0.5)
    exact, wrong = (each for each in result["pictures"] if (each["set"], each["subject"]) == ("people", "tool"))
    assert (exact["SAD_f"], exact["Grad_f"], exact["IoU"]) == (0, 0, 1)
    assert wrong["SAD_f"] == pytest.approx(disc(16).sum() / 255 / 1000)


def test_the_table_shows_the_worst_iou_and_the_shares(
    sets: Path, mattes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["evaluate", "--data", str(sets), "--predictions", f"tool={mattes}", "--html", str(page)]) == 0
    nobody, people = (block.splitlines() for block in capsys.readouterr().out.split("\n\n"))
    assert nobody[0].startswith("nobody, 2 pictures")
    assert (nobody[1].split()[-1], nobody[2].split()[-1]) == ("false_alarm", "0.5")
    assert people[1].split()[-3:] == ["IoU", "IoU_min", "missed"]
    assert people[2].split()[-3:] == ["0.5", "0", "0.5"]
    assert "<th>IoU_min" in page.read_text()
    assert "<th>false_alarm" in page.read_text()


def test_a_single_set_needs_no_folder_of_its_name(sets: Path, mattes: Path) -> None:
    for folder in (mattes, mattes / "people"):
        assert evaluate("--data", sets / "people", "--predictions", f"tool={folder}") == 0


def test_a_limit_leaves_mattes_of_other_pictures(sets: Path, mattes: Path) -> None:
    assert evaluate("--data", sets, "--predictions", f"tool={mattes}", "--limit", "1") == 0


@pytest.mark.parametrize("ending", [".png", ".webp"])
def test_mattes_of_every_kind_are_the_same_alpha(tmp_path: Path, ending: str) -> None:
    alpha = disc(14)
    kinds = {
        "grey": alpha,
        "rgb": np.dstack([alpha] * 3),
        "rgba": np.dstack([np.full((48, 64, 3), (200, 40, 7), np.uint8), alpha]),
    }
    if ending == ".png":
        kinds |= {f"{name}16": picture.astype(np.uint16) * 257 for name, picture in kinds.items()}
    for name, picture in kinds.items():
        write(tmp_path / (name + ending), picture)
        assert np.array_equal(read_saved_matte(tmp_path / (name + ending)), (alpha / 255).astype(np.float32)), name


def test_sixteen_bits_are_kept_and_opaque_rgba_is_all_person(tmp_path: Path) -> None:
    write(tmp_path / "fine.png", np.array([[0, 1, 32768, 65535]], np.uint16))
    assert read_saved_matte(tmp_path / "fine.png") == pytest.approx(np.array([[0, 1 / 65535, 32768 / 65535, 1]]))
    write(tmp_path / "opaque.png", np.dstack([np.full((2, 2, 3), 9, np.uint8), np.full((2, 2), 255, np.uint8)]))
    assert (read_saved_matte(tmp_path / "opaque.png") == 1).all()


def damage(sets: Path, mattes: Path, fault: str) -> None:
    match fault:
        case "missing":
            (mattes / "people/b.png").unlink()
        case "extra":
            write(mattes / "nobody/c.png", disc(3))
        case "size":
            write(mattes / "people/b.png", disc(3, 50, 64))
        case "twice":
            write(mattes / "people/b.webp", disc(3))
        case "no set":
            (mattes / "people").rename(mattes / "persons")
        case "broken":
            (mattes / "people/b.png").write_bytes(b"no image")
        case "colours":
            write(mattes / "people/b.png", np.full((48, 64, 3), (200, 40, 7), np.uint8))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("missing", "people has no matte of b; add "),
        ("extra", "nobody has mattes of no picture of nobody: c.png; remove them"),
        ("size", "people/b.png is 64 x 50, but the picture is 64 x 48; save it at that size"),
        ("twice", "are mattes of one picture; remove one of them"),
        ("no set", "people is not a folder; save the mattes of the set people there"),
        ("broken", "people/b.png cannot be read as an image; replace or remove it"),
        ("colours", "has colours and no transparency, so it is not a matte"),
    ],
)
def test_mattes_that_do_not_fit_get_one_sentence(
    fault: str, message: str, sets: Path, mattes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(sets, mattes, fault)
    assert evaluate("--data", sets, "--predictions", f"tool={mattes}", "--html", tmp_path / "page.html") == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("given", ["tool", "=mattes", "tool="])
def test_predictions_have_a_name_and_a_folder(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", "--data", "sets", "--predictions", given])
    assert "write NAME=FOLDER, like modnet=mattes/" in capsys.readouterr().err


def test_two_rows_have_two_names(sets: Path, mattes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--predictions", f"tool={mattes}"]
    assert evaluate("--data", sets, *given, *given) == 1
    assert evaluate("--data", sets, "--model", "tool", *given) == 1
    assert capsys.readouterr().err.count("two rows would be called tool; give --predictions another name\n") == 2


def test_saved_pictures_are_those_of_the_evaluation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    rng = np.random.default_rng(0)
    for name, place in (("portraits", "image"), ("cutouts", "colour")):
        for stem in sorted(held_back(name)):
            write(data / name / place / f"{stem}.png", rng.integers(0, 255, (48, 64, 3), np.uint8))
            write(data / name / "alpha" / f"{stem}.png", disc(14))
    for stem in held_back("backgrounds"):
        write(data / "backgrounds" / f"{stem}.png", rng.integers(0, 255, (30, 30, 3), np.uint8))
    assert main(["evaluate", "--data", str(data), "--save-pictures", str(out), "--limit", "2"]) == 0
    assert capsys.readouterr().out == f"{out / 'portraits'}: 2\n{out / 'cutouts'}: 2\n"
    expected, saved = find_cases(data, 2), find_cases(out)
    assert sorted(saved) == ["cutouts", "portraits"]
    for name, cases in saved.items():
        assert [case.name for case in cases] == [case.name for case in expected[name]]
        for case, original in zip(cases, expected[name], strict=True):
            for stored, picture in zip(case.read(), original.read(), strict=True):
                assert np.array_equal(stored, picture)
    assert main(["evaluate", "--data", str(data), "--save-pictures", str(out)]) == 1
    assert "exists already; give --save-pictures a new folder" in capsys.readouterr().err


def test_given_trimaps_are_saved_too(sets: Path, tmp_path: Path) -> None:
    for name in "ab":
        write(sets / f"people/trimap/{name}.png", np.full((48, 64), 128, np.uint8))
    assert main(["evaluate", "--data", str(sets), "--save-pictures", str(tmp_path / "out")]) == 0
    (case, _) = find_cases(tmp_path / "out")["people"]
    assert (case.read_trimap((48, 64)) == 1).all()
    assert find_cases(tmp_path / "out")["nobody"][0].trimap is None


def test_a_matte_is_empty_below_a_ten_thousandth() -> None:
    nobody, unknown = np.zeros((100, 100), np.float32), np.ones((100, 100), np.uint8)
    person = nobody.copy()
    person[:50] = 1
    almost, speck = nobody.copy(), nobody.copy()
    almost[0, 0], speck[0, 0] = 0.99, 1.01
    assert EMPTY == 1e-4
    rows = [score(Estimate(alpha), truth, unknown) for truth in (nobody, person) for alpha in (almost, speck)]
    assert [row["false_alarm"] for row in rows] == [0, 1, None, None]
    assert [row["missed"] for row in rows] == [None, None, 1, 0]
    means = mean_scores([row | {"flicker": None} for row in rows])
    assert (means["missed"], means["false_alarm"], means["flicker"]) == (0.5, 0.5, None)


@pytest.mark.parametrize("radii", [(9, 12), (9, -9), (-9, -9), (60, 9)])
def test_errors_are_the_same_without_the_empty_surroundings(radii: tuple[int, int]) -> None:
    alpha, truth = (np.roll(disc(radius), radius, 1).astype(np.float32) / 255 for radius in radii)
    trimap = metrics.evaluation_trimap(truth)
    scores = score(Estimate(alpha), truth, trimap)
    for suffix, region in (("", trimap == 1), ("_f", np.ones(truth.shape, bool))):
        assert scores[f"Grad{suffix}"] == pytest.approx(metrics.grad(alpha, truth, region))
        assert scores[f"Conn{suffix}"] == pytest.approx(metrics.conn(alpha, truth, region))
