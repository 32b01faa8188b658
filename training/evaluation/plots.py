"""Plots as SVG elements, drawn by hand: a report must open anywhere, without a script or a network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from training.evaluation.texts import Speech

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 280, 64, 16, 16, 44
ROW = 24
COLOURS = ("#2458b3", "#c2410c", "#15803d", "#7e22ce")
_GREY, _INK = "#9ca3af", "#374151"
_ENGLISH = Speech()


@dataclass(frozen=True)
class Line:
    """Hold one line of a plot: a name, points (x, y), and for each point low and high of its interval."""

    name: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Dot:
    """Hold one row of a dot plot: a value with its interval, and a mark to compare it with."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    mark: float | None = None


def line_plot(
    lines: Sequence[Line],
    x_label: str,
    y_label: str,
    *,
    diagonal: bool = False,
    speech: Speech = _ENGLISH,
) -> Element:
    """Draw lines over common axes, their intervals shaded; points that are not finite are left out.

    `diagonal` adds the line y = x and fits the axes to [0, 1].
    """
    lines = [_finite(line) for line in lines]
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points] + [v for line in lines for b in line.band for v in b]
    svg = _canvas(WIDTH, HEIGHT, speech("{y} by {x}", y=y_label, x=x_label))
    if not xs:
        return svg
    x_axis = Axis(*((0.0, 1.0) if diagonal else (min(xs), max(xs))), LEFT, WIDTH - RIGHT)
    y_axis = Axis(*((0.0, 1.0) if diagonal else (min(ys), max(ys))), HEIGHT - BOTTOM, TOP)
    _draw_axes(svg, x_axis, y_axis, x_label, y_label, speech)
    if diagonal:
        _polyline(svg, [(x_axis(v), y_axis(v)) for v in (0.0, 1.0)], _GREY, dashed=True)
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        if line.band:
            above = [
                (x_axis(x), y_axis(high)) for (x, _), (_, high) in zip(line.points, line.band, strict=True)
            ]
            below = [
                (x_axis(x), y_axis(low)) for (x, _), (low, _) in zip(line.points, line.band, strict=True)
            ]
            shape = {"points": _path([*above, *below[::-1]]), "fill": colour, "fill-opacity": "0.15"}
            SubElement(svg, "polygon", shape)
        places = [(x_axis(x), y_axis(y)) for x, y in line.points]
        _polyline(svg, places, colour)
        for x, y in places if len(places) <= 40 else ():
            SubElement(svg, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "2.5", "fill": colour})
        _text(svg, WIDTH - RIGHT - 4, TOP + 14 + 16 * number, line.name, anchor="end", colour=colour)
    return svg


def dot_plot(
    dots: Sequence[Dot], x_label: str, *, line_at: float | None = None, speech: Speech = _ENGLISH
) -> Element:
    """Draw a row for each value with its interval; marks as upright strokes, `line_at` as an upright line."""
    dots = [dot for dot in dots if math.isfinite(dot.value)]
    height = TOP + ROW * max(1, len(dots)) + BOTTOM
    svg = _canvas(WIDTH, height, x_label)
    if not dots:
        return svg
    known = [v for dot in dots for v in (dot.value, dot.low, dot.high, dot.mark, line_at)]
    finite = [v for v in known if v is not None and math.isfinite(v)]
    axis = Axis(min(finite), max(finite), 200, WIDTH - RIGHT)
    _draw_ticks(svg, axis, height - BOTTOM + 4, speech)
    _text(svg, (200 + WIDTH - RIGHT) / 2, height - 6, x_label, anchor="middle")
    if line_at is not None:
        _polyline(svg, [(axis(line_at), TOP), (axis(line_at), height - BOTTOM)], _GREY, dashed=True)
    for number, dot in enumerate(dots):
        y = TOP + ROW * (number + 0.5)
        _text(svg, 192, y + 4, dot.name, anchor="end")
        if math.isfinite(dot.low) and math.isfinite(dot.high):
            _polyline(svg, [(axis(dot.low), y), (axis(dot.high), y)], COLOURS[0])
        SubElement(
            svg, "circle", {"cx": f"{axis(dot.value):.1f}", "cy": f"{y:.1f}", "r": "4", "fill": COLOURS[0]}
        )
        if dot.mark is not None and math.isfinite(dot.mark):
            _polyline(svg, [(axis(dot.mark), y - 8), (axis(dot.mark), y + 8)], COLOURS[1])
    return svg


class Axis:
    """Map values to places in pixels; round ticks lie inside."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        if high - low < 1e-12:
            low, high = low - 0.5, high + 0.5
        self.low, self.high, self._start, self._end = low, high, start, end

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Return some five round values of the axis."""
        rough = (self.high - self.low) / 5
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _draw_axes(svg: Element, x_axis: Axis, y_axis: Axis, x_label: str, y_label: str, speech: Speech) -> None:
    _draw_ticks(svg, x_axis, HEIGHT - BOTTOM, speech)
    for value in y_axis.ticks():
        y = y_axis(value)
        _polyline(svg, [(LEFT, y), (WIDTH - RIGHT, y)], "#e5e7eb")
        _text(svg, LEFT - 6, y + 4, speech.number(value), anchor="end")
    _polyline(svg, [(LEFT, TOP), (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)], _INK)
    _text(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x_label, anchor="middle")
    label = _text(svg, 14, (TOP + HEIGHT - BOTTOM) / 2, y_label, anchor="middle")
    label.set("transform", f"rotate(-90 14 {(TOP + HEIGHT - BOTTOM) / 2:.1f})")


def _draw_ticks(svg: Element, axis: Axis, y: float, speech: Speech) -> None:
    for value in axis.ticks():
        _polyline(svg, [(axis(value), y), (axis(value), y + 4)], _INK)
        _text(svg, axis(value), y + 18, speech.number(value), anchor="middle")


def _canvas(width: int, height: int, label: str) -> Element:
    return Element(
        "svg",
        {
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "role": "img",
            "aria-label": label,
            "font-size": "12",
        },
    )


def _polyline(
    svg: Element, places: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False
) -> None:
    shape = {"points": _path(places), "fill": "none", "stroke": colour, "stroke-width": "1.5"}
    SubElement(svg, "polyline", shape | ({"stroke-dasharray": "4 3"} if dashed else {}))


def _text(svg: Element, x: float, y: float, text: str, *, anchor: str, colour: str = _INK) -> Element:
    made = SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "fill": colour})
    made.text = text
    return made


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _finite(line: Line) -> Line:
    """Leave out points that are no numbers; an interval that is unknown shrinks to its point."""
    kept = [at for at, point in enumerate(line.points) if all(map(math.isfinite, point))]
    points = [line.points[at] for at in kept]
    band = [
        tuple(bound if math.isfinite(bound) else line.points[at][1] for bound in line.band[at])
        for at in (kept if line.band else ())
    ]
    return Line(line.name, points, [(low, high) for low, high in band])
