"""Benchmarks of several machines, phones and browsers side by side: a table, and a plot as SVG."""

import json
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.files.save import write

STAGES = {"pre": "#8fb8de", "inference": "#2f6690", "post": "#f2a65a"}
BARS, ROW, HEAD = 480, 28, 40
LETTER = 6  # about as wide as one of the font's, in pixels


class Row(NamedTuple):
    """A run of a result. stages: mean ms by stage; None where the run was refused, for `refused`."""

    label: str
    stages: dict[str, float] | None
    fps: float
    p90: float
    refused: str


def compare(results: list[Path], plot: Path | None, *, force: bool) -> int:
    """Print the table of results of `pspm bench --json` and of the apps, draw the plot, and return the exit code."""
    if plot and plot.suffix.lower() != ".svg":
        raise OutputError(f"{plot} is no name for a plot; let it end in .svg")
    rows = [row for path in results for row in read(path)]
    print(table(rows))
    if plot:
        write(draw(rows).encode(), plot, force=force)
    return 0


def read(path: Path) -> list[Row]:
    """The runs of one result. Raises PspmError for a file that is none."""
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
    """Mean ms by stage, the ninth decile of a frame's time and frames per second, a line for each run."""
    width = max((len(row.label) for row in rows), default=0)
    lines = [f"{'':<{width}}  {'pre':>7} {'inference':>9} {'post':>7} {'p90':>7} {'FPS':>6}"]
    for row in rows:
        if row.stages is None:
            lines.append(f"{row.label:<{width}}  refused: {row.refused}")
        else:
            pre, inference, post = row.stages.values()
            lines.append(f"{row.label:<{width}}  {pre:7.1f} {inference:9.1f} {post:7.1f} {row.p90:7.1f} {row.fps:6.1f}")
    return "\n".join(lines)


def draw(rows: list[Row]) -> str:
    """Stacked bars of the stages' mean milliseconds, one row a run."""
    longest = max((sum(row.stages.values()) for row in rows if row.stages), default=1) or 1
    labels = 20 + LETTER * max((len(row.label) for row in rows), default=0)
    parts = []
    for i, (stage, colour) in enumerate(STAGES.items()):
        x = float(labels + i * 110)
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="22">{stage}</text>')
    for i, row in enumerate(rows):
        x, y = float(labels), HEAD + i * ROW
        parts.append(f'<text x="{labels - 10}" y="{y + 14}" text-anchor="end">{escape(row.label)}</text>')
        for stage, ms in (row.stages or {}).items():
            length = ms / longest * BARS
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{ROW - 8}" fill="{STAGES[stage]}"/>')
            x += length
        note = f"{sum(row.stages.values()):.0f} ms, {row.fps:.1f} FPS" if row.stages else "refused"
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 14}">{note}</text>')
    width, height = labels + BARS + 140, HEAD + len(rows) * ROW + 8
    style = "<style>text { font: 11px sans-serif; fill: #222 }</style><rect width='100%' height='100%' fill='#fff'/>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return f"{head}{style}{''.join(parts)}</svg>\n"
