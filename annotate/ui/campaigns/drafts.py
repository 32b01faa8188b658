"""Draw the making of gold tasks from worse twins of good answers: ask for some, look at each, keep some."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.gold import discard_gold, draft_gold, keep_gold
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import Errand
from annotate.labelling.controls.corruption import KINDS
from annotate.labelling.controls.gold import CONTROL_POOLS
from annotate.reports.campaigns import CampaignReport
from annotate.ui.errand_line import show_errand
from annotate.ui.markup import escape, plain
from annotate.ui.texts import Speech

MOST = 50


def draw_drafts(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the part."""
    st.caption(speech("drafts.help"))
    errand = show_errand("gold_drafts")
    if errand.state == "running":
        return
    if errand.result and errand.result.get("drafts"):
        _look(context, actor, errand.result, speech)
        return
    if errand.state == "done" and errand.result and "kept" not in errand.result:
        _say_none(errand, speech)
    _ask(context, actor, report, speech)


def _ask(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    with st.form("drafts", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            count = st.number_input(
                speech("drafts.count"), min_value=1, max_value=MOST, value=10, key="drafts-count"
            )
            pool = st.selectbox(
                speech("goldpool.pool"), list(CONTROL_POOLS), key="drafts-pool",
                format_func=lambda one: speech(f"goldpool.{one}"),
            )  # fmt: skip
        kinds = st.pills(
            speech("drafts.kinds"), list(KINDS), selection_mode="multi", default=list(KINDS), wrap=True,
            format_func=lambda kind: speech(f"corruption.{kind}"), key="drafts-kinds",
        )  # fmt: skip
        if st.form_submit_button(speech("drafts.make"), key="drafts-make", icon=":material/auto_fix_high:"):
            if not kinds:
                st.error(speech("drafts.no_kind"), icon=":material/error:")
                return
            try:
                draft_gold(context, actor, int(count), kinds, pool=pool, campaign=report.name)
            except JobError as error:
                st.error(plain(str(error)), icon=":material/error:")
                return
            st.rerun()


def _say_none(errand: Errand, speech: Speech) -> None:
    looked_at = (errand.result or {}).get("looked_at", 0)
    st.warning(speech("drafts.none", count=looked_at), icon=":material/search_off:")


def _look(context: Context, actor: Actor, result: dict[str, Any], speech: Speech) -> None:
    drafts: list[dict[str, Any]] = result["drafts"]
    st.write(
        speech(
            "drafts.found", count=len(drafts), good=result["good"], looked_at=result["looked_at"],
            campaign=plain(result["campaign"]),
        )
    )  # fmt: skip
    kept = []
    for draft in drafts:
        with st.container(border=True, key=f"draft-{draft['name']}"):
            st.html(_draft(draft, speech))
            if st.checkbox(speech("drafts.keep_one"), value=True, key=f"keep-{draft['name']}"):
                kept.append(draft["name"])
    with st.container(horizontal=True):
        if st.button(
            speech("drafts.keep", count=len(kept)), key="drafts-keep", type="primary", disabled=not kept
        ):
            try:
                made = keep_gold(context, actor, kept)
            except JobError as error:
                st.error(plain(str(error)), icon=":material/error:")
                return
            st.session_state["campaign-note"] = speech("drafts.kept", count=made)
            st.rerun()
        if st.button(speech("drafts.discard"), key="drafts-discard"):
            discard_gold(context, actor)
            st.rerun()


def _draft(draft: dict[str, Any], speech: Speech) -> str:
    twin, text = draft["twin"], draft["original"]
    kind = escape(speech.name("corruption", twin["kind"]))
    if twin["borrowed"] is not None:
        before, after = escape(text), f"<ins>{escape(twin['text'])}</ins>"
    else:
        start, end = twin["start"], twin["start"] + len(twin["removed"])
        head, tail = escape(text[:start]), escape(text[end:])
        before = f"{head}<del>{escape(twin['removed'])}</del>{tail}"
        after = f"{head}<ins>{escape(twin['inserted'])}</ins>{tail}"
    return (
        f'<p class="pl-eyebrow">{kind}<span class="pl-language">{escape(draft["language"])}</span></p>'
        f"<p><b>{escape(draft['question'])}</b></p>"
        f'<div class="pl-draft" lang="{escape(draft["language"])}">'
        f'<div dir="auto"><small>{escape(speech("drafts.good"))}</small>{before}</div>'
        f'<div dir="auto"><small>{escape(speech("drafts.worse"))}</small>{after}</div></div>'
        f'<p class="pl-quiet">{escape(twin["why"])}</p>'
    )
