"""Draw learning curves as SVG: the mean over the seeds, and a band of two standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from active.simulation import Curve
from benchmarks.label_efficiency_rows import curves_of, voting_curves
from benchmarks.label_efficiency_runs import SETTINGS, Runs

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 60, 210, 40, 50
COLOURS = (
    "#555555", "#0072b2", "#56b4e9", "#d55e00", "#cc79a7", "#009e73", "#e69f00",
    "#8c564b", "#17becf", "#9467bd", "#bcbd22", "#1f3b73", "#7f0000",
)  # fmt: skip
_FONT = 'font-family="sans-serif" font-size="12"'
BANDED = ("random", "dopt", "random, 5 votes", "dopt, until a lead of 2 with the head")

Floats = NDArray[np.float64]


def draw(folder: Path, seeds: Sequence[int], batches: Sequence[int], runs: Runs, theirs: Runs) -> None:
    """Write one picture for each setting and batch size, and one of the votes."""
    folder.mkdir(parents=True, exist_ok=True)
    for setting in SETTINGS:
        for batch in batches:
            name = f"{setting}, batches of {batch}"
            curves = curves_of(setting, batch, seeds, runs, theirs)
            _write(folder, name, learning_curves_svg(name, curves, "labels"))
    _write(
        folder,
        "votes",
        learning_curves_svg("in-domain, votes of people", voting_curves(seeds, runs), "votes"),
    )


def learning_curves_svg(title: str, arms: Mapping[str, Sequence[Curve]], unit: str) -> str:
    """Return a picture of the arms' mean accuracies by labels or votes."""
    means = {name: np.mean([curve.accuracy for curve in curves], axis=0) for name, curves in arms.items()}
    errors = {name: _standard_error(curves) for name, curves in arms.items()}
    last = max(curves[0].labels[-1] for curves in arms.values())
    low = min(float(mean.min()) for mean in means.values())
    high = max(float(mean.max()) for mean in means.values())
    scale = _Scale(last, np.floor(low * 20) / 20, np.ceil(high * 50) / 50)
    parts = [*_frame(title, scale, unit)]
    for place, (name, mean) in enumerate(means.items()):
        colour = COLOURS[place % len(COLOURS)]
        labels = np.array(arms[name][0].labels, dtype=np.float64)
        if name in BANDED:
            parts.append(_band(scale, labels, mean, errors[name], colour))
        parts.append(_line(scale, labels, mean, colour, 2.4 if name in BANDED else 1.2))
        y = TOP + 16 * place + 8
        parts.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{y - 4}" width="16" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 38}" y="{y + 2}">{escape(name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {_FONT}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


class _Scale:
    def __init__(self, last: float, low: float, high: float) -> None:
        self.last, self.low, self.high = last, low, high

    def x(self, labels: float) -> float:
        return LEFT + labels / self.last * (WIDTH - LEFT - RIGHT)

    def y(self, accuracy: float) -> float:
        return HEIGHT - BOTTOM - (accuracy - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def _frame(title: str, scale: _Scale, unit: str) -> list[str]:
    parts = [f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>']
    for step in np.arange(scale.low, scale.high + 1e-9, 0.05):
        y = scale.y(float(step))
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{step:.2f}</text>')
    below = f'y="{HEIGHT - BOTTOM + 18}" text-anchor="middle"'
    counts = np.linspace(0, scale.last, 6)
    parts += [f'<text x="{scale.x(float(count)):.1f}" {below}>{count:.0f}</text>' for count in counts]
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{unit}</text>')
    return [*parts, f'<text x="{LEFT}" y="{TOP - 6}">accuracy on the test</text>']


def _line(scale: _Scale, labels: Floats, mean: Floats, colour: str, width: float) -> str:
    points = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in zip(labels, mean, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _band(scale: _Scale, labels: Floats, mean: Floats, error: Floats, colour: str) -> str:
    upper = [(scale.x(x), scale.y(y)) for x, y in zip(labels, mean + 2 * error, strict=True)]
    lower = [(scale.x(x), scale.y(y)) for x, y in zip(labels, mean - 2 * error, strict=True)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
    return f'<polygon points="{points}" fill="{colour}" opacity="0.15"/>'


def _standard_error(curves: Sequence[Curve]) -> Floats:
    accuracy = np.array([curve.accuracy for curve in curves])
    if len(accuracy) < 2:
        return np.zeros(accuracy.shape[1])
    error: Floats = accuracy.std(axis=0, ddof=1) / np.sqrt(len(accuracy))
    return error


def _write(folder: Path, name: str, picture: str) -> None:
    (folder / f"{name.replace(', ', '-').replace(' ', '_')}.svg").write_text(picture, "utf-8")
