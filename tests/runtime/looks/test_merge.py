import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Model, open_photo
from pspm_runtime.looks.budget import BUDGETS
from pspm_runtime.looks.find import find_people
from pspm_runtime.looks.look import Box, Look
from pspm_runtime.looks.merge import merge, merge_to_16_bits, weights
from pspm_runtime.looks.quality import QUALITIES, Quality
from pspm_runtime.stages.refine import refine, refine_to_16_bits

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import disc, noise

SIZE = 200, 120


def flat(box: Box, alpha: float) -> Look:
    return Look(box, np.full((12, 20), alpha, np.float32), Image.new("RGB", (20, 12)))


def everywhere(alpha: float) -> Look:
    return flat((0, 0, *SIZE), alpha)


def test_one_look_is_refined_and_nothing_else() -> None:
    photo = Image.fromarray(noise(*SIZE))
    look = Look((0, 0, *SIZE), disc(50, 30), photo.resize((50, 30)))

    assert merge([look], photo) == refine(look.alpha, look.view, photo)
    assert np.array_equal(merge_to_16_bits([look], photo), refine_to_16_bits(look.alpha, look.view, photo))


def test_weights_rise_from_edges_inside_the_photo_only() -> None:
    across, down = weights((0, 20, 40, 60), SIZE)

    assert across.tolist() == [255] * 36 + [223, 159, 95, 31]
    assert down.tolist() == [31, 95, 159, 223] + [255] * 32 + [223, 159, 95, 31]


def test_a_closer_look_replaces_what_is_in_its_box_and_nothing_outside() -> None:
    box = 50, 20, 150, 100

    full = np.asarray(merge([everywhere(0), flat(box, 1)], Image.new("RGB", SIZE)))

    assert full[30:90, 60:140].min() == 255
    outside = full.copy()
    outside[20:100, 50:150] = 0
    assert outside.max() == 0


def test_a_closer_look_fades_in_without_a_step() -> None:
    box = 50, 20, 150, 100

    full = np.asarray(merge([everywhere(0), flat(box, 1)], Image.new("RGB", SIZE))).astype(int)

    row = full[60]
    assert row[49:61].tolist() == [0, 12, 38, 63, 89, 114, 140, 165, 191, 216, 242, 255]
    assert row[::-1].tolist() == row.tolist()


def test_at_the_photos_edge_a_closer_look_holds_to_the_last_pixel() -> None:
    full = np.asarray(merge([everywhere(0), flat((0, 0, 100, 120), 1)], Image.new("RGB", SIZE)))

    assert full[:, :88].min() == 255


def test_of_overlapping_looks_the_later_one_is_on_top() -> None:
    looks = [everywhere(0), flat((20, 0, 120, 120), 1), flat((80, 0, 180, 120), 0)]

    full = np.asarray(merge(looks, Image.new("RGB", SIZE)))

    assert full[60, 70] == 255
    assert full[60, 100] == 0


@pytest.mark.parametrize("box", [(31, 17, 150, 111), (0, 40, 77, 120)], ids=["inside", "corner"])
def test_16_bits_round_to_8(box: Box) -> None:
    photo = Image.fromarray(noise(*SIZE))
    part = photo.crop(box)
    looks = [
        Look((0, 0, *SIZE), disc(50, 30), photo.resize((50, 30))),
        Look(box, disc(48, 32), part.resize((48, 32))),
    ]

    fine = merge_to_16_bits(looks, photo)

    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - np.asarray(merge(looks, photo))).max() <= 1


@pytest.mark.parametrize("quality", QUALITIES)
def test_only_the_best_matte_follows_colours(quality: Quality) -> None:
    photo = Image.fromarray(noise(1500, 1200))
    engine = FakeEngine()
    model = Model(engine, quality=quality)
    looks = model.second_looks(open_photo(photo), find_people(engine, open_photo(photo), BUDGETS[quality]))

    matte = model.matte(photo)

    assert matte == merge(looks, photo, "colours" if quality == "best" else "luma")
    assert matte != merge(looks, photo, "luma" if quality == "best" else "colours")
