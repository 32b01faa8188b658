"""Draw what is known of each assessor, people and machines apart, and let the paused work again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.signals import let_work_again
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.labelling.agreement import Estimate
from annotate.reports.quality_board import Board, Live
from annotate.ui.frame import heading, table
from annotate.ui.markup import plain
from annotate.ui.quality.charts import intervals, show, spread, spread_columns
from annotate.ui.texts import Speech

ACTIVE = "active"


def draw(board: Board, live: Live, context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the part."""
    rows = _rows(board, live, speech)
    chart = intervals(
        sorted(rows, key=lambda row: row["consensus"] or 0.0), "assessor", "consensus",
        title=speech("quality.consensus"), describe=speech("quality.consensus_chart"), percent=True,
    )  # fmt: skip
    if chart is not None:
        heading(speech("quality.consensus"))
        show(chart, "consensus")
        st.caption(speech("quality.consensus_help"))
    for kind, name, icon, nobody in (
        ("person", "people", ":material/person:", "nobody"),
        ("machine", "machines", ":material/smart_toy:", "no_machine"),
    ):
        heading(speech(f"quality.{name}"))
        found = [row for row in rows if row["kind"] == kind]
        if found:
            table(found, f"quality-{name}", _columns(kind, speech))
        else:
            st.info(speech(f"quality.{nobody}"), icon=icon)
    if actor.may(Permission.REVIEW):
        _lift(live, context, actor, speech)


def _rows(board: Board, live: Live, speech: Speech) -> list[dict[str, Any]]:
    known = {one.name: one for one in board.quality.assessors}
    gold = {record.name: record for record in board.gold.records}
    signals = Counter(signal.assessor for signal in live.open_signals)
    rows = []
    for rater in board.raters:
        quality, record, standing = (
            known.get(rater.name),
            gold.get(rater.name),
            live.standings.get(rater.name),
        )
        sure = quality.sure_of if quality else None
        reliable = Estimate(quality.reliability, *sure, rater.judgements) if quality and sure else None
        rows.append(
            {
                "assessor": rater.name,
                "kind": rater.kind,
                "state": speech.name("quality", f"state_{standing.state}") if standing else "",
                "state_reason": standing.reason if standing else "",
                "signals": signals[rater.name],
                "judgements": rater.judgements,
                **spread("consensus", rater.consensus),
                **spread("reliability", reliable),
                "gold_answers": record.share.n if record else 0,
                "gold_of": f"{record.right:g} / {record.share.n}" if record else "",
                "gold_right": record.right if record else None,
                **spread("gold", record.share if record else None),
                **spread("left", rater.left),
                "median_seconds": round(rater.pace.median, 1) if rater.pace else None,
            }
        )
    return rows


def _columns(kind: str, speech: Speech) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "assessor": st.column_config.TextColumn(speech("quality.assessor"), width="medium", pinned=True),
        "judgements": number(speech("quality.judgements"), width="small"),
    }
    columns |= spread_columns("consensus", speech("quality.consensus"), speech("quality.consensus_help"))
    columns |= spread_columns(
        "reliability", speech("quality.reliability"), speech("quality.reliability_help")
    )
    columns["gold_of"] = st.column_config.TextColumn(
        speech("quality.gold_of"), help=speech("quality.gold_of_help")
    )
    columns |= spread_columns("left", speech("quality.left"), speech("quality.left_help"))
    columns["median_seconds"] = number(speech("quality.median_seconds"), format="%.1f", width="small")
    if kind == "person":
        columns["signals"] = number(speech("quality.signals"), width="small")
    columns |= {"state": speech("quality.state"), "state_reason": speech("quality.state_reason")}
    return columns


def _lift(live: Live, context: Context, actor: Actor, speech: Speech) -> None:
    stopped = {name: one for name, one in live.standings.items() if one.state != ACTIVE}
    if not stopped:
        return
    heading(speech("quality.lift"))
    with st.form("lift", clear_on_submit=True, border=True):
        name = st.selectbox(
            speech("quality.assessor"),
            list(stopped),
            format_func=lambda one: f"{one} · {speech.name('quality', f'state_{stopped[one].state}')}",
        )
        reason = st.text_input(speech("quality.reason"), max_chars=300)
        restore = st.checkbox(speech("quality.restore"), help=speech("quality.restore_help"))
        if st.form_submit_button(speech("quality.lift_button")) and name:
            try:
                let_work_again(context, actor, name, reason, restore=restore)
            except PairloopError as error:
                st.error(plain(str(error)), icon=":material/error:")
            else:
                st.toast(speech("quality.lifted", name=plain(name)), icon=":material/check:")
                st.rerun()
