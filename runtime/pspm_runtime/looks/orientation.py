"""Which way up a photo is, where its file does not say it.

A network that learned from upright people answers a soft or absurd matte for others, and a person who is not whole is
mostly cut off by the lower edge of the photo. Both measures were chosen on pictures of the training split.
"""

import numpy as np

from pspm_runtime.constants import PERSON_SHARE
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import area
from pspm_runtime.looks.closer import is_small, people_in
from pspm_runtime.looks.confirm import closer_look_at_the_same
from pspm_runtime.looks.look import Look, agreement, look_at, smaller_look, softness, whole

# A look is beyond doubt with at most this softness, and this lead of the lower edge over the others.
SOFT, SOFT_WHOLE = 0.025, 0.04
LEAD = 0.3
# Share of the photo from which on these hold; the softness of smaller people is allowed to be more.
USUAL = 0.4
# The people in a look at an upright photo are so much the same in a small view.
AGREEMENT = 0.9
FULL_AGREEMENT = 0.98
# A look at that view leaves at most so much doubt there.
CLEAR = 0.05
# What the lead of the lower edge counts in the doubt about a look, beside its softness.
WEIGHT = 0.1
# A turned photo must leave so much less doubt than it does as it is.
MARGIN = 0.01
# A turned photo must leave at most this doubt.
LARGEST_DOUBT = 0.1
# Below this share of an edge nobody is cut off by it.
CUT_OFF = 0.05


def upright(engine: Engine, photo: Photo, look: Look, small: Look) -> Look:
    """The given look at a whole photo, or one at the photo turned so that its people are upright.

    small: the same with a small view. Where people are plainly upright, nothing more is run.
    """
    agreed = agreement(look, small)
    if _is_plain(look) and agreed >= AGREEMENT and _doubt(small) <= CLEAR:
        return look
    if softness(look.alpha) <= SOFT and agreed >= FULL_AGREEMENT:
        # Whoever is seen so surely needs no turn, whatever the edges say: those of a photo with a border say nothing.
        return look
    if max(look.alpha.mean(), small.alpha.mean()) < PERSON_SHARE:
        # Whoever is large leaves a trace at any turn. Turned, a picture of nobody can come to look like somebody.
        return look
    doubts = [_doubt(small), *(_doubt(smaller_look(engine, photo, look, turn)) for turn in (1, 2, 3))]
    best = min(range(4), key=doubts.__getitem__)
    if doubts[best] > min(doubts[0] - MARGIN, LARGEST_DOUBT) or _shows_small_person(engine, photo, look):
        return look
    turned = look_at(engine, photo, whole(photo), best)
    # A look whose small view shows other people can be hard and absurd, all person for example.
    credible = agreed >= AGREEMENT
    return turned if (_doubt(turned) if credible else doubts[best]) < _doubt(look) else look


def _shows_small_person(engine: Engine, photo: Photo, look: Look) -> bool:
    """Whether the largest person in a look is small, and a closer look confirms them.

    Turned, a bed beside somebody small can come to look like somebody large. Of 60 training scenes with people of 300
    pixels, two were turned for one; of 72 turned training photos, none shows somebody small who is confirmed.
    """
    largest = max(people_in(look), key=area, default=None)
    if largest is None or not is_small(largest, photo):
        return False
    return closer_look_at_the_same(engine, photo, largest) is not None


def _is_plain(look: Look) -> bool:
    """Whether a matte is hard, and whoever is not whole in it is cut off by the lower edge most of all."""
    alpha = _as_seen(look)
    mean = float(alpha.mean())
    lower, *others = _edges(alpha)
    # The smaller a person is, the more of the matte is its edge.
    soft = softness(alpha) * min(1.0, (mean / USUAL) ** 0.5)
    if max(lower, *others) < CUT_OFF:
        return mean >= PERSON_SHARE and soft <= SOFT_WHOLE
    return lower - max(others) >= LEAD and soft <= SOFT


def _doubt(look: Look) -> float:
    alpha = _as_seen(look)
    lower, *others = _edges(alpha)
    return softness(alpha) + WEIGHT * (max(others) - lower)


def _as_seen(look: Look) -> np.ndarray:
    return np.rot90(look.alpha, look.turn)


def _edges(alpha: np.ndarray) -> tuple[float, float, float, float]:
    """Means of a matte along its lower, upper, left and right edge, two pixels wide."""
    lower, upper, left, right = alpha[-2:], alpha[:2], alpha[:, :2], alpha[:, -2:]
    return float(lower.mean()), float(upper.mean()), float(left.mean()), float(right.mean())
