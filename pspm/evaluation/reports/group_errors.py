"""Errors of a candidate by group of pictures."""

from dataclasses import dataclass

import numpy as np

from pspm.evaluation.run import Evaluation
from pspm.evaluation.traits import GROUPINGS, group

COLUMNS = ("SAD", "MAD", "IoU", "Grad")


@dataclass(frozen=True)
class GroupErrors:
    """Errors of one candidate on one group of pictures.

    grouping, group: a key of `GROUPINGS` and one of its groups. pictures: their names.
    means: mean errors, by `COLUMNS`. errors: standard errors of the means, by `COLUMNS`; None for a single picture.
    """

    grouping: str
    group: str
    pictures: list[str]
    means: dict[str, float]
    errors: dict[str, float | None]


def errors_by_group(evaluation: Evaluation, set_name: str, candidate: str) -> list[GroupErrors]:
    """Errors on every group that has pictures, in the order of `GROUPINGS`; empty if no traits were measured."""
    traits = evaluation.traits[set_name]
    if not traits:
        return []
    rows = evaluation.rows_of(set_name, candidate)
    found = []
    for grouping, members in group(traits).items():
        for name in GROUPINGS[grouping]:
            chosen = [row for row, member in zip(rows, members, strict=True) if member == name]
            if chosen:
                values = {column: np.array([row.scores[column] for row in chosen], float) for column in COLUMNS}
                means = {column: float(x.mean()) for column, x in values.items()}
                errors = {column: _standard_error(x) for column, x in values.items()}
                found.append(GroupErrors(grouping, name, [row.picture for row in chosen], means, errors))
    return found


def _standard_error(x: np.ndarray) -> float | None:
    return float(x.std(ddof=1) / np.sqrt(len(x))) if len(x) > 1 else None
