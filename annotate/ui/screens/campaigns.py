"""Open campaigns, watch them, change their rules, their gold tasks, guidelines and routing."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.reports.campaigns import CampaignReport, report_campaigns
from annotate.ui.campaigns.editing import draw_editing, draw_opening
from annotate.ui.campaigns.gold import draw_gold
from annotate.ui.campaigns.guidelines import draw_guidelines
from annotate.ui.campaigns.listing import badge, draw_card, draw_table
from annotate.ui.campaigns.overview import draw_overview
from annotate.ui.campaigns.routing import draw_routing
from annotate.ui.frame import current_context, current_speech, empty, gate, title
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

PARTS = {
    "overview": draw_overview,
    "rules": draw_editing,
    "gold": draw_gold,
    "guidelines": draw_guidelines,
    "routing": draw_routing,
}


def main() -> None:
    """Draw the screen."""
    actor, context, speech = gate(Permission.MANAGE_CAMPAIGNS), current_context(), current_speech()
    reports = report_campaigns(context.store, context.settings.judge.person_price)
    title(speech("screen.campaigns"), speech("campaigns.intro"))
    if note := st.session_state.pop("campaign-note", ""):
        st.success(note, icon=":material/check_circle:")
    if st.session_state.get("campaign-new"):
        draw_opening(context, actor, [one.name for one in reports], speech)
        return
    st.button(
        speech("campaigns.new"), key="campaign-add", icon=":material/add:", type="primary", on_click=_begin
    )
    if not reports:
        empty(speech("campaigns.empty"), speech("campaigns.empty_help"))
        return
    chosen = _chosen(reports)
    with st.container(key="campaign-cards"):
        for report in reports:
            draw_card(report, speech, chosen=report is chosen)
    with st.expander(speech("campaigns.as_table")):
        draw_table(reports, speech)
    _draw_chosen(context, actor, chosen, speech)


def _begin() -> None:
    st.session_state["campaign-new"] = True


def _chosen(reports: list[CampaignReport]) -> CampaignReport:
    wanted = st.session_state.get("campaign")
    return next((one for one in reports if one.name == wanted), reports[0])


def _draw_chosen(context: Context, actor: Actor, chosen: CampaignReport, speech: Speech) -> None:
    st.html(
        f'<h2 class="pl-heading pl-campaign-head">{escape(chosen.name)} {badge(chosen.state, speech)}</h2>'
    )
    part = st.segmented_control(
        speech("campaigns.part"), list(PARTS), default="overview", required=True, key="campaign-part",
        label_visibility="collapsed", format_func=lambda name: speech(f"campaigns.part_{name}"),
    )  # fmt: skip
    PARTS[part](context, actor, chosen, speech)


main()
