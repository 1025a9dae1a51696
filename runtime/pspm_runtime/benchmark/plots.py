"""Plots as SVG, without a plotting library: a scatter plot, distributions, stacked bars."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH = 640
LEFT, RIGHT, TOP, BOTTOM = 170, 20, 8, 40
LANE = 36
SCATTER_HEIGHT = 300
NAME_LENGTH = 24
TEXT_HEIGHT, TEXT_WIDTH = 14, 120
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

BAR_LENGTH, BAR_ROW, BAR_HEAD = 480, 28, 40
LETTER_WIDTH = 6  # roughly, at 11 pixels


class Bar(NamedTuple):
    """One stacked bar: its label, the length of each part by name (none for an empty bar), and a note behind it."""

    label: str
    parts: Mapping[str, float]
    note: str


def scatter(points: Mapping[str, tuple[float, float]], x_label: str, y_label: str, *, standalone: bool = False) -> str:
    """Draw one named dot for each (x, y); both axes start at 0 at the latest.

    standalone: for a file of its own, with namespace and font, rather than for an HTML page.
    """
    x = _axis([0, *(p[0] for p in points.values())], LEFT, WIDTH - RIGHT - 140)
    y = _axis([0, *(p[1] for p in points.values())], SCATTER_HEIGHT - BOTTOM, TOP)
    parts = _x_axis(x, SCATTER_HEIGHT - BOTTOM, x_label)
    for tick in y.ticks():
        parts += [
            _line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "#ddd", 1),
            _text(LEFT - 10, y.at(tick) + 4, f"{tick:g}", "end"),
        ]
    parts.append(_text(LEFT - 60, SCATTER_HEIGHT / 2, y_label, "end"))
    dots = [(x.at(across), y.at(up)) for across, up in points.values()]
    for dot, label, name in zip(dots, _label_positions(dots), points, strict=True):
        parts += [_line(*dot, *label, "#888", 1), _text(label[0] + 2, label[1] + 4, _shorten(name), "start")]
    for i, (across, down) in enumerate(dots):
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="6" fill="{_colour(i)}"/>')
    return _svg(SCATTER_HEIGHT, parts, standalone=standalone)


def distribution(values: Mapping[str, Sequence[float]], label: str, *, standalone: bool = False) -> str:
    """Draw a lane for each name: a dot for each value, a line at the median. standalone: see `scatter`."""
    height = TOP + LANE * len(values) + BOTTOM
    x = _axis([v for series in values.values() for v in series], LEFT, WIDTH - RIGHT)
    parts = _x_axis(x, height - BOTTOM, label)
    for i, (name, series) in enumerate(values.items()):
        colour, middle = _colour(i), TOP + LANE * (i + 0.5)
        parts.append(_text(LEFT - 10, middle + 4, _shorten(name), "end"))
        parts += [
            f'<circle cx="{x.at(v):.1f}" cy="{middle:.1f}" r="4" fill="{colour}" opacity="0.35"/>' for v in series
        ]
        at = x.at(float(np.median(series)))
        parts.append(_line(at, middle - 13, at, middle + 13, "#000", 2))
    return _svg(height, parts, standalone=standalone)


def bars(rows: Sequence[Bar], colours: Mapping[str, str]) -> str:
    """Draw stacked horizontal bars, one per row, as an SVG file. colours: of each part, which the legend names."""
    longest = max((sum(row.parts.values()) for row in rows if row.parts), default=1) or 1
    labels = 20 + LETTER_WIDTH * max((len(row.label) for row in rows), default=0)
    drawn = []
    for i, (name, colour) in enumerate(colours.items()):
        x = float(labels + i * 110)
        drawn.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>')
        drawn.append(f'<text x="{x + 18}" y="22">{name}</text>')
    for i, row in enumerate(rows):
        x, y = float(labels), BAR_HEAD + i * BAR_ROW
        drawn.append(f'<text x="{labels - 10}" y="{y + 14}" text-anchor="end">{escape(row.label)}</text>')
        for name, value in row.parts.items():
            length = value / longest * BAR_LENGTH
            drawn.append(
                f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{BAR_ROW - 8}" fill="{colours[name]}"/>'
            )
            x += length
        drawn.append(f'<text x="{x + 8:.1f}" y="{y + 14}">{row.note}</text>')
    width, height = labels + BAR_LENGTH + 140, BAR_HEAD + len(rows) * BAR_ROW + 8
    style = "<style>text { font: 11px sans-serif; fill: #222 }</style><rect width='100%' height='100%' fill='#fff'/>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return f"{head}{style}{''.join(drawn)}</svg>\n"


class Axis(NamedTuple):
    """Maps values from `low`..`high` to pixels from `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """About five round values."""
        step = 10 ** np.floor(np.log10((self.high - self.low) / 4))
        step *= next(factor for factor in (1, 2, 5, 10) if (self.high - self.low) / (step * factor) <= 6)
        return [float(t) for t in np.arange(np.ceil(self.low / step), np.floor(self.high / step) + 1) * step]


def _label_positions(dots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The start of each dot's name: to the right of the dot, and below the names that it would overlap."""
    placed: dict[int, tuple[float, float]] = {}
    for i in sorted(range(len(dots)), key=lambda i: (dots[i][1], -dots[i][0])):
        x, y = dots[i][0] + 14, dots[i][1]
        while any(abs(y - other) < TEXT_HEIGHT and abs(x - beside) < TEXT_WIDTH for beside, other in placed.values()):
            y += 1
        placed[i] = (x, y)
    return [placed[i] for i in range(len(dots))]


def _axis(values: Sequence[float], start: float, end: float) -> Axis:
    low, high = min(values), max(values)
    # Leave some room at the upper end, and never let equal values give an axis of length 0.
    return Axis(low, high + max((high - low) * 0.05, 1e-3), start, end)


def _x_axis(x: Axis, y: float, label: str) -> list[str]:
    parts = [_line(x.start, y, WIDTH - RIGHT, y, "#888", 1)]
    for tick in x.ticks():
        parts += [_line(x.at(tick), TOP, x.at(tick), y, "#ddd", 1), _text(x.at(tick), y + 16, f"{tick:g}", "middle")]
    return [*parts, _text((LEFT + WIDTH) / 2, y + 34, label, "middle")]


def _shorten(name: str) -> str:
    # Keep the end, which says most in a path.
    return name if len(name) <= NAME_LENGTH else f"…{name[1 - NAME_LENGTH :]}"


def _colour(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, parts: Sequence[str], *, standalone: bool) -> str:
    file = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" ' if standalone else ""
    return f'<svg {file}viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img">{"".join(parts)}</svg>'
