"""What every row of a table may spend, the same for all, and how a recipe is cut to it."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pspm.budget_file import claim_folder
from pspm.training.recipes import Recipe


@dataclass(frozen=True)
class Budget:
    """What a row may spend. steps: of each row, after the networks that it starts from, which get as many each.

    crop: side of the training crops in pixels. batch: crops for each step. recipe: one for the end-to-end networks
    instead of the thesis's phases. imagenet: weights that the first runs start from. data: the data folder.
    limit: how many pictures of a set are measured; None for all.
    """

    data: Path
    steps: int
    crop: int
    batch: int
    recipe: str | None = None
    imagenet: tuple[Path, ...] = ()
    limit: int | None = None

    def of(self, recipe: Recipe) -> Recipe:
        """The recipe with this crop and batch in every phase, and a warm-up of at most a tenth of the steps."""
        phases = tuple(replace(phase, crop=self.crop, batch=self.batch) for phase in recipe.phases)
        return replace(recipe, phases=phases, warmup=min(recipe.warmup, self.steps // 10))

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return json.loads(json.dumps(asdict(self), default=str))

    def claim(self, out: Path) -> None:
        """Write the budget into a folder. Raises ValueError if the folder has rows of another budget."""
        claim_folder(out, self.as_json(), "rows")
