import numpy as np
import pytest
from PIL import Image
from pspm_runtime.stages.person_box import FAINT, person_box


def matte(value: int) -> Image.Image:
    alpha = np.full((40, 60), FAINT - 1, np.uint8)
    alpha[10:30, 20:30] = value
    return Image.fromarray(alpha)


@pytest.mark.parametrize(
    ("margin", "box"),
    [(0, (20, 10, 30, 30)), (0.1, (18, 8, 32, 32)), (0.6, (8, 0, 42, 40)), (10, (0, 0, 60, 40))],
)
def test_box_with_a_margin(margin: float, box: tuple[int, int, int, int]) -> None:
    assert person_box(matte(FAINT), margin) == box


def test_faint_matte_is_empty() -> None:
    assert person_box(matte(FAINT - 1)) is None
