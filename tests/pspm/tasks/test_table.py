"""The table of an experiment, from results written by hand."""

from typing import Any

from pspm.tasks.by_name import task_named
from pspm.tasks.table import as_rows, as_svg


def result(operator: str, seed: int, parameters: int, **metrics: float) -> dict[str, Any]:
    return {"operator": operator, "seed": seed, "parameters": parameters, "tests": {"rooms": metrics}}


def test_a_gain_is_positive_if_the_error_is_smaller() -> None:
    task = task_named("depth")
    results = [
        result("nearest", 0, 1000, RMS=2.0, rel=0.5),
        result("nearest", 1, 1000, RMS=3.0, rel=0.5),
        result("sapa-b", 0, 3500, RMS=2.1, rel=0.25),
    ]
    header, first, second = as_rows(task, results)
    column = header.index("RMS (m)")
    assert (first[column], second[column]) == ("2.500 ± 0.707", "2.100")
    assert (first[-1], second[-1]) == ("+0.000", "+0.400")
    assert (first[1], second[1]) == ("2", "1")
    assert (first[2:4], second[2:4]) == (["1,000", "+0"], ["3,500", "+2,500"])
    # log10 was not measured.
    assert second[header.index("log10")] == "-"
    drawn = as_svg(task, results)
    assert drawn.count("<circle") == 3
    assert "sapa-b +0.00M" in drawn
    assert as_rows(task, []) == [["operator", "parameters"]]
