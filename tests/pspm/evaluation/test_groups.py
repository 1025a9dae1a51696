"""Groups of pictures, on discs."""

import numpy as np
import pytest

from pspm.evaluation.candidate import Candidate, Estimate
from pspm.evaluation.reports.group_errors import errors_by_group
from pspm.evaluation.reports.text import group_tables
from pspm.evaluation.run import Evaluation, Row
from pspm.evaluation.traits import GROUPINGS, Traits, group, measure, softness, terciles

NAMES = GROUPINGS["outline"]


def disc(edge: float, radius: float = 40, side: int = 120) -> np.ndarray:
    """The alpha of a disc, (H, W); edge: its width in pixels."""
    y, x = np.mgrid[:side, :side]
    return np.clip((radius - np.hypot(y - side / 2, x - side / 2)) / edge + 0.5, 0, 1)


def test_a_soft_disc_is_softer_than_a_hard_one_at_every_size() -> None:
    assert softness(disc(1e-6)) == pytest.approx(0, abs=1e-3)
    assert softness(disc(4)) < softness(disc(12))
    assert softness(disc(12)) == pytest.approx(softness(disc(24, 80, 240)), rel=0.1)
    # A soft edge of 12 pixels without its outermost tenths, and a person with sqrt(area) = 71.
    assert softness(disc(12)) == pytest.approx(0.9 * 12 / 71, rel=0.15)


def test_only_the_upper_half_of_the_outline_counts() -> None:
    alpha = disc(1e-6)
    alpha[61:] = disc(12)[61:]
    assert softness(alpha) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_without_an_outline_there_is_no_softness(alpha: float) -> None:
    assert softness(np.full((20, 30), alpha)) == 0


def test_terciles() -> None:
    assert terciles([5, 1, 3, 2, 4, 6], NAMES) == ["soft", "hard", "medium", "hard", "medium", "soft"]
    assert terciles([7, 7, 7], NAMES) == ["hard"] * 3
    assert terciles([7], NAMES) == ["hard"]


def evaluation(traits: list[Traits]) -> Evaluation:
    candidate = Candidate("s", "onnx", None, None, lambda image, truth: Estimate(truth), None)
    rows = [Row("set", "s", str(i), {"SAD": i, "MAD": 0.0, "IoU": 1.0, "Grad": i}) for i in range(len(traits))]
    return Evaluation([candidate], {}, rows, traits={"set": traits})


def test_errors_by_group_have_means_and_standard_errors() -> None:
    traits = [Traits(softness, i) for i, softness in enumerate((0, 0, 0, 1))]
    result = evaluation(traits)
    hard, soft, *_ = errors_by_group(result, "set", "s")
    assert (hard.grouping, hard.group, hard.pictures) == ("outline", "hard", ["0", "1", "2"])
    assert hard.means == {"SAD": 1, "MAD": 0, "IoU": 1, "Grad": 1}
    assert hard.errors["SAD"] == pytest.approx(1 / np.sqrt(3))
    assert (soft.means["SAD"], soft.errors["SAD"]) == (3, None)
    ((title, (head, first, *_)),) = group_tables(result, "set").items()
    assert title == "s on set by group, mean ± standard error"
    assert head == ["group", "pictures", "SAD", "MAD", "IoU", "Grad"]
    assert first == ["outline: hard", "3", "1.00 ± 0.58", "0", "1", "1.00 ± 0.58"]


def test_pictures_are_grouped_by_outline_and_size() -> None:
    traits = [measure(disc(edge)) for edge in (2, 6, 12)]
    assert group(traits)["outline"] == ["hard", "medium", "soft"]
    assert list(group(traits)) == ["outline", "size"]


def test_nothing_measured_means_no_groups() -> None:
    result = evaluation([])
    assert errors_by_group(result, "set", "s") == []
    assert group_tables(result, "set") == {}
