"""Draw the queue of reviews with its filters, and the button that looks for new ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.reviews import look_for_reviews
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.reports.review_queue import ReviewFilter, ReviewQueue, ReviewRow
from annotate.ui.errand_line import show_errand
from annotate.ui.frame import table
from annotate.ui.markup import plain
from annotate.ui.texts import LANGUAGES, Speech

PAGE = 100
DECIDED = "decided"


def look_for_more(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the button that looks the work over, and how that stands."""
    if st.button(
        speech("adjudication.look"), key="review-look", icon=":material/search:",
        help=speech("adjudication.look_help"),
    ):  # fmt: skip
        try:
            look_for_reviews(context, actor)
        except JobError as error:
            st.info(plain(str(error)))
        st.session_state["review-looked"] = True
        st.rerun()
    errand = show_errand("look_over")
    if errand.state == "done" and st.session_state.pop("review-looked", False):
        found = (errand.result or {}).get("new_reviews", 0)
        st.success(speech("adjudication.looked", count=found), icon=":material/check_circle:")


def choose_filter(campaigns: tuple[str, ...], state: str, speech: Speech) -> ReviewFilter:
    """Draw the filters and return what they ask for."""
    reasons = ("disagreement", "low_posterior", "flagged", "by_hand")
    with st.container(horizontal=True, key="review-filters"):
        reason = st.selectbox(
            speech("adjudication.reason"), ["", *reasons], key="review-reason",
            format_func=lambda one: speech(f"review.{one}") if one else speech("adjudication.all"),
        )  # fmt: skip
        campaign = st.selectbox(
            speech("adjudication.campaign"), ["", *campaigns], key="review-campaign",
            format_func=lambda one: one or speech("adjudication.all"),
        )  # fmt: skip
        language = st.selectbox(
            speech("adjudication.language"), ["", *LANGUAGES], key="review-language",
            format_func=lambda one: LANGUAGES.get(one, speech("adjudication.all")),
        )  # fmt: skip
    return ReviewFilter(state, reason, campaign, language)


def draw_queue(queue: ReviewQueue, state: str, speech: Speech) -> None:
    """Draw the reviews as a table."""
    columns: dict[str, Any] = {
        "review": st.column_config.NumberColumn(speech("adjudication.review"), width="small"),
        "reason": speech("adjudication.reason"),
        "question": st.column_config.TextColumn(speech("adjudication.question"), width="large"),
        "verdicts": st.column_config.TextColumn(speech("adjudication.verdicts"), width="medium"),
    }
    if state == DECIDED:
        columns |= {
            "decided": speech("adjudication.verdict"),
            "note": st.column_config.TextColumn(speech("adjudication.note"), width="medium"),
            "by": speech("adjudication.by"),
        }
    else:
        columns |= {
            "age": speech("adjudication.age"),
            "sure": st.column_config.NumberColumn(speech("adjudication.sure"), format="percent"),
        }
    columns |= {"campaign": speech("adjudication.campaign"), "language": speech("adjudication.language")}
    table([_row(one, speech) for one in queue.rows], f"reviews-{state}", columns)
    if queue.found > len(queue.rows):
        st.caption(speech("adjudication.more", shown=len(queue.rows), count=queue.found))


def _row(one: ReviewRow, speech: Speech) -> dict[str, Any]:
    return {
        "review": one.id,
        "task": one.task_id,
        "pair": one.pair_id,
        "reason": speech.name("review", one.reason),
        "question": one.question,
        "verdicts": " / ".join(speech.name("verdict", verdict) for verdict in one.verdicts),
        "age": speech.span((datetime.now(UTC) - one.opened_at).total_seconds()),
        "opened": one.opened_at,
        "sure": one.sure,
        "campaign": one.campaign,
        "language": one.language,
        "decided": speech.name("verdict", one.verdict) if one.verdict else "",
        "note": one.note,
        "by": one.decided_by,
        "decided_at": one.decided_at,
    }
