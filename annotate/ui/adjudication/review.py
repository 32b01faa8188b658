"""Draw one review: why it is here, the pair, what was said of it, the discussion."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.reviews import discuss, reopen_review
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.reports.reviews import ReviewReport
from annotate.ui.adjudication.deciding import draw_decision
from annotate.ui.adjudication.votes import draw_discussion, draw_posterior, draw_votes, marks_of
from annotate.ui.frame import heading
from annotate.ui.markup import escape, plain
from annotate.ui.still_pair import draw_still
from annotate.ui.texts import Speech


def names_wanted(actor: Actor, speech: Speech) -> bool:
    """Draw the switch that shows names, where the reader may see them; it is off at first."""
    return actor.may(Permission.READ_QUALITY) and st.toggle(
        speech("adjudication.names"), key="review-names", help=speech("adjudication.names_help")
    )


def draw_review(context: Context, actor: Actor, review: ReviewReport, speech: Speech) -> None:
    """Draw a review, with the decision where it is open and the way to open it again where it is not."""
    _head(review, speech)
    st.html(draw_still(review.pair, speech, marks_of(review.opinions, speech)))
    votes, beside = st.columns([3, 2], gap="large")
    with votes:
        heading(speech("adjudication.votes"))
        st.html(draw_votes(review, speech))
    with beside:
        heading(speech("adjudication.posterior"))
        st.html(draw_posterior(review, speech))
        heading(speech("adjudication.discussion"))
        st.html(draw_discussion(review, speech))
        _discuss(context, actor, review, speech)
    if review.state == "open":
        draw_decision(context, actor, review, speech)
    else:
        _reopen(context, actor, review, speech)


def _head(review: ReviewReport, speech: Speech) -> None:
    age = speech.span((datetime.now(UTC) - review.opened_at).total_seconds())
    facts = [speech("adjudication.waits", span=age), review.campaign]
    if review.state != "open":
        verdict = speech.name("verdict", review.verdict)
        facts = [speech("adjudication.was_decided", verdict=verdict, name=review.decided_by), review.campaign]
    st.html(
        f'<p class="pl-review-head"><span class="pl-reason pl-reason-{escape(review.reason)}">'
        f"{escape(speech.name('review', review.reason))}</span>{escape(' · '.join(facts))}"
        f"<small>{escape(speech('adjudication.number', review=review.id, task=review.task_id))}</small></p>"
    )


def _discuss(context: Context, actor: Actor, review: ReviewReport, speech: Speech) -> None:
    with st.form(f"discuss-{review.id}", clear_on_submit=True, border=False):
        text = st.text_input(
            speech("adjudication.remark"), max_chars=2000, key=f"remark-{review.id}",
            placeholder=speech("adjudication.remark_hint"), label_visibility="collapsed",
        )  # fmt: skip
        sent = st.form_submit_button(
            speech("adjudication.say"), key=f"say-{review.id}", icon=":material/chat:"
        )
    if sent and text.strip():
        try:
            discuss(context, actor, review.task_id, text)
        except PairloopError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def _reopen(context: Context, actor: Actor, review: ReviewReport, speech: Speech) -> None:
    with st.form(f"reopen-{review.id}"):
        why = st.text_input(speech("adjudication.reopen_why"), max_chars=500, key=f"why-{review.id}")
        sent = st.form_submit_button(speech("adjudication.reopen"), key=f"reopen-{review.id}-send")
    if not sent:
        return
    if not why.strip():
        st.error(speech("adjudication.no_note"), icon=":material/error:")
        return
    try:
        reopen_review(context, actor, review.id, why)
    except PairloopError as error:
        st.error(speech("adjudication.refused", reason=plain(str(error))), icon=":material/error:")
        return
    st.session_state["review-note"] = speech("adjudication.reopened")
    st.session_state["review"] = review.id
    st.rerun()
