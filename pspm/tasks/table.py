"""The results of an experiment as a table, as JSON and as a plot."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from pspm_runtime.benchmark.plots import distribution
from pspm_runtime.tables import markdown_table

from pspm.tasks.runs.experiment import Result
from pspm.tasks.task import Metric, Task


def as_text(task: Task, results: Sequence[Result], said: Sequence[str]) -> str:
    """Sentences, then a Markdown table with a row for each operator."""
    return "\n\n".join([*said, markdown_table(as_rows(task, results))])


def as_rows(task: Task, results: Sequence[Result]) -> list[list[str]]:
    """The header, then a row for each operator: parameters, the metrics on each test set, and the gain.

    Metrics are means over the seeds, with the standard deviation if there are several. The gain is that of the first
    metric on the first test set over the first operator, positive if better; parameters are those beyond its.
    """
    by_operator = group(results)
    if not by_operator:
        return [["operator", "parameters"]]
    tests = list(results[0]["tests"])
    several = len(tests) > 1
    gained = task.metrics[0]
    columns = [(test, metric) for test in tests for metric in task.metrics]
    rows = [
        [
            "operator",
            "seeds",
            "parameters",
            "more than the first",
            *(title(metric, test if several else "") for test, metric in columns),
            f"gain in {gained.name}",
        ]
    ]
    first = next(iter(by_operator.values()))
    for operator, runs in by_operator.items():
        rows.append(
            [
                f"`{operator}`",
                str(len(runs)),
                f"{runs[0]['parameters']:,}",
                f"{runs[0]['parameters'] - first[0]['parameters']:+,}",
                *(cell(runs, test, metric) for test, metric in columns),
                gain(task, runs, first),
            ]
        )
    return rows


def gain(task: Task, runs: Sequence[Result], first: Sequence[Result]) -> str:
    """How much better the first metric on the first test set is than that of the first operator; positive if better."""
    metric, test = task.metrics[0], next(iter(first[0]["tests"]))
    more = average(runs, test, metric) - average(first, test, metric)
    return f"{more if metric.larger_is_better else 0 - more:+.{metric.digits}f}"


def as_svg(task: Task, results: Sequence[Result]) -> str:
    """A plot of the first metric on the first test set, as an SVG file: a lane for each operator, a dot for each seed.

    Each name has the millions of parameters beyond those of the first operator.
    """
    by_operator, metric = group(results), task.metrics[0]
    first = next(iter(by_operator.values()))
    test = next(iter(first[0]["tests"]))
    lanes = {
        f"{operator} {(runs[0]['parameters'] - first[0]['parameters']) / 1e6:+.2f}M": values(runs, test, metric)
        for operator, runs in by_operator.items()
    }
    return distribution(lanes, title(metric, test), standalone=True)


def group(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of each operator, in their order."""
    grouped: dict[str, list[Result]] = {}
    for result in results:
        grouped.setdefault(result["operator"], []).append(result)
    return grouped


def title(metric: Metric, test: str) -> str:
    """The title of a metric's column."""
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{test} {metric.name}{unit}".strip()


def values(runs: Sequence[Result], test: str, metric: Metric) -> list[float]:
    """A metric of each run; none if the test set has nothing that it measures."""
    return [float(run["tests"][test][metric.name]) for run in runs if metric.name in run["tests"][test]]


def average(runs: Sequence[Result], test: str, metric: Metric) -> float:
    """The mean of a metric over the runs."""
    return mean(values(runs, test, metric))


def cell(runs: Sequence[Result], test: str, metric: Metric) -> str:
    """A metric's mean and standard deviation."""
    found = values(runs, test, metric)
    if not found:
        return "-"
    spread = f" ± {stdev(found):.{metric.digits}f}" if len(found) > 1 else ""
    return f"{mean(found):.{metric.digits}f}{spread}"


def as_json(task: Task, results: Sequence[Result], facts: dict[str, Any]) -> dict[str, Any]:
    """The results of every run, with what they depend on."""
    return {"task": task.name, **facts, "results": list(results)}
