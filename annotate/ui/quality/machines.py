"""Draw what the confidence of a machine is worth, against people on the audit slice."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.reports.quality_board import Board, MachineCurve
from annotate.ui.frame import heading, table
from annotate.ui.quality.charts import BLUE, GREY, ORANGE, beneath, show, spread, spread_columns
from annotate.ui.quality.clusters import read_cluster_names
from annotate.ui.texts import LANGUAGES, Speech


def draw(board: Board, speech: Speech) -> None:
    """Draw the part."""
    heading(speech("quality.calibration"))
    st.caption(speech("quality.calibration_help"))
    if not board.machines:
        st.info(speech("quality.calibration_none"), icon=":material/info:")
        return
    names = [one.name for one in board.machines]
    name = st.selectbox(speech("quality.machine"), names, key="machine", width=320)
    machine = next(one for one in board.machines if one.name == name)
    _headlines(machine, speech)
    show(_diagram(machine, speech), f"calibration-{name}")
    rows: list[dict[str, Any]] = [
        {"confidence": round(one.confidence, 4), **spread("right", one.right)} for one in machine.bins
    ]
    columns: dict[str, Any] = {
        "confidence": st.column_config.NumberColumn(speech("quality.confidence"), format="%.2f"),
        "right_n": speech("quality.audited"),
    }
    columns |= spread_columns("right", speech("quality.right"))
    beneath(rows, "calibration", columns)
    _scopes(machine, speech)


def _headlines(machine: MachineCurve, speech: Speech) -> None:
    right, target = machine.right, speech.percent(machine.target)
    with st.container(horizontal=True, key="machine-counts"):
        with st.container(border=True):
            st.metric(speech("quality.right"), speech.percent(right.value), help=speech("quality.right_help"))
            st.caption(
                speech(
                    "quality.units",
                    count=right.n,
                    low=speech.percent(right.low),
                    high=speech.percent(right.high),
                )
            )
        with st.container(border=True):
            kept = "—" if machine.kept is None else speech.percent(machine.kept)
            st.metric(speech("quality.kept", target=target), kept, help=speech("quality.kept_help"))
            if machine.low is None:
                st.caption(speech("quality.kept_none"))
            else:
                st.caption(speech("quality.kept_low", low=speech.percent(machine.low, 1)))
        with st.container(border=True):
            st.metric(
                speech("quality.error"), speech.decimal(machine.error, 3), help=speech("quality.error_help")
            )
            st.caption(speech("quality.raw_error", value=speech.decimal(machine.raw_error, 3)))


def _diagram(machine: MachineCurve, speech: Speech) -> Any:
    bins = pd.DataFrame([{"x": one.confidence, **spread("right", one.right)} for one in machine.bins])
    curve = pd.DataFrame(machine.curve, columns=["x", "right"])
    low = min(0.5, float(bins["x"].min()), float(curve["x"].min()))
    name, share = speech("quality.confidence"), speech("quality.right")
    x = alt.X("x:Q", title=name, scale=alt.Scale(domain=[low, 1.0]), axis=alt.Axis(format=".0%", tickCount=7))
    y = alt.Y("right:Q", title=share, scale=alt.Scale(domain=[0.0, 1.0]), axis=alt.Axis(format=".0%"))
    ends = pd.DataFrame({"x": [low, 1.0], "right": [low, 1.0]})
    layers = [
        alt.Chart(ends).mark_line(strokeDash=[5, 4], color=GREY, strokeWidth=1.5).encode(x=x, y=y),
        alt.Chart(curve).mark_line(color=ORANGE, strokeWidth=2.5).encode(x=x, y=y),
        alt.Chart(bins)
        .mark_rule(color=BLUE, strokeWidth=2.5, opacity=0.55)
        .encode(x=x, y=alt.Y("right_low:Q", title=share), y2="right_high:Q"),
        alt.Chart(bins)
        .mark_circle(color=BLUE, size=95, opacity=1)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("x:Q", title=name, format=".0%"),
                alt.Tooltip("right:Q", title=share, format=".0%"),
                alt.Tooltip("right_low:Q", title=speech("quality.low"), format=".0%"),
                alt.Tooltip("right_high:Q", title=speech("quality.high"), format=".0%"),
                alt.Tooltip("right_n:Q", title=speech("quality.audited")),
            ],
        ),
    ]
    return alt.layer(*layers).properties(height=340, description=speech("quality.calibration_chart"))


def _scopes(machine: MachineCurve, speech: Speech) -> None:
    if not machine.scopes:
        return
    heading(speech("quality.scopes"))
    columns: dict[str, Any] = {
        "language": speech("quality.by_language").capitalize(),
        "cluster": speech("quality.by_cluster").capitalize(),
        "right_n": speech("quality.audited"),
    }
    names = read_cluster_names(speech)
    table(
        [
            {
                "language": LANGUAGES.get(one.language, one.language),
                "cluster": None if one.cluster is None else names.get(one.cluster, str(one.cluster)),
                **spread("right", one.right),
            }
            for one in machine.scopes
        ],
        "calibration-scopes",
        columns | spread_columns("right", speech("quality.right")),
    )
