"""Sources, samples, augmentation and the validation split; on the real data if it is available."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pspm.data.folders.pairs import Pair
from pspm.data.folders.sources import Sources
from pspm.data.folders.split import held_back
from pspm.data.samples import random_crop as cropping
from pspm.data.samples.augment import Layers, Picture, compose, composite, filmed, random_camera, random_colour, render
from pspm.data.samples.batch import Batch, collate
from pspm.data.samples.combine_cutouts import combine_cutouts
from pspm.data.samples.dataset import TrainingDataset, far_from_edge
from pspm.data.samples.held_objects import add_background_object, add_held_object
from pspm.data.samples.random_crop import affine_crop_around_unknown, crop_around_unknown, random_crop
from pspm.data.samples.random_trimap import KINDS, random_trimap, random_trimaps
from pspm.data.samples.sample_options import Mixture, StrongShares
from pspm.data.samples.sample_rng import COUNT, SampleRng, draw_numbers
from pspm.data.samples.strong_augment import LINEAR, NONLINEAR, REGION, clouds, render_strongly, snow
from pspm.evaluation.datasets import SETS, held_back_pictures
from pspm.training.batch_sampler import BatchSampler
from pspm.training.recipes import RECIPES

DATA = Path(os.environ.get("PSPM_DATA", "../shared/data"))
needs_data = pytest.mark.skipif(
    not (DATA / "portraits").is_dir(), reason=f"the training data is not at {DATA}; set PSPM_DATA to its folder"
)


@pytest.fixture(scope="module")
def samples(data: Path) -> TrainingDataset:
    return TrainingDataset(Sources.find(data), Mixture(), seed=3)


def batch(samples: TrainingDataset, crop: int, indices: range) -> Batch:
    return collate([samples[crop, i] for i in indices])


def sample_rng(n: int) -> SampleRng:
    return SampleRng(torch.stack([draw_numbers(i) for i in range(n)]), torch.arange(n))


def test_the_split_holds_out_every_kind() -> None:
    sizes = {kind: len(held_back(kind)) for kind in ("portraits", "cutouts", "cutouts-2", "backgrounds")}
    assert sizes == {"portraits": 125, "cutouts": 30, "cutouts-2": 32, "backgrounds": 30}
    assert held_back("people") == frozenset()


def test_a_composite_is_the_matting_equation() -> None:
    alpha = torch.tensor([0, 0.25, 1]).view(1, 1, 1, 3)
    foreground, background = torch.full((1, 3, 1, 3), 0.8), torch.full((1, 3, 1, 3), 0.4)
    assert composite(alpha, foreground, background)[0, 0, 0].tolist() == pytest.approx([0.4, 0.5, 0.8])


def test_a_whole_photo_is_not_composited() -> None:
    alpha, photo, behind = torch.rand(2, 1, 4, 4), torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    picture = compose(Layers(photo, behind, alpha, torch.tensor([False, True])))
    assert torch.equal(picture[0], photo[0])
    assert torch.equal(picture[1], composite(alpha, photo, behind)[1])


def test_image_and_matte_are_cropped_alike() -> None:
    ramp = np.tile(np.arange(200, dtype=np.uint8), (150, 1))
    rng = np.random.default_rng(0)
    picture, matte = random_crop(rng, [np.repeat(ramp[..., None], 3, 2), ramp], 64, border=cv2.BORDER_CONSTANT)
    assert picture.shape == (64, 64, 3)
    assert np.array_equal(picture[..., 0], matte)
    assert matte.std() > 5


@pytest.mark.parametrize("seed", range(20))
def test_a_crop_around_the_unknown_region_contains_some_of_it_and_moves_no_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image, alpha = rng.integers(0, 255, (90, 150, 3), np.uint8), np.zeros((90, 150), np.uint8)
    alpha[rng.integers(90), rng.integers(150)] = 100
    view, matte = crop_around_unknown(rng, image, alpha, 90, cv2.BORDER_CONSTANT)
    (row,), (column,) = np.nonzero(matte)
    assert matte[row, column] == 100
    (y,), (x,) = np.nonzero(alpha)
    assert row == y
    assert np.array_equal(view[row, column], image[y, x])
    columns = [np.r_[start : start + 90][::step] for start in range(61) for step in (1, -1)]
    assert any(np.array_equal(view, image[:, chosen]) for chosen in columns)


def test_crops_around_the_unknown_region_come_in_three_sizes() -> None:
    image, alpha = np.zeros((300, 300, 3), np.uint8), np.zeros((300, 300), np.uint8)
    alpha[150, :] = 128
    image[:, ::2] = 255
    rng = np.random.default_rng(0)
    flat = sum(crop_around_unknown(rng, image, alpha, 60, cv2.BORDER_CONSTANT)[0].std() < 100 for _ in range(60))
    assert 25 < flat < 55  # stripes of one pixel outlive the first of the three sizes alone


@pytest.mark.parametrize("value", [0, 255])
def test_without_soft_pixels_any_crop_is_taken(value: int) -> None:
    picture, matte = np.zeros((40, 50, 3), np.uint8), np.full((40, 50), value, np.uint8)
    view = crop_around_unknown(np.random.default_rng(0), picture, matte, 64, cv2.BORDER_REFLECT)
    assert [v.shape for v in view] == [(64, 64, 3), (64, 64)]
    assert (view[1] == value).all()


def test_two_cutouts_as_one_are_composed_as_one_after_the_other() -> None:
    rng = np.random.default_rng(0)
    front, back = (
        (rng.integers(0, 256, (40, 40, 3), np.uint8), rng.integers(0, 256, (40, 40), np.uint8)) for _ in "ab"
    )
    for alpha in (front[1], back[1]):
        alpha[:10], alpha[:, :10] = 0, 255
    colours, alpha = combine_cutouts(front, back)
    behind = rng.integers(0, 256, (40, 40, 3)).astype(float)
    once, twice = behind, behind
    for picture, matte in (back, front):
        twice = twice + matte[..., None] / 255 * (picture - twice)
    once = once + alpha[..., None] / 255 * (colours - once)
    assert np.abs(once - twice).max() < 1.5
    empty = np.zeros((40, 40), np.uint8)
    assert np.array_equal(combine_cutouts(front, (back[0], empty))[1], front[1])


@pytest.mark.parametrize("seed", range(20))
def test_a_held_object_is_foreground(seed: int) -> None:
    rng = np.random.default_rng(seed)
    photo, texture = (np.full((100, 100, 3), value, np.uint8) for value in (80, 200))
    alpha = np.zeros((100, 100), np.uint8)
    alpha[20:, 20:80] = 255
    picture, union = add_held_object(rng, photo, alpha, texture, cutout=False)
    held_object = picture[..., 0] > 140
    assert held_object.any()
    assert (alpha[held_object] > 0).mean() > 0.5
    assert (union[held_object] > 127).all()
    assert (union >= alpha).all()
    assert np.abs(union.astype(int) - alpha)[picture[..., 0] == 80].max() < 3


@pytest.mark.parametrize("seed", range(20))
def test_a_cutout_with_a_held_object_composites_like_a_photo(seed: int) -> None:
    photo, texture, behind = (np.full((100, 100, 3), value, np.uint8) for value in (80, 200, 10))
    alpha = np.zeros((100, 100), np.uint8)
    alpha[20:, 20:80] = 255
    colours, union = add_held_object(np.random.default_rng(seed), photo, alpha, texture, cutout=True)
    composed = behind + union[..., None] / 255 * (colours.astype(float) - behind)
    whole = behind + alpha[..., None] / 255 * (photo.astype(float) - behind)
    seen, _ = add_held_object(
        np.random.default_rng(seed), np.rint(whole).astype(np.uint8), alpha, texture, cutout=False
    )
    assert np.abs(composed - seen).max() < 2


def test_without_a_person_no_object_is_added() -> None:
    rng, photo, alpha = np.random.default_rng(0), np.zeros((50, 50, 3), np.uint8), np.zeros((50, 50), np.uint8)
    picture, union = add_held_object(rng, photo, alpha, photo + 255, cutout=False)
    assert np.array_equal(picture, photo)
    assert not union.any()


def test_a_background_object_covers_a_part_of_the_image() -> None:
    black, white = np.zeros((100, 100, 3), np.uint8), np.full((100, 100, 3), 255, np.uint8)
    shares = [(add_background_object(np.random.default_rng(seed), black, white) > 127).mean() for seed in range(40)]
    assert 0 < np.median(shares) < 0.3
    assert max(shares) < 0.7


def test_the_share_of_held_objects_is_as_asked(data: Path) -> None:
    masks = Mixture(photos=0, recomposited=0, cutouts=0, masks=1, empty=0)
    plain, some, all_ = (TrainingDataset(Sources.find(data), masks, 3, held_objects=share) for share in (0, 0.3, 1))
    held = []
    for i in range(60):
        without, perhaps, with_object = plain[64, i], some[64, i], all_[64, i]
        assert (with_object.alpha >= without.alpha).all()
        assert np.array_equal(with_object.trusted[0], far_from_edge(with_object.alpha[0].numpy()))
        held.append([not torch.equal(sample.foreground, without.foreground) for sample in (perhaps, with_object)])
    shares = np.mean(held, 0)
    assert 0.1 < shares[0] < 0.5
    assert shares[1] > 0.7
    empty = Mixture(photos=0, recomposited=0, cutouts=0, masks=0, empty=1)
    assert not TrainingDataset(Sources.find(data), empty, 3, held_objects=1)[64, 0].alpha.any()


def test_every_sample_for_trimap_based_networks_has_unknown_pixels(data: Path) -> None:
    recipe = RECIPES["trimap"]
    samples = TrainingDataset(Sources.find(data), recipe.mixture, seed=0, around_unknown=recipe.around_unknown)
    assert set(samples.kinds) == {"photos", "cutouts", "combined"}
    drawn = batch(samples, 64, range(24))
    soft = ((drawn.alpha > 0) & (drawn.alpha < 255)).flatten(1)
    assert soft.any(1).all()
    again = batch(samples, 64, range(24))
    assert all(torch.equal(a, b) for a, b in zip(drawn, again, strict=True))


def test_colours_stay_in_range_and_finite() -> None:
    image = torch.rand(24, 3, 32, 32)
    for change in (random_colour, random_camera):
        image = change(image, sample_rng(24))
        assert image.isfinite().all()
        assert 0 <= image.min() <= image.max() <= 1


def test_a_hard_mask_is_trusted_only_away_from_its_edge() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:, 50:] = 255
    trusted = far_from_edge(mask)[0]
    assert trusted.tolist() == [1] * 48 + [0] * 4 + [1] * 48


def test_sources_are_sorted_by_kind(data: Path) -> None:
    sources = Sources.find(data)
    assert [len(group) for group in (sources.photos, sources.cutouts, sources.masks, sources.backgrounds)] == [
        6,
        3,
        3,
        3,
    ]


def test_the_share_of_a_missing_kind_goes_to_the_others(data: Path, tmp_path: Path) -> None:
    (tmp_path / "portraits").symlink_to(data / "portraits")
    samples = TrainingDataset(Sources.find(tmp_path), Mixture(), seed=0)
    assert samples.kinds == ["photos"]
    assert not samples[64, 0].composite


def test_a_sample_is_the_same_whenever_it_is_drawn(data: Path, samples: TrainingDataset) -> None:
    again = TrainingDataset(Sources.find(data), Mixture(), seed=3)
    for i in (0, 7, 99):
        assert all(torch.equal(a, b) for a, b in zip(samples[64, i], again[64, i], strict=True))
    other = TrainingDataset(Sources.find(data), Mixture(), seed=4)
    assert not torch.equal(samples[64, 0].foreground, other[64, 0].foreground)


def test_decoded_images_are_not_read_again(
    data: Path, samples: TrainingDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = [samples[64, i] for i in range(40)]
    kept = TrainingDataset(Sources.find(data), Mixture(), seed=3)
    kept.decode()
    monkeypatch.setattr("pspm.data.samples.dataset.read_rgb", None)
    monkeypatch.setattr(Pair, "read", None)
    for i, sample in enumerate(read):
        assert all(torch.equal(a, b) for a, b in zip(sample, kept[64, i], strict=True))


def test_every_kind_is_drawn_as_often_as_the_mixture_says(samples: TrainingDataset) -> None:
    drawn = batch(samples, 32, range(400))
    empty = drawn.alpha.flatten(1).amax(1) == 0
    untrusted = drawn.trusted.flatten(1).amin(1) == 0
    assert drawn.composite.float().mean() == pytest.approx(0.57, abs=0.08)
    assert (empty & ~drawn.composite).float().mean() == pytest.approx(0.05, abs=0.04)
    assert untrusted.float().mean() == pytest.approx(0.10, abs=0.05)


@pytest.mark.parametrize("draw", [render, lambda b: render_strongly(b).picture])
def test_a_picture_is_the_same_in_every_batch(draw, samples: TrainingDataset) -> None:  # type: ignore[no-untyped-def]
    together = draw(batch(samples, 64, range(24)))
    alone = torch.cat([draw(batch(samples, 64, range(i, i + 1))).image for i in range(24)])
    assert torch.allclose(together.image, alone, atol=1e-5)
    assert 0 <= together.image.min() <= together.image.max() <= 1
    assert together.image.isfinite().all()


def test_strong_augmentation_changes_what_it_says(samples: TrainingDataset) -> None:
    drawn = batch(samples, 32, range(300))
    strong, plain = render_strongly(drawn), render(drawn)
    # Only what is not linear, done to the whole picture, asks for another truth: a tenth of three quarters, 0.8 of it.
    assert 0.02 < strong.relabel.float().mean() < 0.12
    assert torch.equal(strong.picture.alpha, plain.alpha)
    assert COUNT > 60


@pytest.mark.parametrize("change", [*LINEAR, *NONLINEAR, *REGION])
def test_every_strong_change_keeps_shape_and_is_finite(change) -> None:  # type: ignore[no-untyped-def]
    image, strength = torch.rand(3, 3, 32, 32), torch.rand(3, 1, 1, 1)
    changed = change(image, strength, torch.randn(3, 3, 32, 32))
    assert changed.shape == image.shape
    assert changed.isfinite().all()
    assert not torch.equal(changed, image)


def test_linear_changes_leave_the_matting_equation_true() -> None:
    """They act on each pixel of the picture alone, and so on both layers alike."""
    alpha, foreground, background = torch.rand(2, 1, 8, 8), torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    strength, noise = torch.rand(2, 1, 1, 1), torch.randn(2, 3, 8, 8)
    assert {clouds, snow} <= set(LINEAR)
    for change in (*LINEAR[1:4], clouds, snow):
        whole = change(composite(alpha, foreground, background), strength, noise)
        layered = composite(alpha, change(foreground, strength, noise), change(background, strength, noise))
        assert torch.allclose(whole, layered, atol=1e-6)


def test_without_effects_a_picture_is_the_composite_of_its_layers(samples: TrainingDataset) -> None:
    drawn = batch(samples, 64, range(24))
    picture = render(drawn, "none", "none", keep_layers=True)
    assert picture.foreground is not None
    assert picture.background is not None
    made = composite(picture.alpha, picture.foreground, picture.background)
    assert torch.allclose(picture.image, made, atol=1e-6)
    for i, composed in enumerate(drawn.composite.tolist()):
        layers = (drawn.foreground[i] / 255, drawn.background[i] / 255)
        assert torch.equal(picture.foreground[i], layers[0])
        # A photo has no layers: both are the photo, so the composition loss is 0.
        assert torch.equal(picture.background[i], layers[1] if composed else layers[0])
    assert render(drawn, "none", "none").foreground is None


def test_colours_of_the_foreground_leave_backgrounds_and_photos(samples: TrainingDataset) -> None:
    drawn = batch(samples, 64, range(24))
    plain, changed = (render(drawn, colours, "none", keep_layers=True) for colours in ("none", "foreground"))
    assert plain.foreground is not None
    assert changed.foreground is not None
    assert torch.equal(changed.background[drawn.composite], plain.background[drawn.composite])  # type: ignore[index]
    assert torch.equal(changed.image[~drawn.composite], plain.image[~drawn.composite])
    moved = (changed.foreground - plain.foreground).abs().flatten(1).amax(1) > 0
    assert torch.equal(moved, drawn.composite)


def test_blur_and_jpeg_change_alpha_only_if_asked(samples: TrainingDataset) -> None:
    drawn = batch(samples, 64, range(48))
    plain, kept, changed = (render(drawn, "all", e) for e in ("none", "blur-jpeg", "blur-jpeg-alpha"))
    assert torch.equal(kept.alpha, plain.alpha)
    assert torch.equal(kept.image, changed.image)
    of_image = (kept.image - plain.image).abs().flatten(1).amax(1) > 1e-4
    of_alpha = (changed.alpha - plain.alpha).abs().flatten(1).amax(1) > 1e-4
    assert (of_alpha <= of_image).all()
    soft = ((plain.alpha > 0) & (plain.alpha < 1)).flatten(1).any(1)
    assert of_alpha[of_image & soft].all()
    # 1 - 0.75^2 of the pictures.
    assert 0.25 < of_image.float().mean() < 0.65


def test_a_frame_of_a_video_has_grain_and_the_matte_of_its_size(samples: TrainingDataset) -> None:
    drawn = batch(samples, 64, range(24))
    plain, filmed = (render(drawn, "none", effects) for effects in ("none", "video"))
    assert filmed.image.shape == plain.image.shape
    assert filmed.alpha.shape == plain.alpha.shape
    assert ((filmed.image - plain.image).abs().flatten(1).mean(1) > 1e-3).all()
    same = (filmed.alpha - plain.alpha).abs().flatten(1).amax(1) < 1e-6
    soft = ((plain.alpha > 0) & (plain.alpha < 1)).flatten(1).any(1)
    assert 0 < int((same & soft).sum()) < int(soft.sum())  # frames of the view's size, and smaller ones
    assert torch.allclose(filmed.alpha.mean((2, 3)), plain.alpha.mean((2, 3)), atol=0.01)
    assert torch.equal(filmed.image, render(drawn, "none", "video").image)


def test_the_grain_of_a_video_is_grey() -> None:
    """Where the picture has one colour, only brightness differs from pixel to pixel."""
    flat = torch.full((12, 3, 64, 64), 0.5) + torch.tensor([0.1, 0, -0.1])[:, None, None]
    numbers = torch.rand(12, COUNT, generator=torch.Generator().manual_seed(0))
    alpha = torch.ones(12, 1, 64, 64)
    found = filmed(Picture(flat, alpha, alpha), SampleRng(numbers, torch.arange(12)))
    torch.testing.assert_close(found.alpha, alpha)
    grain = found.image - found.image.mean((2, 3), keepdim=True)
    assert (grain.flatten(1).std(1) > 1e-3).all()
    assert (grain - grain.mean(1, keepdim=True)).abs().mean() < 0.1 * grain.abs().mean()


@pytest.mark.parametrize(
    ("shares", "foreground", "both"),
    [(StrongShares(1, 0, 0), 1, 0), (StrongShares(0, 1, 0), 1, 1), (StrongShares(0, 0, 0), 0, 0)],
)
def test_the_shares_of_strong_augmentation_are_those_of_the_recipe(
    shares: StrongShares, foreground: float, both: float, samples: TrainingDataset
) -> None:
    drawn = batch(samples, 64, range(48))
    plain = render(drawn, "none", "none", keep_layers=True)
    strong = render_strongly(drawn, shares, "none", "none", keep_layers=True).picture
    for layer, share in (("foreground", foreground), ("background", both)):
        changed = (getattr(strong, layer) - getattr(plain, layer)).abs().flatten(1).amax(1) > 0
        assert not changed[~drawn.composite].any()
        # Some changes leave a picture as it is, such as the contrast of an even one.
        assert changed[drawn.composite].float().mean() == pytest.approx(share, abs=0.1)


def test_a_changed_composite_has_no_layers_any_more(samples: TrainingDataset) -> None:
    drawn = batch(samples, 32, range(150))
    strong = render_strongly(drawn, StrongShares(0, 0, 1), "none", "none", keep_layers=True)
    assert torch.equal(strong.picture.foreground, strong.picture.background)  # type: ignore[arg-type]
    assert strong.relabel.float().mean() == pytest.approx(0.8, abs=0.1)
    assert strong.shuffle.float().mean() == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("seed", range(40))
def test_an_affine_crop_contains_soft_pixels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image, alpha = np.zeros((90, 150, 3), np.uint8), np.zeros((90, 150), np.uint8)
    y, x = rng.integers(90), rng.integers(150)
    alpha[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = 100
    image[alpha > 0] = 255
    view, matte = affine_crop_around_unknown(rng, image, alpha, 64, cv2.BORDER_CONSTANT)
    assert [v.shape for v in (view, matte)] == [(64, 64, 3), (64, 64)]
    assert matte.max() > 20
    # Image and matte are transformed alike, up to the rounding of 8 bits.
    assert np.abs(view[..., 0].astype(float) * 100 / 255 - matte).max() < 2


def test_an_affine_crop_without_a_transformation_is_a_window_mirrored_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    image, alpha = np.zeros((200, 300, 3), np.uint8), np.zeros((200, 300), np.uint8)
    alpha[90, 140] = 128
    for constant, value in (("AFFINE_ROTATION", 0), ("AFFINE_SHEAR", 0), ("AFFINE_ZOOM", (1, 1)), ("RESIZED_SHARE", 0)):
        monkeypatch.setattr(cropping, constant, value)
    monkeypatch.setattr(cropping, "_warp", lambda images, affine, *rest: affine.tolist())
    rng = np.random.default_rng(0)
    seen = [affine_crop_around_unknown(rng, image, alpha, 64, cv2.BORDER_CONSTANT) for _ in range(20)]
    # The soft pixel is column 32 of the crop, or column 31 of the mirrored one, and row 32.
    plain, mirrored = [[1, 0, 32 - 140], [0, 1, 32 - 90]], [[-1, 0, 31 + 140], [0, 1, 32 - 90]]
    assert plain in seen
    assert mirrored in seen
    assert all(affine in (plain, mirrored) for affine in seen)


def test_an_affine_crop_takes_some_images_at_640_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """At half the height, stripes of one row melt into grey."""
    alpha = np.zeros((1280, 640), np.uint8)
    alpha[::2], alpha[640, 320] = 255, 128
    image, rng = np.repeat(alpha[..., None], 3, 2), np.random.default_rng(0)
    for share, contrast in ((1, (0, 60)), (0, (100, 256))):
        monkeypatch.setattr(cropping, "RESIZED_SHARE", share)
        monkeypatch.setattr(cropping, "AFFINE_ZOOM", (1, 1))
        _, matte = affine_crop_around_unknown(rng, image, alpha, 64, cv2.BORDER_CONSTANT)
        low, high = contrast
        assert low <= np.percentile(matte, 95) - np.percentile(matte, 5) < high


def test_devices_share_a_step_and_a_resumed_run_goes_on() -> None:
    recipe = RECIPES["own"]
    whole = list(BatchSampler(recipe, 8, 0, 0, 1))
    halves = [list(BatchSampler(recipe, 8, 0, rank, 2)) for rank in range(2)]
    assert [a + b for a, b in zip(*halves, strict=True)] == whole
    assert list(BatchSampler(recipe, 8, 5, 0, 1)) == whole[5:]
    assert len(BatchSampler(recipe, 8, 5, 0, 1)) == 8
    drawn = [index for step in whole for _, index in step]
    assert len(set(drawn)) == len(drawn)


def test_a_folder_with_nothing_to_train_on_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} has nothing to train on"):
        Sources.find(tmp_path)


@needs_data
def test_training_never_uses_held_out_images() -> None:
    sources = Sources.find(DATA)
    photos = {pair.image.stem for pair in sources.photos if "portraits" in pair.image.parts}
    assert len(photos) > 1000
    assert not photos & held_back("portraits")
    assert not {pair.image.stem for pair in sources.cutouts} & (held_back("cutouts") | held_back("cutouts-2"))
    assert not {path.stem for path in sources.backgrounds} & held_back("backgrounds")


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_validation_uses_held_out_images(name: str) -> None:
    identifier, image, alpha = next(iter(held_back_pictures(DATA, name)))
    assert identifier in held_back(name)
    assert image.shape == (*alpha.shape, 3)
    assert alpha.min() == 0
    assert alpha.max() == 1


def soft_disc(side: int = 96) -> np.ndarray:
    """A disc of radius 30 with an edge of 8 pixels."""
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2
    return np.clip((30 - np.hypot(x, y)) / 8 + 0.5, 0, 1).astype(np.float32)


def test_a_random_trimap_depends_on_its_seed_alone() -> None:
    alpha = torch.from_numpy(np.stack([soft_disc()] * 40))[:, None]
    together = random_trimaps(alpha, torch.arange(40))
    assert together.shape == alpha.shape
    assert set(together.unique().tolist()) == {-1, 0, 1}
    assert torch.equal(together[7:8], random_trimaps(alpha[:1], torch.tensor([7])))
    assert len({trimap.numpy().tobytes() for trimap in together}) > 25


def test_random_trimaps_are_right_where_they_are_known_except_guessed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = soft_disc()
    for kind in KINDS:
        shares = tuple(float(kind == other) for other in KINDS)
        monkeypatch.setattr("pspm.data.samples.random_trimap.SHARES", shares)
        wrong = 0
        for seed in range(30):
            trimap = random_trimap(alpha, seed)
            assert (trimap == 0).any()
            wrong += int((np.abs((trimap + 1) / 2 - alpha)[trimap != 0] > 0.02).sum())
        assert (wrong > 0) == (kind == "guessed")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_matte_without_an_edge_has_a_trimap(value: float) -> None:
    alpha = np.full((64, 64), value, np.float32)
    for seed in range(60):
        trimap = random_trimap(alpha, seed)
        assert trimap.shape == alpha.shape
        assert set(np.unique(trimap)) <= {-1, 0, 1}
