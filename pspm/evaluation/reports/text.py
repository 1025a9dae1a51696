"""An evaluation as JSON, described in docs/evaluation.md, and as text tables."""

import math
from importlib.metadata import version
from typing import Any

from pspm_runtime.tables import aligned_table

from pspm.evaluation.reports.group_errors import COLUMNS as GROUP_COLUMNS
from pspm.evaluation.reports.group_errors import GroupErrors, errors_by_group
from pspm.evaluation.run import DILATION, Evaluation
from pspm.evaluation.scores import SET_COLUMNS

SCHEMA = 1


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The candidates ("subjects" in the JSON), their means over each set, and their errors by group and by picture."""
    return {
        "schema": SCHEMA,
        "pspm": version("pspm"),
        "dilation": list(evaluation.dilation),
        "quality": evaluation.quality,
        "subjects": [
            {
                "subject": candidate.name,
                "kind": candidate.kind,
                "parameters": candidate.parameters,
                "gflops_at_224": candidate.gflops,
                "cpu_ms_at_512": evaluation.latency_ms.get(candidate.name),
            }
            for candidate in evaluation.candidates
        ],
        "means": [
            {
                "set": name,
                "subject": candidate.name,
                "pictures": len(evaluation.scores(name, candidate.name)),
                **evaluation.means(name, candidate.name),
            }
            for name in evaluation.sets
            for candidate in evaluation.candidates
        ],
        "groups": [
            {"set": name, "subject": candidate.name, **_group_json(errors)}
            for name in evaluation.sets
            for candidate in evaluation.candidates
            for errors in errors_by_group(evaluation, name, candidate.name)
        ],
        "pictures": [
            {"set": row.set, "subject": row.candidate, "picture": row.picture, **row.scores} for row in evaluation.rows
        ],
    }


def table(evaluation: Evaluation, name: str) -> list[list[str]]:
    """Means over one set: a header and a row for each candidate, without the columns that no candidate has."""
    means = [evaluation.means(name, candidate.name) for candidate in evaluation.candidates]
    columns = [column for column in SET_COLUMNS if any(mean[column] is not None for mean in means)]
    rows = [["subject", "parameters", "GFLOPs", "CPU ms", *columns]]
    for candidate, mean in zip(evaluation.candidates, means, strict=True):
        facts = [
            f"{candidate.parameters / 1e6:.2f} M" if candidate.parameters else "",
            _number(candidate.gflops),
            _number(evaluation.latency_ms.get(candidate.name)),
        ]
        rows.append([candidate.name, *facts, *(_number(mean[column]) for column in columns)])
    return rows


def group_tables(evaluation: Evaluation, name: str) -> dict[str, list[list[str]]]:
    """Means with standard errors by group over one set, a table for each candidate by its title."""
    tables = {}
    for candidate in evaluation.candidates:
        rows = [["group", "pictures", *GROUP_COLUMNS]]
        for group in errors_by_group(evaluation, name, candidate.name):
            cells = [_with_error(group.means[column], group.errors[column]) for column in GROUP_COLUMNS]
            rows.append([f"{group.grouping}: {group.group}", str(len(group.pictures)), *cells])
        if len(rows) > 1:
            tables[f"{candidate.name} on {name} by group, mean ± standard error"] = rows
    return tables


def set_title(evaluation: Evaluation, name: str) -> str:
    """The title of a set's table: its name, how many pictures, the quality, and the dilation of trimaps if unusual."""
    count = len(evaluation.scores(name, evaluation.candidates[0].name))
    title = f"{name}, {count} {'picture' if count == 1 else 'pictures'}, quality {evaluation.quality}"
    smallest, largest = evaluation.dilation
    if evaluation.dilation == DILATION:
        return title
    radii = f"{smallest} to {largest}" if smallest < largest else f"{largest}"
    return f"{title}, unknown region dilated by {radii} pixels"


def as_text(evaluation: Evaluation) -> str:
    """All tables as aligned text, each below its title."""
    tables: dict[str, list[list[str]]] = {}
    for name in evaluation.sets:
        tables[set_title(evaluation, name)] = table(evaluation, name)
        tables |= group_tables(evaluation, name)
    return "\n\n".join(f"{title}\n{aligned_table(rows)}" for title, rows in tables.items())


def _group_json(group: GroupErrors) -> dict[str, Any]:
    errors = {f"{column}_se": error for column, error in group.errors.items()}
    return {"grouping": group.grouping, "group": group.group, "pictures": group.pictures, **group.means, **errors}


def _with_error(mean: float, error: float | None) -> str:
    if not error:
        return _number(mean)
    # Two significant digits of the error.
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{mean:.{places}f} ± {error:.{places}f}"


def _number(x: float | None) -> str:
    return "" if x is None else f"{x:.4g}" if abs(x) < 1000 else f"{x:.0f}"
