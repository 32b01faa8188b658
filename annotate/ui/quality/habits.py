"""Draw what sides and times tell: whether the left answer wins too often, how long a verdict takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.reports.quality_board import EDGES, Board, Rater
from annotate.ui.frame import heading, table
from annotate.ui.quality.charts import BLUE, ORANGE, beneath, intervals, show, spread, spread_columns
from annotate.ui.texts import Speech

EVEN = 0.5  # where nobody favours a side


def draw(board: Board, speech: Speech) -> None:
    """Draw the part."""
    _sides(board, speech)
    _speed(board, speech)


def _sides(board: Board, speech: Speech) -> None:
    heading(speech("quality.sides"))
    st.caption(speech("quality.left_help"))
    rows: list[dict[str, Any]] = [
        {"assessor": speech(f"quality.all_{kind}"), "kind": kind, **spread("left", estimate)}
        for kind, estimate in board.left.items()
        if estimate is not None
    ]
    rows += [{"assessor": one.name, "kind": one.kind, **spread("left", one.left)} for one in board.raters]
    chart = intervals(
        rows, "assessor", "left",
        title=speech("quality.left"), describe=speech("quality.sides_chart"), mark=EVEN, percent=True,
    )  # fmt: skip
    if chart is None:
        st.info(speech("quality.sides_none"), icon=":material/info:")
        return
    show(chart, "sides")
    for row in rows:
        row["leans"] = speech(f"quality.leans_{_leaning(row)}")
    columns: dict[str, Any] = {"assessor": speech("quality.assessor")}
    columns |= spread_columns("left", speech("quality.left"))
    beneath(rows, "sides", columns | {"left_n": speech("quality.seen"), "leans": speech("quality.leans")})


def _leaning(row: dict[str, Any]) -> str:
    if row["left"] is None or row["left_low"] <= EVEN <= row["left_high"]:
        return "none"
    return "left" if row["left"] > EVEN else "right"


def _speed(board: Board, speech: Speech) -> None:
    heading(speech("quality.speed"))
    measured = [one for one in board.raters if one.pace]
    if not measured:
        st.info(speech("quality.speed_none"), icon=":material/info:")
        return
    people = [one for one in measured if one.kind == "person"]
    names = [one.name for one in (people or measured)]
    chosen = st.selectbox(
        speech("quality.assessor"),
        ["", *names],
        format_func=lambda name: name or speech(f"quality.all_{'person' if people else 'machine'}"),
        key="speed-of",
        width=280,
    )
    shown = [one for one in (people or measured) if chosen in ("", one.name)]
    show(_histogram(shown, speech), f"speed-{chosen}")
    table(
        [_pace(one) for one in measured],
        "speed",
        {
            "assessor": st.column_config.TextColumn(speech("quality.assessor"), width="medium"),
            "judgements": speech("quality.judgements"),
            "quick": st.column_config.NumberColumn(speech("quality.quick"), format="%.1f"),
            "median": st.column_config.NumberColumn(speech("quality.median_seconds"), format="%.1f"),
            "slow": st.column_config.NumberColumn(speech("quality.slow"), format="%.1f"),
        },
    )


def _pace(one: Rater) -> dict[str, Any]:
    pace = one.pace
    return {
        "assessor": one.name,
        "kind": one.kind,
        "judgements": pace.n if pace else 0,
        "quick": round(pace.quick, 1) if pace else None,
        "median": round(pace.median, 1) if pace else None,
        "slow": round(pace.slow, 1) if pace else None,
    }


def _histogram(raters: list[Rater], speech: Speech) -> Any:
    counts = [sum(one.pace.counts[at] for one in raters if one.pace) for at in range(len(EDGES))]
    names = [f"{low}–{high}" for low, high in pairwise(EDGES)] + [f"> {EDGES[-1]}"]
    total = max(sum(counts), 1)
    data = pd.DataFrame(
        [
            {"seconds": name, "judgements": count, "share": count / total}
            for name, count in zip(names, counts, strict=True)
        ]
    )
    axis = alt.Axis(labelAngle=0, labelOverlap=True)
    colour = BLUE if raters[0].kind == "person" else ORANGE
    return (
        alt.Chart(data)
        .mark_bar(color=colour, cornerRadiusEnd=3)
        .encode(
            x=alt.X("seconds:N", sort=names, title=speech("quality.seconds"), axis=axis),
            y=alt.Y("share:Q", title=speech("quality.share_of_judgements"), axis=alt.Axis(format=".0%")),
            tooltip=[
                alt.Tooltip("seconds:N", title=speech("quality.seconds")),
                alt.Tooltip("judgements:Q", title=speech("quality.judgements")),
                alt.Tooltip("share:Q", title=speech("quality.share_of_judgements"), format=".1%"),
            ],
        )
        .properties(height=240, description=speech("quality.speed_chart"))
    )
