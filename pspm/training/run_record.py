"""run.json, the record of a run: enough to repeat it, and to check that a resumed run is the same one."""

import json
from collections.abc import Sequence
from dataclasses import MISSING, asdict, fields
from importlib.metadata import version
from typing import Any

from pspm_runtime.files.atomic_write import atomic_write

from pspm.data.samples.sample_options import Mixture, StrongShares
from pspm.losses.weights import Weights
from pspm.training.recipes import Recipe
from pspm.training.settings import Settings
from pspm.training.weights.transfer import Transfer

RUN = "run.json"
PACKAGES = ("pspm", "torch", "lightning", "kornia")


def write_run_record(name: str, recipe: Recipe, settings: Settings, transfers: Sequence[Transfer] = ()) -> None:
    """Write run.json into the run's folder. name: the network's. transfers: what it took from other networks."""
    record = run_record(name, recipe, settings) | {"started_from": [asdict(taken) for taken in transfers]}
    with atomic_write(settings.out / RUN) as unfinished:
        unfinished.write_text(json.dumps(record, indent=2) + "\n")


def run_record(name: str, recipe: Recipe, settings: Settings) -> dict[str, Any]:
    """The record as JSON values."""
    record = {
        "network": name,
        "steps": settings.steps,
        "seed": settings.seed,
        "recipe": asdict(recipe),
        "settings": vars(settings),
        "versions": {package: version(package) for package in PACKAGES},
    }
    return json.loads(json.dumps(record, default=str))


def check_same_run(name: str, recipe: Recipe, settings: Settings) -> None:
    """Check that the run in the folder is this one, before resuming it.

    Raises ValueError if its network, length, seed or recipe differ.
    """
    before = json.loads((settings.out / RUN).read_text())
    before["recipe"] = complete_recipe(before["recipe"])
    now = run_record(name, recipe, settings)
    for field in ("network", "steps", "seed", "recipe"):
        if before[field] != now[field]:
            raise ValueError(f"{settings.out} has a run with another {field}; use that run's options or another folder")


def complete_recipe(recipe: dict[str, Any]) -> dict[str, Any]:
    """Add the fields that a recipe of an earlier run.json lacks, with the values that training had for them then."""
    defaults = {field.name: field.default for field in fields(Recipe) if field.default is not MISSING}
    complete = json.loads(json.dumps(defaults)) | recipe
    for name, kind in (("weights", Weights), ("mixture", Mixture), ("strong_shares", StrongShares)):
        complete[name] = [*complete[name], *kind()[len(complete[name]) :]]
    return complete
