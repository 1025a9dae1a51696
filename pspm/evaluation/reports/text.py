"""An evaluation as JSON and as a table; the JSON is described in docs/evaluation.md."""

import math
from importlib.metadata import version
from typing import Any

from pspm.evaluation.groups.group_errors import COLUMNS as GROUP_COLUMNS
from pspm.evaluation.groups.group_errors import GroupErrors, errors_by_group
from pspm.evaluation.run import Evaluation
from pspm.evaluation.scores import COLUMNS

SCHEMA = 1


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Facts of the subjects, their means over each set, and their errors picture by picture."""
    return {
        "schema": SCHEMA,
        "pspm": version("pspm"),
        "subjects": [
            {
                "subject": subject.name,
                "kind": subject.kind,
                "parameters": subject.parameters,
                "gflops_at_224": subject.gflops,
                "cpu_ms_at_512": evaluation.latency_ms.get(subject.name),
            }
            for subject in evaluation.subjects
        ],
        "means": [
            {
                "set": name,
                "subject": subject.name,
                "pictures": len(evaluation.scores(name, subject.name)),
                **evaluation.means(name, subject.name),
            }
            for name in evaluation.sets
            for subject in evaluation.subjects
        ],
        "groups": [
            {"set": name, "subject": subject.name, **_group_json(errors)}
            for name in evaluation.sets
            for subject in evaluation.subjects
            for errors in errors_by_group(evaluation, name, subject.name)
        ],
        "pictures": [
            {"set": row.set, "subject": row.subject, "picture": row.picture, **row.scores} for row in evaluation.rows
        ],
    }


def table(evaluation: Evaluation, name: str) -> list[list[str]]:
    """The means over one set: a head, and a line for each subject; columns that nobody has are left out."""
    means = [evaluation.means(name, subject.name) for subject in evaluation.subjects]
    columns = [column for column in COLUMNS if any(mean[column] is not None for mean in means)]
    lines = [["subject", "parameters", "GFLOPs", "CPU ms", *columns]]
    for subject, mean in zip(evaluation.subjects, means, strict=True):
        facts = [
            f"{subject.parameters / 1e6:.2f} M" if subject.parameters else "",
            _figure(subject.gflops),
            _figure(evaluation.latency_ms.get(subject.name)),
        ]
        lines.append([subject.name, *facts, *(_figure(mean[column]) for column in columns)])
    return lines


def group_tables(evaluation: Evaluation, name: str) -> dict[str, list[list[str]]]:
    """Means with standard errors by group over one set: a head and a line for each group; by title."""
    tables = {}
    for subject in evaluation.subjects:
        lines = [["group", "pictures", *GROUP_COLUMNS]]
        for group in errors_by_group(evaluation, name, subject.name):
            cells = [_with_error(group.means[column], group.errors[column]) for column in GROUP_COLUMNS]
            lines.append([f"{group.grouping}: {group.group}", str(len(group.pictures)), *cells])
        if len(lines) > 1:
            tables[f"{subject.name} on {name} by group, mean ± standard error"] = lines
    return tables


def as_text(evaluation: Evaluation) -> str:
    """The tables of all sets, columns aligned."""
    tables: dict[str, list[list[str]]] = {}
    for name in evaluation.sets:
        pictures = len(evaluation.scores(name, evaluation.subjects[0].name))
        tables[f"{name}, {pictures} pictures"] = table(evaluation, name)
        tables |= group_tables(evaluation, name)
    return "\n\n".join(_aligned(title, lines) for title, lines in tables.items())


def _aligned(title: str, lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
    return "\n".join([title, *rows])


def _group_json(group: GroupErrors) -> dict[str, Any]:
    errors = {f"{column}_se": error for column, error in group.errors.items()}
    return {"grouping": group.grouping, "group": group.group, "pictures": group.pictures, **group.means, **errors}


def _with_error(mean: float, error: float | None) -> str:
    if not error:
        return _figure(mean)
    # As many places as the error has two digits of.
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{mean:.{places}f} ± {error:.{places}f}"


def _figure(x: float | None) -> str:
    return "" if x is None else f"{x:.4g}" if abs(x) < 1000 else f"{x:.0f}"
