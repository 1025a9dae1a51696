"""Plots as inline SVG: dots on an axis, nothing more."""

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


def distribution(values: Mapping[str, Sequence[float]], label: str) -> str:
    """A lane for each name: a dot for each value, a bar at the median."""
    height = TOP + LANE * len(values) + BOTTOM
    x = _axis([v for series in values.values() for v in series], LEFT, WIDTH - RIGHT)
    parts = _x_axis(x, height - BOTTOM, label)
    for i, (name, series) in enumerate(values.items()):
        colour, middle = _colour(i), TOP + LANE * (i + 0.5)
        parts.append(_text(LEFT - 10, middle + 4, _short(name), "end"))
        parts += [
            f'<circle cx="{x.at(v):.1f}" cy="{middle:.1f}" r="4" fill="{colour}" opacity="0.35"/>' for v in series
        ]
        at = x.at(float(np.median(series)))
        parts.append(_line(at, middle - 13, at, middle + 13, "#000", 2))
    return _svg(height, parts)


def scatter(points: Mapping[str, tuple[float, float]], x_label: str, y_label: str) -> str:
    """One named dot for each (x, y)."""
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
    for dot, label, name in zip(dots, _beside(dots), points, strict=True):
        parts += [_line(*dot, *label, "#888", 1), _text(label[0] + 2, label[1] + 4, _short(name), "start")]
    for i, (across, down) in enumerate(dots):
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="6" fill="{_colour(i)}"/>')
    return _svg(SCATTER_HEIGHT, parts)


def _beside(dots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where the name of each dot begins: to its right, and below those names that it would be written across."""
    begins: dict[int, tuple[float, float]] = {}
    for i in sorted(range(len(dots)), key=lambda i: (dots[i][1], -dots[i][0])):
        x, y = dots[i][0] + 14, dots[i][1]
        while any(abs(y - other) < TEXT_HEIGHT and abs(x - beside) < TEXT_WIDTH for beside, other in begins.values()):
            y += 1
        begins[i] = (x, y)
    return [begins[i] for i in range(len(dots))]


def _axis(values: Sequence[float], start: float, end: float) -> Axis:
    low, high = min(values), max(values)
    # A little room at the upper end; and some length where all values are the same.
    return Axis(low, high + max((high - low) * 0.05, 1e-3), start, end)


def _x_axis(x: Axis, y: float, label: str) -> list[str]:
    parts = [_line(x.start, y, WIDTH - RIGHT, y, "#888", 1)]
    for tick in x.ticks():
        parts += [_line(x.at(tick), TOP, x.at(tick), y, "#ddd", 1), _text(x.at(tick), y + 16, f"{tick:g}", "middle")]
    return [*parts, _text((LEFT + WIDTH) / 2, y + 34, label, "middle")]


def _short(name: str) -> str:
    # A path tells most at its end.
    return name if len(name) <= NAME_LENGTH else f"…{name[1 - NAME_LENGTH :]}"


def _colour(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img">{"".join(parts)}</svg>'
