"""Groups of pictures, on colours, discs and noise."""

from types import SimpleNamespace

import numpy as np
import pytest

from pspm.evaluation.candidate import Estimate, Subject
from pspm.evaluation.groups import faces
from pspm.evaluation.groups.faces import Face, can_find_faces, find_face
from pspm.evaluation.groups.group_errors import errors_by_group
from pspm.evaluation.groups.traits import (
    GROUPINGS,
    Traits,
    face_tone,
    group,
    measure,
    softness,
    terciles,
    typology_angle,
)
from pspm.evaluation.reports.text import group_tables
from pspm.evaluation.run import Evaluation, Row

NAMES = GROUPINGS["outline"]


def disc(edge: float, radius: float = 40, side: int = 120) -> np.ndarray:
    """The alpha of a disc whose edge is so many pixels wide, (H, W)."""
    y, x = np.mgrid[:side, :side]
    return np.clip((radius - np.hypot(y - side / 2, x - side / 2)) / edge + 0.5, 0, 1)


def noise(side: int = 120) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)


def test_the_typology_angle() -> None:
    assert typology_angle(60, 10) == pytest.approx(45)
    assert typology_angle(50, 10) == 0
    assert typology_angle(40, 10) == pytest.approx(-45)
    assert typology_angle(60, 0) == pytest.approx(90)


@pytest.mark.parametrize(
    ("colour", "tone"),
    [
        # In CIELAB (78, 13, 17), 59 degrees; (62, 16, 24), 26; (38, 18, 22), -28.
        ((227, 183, 162), "light"),
        ((191, 138, 108), "intermediate"),
        ((126, 78, 55), "dark"),
        ((140, 140, 140), "black and white"),
    ],
)
def test_the_tone_of_a_colour_survives_specks(colour: tuple[int, int, int], tone: str) -> None:
    skin = np.full((10, 20, 3), colour, np.uint8)
    skin[:3] = (0, 0, 255)
    assert face_tone(skin) == tone


def test_a_soft_disc_is_softer_than_a_hard_one_at_every_size() -> None:
    assert softness(disc(1e-6)) == pytest.approx(0, abs=1e-3)
    assert softness(disc(4)) < softness(disc(12))
    assert softness(disc(12)) == pytest.approx(softness(disc(24, 80, 240)), rel=0.1)
    # A soft edge of 12 pixels, its outermost tenths left out, of a person whose square root of area is 71.
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


@pytest.mark.skipif(not can_find_faces(), reason="this OpenCV finds no faces")
def test_noise_has_no_face() -> None:
    assert find_face(noise(), disc(4)) is None
    assert measure(noise(), disc(4))[:2] == ("no frontal face", "no face")


def cascades(monkeypatch: pytest.MonkeyPatch, frontal: list[list[int]], profile: list[list[int]]) -> None:
    """Faces at x, y, width, height; in profile only in the picture as it is mirrored, which is the second asked for."""
    answers = {faces.FRONTAL: [frontal], faces.PROFILE: [profile, []]}
    monkeypatch.setattr(
        faces, "_cascade", lambda name: SimpleNamespace(detectMultiScale=lambda *_, **__: answers[name].pop(0))
    )


def test_the_largest_frontal_face_within_the_person_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    cascades(monkeypatch, [[50, 50, 20, 20], [45, 40, 30, 30], [0, 0, 45, 45]], [])
    assert find_face(noise(), disc(4)) == Face("frontal", 40, 45, 30)


def test_a_face_in_profile_is_found_in_the_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    cascades(monkeypatch, [], [[30, 40, 25, 25]])
    assert find_face(noise(), disc(4)) == Face("profile", 40, 120 - 30 - 25, 25)


def evaluation(traits: list[Traits]) -> Evaluation:
    subject = Subject("s", "onnx", None, None, lambda image, truth: Estimate(truth), None)
    rows = [Row("set", "s", str(i), {"SAD": i, "MAD": 0.0, "IoU": 1.0, "Grad": i}) for i in range(len(traits))]
    return Evaluation([subject], {}, rows, traits={"set": traits})


def test_errors_by_group_have_means_and_standard_errors() -> None:
    tones = ["light", "light", "light", "dark"]
    traits = [Traits(tone, "frontal face", i, 0.5) for i, tone in enumerate(tones)]
    result = evaluation(traits)
    light, dark, *_ = errors_by_group(result, "set", "s")
    assert (light.grouping, light.group, light.pictures) == ("face tone", "light", ["0", "1", "2"])
    assert light.means == {"SAD": 1, "MAD": 0, "IoU": 1, "Grad": 1}
    assert light.errors["SAD"] == pytest.approx(1 / np.sqrt(3))
    assert (dark.means["SAD"], dark.errors["SAD"]) == (3, None)
    ((title, (head, first, *_)),) = group_tables(result, "set").items()
    assert title == "s on set by group, mean ± standard error"
    assert head == ["group", "pictures", "SAD", "MAD", "IoU", "Grad"]
    assert first == ["face tone: light", "3", "1.00 ± 0.58", "0", "1", "1.00 ± 0.58"]


def test_without_faces_there_are_still_outlines_and_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pspm.evaluation.groups.traits.can_find_faces", lambda: False)
    traits = [measure(noise(), disc(edge)) for edge in (2, 6, 12)]
    assert group(traits)["outline"] == ["hard", "medium", "soft"]
    assert list(group(traits)) == ["outline", "size"]


def test_nothing_measured_means_no_groups() -> None:
    result = evaluation([])
    assert errors_by_group(result, "set", "s") == []
    assert group_tables(result, "set") == {}
