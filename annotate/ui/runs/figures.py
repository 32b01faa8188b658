"""Draw figures with their intervals, of one run or of several beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from annotate.ui.frame import table
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

FIGURES = ("value", "low", "high", "n")


def metric_rows(metrics: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each metric of each named run."""
    names = list(dict.fromkeys(name for found in metrics.values() for name in found))
    return [
        {"metric": name, "run": run, **{key: found[name].get(key) for key in FIGURES}}
        for name in names
        for run, found in metrics.items()
        if isinstance(found.get(name), dict)
    ]


def draw_metrics(rows: list[dict[str, Any]], speech: Speech, name: str = "metrics") -> None:
    """Draw each metric as a whisker on its own scale, and all of them as a table."""
    drawn = "".join(_metric(metric, rows, speech) for metric in dict.fromkeys(row["metric"] for row in rows))
    st.html(f'<div class="pl-whiskers">{drawn}</div>')
    shown: dict[str, Any] = {
        key: st.column_config.NumberColumn(
            speech(f"runs.{key}"), format="%d" if key == "n" else "%.3f", width="small"
        )
        for key in FIGURES
    }
    several = len({row["run"] for row in rows}) > 1
    with st.expander(speech("runs.loss_table")):
        columns = {
            "metric": speech("runs.metric"),
            **({"run": speech("runs.run")} if several else {}),
            **shown,
        }
        table(rows, name, columns)


def draw_curve(
    rows: list[dict[str, Any]], figure: str, name: str, speech: Speech, *, by: str = "", height: int = 230
) -> None:
    """Draw a figure by step as a line, or as a line for each value of `by`.

    A screen reader hears the name, not hundreds of points; they are in a table beside it.
    """
    encoding: dict[str, Any] = {
        "x": {
            "field": "step",
            "type": "quantitative",
            "title": speech("runs.step"),
            "axis": {"format": "d", "tickMinStep": 1},
        },
        "y": {"field": figure, "type": "quantitative", "title": None, "scale": {"zero": False}},
        "tooltip": [{"field": field} for field in ("step", figure, *([by] if by else []))],
    }
    if by:
        encoding["color"] = {"field": by, "type": "nominal", "title": None, "legend": {"orient": "bottom"}}
    line = {"type": "line", "aria": False, "point": len(rows) < 40}
    st.vega_lite_chart(rows, {"mark": line, "encoding": encoding, "description": name, "height": height})


def _metric(metric: str, rows: list[dict[str, Any]], speech: Speech) -> str:
    own = [row for row in rows if row["metric"] == metric]
    known = [row[key] for row in own for key in ("value", "low", "high") if row[key] is not None]
    # Shares keep their scale, so that two metrics can be compared; other figures have their own.
    share = not metric.endswith("margin") and known and min(known) >= 0 and max(known) <= 1
    low, high = (0.0, 1.0) if share else _span(known)
    named = len({row["run"] for row in rows}) > 1
    lines = "".join(_whisker(row, low, high, named, speech) for row in own)
    return (
        f"<section><h4>{escape(speech.name('metric', metric))}</h4>"
        f'<div class="pl-scale">{lines}</div></section>'
    )


def _span(known: list[float]) -> tuple[float, float]:
    low, high = min([0.0, *known]), max([0.0, *known])
    return (low, high) if high > low else (low, low + 1.0)


def _place(value: float, low: float, high: float) -> float:
    return 100 * (value - low) / (high - low)


def _whisker(row: dict[str, Any], low: float, high: float, named: bool, speech: Speech) -> str:
    value, lower, upper = row["value"], row["low"], row["high"]
    if value is None:
        return ""
    text = speech.number(value, 3)
    bar = ""
    if lower is not None and upper is not None:
        text += f" [{speech.number(lower, 3)}; {speech.number(upper, 3)}]"
        left, right = _place(lower, low, high), _place(upper, low, high)
        bar = f'<i class="pl-bar" style="left:{left:.1f}%;width:{max(right - left, 0.5):.1f}%"></i>'
    # What chance alone would give: one half of shares, none of any other figure.
    chance = _place(0.5 if (low, high) == (0, 1) else 0.0, low, high)
    point = f'<i class="pl-point" style="left:{_place(value, low, high):.1f}%"></i>'
    name = f"<span>{escape(str(row['run']))}</span>" if named else ""
    return (
        f'<div class="pl-whisker">{name}'
        f'<div class="pl-track" style="--chance:{chance:.1f}%" aria-hidden="true">{bar}{point}</div>'
        f"<b>{escape(text)}</b><small>n = {row['n']}</small></div>"
    )
