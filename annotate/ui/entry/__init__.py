"""Draw what stands between a person and the pairs: a stop, new guidelines, the training, the exam."""

from __future__ import annotations

import re

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.sittings import labels_as
from annotate.jobs.context import Context
from annotate.reports.entrance import CONFIRM, FREE, STOPPED, report_entrance
from annotate.ui.entry.frame import page, say
from annotate.ui.entry.reading import draw_reading
from annotate.ui.entry.sittings import chosen_sitting, draw_sitting
from annotate.ui.entry.trials import draw_trials
from annotate.ui.texts import Speech

__all__ = ["admit"]

BY_HAND = "set by hand"
# As `gold_rules` writes it, for the history and the log.
_BY_RULE = re.compile(
    r"(?P<right>[\d.]+) of the last (?P<of>\d+) gold answers right, below (?P<below>[\d.]+)"
)


def admit(context: Context, actor: Actor, speech: Speech) -> bool:
    """Return whether a person may go on to the pairs; where not, what stands between is drawn.

    A training or an exam that was begun goes on where it was left, also in another browser.
    """
    person = labels_as(context, actor)
    sitting = chosen_sitting(context, actor)
    if sitting is not None:
        draw_sitting(context, actor, sitting, speech)
        return False
    entrance = report_entrance(context.store, person)
    if entrance.step == FREE:
        return True
    if entrance.step == STOPPED:
        with page(
            entrance, speech(f"entry.{entrance.state}"), speech(f"entry.{entrance.state}_help"), speech
        ):
            if entrance.reason:
                say(speech("entry.reason"), _in_words(entrance.reason, speech))
            st.caption(speech("entry.stopped_advice"))
    elif entrance.step == CONFIRM:
        draw_reading(context, actor, entrance, speech)
    else:
        draw_trials(context, actor, entrance, speech)
    return False


def _in_words(reason: str, speech: Speech) -> str:
    """Return why somebody was stopped; what a gold rule wrote is said in the reader's language."""
    if (found := _BY_RULE.fullmatch(reason)) is not None:
        below = speech.percent(float(found["below"]))
        return speech("entry.by_gold", right=found["right"], of=found["of"], below=below)
    return speech("entry.by_hand") if reason == BY_HAND else reason
