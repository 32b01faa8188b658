"""Draw the bar that decides a review, by keys or buttons, and what goes with it."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.reviews import decide_review
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.labelling import VERDICTS
from annotate.reports.reviews import ReviewReport
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

KEYS = dict(zip(VERDICTS, "123450", strict=True))
NOTES = {"majority": "m", "minority": "k", "sources": "s", "flag": "f"}
LONGEST_NOTE = 2000
NEXT = "n"
BUTTONS = {
    **{key: f"decide-{verdict}" for verdict, key in KEYS.items()},
    **{key: f"note-{name}" for name, key in NOTES.items()},
    NEXT: "review-next",
}


def draw_decision(context: Context, actor: Actor, review: ReviewReport, speech: Speech) -> None:
    """Draw the bar; a decision leads to the next review."""
    state = st.session_state
    chosen = state.get(f"verdict-{review.id}", "")
    own = actor.assessor_id in review.judged_by
    with st.container(key="decision"):
        forced = own and st.checkbox(speech("adjudication.own"), key=f"forced-{review.id}")
        with st.container(key="decision-verdicts"):
            for verdict in VERDICTS:
                st.button(
                    speech(f"verdict.{verdict}"), key=f"decide-{verdict}", shortcut=KEYS[verdict],
                    type="primary" if verdict == chosen else "secondary", width="stretch",
                    on_click=_choose, args=(review.id, verdict),
                )  # fmt: skip
        note, done = _reason(review, speech)
        if done:
            _decide(context, actor, review, chosen, note, speech, forced=bool(forced), own=own)


def _reason(review: ReviewReport, speech: Speech) -> tuple[str, bool]:
    """Draw the reason and the buttons that go with it; return it, and whether to decide."""
    with st.container(horizontal=True, key="decision-notes"):
        for name, key in NOTES.items():
            text = speech(f"adjudication.note_{name}")
            st.button(
                text,
                key=f"note-{name}",
                shortcut=key,
                type="tertiary",
                on_click=_note,
                args=(review.id, text),
            )
    with st.container(horizontal=True, vertical_alignment="bottom", key="decision-turns"):
        note = st.text_area(
            speech("adjudication.note"), key=f"note-{review.id}", max_chars=LONGEST_NOTE, height=68,
            placeholder=speech("adjudication.note_hint"),
        )  # fmt: skip
        done = st.button(
            speech("adjudication.decide"), key="decide", type="primary", shortcut="Ctrl+Enter",
            icon=":material/gavel:",
        )  # fmt: skip
        st.button(
            speech("adjudication.next"), key="review-next", shortcut=NEXT, icon=":material/skip_next:",
            on_click=pass_on, args=(review.id,),
        )  # fmt: skip
    return note, done


def _decide(
    context: Context,
    actor: Actor,
    review: ReviewReport,
    verdict: str,
    note: str,
    speech: Speech,
    *,
    forced: bool,
    own: bool,
) -> None:
    lacking = (
        "no_verdict"
        if not verdict
        else "no_note"
        if not note.strip()
        else "own_first"
        if own > forced
        else ""
    )
    if lacking:
        st.error(speech(f"adjudication.{lacking}"), icon=":material/error:")
        return
    try:
        decide_review(context, actor, review.id, verdict, note, forced=forced)
    except PairloopError as error:
        st.error(speech("adjudication.refused", reason=plain(str(error))), icon=":material/error:")
        return
    state = st.session_state
    state["review-note"] = speech("adjudication.decided_now", verdict=speech(f"verdict.{verdict}"))
    state["review-after"], state["review"] = review.id, None
    st.rerun()


def pass_on(review_id: int) -> None:
    """Go on to the next review and leave this one open."""
    st.session_state["review-after"], st.session_state["review"] = review_id, None


def _choose(review_id: int, verdict: str) -> None:
    st.session_state[f"verdict-{review_id}"] = verdict


def _note(review_id: int, text: str) -> None:
    key = f"note-{review_id}"
    before = str(st.session_state.get(key) or "").strip()
    if text not in before:
        st.session_state[key] = f"{before} {text}".strip()
