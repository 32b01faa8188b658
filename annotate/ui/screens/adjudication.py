"""Give disputed pairs a second look: the queue, one pair with all that was said of it, the decision."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.reports.review_queue import ReviewFilter, ReviewQueue, next_review, report_queue
from annotate.reports.reviews import report_review
from annotate.ui.adjudication.deciding import BUTTONS
from annotate.ui.adjudication.keys import listen
from annotate.ui.adjudication.queue import DECIDED, PAGE, choose_filter, draw_queue, look_for_more
from annotate.ui.adjudication.review import draw_review, names_wanted
from annotate.ui.frame import current_context, current_speech, empty, gate, title
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

OPEN = "open"


def main() -> None:
    """Draw the screen."""
    actor, context, speech = gate(Permission.REVIEW), current_context(), current_speech()
    listen(BUTTONS)
    title(speech("screen.adjudication"), speech("adjudication.intro"))
    queue = report_queue(context.store, limit=1)
    counts = {OPEN: sum(queue.reasons.values()), DECIDED: queue.decided}
    with st.container(horizontal=True, vertical_alignment="center", key="review-top"):
        part = st.segmented_control(
            speech("adjudication.part"), [OPEN, DECIDED], default=OPEN, required=True, key="review-part",
            label_visibility="collapsed",
            format_func=lambda one: speech(f"adjudication.{one}", count=counts[one]),
        )  # fmt: skip
        named = names_wanted(actor, speech)
        look_for_more(context, actor, speech)
    if note := st.session_state.pop("review-note", ""):
        st.success(note, icon=":material/check_circle:")
    if part == OPEN:
        _draw_open(context, actor, queue, speech, named=named)
    else:
        _draw_decided(context, actor, queue, speech, named=named)


def _draw_open(context: Context, actor: Actor, queue: ReviewQueue, speech: Speech, *, named: bool) -> None:
    if not queue.reasons:
        empty(speech("adjudication.empty"), speech("adjudication.empty_help"))
        return
    with st.expander(speech("adjudication.queue"), icon=":material/list:"):
        wanted = choose_filter(queue.campaigns, OPEN, speech)
        found = report_queue(context.store, wanted, limit=PAGE)
        draw_queue(found, OPEN, speech)
        _choose([one.id for one in found.rows], speech)
    number = _current(context, wanted, speech)
    review = report_review(context.store, number, named=named) if number is not None else None
    if review is None:
        empty(speech("adjudication.none_such"), speech("adjudication.none_such_help"))
        return
    draw_review(context, actor, review, speech)


def _draw_decided(context: Context, actor: Actor, queue: ReviewQueue, speech: Speech, *, named: bool) -> None:
    if not queue.decided:
        empty(speech("adjudication.no_decision"), speech("adjudication.no_decision_help"))
        return
    wanted = choose_filter(queue.campaigns, DECIDED, speech)
    found = report_queue(context.store, wanted, limit=PAGE)
    draw_queue(found, DECIDED, speech)
    names = {one.id: f"{one.id} · {one.question[:80]}" for one in found.rows}
    chosen = st.selectbox(
        speech("adjudication.look_at"), list(names), index=None, format_func=names.__getitem__,
        key="review-decided", placeholder=speech("adjudication.choose"),
    )  # fmt: skip
    review = report_review(context.store, chosen, named=named) if chosen is not None else None
    if review is not None:
        draw_review(context, actor, review, speech)


def _choose(numbers: list[int], speech: Speech) -> None:
    """Let the reader go to one review of the queue."""

    def go() -> None:
        st.session_state["review"] = st.session_state["review-go"]

    st.selectbox(
        speech("adjudication.go"), numbers, index=None, key="review-go", on_change=go,
        placeholder=speech("adjudication.choose"),
    )  # fmt: skip


def _current(context: Context, wanted: ReviewFilter, speech: Speech) -> int | None:
    """Return the review on the desk: the one chosen while it is open, else the next in the queue."""
    state = st.session_state
    chosen = state.get("review")
    known = report_review(context.store, chosen) if chosen is not None else None
    if known is not None and known.state != OPEN:
        verdict = speech.name("verdict", known.verdict)
        st.info(speech("adjudication.meanwhile", verdict=verdict, name=plain(known.decided_by)))
    if known is None or known.state != OPEN:
        state["review"] = next_review(context.store, wanted, state.pop("review-after", None))
    found: int | None = state["review"]
    return found


main()
