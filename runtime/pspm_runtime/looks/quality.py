"""How much time a matte may take: `fast`, `balanced` or `best`."""

from typing import Any, Literal, get_args

from pspm_runtime.arguments import shown
from pspm_runtime.errors import PspmError
from pspm_runtime.stages.refine import Guide

Quality = Literal["fast", "balanced", "best"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
DEFAULT_QUALITY: Quality = "balanced"

# What of the photo the matte follows, see `refine`. All colours take twice the time of luma.
GUIDES: dict[Quality, Guide] = {"fast": "luma", "balanced": "luma", "best": "colours"}


def check_quality(quality: Any) -> Quality:
    """The quality, if it is one of `QUALITIES`. Raises PspmError for anything else."""
    for name in QUALITIES:
        if isinstance(quality, str) and quality == name:
            return name
    raise PspmError(f"quality must be fast, balanced or best, not {shown(quality)}")
