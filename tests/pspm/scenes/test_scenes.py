"""`pspm scenes` on generated cut-outs: discs with soft edges, and a bust that its lower edge cuts off."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from pspm_runtime.command.cli import main

from pspm.data.folders.pairs import list_pictures, read_matte, read_rgb
from pspm.data.folders.split import held_back
from pspm.evaluation.datasets import find_cases
from pspm.scenes.cast import Cast, find_backgrounds, find_cutouts, without_cut_off
from pspm.scenes.compose import compose, paste
from pspm.scenes.kinds import KINDS, SHADE, draw_backlight, draw_portrait, draw_row, draw_turned, sets_of
from pspm.scenes.people import Person

RED = (200, 40, 30)


def disc(centre_y: int = 50, height: int = 100, width: int = 80) -> np.ndarray:
    """The alpha of a disc of radius 30, with an edge six pixels wide."""
    y, x = np.mgrid[:height, :width]
    alpha = np.clip((30 - np.hypot(y - centre_y, x - width / 2)) / 6 + 0.5, 0, 1)
    return np.round(alpha * 255).astype(np.uint8)


def write_cutout(folder: Path, name: str, alpha: np.ndarray) -> None:
    """Write a red cut-out. Under its transparent pixels there is green, which must never show."""
    colours = np.where(alpha[..., None] > 0, RED, (0, 255, 0)).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{name}.png"), np.dstack([colours[..., ::-1], alpha]))


@pytest.fixture
def cutouts(tmp_path: Path) -> Path:
    """A disc that stands free, and one that its lower edge cuts off."""
    folder = tmp_path / "people"
    write_cutout(folder, "free", disc())
    write_cutout(folder, "bust", disc(80))
    return folder


@pytest.fixture
def backgrounds(tmp_path: Path) -> Path:
    folder = tmp_path / "places"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):
        cv2.imwrite(str(folder / f"{i}.png"), rng.integers(0, 255, (40, 60, 3), np.uint8))
    return folder


def scenes(cutouts: Path, backgrounds: Path, out: Path, *options: str) -> list[str]:
    return ["scenes", "--cutouts", str(cutouts), "--backgrounds", str(backgrounds), "-o", str(out), *options]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def person(cutouts: Path, name: str) -> Person:
    return next(each for each in map(Person.read, find_cutouts(cutouts)) if each.name == name)


def test_the_same_seed_gives_the_same_files_and_another_seed_others(
    cutouts: Path, backgrounds: Path, tmp_path: Path
) -> None:
    small = ["--size", "150x100", "--heights", "40", "--kinds", "small", "thumbnail", "--count", "1"]
    for out, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert main(scenes(cutouts, backgrounds, tmp_path / out, *small, "--seed", seed)) == 0
    first, same, other = (files(tmp_path / out) for out in "abc")
    assert first == same
    assert first.keys() == other.keys()
    assert first != other


@pytest.mark.slow
def test_every_kind_can_be_evaluated(
    cutouts: Path, backgrounds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in list_pictures(backgrounds)[1:]:
        path.unlink()
    options = ["--size", "150x100", "--heights", "60", "40", "--people", "1", "3", "--count", "2", "--kinds", "all"]
    assert main(scenes(cutouts, backgrounds, tmp_path / "out", *options)) == 0
    out = capsys.readouterr().out
    assert out.startswith("cut-outs: 2; backgrounds: 1\n")
    assert f"{tmp_path / 'out/empty'}: 1\n" in out
    cases = find_cases(tmp_path / "out")
    expected = [each.name for kind in KINDS for each in sets_of(kind, (150, 100), [60, 40], [1, 3])]
    assert sorted(cases) == sorted(expected)
    assert list(cases).index("small-40") < list(cases).index("small-60")
    assert list(cases).index("thumbnail-48") < list(cases).index("thumbnail-96")
    assert {name: len(found) for name, found in cases.items()} == {name: 1 if name == "empty" else 2 for name in cases}
    shapes = {name: found[0].read()[0].shape for name, found in cases.items()}
    assert shapes["small-60"] == shapes["group"] == (100, 150, 3)
    assert (shapes["row-8"], shapes["row-12"]) == ((250, 2000, 3), (250, 3000, 3))
    assert (shapes["thumbnail-48"], shapes["thumbnail-96"]) == ((48, 48, 3), (96, 96, 3))
    assert all(case.read()[1].max() == 0 for case in cases["empty"])
    assert all(case.read()[1].max() > 0.9 for name in cases if name != "empty" for case in cases[name])


def test_empty_scenes_are_the_backgrounds_as_they_are(cutouts: Path, backgrounds: Path) -> None:
    cast = Cast.of(find_cutouts(cutouts), find_backgrounds(backgrounds), 0)
    (empty,) = sets_of("empty", (30, 20), [10], [1])
    drawn = {empty.draw(cast, index).image.tobytes() for index in range(3)}
    assert drawn == {read_rgb(path).tobytes() for path in list_pictures(backgrounds)}


@pytest.mark.parametrize("tall", [150, 61, 40, 23.0])
@pytest.mark.parametrize("name", ["free", "bust"])
def test_a_person_has_the_height_and_stands_on_the_ground(cutouts: Path, name: str, tall: float) -> None:
    background = np.zeros((200, 300, 3), np.uint8)
    scene = compose(np.random.default_rng(0), background, [person(cutouts, name)], [tall])
    rows = np.flatnonzero((scene.alpha > 127).any(axis=1))
    # Enlarged, the outline is known to a pixel of the cut-out.
    assert abs(rows[-1] - rows[0] + 1 - tall) <= max(1, tall / 59)
    if name == "bust":
        assert rows[-1] == 199
    else:
        assert 200 * 0.7 - 8 <= rows[-1] < 199


def test_the_alpha_is_the_cut_outs_and_its_edge_has_no_fringe(cutouts: Path) -> None:
    for tall in (61.0, 30.0, 90.0):
        free = person(cutouts, "free")
        scene = compose(np.random.default_rng(1), np.full((120, 120, 3), RED, np.uint8), [free], [tall])
        assert np.abs(scene.image.astype(int) - RED).max() <= 1
    # At its own size nothing of it changes.
    alpha = disc()
    scene = compose(np.random.default_rng(1), np.zeros((120, 120, 3), np.uint8), [free], [free.body[1]])
    y, x = np.argwhere(scene.alpha > 0).min(axis=0) - np.argwhere(alpha > 0).min(axis=0)
    assert np.array_equal(scene.alpha[y : y + 100, x : x + 80], alpha)
    assert np.abs(scene.image[y : y + 100, x : x + 80] - alpha[..., None] / 255 * RED).max() <= 0.5 + 1e-4


def test_a_reduced_edge_averages_colour_and_alpha_alike() -> None:
    half = Person("half", np.array([[[*RED, 255], [0, 0, 0, 0]]] * 2, np.float32), False, False)
    assert half.body == (1, 2)
    assert np.allclose(half.scaled(1), [[[100, 20, 15, 127.5]]])


def test_people_who_overlap_hide_each_other() -> None:
    image, alpha = np.zeros((2, 3, 3), np.float32), np.zeros((2, 3), np.float32)
    half = np.full((2, 2, 4), 127.5, np.float32)
    paste(image, alpha, half, 0, 0)
    paste(image, alpha, half, 1, 1)
    assert alpha.tolist() == [[0.5, 0.5, 0], [0.5, 0.75, 0.5]]
    assert image[..., 0].tolist() == [[127.5, 127.5, 0], [127.5, 191.25, 127.5]]


def test_people_side_by_side_have_equal_shares(cutouts: Path) -> None:
    background, free = np.zeros((100, 400, 3), np.uint8), person(cutouts, "free")
    for seed in range(5):
        scene = compose(np.random.default_rng(seed), background, [free] * 4, [30] * 4)
        parts, _ = cv2.connectedComponents((scene.alpha > 0).astype(np.uint8))
        assert parts == 1 + 4
        assert all(scene.alpha[:, 100 * i : 100 * (i + 1)].max() == 255 for i in range(4))


def test_turned_scenes_are_the_portrait_turned(cutouts: Path, backgrounds: Path) -> None:
    cast = Cast.of(find_cutouts(cutouts), find_backgrounds(backgrounds), 3)
    upright = draw_portrait(cast, 5)
    for turn, times in ((90, 1), (180, 2), (270, 3)):
        turned = draw_turned(turn, cast, 5)
        assert np.array_equal(np.rot90(turned.image, -times), upright.image)
        assert np.array_equal(np.rot90(turned.alpha, -times), upright.alpha)


def test_a_row_shows_as_many_people(cutouts: Path, backgrounds: Path) -> None:
    cast = Cast.of(find_cutouts(cutouts), find_backgrounds(backgrounds), 3)
    _, alpha = draw_row(8, cast, 1)
    assert [bool(tile.max() == 255) for tile in np.split(alpha, 8, axis=1)] == [True] * 8


def test_against_the_light_the_background_is_brighter_and_the_person_darker(cutouts: Path, backgrounds: Path) -> None:
    cast = Cast.of(find_cutouts(cutouts), find_backgrounds(backgrounds), 3)
    lit, plain = draw_backlight(cast, 0), draw_portrait(cast, 0)
    assert np.array_equal(lit.alpha, plain.alpha)
    inside, outside = plain.alpha == 255, plain.alpha == 0
    assert (lit.image[outside] >= plain.image[outside]).all()
    assert lit.image[outside].mean() > 200
    # Far from the outline there is little glare.
    assert RED[0] * SHADE <= lit.image[inside].min(axis=0)[0] < RED[0] * 0.7


def test_a_data_folder_lends_its_held_out_pictures_only(tmp_path: Path) -> None:
    hidden, places = (
        sorted(held_back("cutouts"))[:1] + sorted(held_back("cutouts-2"))[:1],
        sorted(held_back("backgrounds")),
    )
    for name in [*hidden, "mine"]:
        write_cutout(tmp_path / "cutouts", name, disc())
    (tmp_path / "backgrounds").mkdir()
    for name in [places[0], "mine"]:
        cv2.imwrite(str(tmp_path / f"backgrounds/{name}.jpg"), np.zeros((20, 30, 3), np.uint8))
    for folder in (tmp_path, tmp_path / "cutouts"):
        assert [pair.image.stem for pair in find_cutouts(folder)] == sorted(hidden)
        assert [pair.image.stem for pair in find_cutouts(folder, training=True)] == ["mine"]
    for folder in (tmp_path, tmp_path / "backgrounds"):
        assert [path.stem for path in find_backgrounds(folder)] == places[:1]
        assert [path.stem for path in find_backgrounds(folder, training=True)] == ["mine"]
    # Another folder is used as a whole, whatever its pictures are called.
    (tmp_path / "cutouts").rename(tmp_path / "people")
    assert len(find_cutouts(tmp_path / "people")) == 3


def test_people_whose_side_is_cut_off_are_left_out(tmp_path: Path) -> None:
    write_cutout(tmp_path, "free", disc())
    write_cutout(tmp_path, "arm", disc(width=50))
    assert [pair.image.stem for pair in without_cut_off(find_cutouts(tmp_path))] == ["free"]
    (tmp_path / "free.png").unlink()
    assert [pair.image.stem for pair in without_cut_off(find_cutouts(tmp_path))] == ["arm"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--heights", "0"], "--heights must be at least 1, not 0"),
        (["--people", "2", "0"], "--people must be at least 1, not 0"),
        (
            ["--heights", "900", "--size", "1000x800"],
            "a person of 900 pixels does not fit into a scene 800 pixels high",
        ),
        (["--count", "0"], "--count must be at least 1"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--kinds", "small", "dusk"], "there is no kind 'dusk'; the kinds are small, group, turned"),
        (["--cutouts", "{backgrounds}"], "has no images with mattes"),
        (["--cutouts", "{photos}"], "has photos with mattes, not cut-outs"),
        (["--cutouts", "{blank}"], "shows nobody: its alpha is nowhere above one half"),
        (["--backgrounds", "nowhere"], "nowhere has no images"),
        (["--training"], "has no held-out pictures"),
        (["-o", "{cutouts}"], "exists already; give a new folder"),
        (["-o", "{cutouts}/free.png"], "exists already; give a new folder"),
    ],
)
def test_mistakes_get_one_sentence_and_write_nothing(
    options: list[str],
    message: str,
    cutouts: Path,
    backgrounds: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photos, blank = tmp_path / "photos", tmp_path / "blank"
    for part in ("image", "alpha"):
        (photos / part).mkdir(parents=True)
        cv2.imwrite(str(photos / part / "a.png"), disc())
    write_cutout(blank, "nobody", np.where(disc() > 127, np.uint8(100), np.uint8(0)))
    names = {"cutouts": cutouts, "backgrounds": backgrounds, "photos": photos, "blank": blank}
    before = files(tmp_path)
    assert main(scenes(cutouts, backgrounds, tmp_path / "out", *(each.format(**names) for each in options))) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert files(tmp_path) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", ["3000", "0x10", "axb", "30000x10", "-3x4"])
def test_a_size_is_width_and_height(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["scenes", "--cutouts", "a", "--backgrounds", "b", "-o", "c", f"--size={size}"])
    assert "write width and height in pixels" in (err := capsys.readouterr().err) or "is too large" in err


def test_the_alpha_files_hold_the_scenes_alpha(cutouts: Path, backgrounds: Path, tmp_path: Path) -> None:
    options = ["--size", "150x100", "--heights", "40", "--count", "2", "--seed", "4"]
    assert main(scenes(cutouts, backgrounds, tmp_path / "out", *options)) == 0
    cast = Cast.of(find_cutouts(cutouts), find_backgrounds(backgrounds), 4)
    (small,) = sets_of("small", (150, 100), [40], [1])
    for index in range(2):
        scene = small.draw(cast, index)
        assert np.array_equal(read_matte(tmp_path / f"out/small-40/alpha/00{index}.png"), scene.alpha)
        stored = read_rgb(tmp_path / f"out/small-40/image/00{index}.jpg").astype(int)
        assert np.abs(stored - scene.image).mean() < 12
