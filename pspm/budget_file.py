"""budget.json: what all runs of a folder may spend. A folder takes one budget, so that its results can be compared."""

import json
from pathlib import Path
from typing import Any

from pspm_runtime.files.atomic_write import atomic_write

BUDGET = "budget.json"


def claim_folder(out: Path, budget: dict[str, Any], holds: str) -> None:
    """Write a budget of JSON values into a folder, which is made. holds: what the folder is for, as errors say it.

    A budget beside which nothing has been made yet is replaced. Raises ValueError if the folder has another budget.
    """
    path = out / BUDGET
    if path.exists() and any(other != path for other in out.iterdir()):
        before = json.loads(path.read_text())
        if different := [key for key, value in budget.items() if before.get(key) != value]:
            raise ValueError(
                f"{out} has {holds} of another budget ({', '.join(different)}); use its options or another folder"
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(budget, indent=2) + "\n")
