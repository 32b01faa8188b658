"""Draw the gold tasks of a campaign: what is known, how it was answered, new ones, corrections."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.gold import add_gold, correct_gold
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling import VERDICTS
from annotate.labelling.controls.gold import CONTROL_POOLS, Known
from annotate.reports.campaigns import CampaignReport
from annotate.reports.gold_pool import GoldTask, report_candidate, report_gold_pool, report_gold_task
from annotate.ui.campaigns.drafts import draw_drafts
from annotate.ui.frame import table
from annotate.ui.markup import escape, plain
from annotate.ui.still_pair import draw_still
from annotate.ui.texts import Speech

PAGE = 100


def draw_gold(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the part."""
    found = report_gold_pool(context.store, report.name, limit=PAGE)
    with st.container(horizontal=True, key="gold-counts"):
        for pool in CONTROL_POOLS:
            st.metric(
                speech(f"goldpool.{pool}"),
                found.counts.get(pool, 0),
                border=True,
                help=speech(f"goldpool.{pool}_help"),
            )
    if found.tasks:
        _tasks(context, actor, list(found.tasks), speech)
        if sum(found.counts.values()) > PAGE:
            st.caption(speech("goldpool.newest", count=PAGE))
    else:
        st.info(speech("goldpool.empty"), icon=":material/info:")
    with st.expander(speech("goldpool.by_machine"), icon=":material/auto_fix_high:", expanded=True):
        draw_drafts(context, actor, report, speech)
    with st.expander(speech("goldpool.by_hand"), icon=":material/edit:"):
        _by_hand(context, actor, report, speech)


def _tasks(context: Context, actor: Actor, tasks: list[GoldTask], speech: Speech) -> None:
    rows = [
        {
            "task": one.task_id,
            "pair": one.pair_id,
            "pool": speech(f"goldpool.{one.pool}"),
            "language": one.language,
            "question": one.question,
            "verdicts": ", ".join(speech(f"verdict.{verdict}") for verdict in one.verdicts),
            "made_by": speech.name("corruption", one.made_by.removeprefix("corruption:")),
            "answers": one.answers,
            "right": one.share,
        }
        for one in tasks
    ]
    table(
        rows,
        "gold",
        {
            "task": st.column_config.NumberColumn(speech("goldpool.task"), width="small"),
            "pool": speech("goldpool.pool"),
            "question": st.column_config.TextColumn(speech("goldpool.question"), width="large"),
            "verdicts": speech("goldpool.verdicts"),
            "made_by": speech("goldpool.made_by"),
            "answers": st.column_config.NumberColumn(speech("goldpool.answers"), width="small"),
            "right": st.column_config.ProgressColumn(
                speech("goldpool.right"), min_value=0.0, max_value=1.0, format="percent"
            ),
        },
    )
    names = {one.task_id: f"{one.task_id} · {one.question[:80]}" for one in tasks}
    chosen = st.selectbox(
        speech("goldpool.look"), list(names), index=None, format_func=names.__getitem__, key="gold-task",
        placeholder=speech("goldpool.choose"),
    )  # fmt: skip
    if chosen is not None:
        _task(context, actor, chosen, speech)


def _task(context: Context, actor: Actor, task_id: int, speech: Speech) -> None:
    found = report_gold_task(context.store, task_id)
    if found is None:
        return
    with st.container(border=True, key="gold-one"):
        st.html(draw_still(found.pair, speech))
        accepted = ", ".join(speech(f"verdict.{verdict}") for verdict in found.task.verdicts)
        right = escape(speech("goldpool.accepted", verdicts=accepted))
        st.html(f"<p><b>{right}</b><br>{escape(found.task.why)}</p>")
        if found.edit.get("removed") or found.edit.get("inserted"):
            before, after = (escape(str(found.edit[name])) for name in ("removed", "inserted"))
            what = escape(speech("goldpool.edit"))
            st.html(f'<p class="pl-diff">{what} <del>{before}</del> → <ins>{after}</ins></p>')
        with st.form(f"correct-{task_id}", border=False):
            st.caption(speech("goldpool.correct_help"))
            verdicts = _verdicts(f"correct-verdicts-{task_id}", speech, list(found.task.verdicts))
            why = st.text_input(speech("goldpool.why"), key=f"correct-why-{task_id}", max_chars=500)
            if st.form_submit_button(speech("goldpool.correct"), key=f"correct-{task_id}-send"):
                _try(speech, verdicts, why, lambda: correct_gold(context, actor, task_id, verdicts, why))


def _by_hand(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    st.caption(speech("goldpool.by_hand_help"))
    number = st.number_input(
        speech("goldpool.pair"), min_value=1, value=None, step=1, key="gold-pair",
        placeholder=speech("goldpool.pair_hint"),
    )  # fmt: skip
    if number is None:
        return
    found = report_candidate(context.store, int(number))
    if found is None:
        st.error(speech("goldpool.no_pair", number=number), icon=":material/error:")
        return
    st.html(draw_still(found.pair, speech))
    if found.task_id is not None:
        st.warning(speech("goldpool.is_task", number=number), icon=":material/block:")
        return
    with st.form("gold-by-hand"):
        pool = st.segmented_control(
            speech("goldpool.pool"), list(CONTROL_POOLS), default="gold", required=True, key="gold-pool",
            format_func=lambda one: speech(f"goldpool.{one}"),
        )  # fmt: skip
        verdicts = _verdicts("gold-verdicts", speech)
        why = st.text_input(
            speech("goldpool.why"), key="gold-why", max_chars=500, placeholder=speech("goldpool.why_hint")
        )
        unsafe = st.segmented_control(
            speech("goldpool.unsafe"), ["A", "B"], key="gold-unsafe", help=speech("goldpool.unsafe_help")
        )
        if st.form_submit_button(speech("goldpool.add"), type="primary", key="gold-add"):
            _try(
                speech, verdicts, why,
                lambda: add_gold(
                    context, actor, int(number), Known(tuple(verdicts), why, unsafe=unsafe or ""),
                    pool=pool, campaign=report.name,
                ),
            )  # fmt: skip


def _verdicts(key: str, speech: Speech, default: list[str] | None = None) -> list[str]:
    return st.multiselect(
        speech("goldpool.verdicts"), list(VERDICTS), default=default, key=key,
        format_func=lambda one: speech(f"verdict.{one}"), placeholder=speech("goldpool.verdicts_hint"),
    )  # fmt: skip


def _try(speech: Speech, verdicts: list[str], why: str, act: Callable[[], object]) -> None:
    """Do what the form asks, or say what it lacks."""
    if not verdicts or not why.strip():
        st.error(speech("goldpool.incomplete"), icon=":material/error:")
        return
    try:
        act()
    except LabellingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state["campaign-note"] = speech("goldpool.done")
    st.rerun()
