"""Draw which verdicts one rater gives where another, or all together, say something else."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.labelling.verdicts import VERDICTS
from annotate.reports.quality_board import CONSENSUS, Board, Confusion
from annotate.ui.frame import heading, table
from annotate.ui.quality.charts import ink, show
from annotate.ui.texts import Speech


def draw(board: Board, speech: Speech) -> None:
    """Draw the part."""
    heading(speech("quality.confusion"))
    if not board.confusions:
        st.info(speech("quality.confusion_none"), icon=":material/info:")
        return
    found = _choose(board, speech)
    if found is None:
        st.info(speech("quality.confusion_none"), icon=":material/info:")
        return
    same = sum(found.counts[at][at] for at in range(len(VERDICTS)))
    st.caption(speech("quality.confusion_same", count=found.total, same=speech.percent(same / found.total)))
    show(_heatmap(found, speech), "confusion")
    names = [speech(f"verdict.{verdict}") for verdict in VERDICTS]
    table(
        [
            {"said": names[at], **{VERDICTS[to]: count for to, count in enumerate(row)}}
            for at, row in enumerate(found.counts)
        ],
        "confusion",
        {"said": _one(found, speech)} | dict(zip(VERDICTS, names, strict=True)),
    )


def _choose(board: Board, speech: Speech) -> Confusion | None:
    """Let the reader choose two raters; a pair stored the other way round is turned."""
    ones = list(dict.fromkeys((one.one, one.is_kind) for one in board.confusions if one.other == CONSENSUS))
    with st.container(horizontal=True):
        one = st.selectbox(
            speech("quality.confusion_one"),
            ones,
            format_func=lambda key: speech(f"quality.kind_{key[0]}") if key[1] else key[0],
            key="confusion-one",
            width=280,
        )
        against = [CONSENSUS, *_others(board, one)]
        other = st.selectbox(
            speech("quality.confusion_other"),
            against,
            format_func=lambda name: name or speech("quality.all_together"),
            key=f"confusion-other-{one}",
            width=280,
        )
    for found in board.confusions:
        if (found.one, found.is_kind, found.other) == (*one, other):
            return found
        if not one[1] and (found.other, found.one) == (one[0], other):
            turned = tuple(zip(*found.counts, strict=True))
            return Confusion(found.other, found.one, turned)
    return None


def _others(board: Board, one: tuple[str, bool]) -> list[str]:
    if one[1]:
        return []
    compared = [found for found in board.confusions if found.other != CONSENSUS]
    return sorted(
        {found.other for found in compared if found.one == one[0]}
        | {found.one for found in compared if found.other == one[0]}
    )


def _one(found: Confusion, speech: Speech) -> str:
    return speech(f"quality.kind_{found.one}") if found.is_kind else found.one


def _heatmap(found: Confusion, speech: Speech) -> Any:
    names = [speech(f"verdict.{verdict}") for verdict in VERDICTS]
    rows = []
    for at, counts in enumerate(found.counts):
        total = max(sum(counts), 1)
        rows += [
            {"row": names[at], "column": names[to], "pairs": count, "share": count / total}
            for to, count in enumerate(counts)
        ]
    title = found.other or speech("quality.all_together")
    axis = alt.Axis(labelAngle=0, orient="top", labelLimit=150, labelFlush=False)
    words = alt.Axis(labelLimit=150, labelFlush=False)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("column:N", sort=names, title=title, axis=axis),
        y=alt.Y("row:N", sort=names, title=_one(found, speech), axis=words),
        tooltip=[
            alt.Tooltip("row:N", title=_one(found, speech)),
            alt.Tooltip("column:N", title=title),
            alt.Tooltip("pairs:Q", title=speech("quality.pairs")),
            alt.Tooltip("share:Q", title=speech("quality.of_row"), format=".0%"),
        ],
    )
    cells = base.mark_rect(cornerRadius=4, stroke=None).encode(
        color=alt.Color(
            "share:Q",
            title=speech("quality.of_row"),
            scale=alt.Scale(domain=[0, 1], range=["rgba(43,98,190,0.06)", "rgba(43,98,190,1)"]),
            legend=None,
        )
    )
    strong = alt.condition("datum.share > 0.5", alt.value("#ffffff"), alt.value(ink()))
    numbers = base.mark_text(fontSize=14).encode(text="pairs:Q", color=strong)
    return (cells + numbers).properties(height=340, description=speech("quality.confusion_chart"))
