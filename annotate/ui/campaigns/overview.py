"""Draw how far a campaign is, what its rules mean, and the buttons that pause and close it."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.campaigns import turn_campaign
from annotate.errors import ChangedMeanwhile
from annotate.jobs.context import Context
from annotate.labelling.campaigns import CampaignState
from annotate.reports.campaigns import CampaignReport, report_quotas
from annotate.ui.campaigns.forecast import draw_forecast
from annotate.ui.campaigns.summary import sum_up
from annotate.ui.frame import heading, table
from annotate.ui.markup import escape
from annotate.ui.texts import LANGUAGES, Speech

TURNS: dict[str, tuple[CampaignState, ...]] = {
    "open": ("paused", "closed"),
    "paused": ("open", "closed"),
    "closed": ("open",),
}
ICONS = {"open": ":material/play_arrow:", "paused": ":material/pause:", "closed": ":material/stop:"}
assert set(TURNS) == set(get_args(CampaignState))  # noqa: S101 - a new state needs its buttons


def draw_overview(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the part."""
    _figures(report, speech)
    _turns(context, actor, report, speech)
    heading(speech("campaigns.means"))
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sum_up(report.rules, speech))
    st.html(f'<ul class="pl-summary">{said}</ul>')
    _quotas(context, report, speech)
    draw_forecast(context, speech)


def _figures(report: CampaignReport, speech: Speech) -> None:
    with st.container(horizontal=True, key="campaign-figures"):
        st.metric(speech("campaigns.progress"), speech.percent(report.progress), border=True)
        labels = f"{speech.number(report.labels)} / {speech.number(report.wanted)}"
        st.metric(speech("campaigns.column_labels"), labels, border=True)
        st.metric(speech("campaigns.column_held"), speech.number(report.held), border=True)
        done = f"{speech.number(report.done)} / {speech.number(report.tasks)}"
        st.metric(speech("campaigns.finished"), done, border=True)
        st.metric(speech("campaigns.column_reviews"), speech.number(report.reviews), border=True)
        if report.price:
            spent = speech.number(report.spent, 2)
            if budget := report.rules.label_budget:
                spent += f" / {speech.number(budget * report.price, 2)}"
            st.metric(
                speech("campaigns.column_spent"), spent, border=True, help=speech("campaigns.spent_help")
            )
    budget = report.rules.label_budget
    if budget is not None and report.labels + report.held >= budget:
        st.warning(speech("campaigns.budget_spent", count=budget), icon=":material/payments:")
    if not report.tasks:
        st.info(speech("campaigns.no_tasks"), icon=":material/info:")


def _turns(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    with st.container(horizontal=True, key="campaign-turns"):
        for state in TURNS[report.state]:
            verb = f"campaigns.turn_{state}" if report.state != "closed" else "campaigns.turn_again"
            if state == "closed":
                with st.popover(speech(verb), icon=ICONS[state]):
                    st.write(speech("campaigns.close_help"))
                    sure = st.button(speech("campaigns.close_sure"), key="turn-closed", type="primary")
            else:
                sure = st.button(speech(verb), key=f"turn-{state}", icon=ICONS[state])
            if sure:
                try:
                    turn_campaign(context, actor, report.name, state, seen=report.state)
                except ChangedMeanwhile:
                    st.session_state["campaign-note"] = speech("campaigns.turned_meanwhile")
                st.rerun()
    st.caption(speech(f"campaigns.{report.state}_help"))


def _quotas(context: Context, report: CampaignReport, speech: Speech) -> None:
    rows = [
        {
            "kind": speech(f"campaigns.{one.kind}"),
            "name": LANGUAGES.get(one.name, one.name)
            if one.kind == "language"
            else speech.name("cluster", one.name),
            "tasks": one.tasks,
            "done": one.done,
            "filled": one.done / one.tasks if one.tasks else 0.0,
            "share": one.share,
            "cap": one.cap,
        }
        for one in report_quotas(context.store, report.name)
    ]
    if not rows:
        return
    heading(speech("campaigns.balance"))
    table(
        rows,
        "campaign-balance",
        {
            "kind": speech("campaigns.kind"),
            "name": st.column_config.TextColumn(speech("campaigns.place"), width="medium"),
            "tasks": speech("campaigns.column_tasks"),
            "filled": st.column_config.ProgressColumn(
                speech("campaigns.finished"), min_value=0.0, max_value=1.0, format="percent"
            ),
            "share": st.column_config.NumberColumn(speech("campaigns.share"), format="percent"),
            "cap": speech("campaigns.cap"),
        },
    )
