"""Draw how far assessors agree: now, over time, and group by group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.labelling.agreement import Estimate
from annotate.reports import QualityReport
from annotate.reports.quality_board import Board
from annotate.ui.frame import heading, table
from annotate.ui.quality.charts import BLUE, beneath, intervals, show, spread, spread_columns
from annotate.ui.quality.clusters import read_cluster_names
from annotate.ui.texts import LANGUAGES, Speech

MEASURES = ("alpha", "ac1", "percent")
GROUPS = ("language", "cluster", "aspect", "guideline", "kind")


def draw(board: Board, speech: Speech) -> None:
    """Draw the part."""
    _headlines(board.quality, speech)
    _history(board, speech)
    _groups(board.quality, speech)
    _two_by_two(board.quality, speech)
    _verdicts(board.quality, speech)


def _headlines(report: QualityReport, speech: Speech) -> None:
    found = report.coefficients
    shown: tuple[tuple[str, Estimate | None], ...] = (
        ("alpha", report.alpha),
        ("alpha_people", report.alpha_people),
        ("ac1", found.get("gwet_ac1")),
        ("kappa", found.get("fleiss_kappa")),
        ("percent", report.percent),
    )
    with st.container(horizontal=True, key="agreement"):
        for name, estimate in shown:
            shown_as = speech.percent if name == "percent" else partial(speech.decimal, digits=2)
            with st.container(border=True):
                st.metric(
                    speech(f"quality.{name}"),
                    shown_as(estimate.value) if estimate else "—",
                    help=speech(f"quality.{name}_help"),
                )
                if estimate:
                    bounds = shown_as(estimate.low), shown_as(estimate.high)
                    st.caption(speech("quality.units", count=estimate.n, low=bounds[0], high=bounds[1]))
                else:
                    st.caption(speech("quality.undefined"))


def _history(board: Board, speech: Speech) -> None:
    heading(speech(f"quality.history_{board.step}"))
    measure = _measure("history-measure", speech)
    rows = [
        {
            "start": period.start.isoformat(),
            "pairs": period.pairs,
            "judgements": period.judgements,
            **spread("alpha", period.alpha),
            **spread("ac1", period.ac1),
            **spread("percent", period.percent),
        }
        for period in board.history
    ]
    defined = [row for row in rows if row[measure] is not None]
    if not defined:
        st.info(speech("quality.history_none"), icon=":material/info:")
    else:
        show(_timeline(defined, measure, speech), f"history-{measure}")
    columns: dict[str, Any] = {
        "start": st.column_config.DateColumn(speech(f"quality.{board.step}")),
        "pairs": speech("quality.pairs"),
        "judgements": speech("quality.judgements"),
    }
    for name in MEASURES:
        columns |= spread_columns(name, speech(f"quality.{name}"))
    beneath(rows, "agreement-over-time", columns)


def _timeline(rows: list[dict[str, Any]], measure: str, speech: Speech) -> Any:
    data = pd.DataFrame(rows)
    data["start"] = pd.to_datetime(data["start"])
    name, form = speech(f"quality.{measure}"), ".0%" if measure == "percent" else ".2f"
    lowest = min(0.0, float(data[f"{measure}_low"].min()))
    scale = alt.Scale(domain=[lowest, 1.0])
    x = alt.X("start:T", title=None, axis=alt.Axis(format="%d.%m", labelOverlap=True, tickCount=8))
    tips = [
        alt.Tooltip("start:T", title=" ", format="%d.%m.%Y"),
        alt.Tooltip(f"{measure}:Q", title=name, format=form),
        alt.Tooltip(f"{measure}_low:Q", title=speech("quality.low"), format=form),
        alt.Tooltip(f"{measure}_high:Q", title=speech("quality.high"), format=form),
        alt.Tooltip("pairs:Q", title=speech("quality.pairs")),
    ]
    base = alt.Chart(data).encode(x=x, tooltip=tips)
    band = base.mark_area(opacity=0.16, color=BLUE).encode(
        y=alt.Y(f"{measure}_low:Q", title=name, scale=scale, axis=alt.Axis(format=form)),
        y2=f"{measure}_high:Q",
    )
    whiskers = base.mark_rule(opacity=0.45, color=BLUE, strokeWidth=2).encode(
        y=f"{measure}_low:Q", y2=f"{measure}_high:Q"
    )
    line = base.mark_line(color=BLUE, point=alt.OverlayMarkDef(size=60, filled=True, color=BLUE)).encode(
        y=alt.Y(f"{measure}:Q", title=name, scale=scale)
    )
    return alt.layer(band, whiskers, line).properties(
        height=260, description=speech("quality.history_chart", name=name)
    )


def _groups(report: QualityReport, speech: Speech) -> None:
    heading(speech("quality.groups"))
    with st.container(horizontal=True, vertical_alignment="top"):
        group = st.selectbox(
            speech("quality.group"),
            GROUPS,
            format_func=lambda name: speech(f"quality.by_{name}"),
            key="group",
            width=240,
        )
        measure = _measure("group-measure", speech)
    found: Mapping[Any, Any] = getattr(report, f"by_{group}")
    clusters = read_cluster_names(speech) if group == "cluster" else {}
    rows = [
        {
            "group": clusters.get(name) or _name(group, name, speech),
            **spread("alpha", own.alpha),
            **spread("ac1", own.ac1),
            **spread("percent", own.percent),
        }
        for name, own in found.items()
    ]
    chart = intervals(
        rows, "group", measure,
        title=speech(f"quality.{measure}"),
        describe=speech("quality.groups_chart"),
        percent=measure == "percent",
    )  # fmt: skip
    if chart is None:
        st.info(speech("quality.groups_none"), icon=":material/info:")
        return
    show(chart, f"groups-{group}-{measure}")
    columns: dict[str, Any] = {"group": speech(f"quality.by_{group}").capitalize()}
    for name in MEASURES:
        columns |= spread_columns(name, speech(f"quality.{name}"))
    beneath(rows, f"agreement-by-{group}", columns | {"alpha_n": speech("quality.pairs")})


def _name(group: str, name: Any, speech: Speech) -> str:
    if group == "aspect":
        return speech.name("aspect", str(name))
    if group == "language":
        return LANGUAGES.get(name, str(name))
    if group == "kind":
        return speech.name("quality", f"kind_{name}")
    return str(name)[:12] if group == "guideline" else str(name)


def _measure(key: str, speech: Speech) -> str:
    chosen = st.segmented_control(
        speech("quality.measure"),
        MEASURES,
        default=MEASURES[0],
        format_func=lambda name: speech(f"quality.{name}"),
        key=key,
        required=True,
    )
    return str(chosen)


def _two_by_two(report: QualityReport, speech: Speech) -> None:
    heading(speech("quality.kappas"))
    rows = [{"raters": name, **spread("kappa", kappa)} for name, kappa in report.kappas.items() if kappa]
    if not rows:
        st.info(speech("quality.kappas_none"), icon=":material/info:")
        return
    columns: dict[str, Any] = {
        "raters": st.column_config.TextColumn(speech("quality.raters"), width="medium")
    }
    columns |= spread_columns("kappa", speech("quality.cohen"))
    table(rows, "kappas", columns | {"kappa_n": speech("quality.pairs")})


def _verdicts(report: QualityReport, speech: Speech) -> None:
    heading(speech("quality.verdicts"))
    most = max(report.verdicts.values(), default=0)
    table(
        [
            {"verdict": verdict, "name": speech(f"verdict.{verdict}"), "pairs": count}
            for verdict, count in report.verdicts.items()
        ],
        "verdicts",
        {
            "name": st.column_config.TextColumn(speech("quality.verdict"), width="medium"),
            "pairs": st.column_config.ProgressColumn(
                speech("quality.pairs"), min_value=0, max_value=max(1, most), format="%d"
            ),
        },
    )
