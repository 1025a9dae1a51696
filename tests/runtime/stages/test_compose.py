import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime import Photo, PhotoError
from pspm_runtime.files.background import open_background
from pspm_runtime.stages.compose import compose, cover_box, cut_out, replace_background

from tests.runtime.pictures import around, assert_one_sentence, composite, disc, gradient, matte, noise

LENGTHS = st.integers(1, 6000)
WIDTH, HEIGHT = 300, 400
ALPHA = matte(disc(WIDTH, HEIGHT))
PROFILE = b"a colour profile"


def portrait(behind: np.ndarray) -> Photo:
    return Photo(composite(gradient(WIDTH, HEIGHT), behind, ALPHA), None, PROFILE)


def far_from_the_edge(value: int) -> np.ndarray:
    return ~around(np.asarray(ALPHA) != value, 16)


def test_new_colour_is_exact_outside_the_person_and_the_photo_inside() -> None:
    photo = portrait(noise(WIDTH, HEIGHT))

    result = np.asarray(replace_background(photo, ALPHA, open_background("#20a0ff")))

    assert (result[np.asarray(ALPHA) == 0] == [0x20, 0xA0, 0xFF]).all()
    person = far_from_the_edge(255)
    assert person.any()
    assert np.array_equal(result[person], np.asarray(photo.image)[person])


def test_old_background_leaves_no_fringe() -> None:
    skin, green, blue = np.array([220, 170, 140]), np.array([0, 255, 0]), np.array([20, 40, 200])
    photo = Photo(composite(skin, green, ALPHA))

    result = np.asarray(replace_background(photo, ALPHA, open_background("#1428c8"))).astype(int)

    wanted = np.asarray(composite(skin, blue, ALPHA))
    assert np.abs(result - wanted).max() <= 16


@pytest.mark.parametrize(("width", "height"), [(30, 40), (700, 100), (50, 900), (1, 1)])
def test_picture_of_any_size_gives_a_result_of_the_photos_size(width: int, height: int) -> None:
    result = replace_background(portrait(noise(WIDTH, HEIGHT)), ALPHA, open_background(noise(width, height)))

    assert result.mode == "RGB"
    assert result.size == (WIDTH, HEIGHT)


def test_picture_of_the_photos_size_is_laid_behind_as_it_is() -> None:
    behind = noise(WIDTH, HEIGHT, seed=5)

    result = np.asarray(replace_background(portrait(noise(WIDTH, HEIGHT)), ALPHA, open_background(behind)))

    empty = np.asarray(ALPHA) == 0
    assert np.array_equal(result[empty], behind[empty])


def test_picture_covers_the_photo_centred() -> None:
    behind = np.zeros((100, 400, 3), np.uint8)
    behind[:, 158:242] = 255
    empty = Image.new("L", (300, 400))

    result = replace_background(Photo(Image.new("RGB", (300, 400))), empty, open_background(behind))

    assert np.asarray(result).min() > 240


def test_background_may_be_a_file(tmp_path: Path) -> None:
    Image.new("RGB", (30, 40), "#102030").save(tmp_path / "beach.png")

    result = replace_background(portrait(noise(WIDTH, HEIGHT)), ALPHA, open_background(str(tmp_path / "beach.png")))

    assert result.getpixel((0, 0)) == (0x10, 0x20, 0x30)


def test_background_that_is_missing() -> None:
    with pytest.raises(PhotoError) as caught:
        replace_background(portrait(noise(WIDTH, HEIGHT)), ALPHA, open_background("beach.jpg"))
    assert_one_sentence(caught.value, "beach.jpg", "does not exist")


def test_cut_out_holds_the_matte_and_the_person() -> None:
    photo = portrait(noise(WIDTH, HEIGHT))

    result = cut_out(photo, ALPHA)

    assert result.mode == "RGBA"
    assert np.array_equal(result.getchannel("A"), ALPHA)
    person = far_from_the_edge(255)
    assert np.array_equal(np.asarray(result)[person][:, :3], np.asarray(photo.image)[person])


def test_cut_out_is_black_far_from_the_person_and_not_at_the_edge() -> None:
    skin = np.array([220, 170, 140])
    photo = Photo(composite(skin, np.array([0, 255, 0]), ALPHA))

    colours = np.asarray(cut_out(photo, ALPHA))[..., :3]

    opacity = np.asarray(ALPHA)
    assert colours[~around(opacity > 0, 40)].max() == 0
    rim = around(opacity > 0, 2)
    assert np.abs(colours[rim].astype(int) - skin).max() <= 48


def test_faint_pixels_far_from_the_person_keep_their_alpha_and_are_black() -> None:
    alpha = np.zeros((512, 512), np.uint8)
    alpha[200:300, 200:300] = 255
    alpha[40, 60] = 2  # a block of 4 x 4 pixels has a mean of 0

    cut = np.asarray(cut_out(Photo(Image.new("RGB", (512, 512), "red")), Image.fromarray(alpha)))

    assert cut[40, 60].tolist() == [0, 0, 0, 2]
    assert np.array_equal(cut[..., 3], alpha)
    assert cut[250, 250].tolist() == [255, 0, 0, 255]


def test_cut_out_over_its_old_background_is_the_photo_again() -> None:
    behind = gradient(WIDTH, HEIGHT)[::-1, ::-1]
    photo = portrait(behind)

    result = Image.alpha_composite(Image.fromarray(behind).convert("RGBA"), cut_out(photo, ALPHA))

    difference = np.abs(np.asarray(result)[..., :3].astype(int) - np.asarray(photo.image))
    assert difference.mean() < 1
    assert difference.max() <= 12


def test_results_carry_the_colour_profile() -> None:
    photo = portrait(noise(WIDTH, HEIGHT))

    assert cut_out(photo, ALPHA).info["icc_profile"] == PROFILE
    assert replace_background(photo, ALPHA, open_background("#fff")).info["icc_profile"] == PROFILE


def test_large_photos_do_not_trigger_the_warning_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = portrait(noise(WIDTH, HEIGHT))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", WIDTH * HEIGHT * 3 // 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cut_out(photo, ALPHA).size == (WIDTH, HEIGHT)
        assert replace_background(photo, ALPHA, open_background("#fff")).size == (WIDTH, HEIGHT)


@given(picture=st.tuples(LENGTHS, LENGTHS), frame=st.tuples(LENGTHS, LENGTHS))
def test_cover_box_is_the_largest_centred_part_of_the_frames_shape(
    picture: tuple[int, int], frame: tuple[int, int]
) -> None:
    left, top, right, bottom = cover_box(picture, frame)
    width, height = right - left, bottom - top

    assert left >= -1e-6
    assert top >= -1e-6
    assert right <= picture[0] + 1e-6
    assert bottom <= picture[1] + 1e-6
    assert width * frame[1] == pytest.approx(height * frame[0])
    assert left == pytest.approx(picture[0] - right, abs=1e-6)
    assert top == pytest.approx(picture[1] - bottom, abs=1e-6)
    assert width == pytest.approx(picture[0]) or height == pytest.approx(picture[1])


@given(
    picture=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    frame=st.tuples(st.integers(1, 80), st.integers(1, 700)),
    alpha=st.sampled_from([0, 255]),
)
def test_pictures_of_any_shape_can_be_laid_behind(picture: tuple[int, int], frame: tuple[int, int], alpha: int) -> None:
    result = Image.new("RGB", frame, "#ffffff")

    compose(result, Image.new("L", frame, alpha), Image.new("RGB", picture, "#204060"))

    assert set(result.get_flattened_data()) == {(255, 255, 255) if alpha else (0x20, 0x40, 0x60)}


def test_rounding_never_leaves_the_picture() -> None:
    for height in range(1, 700):
        result = Image.new("RGB", (1, height))
        compose(result, Image.new("L", result.size), Image.new("RGB", (7, 293), "#204060"))
        assert result.getpixel((0, height - 1)) == (0x20, 0x40, 0x60)


def test_strips_leave_no_seams() -> None:
    frame = (40, 1000)
    picture = Image.fromarray(gradient(100, 700))
    result = Image.new("RGB", frame)

    compose(result, Image.new("L", frame), picture)

    box = cover_box(picture.size, frame)
    whole = np.asarray(picture.resize(frame, Image.Resampling.BICUBIC, box=box)).astype(int)
    assert np.abs(np.asarray(result) - whole).max() <= 2
