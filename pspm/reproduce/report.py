"""A table beside the printed one: as rows of text, and the order of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import mean, stdev

from pspm.reproduce.printed_tables import Row, Table
from pspm.reproduce.rows import Result

# Printed columns that our evaluation names differently: the thesis gives errors of the whole picture per pixel.
ERRORS = {"SAD_f": "MAD", "Grad_f": "Grad_px", "Conn_f": "Conn_px"}
FACTS: dict[str, Callable[[Result], float | None]] = {
    "Param": lambda result: result["parameters"],
    "GFLOPs": lambda result: result.get("gflops_at_224"),
    "FPS": lambda result: 1000 / result["cpu_ms_at_512"] if result.get("cpu_ms_at_512") else None,
    "multiply-adds": lambda result: result.get("multiply-adds"),
    "mIoU": lambda result: None if result["means"].get("mIoU") is None else 100 * result["means"]["mIoU"],
}
ERROR_COLUMNS = ("SAD", "MSE", "Grad", "Conn", *ERRORS, "MSE_f")
SUFFIXES = {"K": 1e3, "M": 1e6}


@dataclass(frozen=True)
class Measured:
    """A row's values over the seeds that are done. values: by printed column, one for each seed."""

    row: Row
    seeds: int
    values: dict[str, list[float]]


def measured_rows(table: Table, results: Mapping[str, Sequence[Result]]) -> list[Measured]:
    """The values of every row. results: by the row's name, one for each seed that is done."""
    found = []
    for row in table.rows:
        done = results.get(row.name, ())
        values = {column: [x for r in done if (x := value_of(r, column)) is not None] for column in table.columns}
        found.append(Measured(row, len(done), values))
    return found


def value_of(result: Result, column: str) -> float | None:
    """The value of a printed column; None if the row does not have it."""
    if column in FACTS:
        return FACTS[column](result)
    return result["means"].get(ERRORS.get(column, column))


def as_rows(table: Table, rows: Sequence[Measured]) -> list[list[str]]:
    """A header, then two lines for each row: the printed figures and ours, as mean ± standard deviation."""
    lines = [["row", "", *table.columns]]
    for measured in rows:
        lines.append([measured.row.name, "printed", *measured.row.printed])
        if measured.row.missing:
            ours = [f"not here: {measured.row.missing}", *[""] * (len(table.columns) - 1)]
        elif not measured.seeds:
            ours = ["not run yet", *[""] * (len(table.columns) - 1)]
        else:
            ours = [with_spread(column, measured.values[column]) for column in table.columns]
        lines.append(["", "here", *ours])
    return lines


def orders(table: Table, rows: Sequence[Measured]) -> list[str]:
    """A sentence for each error: the order of the rows that have a printed and a measured value, the best first."""
    sentences = []
    for column in (c for c in table.columns if c in ERROR_COLUMNS or c == "mIoU"):
        at = table.columns.index(column)
        both = [m for m in rows if m.row.printed[at] and m.values[column]]
        if len(both) > 1:
            printed = [number(m.row.printed[at]) for m in both]
            # Values that look the same in the table are equal.
            ours = [float(f"{mean(m.values[column]):.4g}") for m in both]
            names, larger_is_better = [m.row.name for m in both], column == "mIoU"
            texts = [_in_order(names, values, larger_is_better=larger_is_better) for values in (printed, ours)]
            sentences.append(f"{column}: printed {texts[0]}; here {texts[1]}: {_compared(printed, ours)}")
    return sentences


def _in_order(names: Sequence[str], values: Sequence[float], *, larger_is_better: bool) -> str:
    """The names by their values, the best first: "B5 < B4 = B3"."""
    order = sorted(range(len(names)), key=lambda i: values[i], reverse=larger_is_better)
    sign, text = " > " if larger_is_better else " < ", names[order[0]]
    for before, i in pairwise(order):
        text += f"{' = ' if values[before] == values[i] else sign}{names[i]}"
    return text


def _compared(printed: Sequence[float], ours: Sequence[float]) -> str:
    """Whether two lists of values have their largest, second largest and so on at the same places."""
    pairs = list(combinations(range(len(printed)), 2))
    if any((printed[i] - printed[j]) * (ours[i] - ours[j]) < 0 for i, j in pairs):
        return "another order"
    if any((printed[i] == printed[j]) != (ours[i] == ours[j]) for i, j in pairs):
        return "equal rows, so neither the same order nor another"
    return "the same order"


def with_spread(column: str, values: Sequence[float]) -> str:
    """The mean, and the standard deviation over the seeds if there are several and they differ."""
    if not values:
        return ""
    if column == "Param":
        return f"{values[0] / 1e6:.2f}M"
    if column == "multiply-adds":
        return f"{values[0]:,.0f}"
    text = f"{mean(values):.4g}"
    spread = stdev(values) if len(values) > 1 else 0.0
    return f"{text} ± {spread:.2g}" if spread and column != "GFLOPs" else text


def number(printed: str) -> float:
    """A printed figure such as "5.76", "13.97M" or "+44K"."""
    factor = SUFFIXES.get(printed[-1], 1)
    return float(printed.rstrip("KM").lstrip("+")) * factor
