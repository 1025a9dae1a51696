"""Which way up a photo is, where its file does not say it.

A network that learned from upright people answers a soft or absurd matte for others, and a person who is not whole is
mostly cut off by the lower edge of the photo. Both measures were chosen on pictures of the training split.
"""

import numpy as np

from pspm_runtime.constants import (
    CLEAR,
    CUT_OFF,
    EDGE_WEIGHT,
    LARGEST_DOUBT,
    PERSON_SHARE,
    TURN_MARGIN,
    UPRIGHT_AGREEMENT,
    UPRIGHT_FULL_AGREEMENT,
    UPRIGHT_LEAD,
    UPRIGHT_SOFT,
    UPRIGHT_SOFT_WHOLE,
    USUAL,
)
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import area
from pspm_runtime.looks.closer import is_small, people_in
from pspm_runtime.looks.confirm import closer_look_at_the_same
from pspm_runtime.looks.look import Look, agreement, look_at, smaller_look, softness, whole


def upright(engine: Engine, photo: Photo, look: Look, small: Look) -> Look:
    """The given look at a whole photo, or one at the photo turned so that its people are upright.

    small: the same with a small view. Where people are plainly upright, nothing more is run.
    """
    agreed = agreement(look, small)
    presence = max(float(look.alpha.mean()), float(small.alpha.mean()))
    if is_certain(is_plain(look), agreed, doubt(small), softness(look.alpha), presence):
        return look
    doubts = [doubt(small), *(doubt(smaller_look(engine, photo, look, turn)) for turn in (1, 2, 3))]
    best = turn_of_least_doubt(doubts)
    if best == 0 or _shows_small_person(engine, photo, look):
        return look
    turned = look_at(engine, photo, whole(photo), best)
    # A look whose small view shows other people can be hard and absurd, all person for example.
    credible = agreed >= UPRIGHT_AGREEMENT
    return turned if (doubt(turned) if credible else doubts[best]) < doubt(look) else look


def is_certain(plain: bool, agreed: float, small_doubt: float, soft: float, presence: float) -> bool:
    """Whether a photo stays as it is, without a look at it turned.

    plain: `is_plain` of the first look. agreed: of it and the small view. small_doubt: of the small view. soft: of the
    first look. presence: mean of the matte that has more of somebody.
    """
    if plain and agreed >= UPRIGHT_AGREEMENT and small_doubt <= CLEAR:
        return True
    # Whoever is seen so surely needs no turn, whatever the edges say: those of a photo with a border say nothing.
    # Whoever is large leaves a trace at any turn. Turned, a picture of nobody can come to look like somebody.
    return (soft <= UPRIGHT_SOFT and agreed >= UPRIGHT_FULL_AGREEMENT) or presence < PERSON_SHARE


def turn_of_least_doubt(doubts: list[float]) -> int:
    """The turn, 1 to 3, that leaves clearly the least doubt of the four; 0 if none does."""
    best = min(range(4), key=doubts.__getitem__)
    return best if doubts[best] <= min(doubts[0] - TURN_MARGIN, LARGEST_DOUBT) else 0


def _shows_small_person(engine: Engine, photo: Photo, look: Look) -> bool:
    """Whether the largest person in a look is small, and a closer look confirms them.

    Turned, a bed beside somebody small can come to look like somebody large. Of 60 training scenes with people of 300
    pixels, two were turned for one; of 72 turned training photos, none shows somebody small who is confirmed.
    """
    largest = max(people_in(look), key=area, default=None)
    if largest is None or not is_small(largest, photo):
        return False
    return closer_look_at_the_same(engine, photo, largest) is not None


def is_plain(look: Look) -> bool:
    """Whether a matte is hard, and whoever is not whole in it is cut off by the lower edge most of all."""
    alpha = _as_seen(look)
    mean = float(alpha.mean())
    lower, *others = _edges(alpha)
    # The smaller a person is, the more of the matte is its edge.
    soft = softness(alpha) * min(1.0, (mean / USUAL) ** 0.5)
    if max(lower, *others) < CUT_OFF:
        return mean >= PERSON_SHARE and soft <= UPRIGHT_SOFT_WHOLE
    return lower - max(others) >= UPRIGHT_LEAD and soft <= UPRIGHT_SOFT


def doubt(look: Look) -> float:
    """How doubtful it is that the people in a look are upright: 0 for a hard matte."""
    alpha = _as_seen(look)
    lower, *others = _edges(alpha)
    return softness(alpha) + EDGE_WEIGHT * (max(others) - lower)


def _as_seen(look: Look) -> np.ndarray:
    return np.rot90(look.alpha, look.turn)


def _edges(alpha: np.ndarray) -> tuple[float, float, float, float]:
    """Means of a matte along its lower, upper, left and right edge, two pixels wide."""
    lower, upper, left, right = alpha[-2:], alpha[:2], alpha[:, :2], alpha[:, -2:]
    return float(lower.mean()), float(upper.mean()), float(left.mean()), float(right.mean())
