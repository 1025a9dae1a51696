"""How much a search for people may cost, by the quality of the matte."""

from dataclasses import dataclass

from pspm_runtime.constants import BALANCED_CLOSER, BALANCED_HINTS, BEST_CLOSER, BEST_HINTS, FAST_CLOSER
from pspm_runtime.looks.quality import Quality


@dataclass(frozen=True)
class Budget:
    """Limits of a search.

    closer: number of people or groups that get a closer look; each takes one run of the network, at most three.
    hints: number of faint traces of people that are looked into; none is looked for with 0.
    small_views: whether a photo is also seen in a small view, for turned ones, and those that it shows more clearly.
    """

    closer: int
    hints: int
    small_views: bool


BUDGETS: dict[Quality, Budget] = {
    "fast": Budget(FAST_CLOSER, hints=0, small_views=False),
    "balanced": Budget(BALANCED_CLOSER, BALANCED_HINTS, small_views=True),
    "best": Budget(BEST_CLOSER, BEST_HINTS, small_views=True),
}
