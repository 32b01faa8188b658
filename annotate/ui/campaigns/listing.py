"""Draw the list of campaigns: state, progress, and what needs a look."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.reports.campaigns import CampaignReport
from annotate.ui.frame import table
from annotate.ui.markup import escape
from annotate.ui.texts import Speech


def draw_card(report: CampaignReport, speech: Speech, *, chosen: bool) -> None:
    """Draw one campaign with the button that opens it."""
    with st.container(border=True, key=f"campaign-{'chosen' if chosen else 'other'}-{report.id}"):
        st.html(_card(report, speech))
        st.button(
            speech("campaigns.shown" if chosen else "campaigns.show"),
            key=f"open-{report.id}",
            disabled=chosen,
            width="stretch",
            on_click=choose,
            args=(report.name,),
        )


def choose(name: str) -> None:
    """Open a campaign."""
    st.session_state["campaign"] = name
    st.session_state["campaign-new"] = False


def _card(report: CampaignReport, speech: Speech) -> str:
    facts = [
        speech("campaigns.labels", done=speech.number(report.labels), total=speech.number(report.wanted)),
        speech("campaigns.tasks", count=report.tasks),
    ]
    if report.held:
        facts.append(speech("campaigns.held", count=report.held))
    reviews = (
        f'<p class="pl-campaign-due">{escape(speech("campaigns.reviews", count=report.reviews))}</p>'
        if report.reviews
        else ""
    )
    return (
        f'<div class="pl-campaign"><header><b>{escape(report.name)}</b>{badge(report.state, speech)}</header>'
        f'<div class="pl-campaign-bar" role="img" aria-label="{speech.percent(report.progress)}">'
        f'<i style="width:{report.progress:.1%}"></i></div>'
        f"<p><strong>{speech.percent(report.progress)}</strong> · {escape(' · '.join(facts))}</p>"
        f"{reviews}</div>"
    )


def badge(state: str, speech: Speech) -> str:
    """Return the state as a coloured word."""
    name = escape(speech(f"campaigns.{state}"))
    return f'<span class="pl-campaign-state pl-campaign-state-{escape(state)}">{name}</span>'


def draw_table(reports: list[CampaignReport], speech: Speech) -> None:
    """Draw all campaigns as a table."""
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "state": speech(f"campaigns.{one.state}"),
            "progress": one.progress,
            "labels": one.labels,
            "wanted": one.wanted,
            "held": one.held,
            "tasks": one.tasks,
            "done": one.done,
            "gold": one.pools.get("gold", 0),
            "training": one.pools.get("training", 0),
            "exam": one.pools.get("exam", 0),
            "reviews": one.reviews,
            "spent": one.spent,
            "created": one.created_at,
        }
        for one in reports
    ]
    number = st.column_config.NumberColumn
    table(
        rows,
        "campaigns",
        {
            "name": st.column_config.TextColumn(speech("campaigns.name"), width="medium"),
            "state": speech("campaigns.state"),
            "progress": st.column_config.ProgressColumn(
                speech("campaigns.progress"), min_value=0.0, max_value=1.0, format="percent"
            ),
            **{
                key: number(speech(f"campaigns.column_{key}"))
                for key in (
                    "labels",
                    "wanted",
                    "held",
                    "tasks",
                    "done",
                    "gold",
                    "training",
                    "exam",
                    "reviews",
                )
            },
            "spent": number(speech("campaigns.column_spent"), format="%.2f"),
        },
    )
