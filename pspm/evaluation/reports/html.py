"""An evaluation as a self-contained HTML page: tables, plots and the worst pictures."""

import base64
from html import escape

from pspm_runtime.benchmark import plots

from pspm.evaluation.latency import SIDE
from pspm.evaluation.reports.text import group_tables, set_title, table
from pspm.evaluation.run import Evaluation
from pspm.evaluation.worst import Failure

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1200px; padding: 0 1em; color: #222 }
table { border-collapse: collapse } td, th { padding: .3em .7em; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child { text-align: left } svg { max-width: 100%; font-size: 12px; display: block }
.scroll { overflow-x: auto } .views { display: flex; gap: 8px; overflow-x: auto } figure { margin: 0 }
figcaption { font-size: 12px; color: #666 } img { height: 240px; display: block; border: 1px solid #ddd }
"""

NOTES = f"""SAD, MSE, Grad and Conn are of the unknown region, "_f" and "_px" of the whole picture; SAD, Grad
and Conn in thousands, "_px" and MAD per pixel. GFLOPs are giga multiply-adds (2^30) at 224 x 224, CPU ms the median of
one forward at {SIDE} x {SIDE} on one thread. IoU_min is the worst IoU. "missed" is the share of pictures with a person
whose matte is empty, "false_alarm" that of pictures without one whose matte is not.
In the difference, red is too much alpha, blue too little."""


def as_html(evaluation: Evaluation) -> str:
    """Make the page. It contains thumbnails of the worst pictures, so treat it as confidentially as them."""
    sets = "".join(_set(evaluation, name) for name in evaluation.sets)
    head = f'<meta charset="utf-8"><title>Evaluation</title><style>{STYLE}</style>'
    return (
        f"<!doctype html><html lang=en><head>{head}</head><body><h1>Evaluation</h1><p>{NOTES}</p>{sets}</body></html>"
    )


def _set(evaluation: Evaluation, name: str) -> str:
    parts = [f"<h2>{escape(set_title(evaluation, name))}</h2>", as_table(table(evaluation, name))]
    for title, lines in group_tables(evaluation, name).items():
        parts += [f"<h3>{escape(title)}</h3>", as_table(lines)]
    for column in ("SAD", "IoU"):
        values = {
            candidate.name: [scores[column] or 0.0 for scores in evaluation.scores(name, candidate.name)]
            for candidate in evaluation.candidates
        }
        parts.append(plots.distribution(values, f"{column} of each picture; the bar is the median"))
    points = {
        candidate: (milliseconds, evaluation.means(name, candidate)["SAD"] or 0.0)
        for candidate, milliseconds in evaluation.latency_ms.items()
    }
    if points:
        parts.append(plots.scatter(points, f"CPU ms of one forward at {SIDE} x {SIDE}", "mean SAD"))
    failures = evaluation.worst[name].failures
    parts.append(f"<h3>The worst {len(failures)} by mean absolute difference</h3>")
    return "".join(parts + [_failure(failure) for failure in failures])


def as_table(table: list[list[str]]) -> str:
    """A table, its header first, as HTML that scrolls sideways."""
    head, *lines = table
    rows = ["<tr>" + "".join(f"<th>{escape(cell)}" for cell in head)]
    rows += ["<tr>" + "".join(f"<td>{escape(cell)}" for cell in line) for line in lines]
    return f'<div class="scroll"><table>{"".join(rows)}</table></div>'


def _failure(failure: Failure) -> str:
    views = "".join(
        f'<figure><img alt="{escape(caption)}" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, jpeg in failure.views.items()
    )
    return f'<h4>{escape(failure.picture)}, MAD {failure.mad:.4f}</h4><div class="views">{views}</div>'
