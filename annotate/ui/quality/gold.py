"""Draw the answers to gold tasks: who was right, what was missed, which tasks most people miss."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.reports.quality_board import Board
from annotate.ui.frame import heading, table
from annotate.ui.quality.charts import beneath, intervals, show, spread, spread_columns
from annotate.ui.texts import Speech


def draw(board: Board, speech: Speech) -> None:
    """Draw the part."""
    heading(speech("quality.gold"))
    gold = board.gold
    rows = [
        {"assessor": one.name, "kind": one.kind, "right": one.right, **spread("gold", one.share)}
        for one in gold.records
    ]
    chart = intervals(
        rows, "assessor", "gold",
        title=speech("quality.gold_share"), describe=speech("quality.gold_chart"), percent=True,
    )  # fmt: skip
    if chart is None:
        st.info(speech("quality.gold_none"), icon=":material/info:")
        return
    show(chart, "gold")
    columns: dict[str, Any] = {"assessor": speech("quality.assessor"), "right": speech("quality.gold_right")}
    columns["gold_n"] = speech("quality.gold_answers")
    beneath(rows, "gold", columns | spread_columns("gold", speech("quality.gold_share")))
    _misses(board, speech)
    _tasks(board, speech)


def _misses(board: Board, speech: Speech) -> None:
    heading(speech("quality.misses"))
    if not board.gold.misses:
        st.success(speech("quality.misses_none"), icon=":material/check:")
        return
    st.caption(speech("quality.stored_order"))
    table(
        [
            {
                "at": one.at,
                "assessor": one.name,
                "kind": one.kind,
                "task": one.task_id,
                "pair": one.pair_id,
                "question": one.question,
                "said": speech(f"verdict.{one.said}"),
                "accepted": ", ".join(speech(f"verdict.{verdict}") for verdict in one.accepted),
                "score": one.score,
                "why": one.why,
            }
            for one in board.gold.misses
        ],
        "gold-misses",
        {
            "at": st.column_config.DatetimeColumn(speech("quality.when"), format=speech.moments),
            "assessor": speech("quality.assessor"),
            "task": st.column_config.NumberColumn(speech("quality.task"), width="small"),
            "question": st.column_config.TextColumn(speech("quality.question"), width="large"),
            "said": speech("quality.said"),
            "accepted": speech("quality.accepted"),
            "score": st.column_config.NumberColumn(speech("quality.score"), format="%.1f", width="small"),
            "why": st.column_config.TextColumn(speech("quality.why"), width="large"),
        },
    )


def _tasks(board: Board, speech: Speech) -> None:
    heading(speech("quality.hard_tasks"))
    st.caption(speech("quality.hard_tasks_help"))
    columns: dict[str, Any] = {
        "task": st.column_config.NumberColumn(speech("quality.task"), width="small"),
        "question": st.column_config.TextColumn(speech("quality.question"), width="large"),
        "accepted": speech("quality.accepted"),
        "right_n": speech("quality.gold_answers"),
    }
    table(
        [
            {
                "task": one.task_id,
                "pair": one.pair_id,
                "question": one.question,
                "made_by": one.made_by,
                "accepted": ", ".join(speech(f"verdict.{verdict}") for verdict in one.accepted),
                **spread("right", one.share),
            }
            for one in board.gold.tasks
        ],
        "gold-tasks",
        columns | spread_columns("right", speech("quality.gold_share")),
    )
