import numpy as np
import pytest

from pspm.evaluation.video.errors import clip_errors


def flat(*values: float) -> list[np.ndarray]:
    return [np.full((8, 8), value, np.float32) for value in values]


def test_a_constant_error_does_not_change_in_time() -> None:
    errors = clip_errors(flat(0.5, 0.5, 0.5), flat(0.4, 0.4, 0.4))

    assert errors["MAD"] == pytest.approx(100, rel=1e-5)
    assert errors["MSE"] == pytest.approx(10, rel=1e-5)
    assert errors["dtSSD"] == errors["still"] == 0
    assert errors["Grad"] == pytest.approx(0, abs=1e-20)


def test_flicker_where_the_truth_stands_still() -> None:
    errors = clip_errors(flat(0.5, 0.6, 0.5), flat(0.5, 0.5, 0.5))

    assert errors["dtSSD"] == pytest.approx(10, rel=1e-5)
    assert errors["still"] == pytest.approx(100, rel=1e-5)


def test_the_first_frame_has_no_pair() -> None:
    """Two frames have one change; counting the first one as 0 would halve it."""
    errors = clip_errors(flat(0.5, 0.7), flat(0.5, 0.5))

    assert errors["dtSSD"] == pytest.approx(20, rel=1e-5)


def test_a_matte_that_follows_the_truth_has_no_error() -> None:
    errors = clip_errors(flat(0, 0.3, 1), flat(0, 0.3, 1))

    assert errors.pop("IoU") == errors.pop("least IoU") == 100
    assert set(errors.values()) == {0.0}


def test_the_worst_frame_tells_who_vanishes() -> None:
    errors = clip_errors(flat(1, 0, 1, 1), flat(1, 1, 1, 1))

    assert errors["IoU"] == 75
    assert errors["least IoU"] == 0


def test_only_still_pixels_count_for_flicker() -> None:
    truth = flat(0, 0)
    truth[1][:4] = 1
    matte = flat(0, 0)
    matte[1][:4] = 0.2
    matte[1][4:] = 0.1

    assert clip_errors(matte, truth)["still"] == pytest.approx(100, rel=1e-5)


def test_a_part_beside_the_person_is_not_connected() -> None:
    truth, matte = np.zeros((2, 32, 32), np.float32)
    truth[8:24, 8:16] = matte[8:24, 8:16] = 1
    matte[8:12, 24:28] = 1

    assert clip_errors([matte, truth], [truth, truth])["Conn"] == pytest.approx(16 / 1000 / 2)
