"""Compare benchmarks of several machines, phones and browsers: a table, and stacked bars as SVG."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from pspm_runtime.benchmark.plots import Bar, bars
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.files.save import write
from pspm_runtime.tables import aligned_table

STAGES = {"pre": "#8fb8de", "inference": "#2f6690", "post": "#f2a65a"}
HEADER = ["", "pre", "inference", "post", "p90", "FPS"]


class Row(NamedTuple):
    """One run of a result. stages: mean ms by stage; None for a run that was refused, with the reason in `refused`."""

    label: str
    stages: dict[str, float] | None
    fps: float
    p90: float
    refused: str


def compare(results: list[Path], plot: Path | None, *, force: bool) -> int:
    """Print a table of results of `pspm bench --json` and of the apps, draw the plot, and return the exit code."""
    if plot and plot.suffix.lower() != ".svg":
        raise OutputError(f"{plot}: the plot must be an .svg file")
    rows = [row for path in results for row in read(path)]
    print(table(rows))
    if plot:
        write(draw(rows).encode(), plot, force=force)
    return 0


def read(path: Path) -> list[Row]:
    """Read the runs of one result. Raises PspmError for a file that is not a result."""
    try:
        result = json.loads(path.read_text())
        device, model = result["device"]["name"], result["model"]["name"]
        rows = [_row(f"{device}, {model}", run) for run in result["runs"]]
    except OSError as error:
        raise PspmError(f"{path} cannot be read: {error.strerror}; name the JSON of a benchmark") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PspmError(
            f"{path} is not the JSON of a benchmark; make one with `pspm bench --json`, or share one from an app"
        ) from None
    return rows


def _row(where: str, run: dict[str, Any]) -> Row:
    height, width = run["size"]
    threads = f", {run['threads']} threads" if run["threads"] else ""
    label = f"{where} {run['precision']} {width} x {height}, {run['engine']} on {run['delegate']}{threads}"
    if "refused" in run:
        return Row(label, None, 0, 0, str(run["refused"]))
    stages = {stage: float(run["stages_ms"][stage]["mean"]) for stage in STAGES}
    return Row(label, stages, float(run["fps"]), float(run["stages_ms"]["total"]["p90"]), "")


def table(rows: list[Row]) -> str:
    """Mean ms by stage, the 90th percentile of a frame's time and frames per second, one line per run."""
    header, *lines = aligned_table([HEADER, *(_cells(row) for row in rows)]).splitlines()
    return "\n".join([header, *(_with_refusal(line, row) for line, row in zip(lines, rows, strict=True))])


def _cells(row: Row) -> list[str]:
    values = [*row.stages.values(), row.p90, row.fps] if row.stages else []
    return [row.label, *(f"{value:.1f}" for value in values)] + [""] * (len(HEADER) - 1 - len(values))


def _with_refusal(line: str, row: Row) -> str:
    return line if row.stages else f"{line}  refused: {row.refused}"


def draw(rows: list[Row]) -> str:
    """Stacked bars of the mean milliseconds of the stages, one row per run."""
    return bars([Bar(row.label, row.stages or {}, _note(row)) for row in rows], STAGES)


def _note(row: Row) -> str:
    return f"{sum(row.stages.values()):.0f} ms, {row.fps:.1f} FPS" if row.stages else "refused"
