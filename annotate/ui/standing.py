"""Draw figures side by side, and put a person's own ones into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt
import streamlit as st
from babel.dates import format_skeleton

from annotate.reports.assessor import Standing
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

COLOURS = ("#4f7fe0", "#d08a2e")  # seen in light and dark alike
FEW_DAYS, BAR_PIXELS = 8, 32


def figures(rows: Sequence[tuple[str, str, str]]) -> None:
    """Draw figures: what each one counts, its value, and a remark or nothing."""
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        + (f"<dd class='pl-remark'>{escape(remark)}</dd>" if remark else "")
        + "</div>"
        for name, value, remark in rows
    )
    st.html(f'<dl class="pl-figures">{cells}</dl>')


def speed(seconds: float | None, speech: Speech) -> str:
    """Say how long a pair takes."""
    return "—" if seconds is None else speech("standing.seconds", seconds=speech.number(seconds, 0))


def agreement(standing: Standing, speech: Speech) -> list[tuple[str, str, str]]:
    """Return the agreement that may be shown, as rows for `figures`."""
    rows = []
    for name, found in (("gold", standing.gold), ("consensus", standing.consensus)):
        if found is not None:
            of = speech("standing.of", count=found.of)
            rows.append((speech(f"standing.{name}"), speech.percent(found.share), of))
    return rows


def short_day(day: date, speech: Speech) -> str:
    """Say a day without its year."""
    return str(format_skeleton("MMMd", day, locale=speech.language))


def day_bars(values: Sequence[Mapping[str, Any]], kinds: Sequence[str], name: str) -> alt.Chart:
    """Return a chart of a bar a day, from rows of `at`, `day`, `kind` and `count`."""
    colours = alt.Scale(domain=list(kinds), range=list(COLOURS[: len(kinds)]))
    legend = alt.Legend(title=None, orient="top") if len(kinds) > 1 else None
    days = alt.EncodingSortField("at", op="min")
    few = len({row["at"] for row in values}) <= FEW_DAYS
    wide: dict[str, Any] = {"size": BAR_PIXELS} if few else {}  # else they fill their share of the width
    data = alt.InlineData(values=[dict(row) for row in values])
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar(cornerRadiusEnd=2, **wide)
        .encode(
            x=alt.X("day:O", sort=days, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("count:Q", title=name, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("kind:N", scale=colours, legend=legend),
            tooltip=[alt.Tooltip("day:O", title=" "), alt.Tooltip("kind:N", title=" "), "count:Q"],
        )
    )
    return chart
