"""Compare benchmarks of several machines, phones and browsers: tables of like beside like, and stacked bars as SVG."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from pspm_runtime.benchmark.plots import Bar, bars
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.files.save import write
from pspm_runtime.tables import aligned_table

STAGES = {"pre": "#8fb8de", "inference": "#2f6690", "post": "#f2a65a"}
COLUMNS = ["pre", "inference", "post", "p90", "FPS", "dropped", "last tenth", "thermal", ""]


class Row(NamedTuple):
    """One run of a result.

    like: what runs must share to be compared: frame, effect and view. stages: mean ms by stage; None for a run that was
    refused, with the reason in `refused`. cells: what stands in the columns.
    """

    like: str
    label: str
    stages: dict[str, float] | None
    fps: float
    cells: list[str]
    refused: str


def compare(results: list[Path], plot: Path | None, *, force: bool) -> int:
    """Print tables of results of `pspm bench --json` and of the apps, draw the plot, and return the exit code."""
    if plot and plot.suffix.lower() != ".svg":
        raise OutputError(f"{plot}: the plot must be an .svg file")
    rows = [row for path in results for row in read(path)]
    print("\n\n".join(table(group) for group in groups(rows)))
    if plot:
        write(draw(rows).encode(), plot, force=force)
    return 0


def read(path: Path) -> list[Row]:
    """Read the runs of one result. Raises PspmError for a file that is not a result."""
    try:
        result = json.loads(path.read_text())
        rows = [_row(result, run) for run in result["runs"]]
    except OSError as error:
        raise PspmError(f"{path} cannot be read: {error.strerror}; name the JSON of a benchmark") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PspmError(
            f"{path} is not the JSON of a benchmark; make one with `pspm bench --json`, or share one from an app"
        ) from None
    return rows


def groups(rows: list[Row]) -> list[list[Row]]:
    """The rows that may stand in one table, in the order of the first of each."""
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault(row.like, []).append(row)
    return list(together.values())


def _row(result: dict[str, Any], run: dict[str, Any]) -> Row:
    frame, (height, width) = result["frame"], run["size"]
    shown = f"{frame['width']} x {frame['height']}, {frame.get('content', 'unknown content')}"
    like = f"frames of {shown}; effect {run.get('effect', 'unknown')}; view {width} x {height}"
    model = run.get("model", result["model"])["name"]
    count = run["threads"]
    threads = f", {count} {'thread' if count == 1 else 'threads'}" if count else ""
    debug = ", debug build" if result.get("build") == "debug" else ""
    label = (
        f"{result['device']['name']}, {model} {run['precision']}, {run['engine']} on {run['delegate']}{threads}{debug}"
    )
    if "refused" in run:
        return Row(like, label, None, 0, [], str(run["refused"]))
    stages = {stage: float(run["stages_ms"][stage]["mean"]) for stage in STAGES}
    times = [*stages.values(), float(run["stages_ms"]["total"]["p90"]), float(run["fps"])]
    return Row(like, label, stages, times[-1], [*(f"{time:.1f}" for time in times), *_load(run)], "")


def _load(run: dict[str, Any]) -> list[str]:
    """How a run held out: the share of frames dropped at an even rate, FPS at the end of a minute, thermal states."""
    paced, sustained, thermal = run.get("paced"), run.get("sustained"), run.get("thermal")
    return [
        f"{100 * paced['dropped'] / (paced['frames'] + paced['dropped']):.0f} %" if paced else "",
        f"{sustained['fps_last_tenth']:.1f}" if sustained else "",
        f"{thermal['before']} to {thermal['after']}" if thermal else "",
    ]


def table(rows: list[Row]) -> str:
    """Rows of one group: mean ms by stage, the 90th percentile of a frame's time, FPS, and how it held out."""
    return f"{rows[0].like}\n{aligned_table(rows_of_table(rows))}"


def rows_of_table(rows: list[Row]) -> list[list[str]]:
    """Cells of a group's table, the header first, without columns in which nothing stands."""
    cells = [[row.label, *_cells(row)] for row in rows]
    kept = [i for i in range(len(COLUMNS) + 1) if i == 0 or any(row[i] for row in cells)]
    return [[line[i] for i in kept] for line in (["", *COLUMNS], *cells)]


def _cells(row: Row) -> list[str]:
    empty = [""] * (len(COLUMNS) - 1)
    return [*row.cells, ""] if row.stages else [*empty, f"refused: {row.refused}"]


def draw(rows: list[Row]) -> str:
    """Stacked bars of the mean milliseconds of the stages, one row per run, like beside like."""
    alike = groups(rows)
    several = len(alike) > 1
    return bars(
        [
            Bar(f"{row.label}; {row.like}" if several else row.label, row.stages or {}, _note(row))
            for group in alike
            for row in group
        ],
        STAGES,
    )


def _note(row: Row) -> str:
    return f"{sum(row.stages.values()):.0f} ms, {row.fps:.1f} FPS" if row.stages else "refused"
