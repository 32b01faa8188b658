"""Draw a training or an exam under way on the pair card, and how it ended."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.sittings import NoSuchSitting, own_sitting, start
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling.controls.exams import SittingView
from annotate.reports.entrance import EXAM, Trial, report_trials
from annotate.ui.card import Mode, draw_card
from annotate.ui.entry.frame import facts, page
from annotate.ui.texts import LANGUAGES, Speech

CHOSEN = "sitting"  # in the browser's session: which sitting is on the screen
BASE = "/api/v1/sittings"


def chosen_sitting(context: Context, actor: Actor) -> SittingView | None:
    """Return the sitting that is on this screen, if one is and it is the actor's own."""
    number = st.session_state.get(CHOSEN)
    if number is None:
        return None
    try:
        return own_sitting(context, actor, number)
    except NoSuchSitting:  # somebody else signed in here meanwhile
        leave()
        return None


def choose_sitting(number: int) -> None:
    """Put a sitting on the screen."""
    st.session_state[CHOSEN] = number


def leave() -> None:
    """Take the sitting off the screen; one that has not ended goes on when it is asked for again."""
    st.session_state.pop(CHOSEN, None)


def begin(context: Context, actor: Actor, trial: Trial, speech: Speech) -> None:
    """Start a trial, or go on with it, and put it on the screen."""
    try:
        sitting = start(context, actor, trial.pool, language=trial.language, campaign=trial.campaign)
    except LabellingError:  # passed or used up in another window meanwhile; what holds now is drawn next
        st.toast(speech("learn.elsewhere"))
    else:
        choose_sitting(sitting.id)


def draw_sitting(context: Context, actor: Actor, sitting: SittingView, speech: Speech) -> None:
    """Draw a sitting: the card while it lasts, then how it ended."""
    if sitting.ended_at is not None:
        _draw_end(context, sitting, speech)
        return
    language = LANGUAGES.get(sitting.language, sitting.language)
    name, rule = speech(f"learn.{sitting.pool}"), speech(f"learn.{sitting.pool}_short")
    st.html(f'<p class="pl-sitting"><b>{name}</b><span>{language}</span><span>{rule}</span></p>')
    draw_card(
        speech, actor.name, base=f"{BASE}/{sitting.id}", mode=_mode(sitting), key=f"sitting-{sitting.id}"
    )


def _mode(sitting: SittingView) -> Mode:
    return "exam" if sitting.pool == EXAM else "training"


def _draw_end(context: Context, sitting: SittingView, speech: Speech) -> None:
    trial = next(
        one
        for one in report_trials(context.store, sitting.assessor_id)
        if (one.pool, one.language) == (sitting.pool, sitting.language)
    )
    kind = "trained" if sitting.pool != EXAM else "passed" if sitting.passed else "not_passed"
    with page(None, speech(f"learn.{kind}"), speech(f"learn.{kind}_help"), speech):
        rows = [(speech("learn.right"), speech("learn.of", right=sitting.right, total=sitting.total))]
        if sitting.pool == EXAM:
            rows.append(
                (
                    speech("learn.needed"),
                    speech("learn.needed_of", needed=trial.needed_of(sitting.total), total=sitting.total),
                )
            )
        facts(rows)
        st.button(speech("learn.continue"), type="primary", key="continue", shortcut="Enter", on_click=leave)
