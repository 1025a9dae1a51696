"""run.json, the record of a run: enough to repeat it, and to check that a resumed run is the same one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from pspm_runtime.files.atomic_write import atomic_write

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
    now = run_record(name, recipe, settings)
    for field in ("network", "steps", "seed", "recipe"):
        if before[field] != now[field]:
            raise ValueError(f"{settings.out} has a run with another {field}; use that run's options or another folder")
