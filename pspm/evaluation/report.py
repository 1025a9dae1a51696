"""An evaluation as JSON and as a table; the JSON is described in docs/evaluation.md."""

from importlib.metadata import version
from typing import Any

from pspm.evaluation.evaluation import Evaluation
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


def as_text(evaluation: Evaluation) -> str:
    """The tables of all sets, columns aligned."""
    return "\n\n".join(_aligned(evaluation, name) for name in evaluation.sets)


def _aligned(evaluation: Evaluation, name: str) -> str:
    lines = table(evaluation, name)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    pictures = len(evaluation.scores(name, evaluation.subjects[0].name))
    rows = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
    return "\n".join([f"{name}, {pictures} pictures", *rows])


def _figure(x: float | None) -> str:
    return "" if x is None else f"{x:.4g}" if abs(x) < 1000 else f"{x:.0f}"
