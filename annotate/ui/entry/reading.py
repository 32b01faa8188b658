"""Draw guidelines that are new or have changed, to be read and confirmed."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.sittings import confirm_reading, labels_as
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling.guidelines import (
    GuidelineVersion,
    PendingChanges,
    current_guideline,
    pending_changes,
)
from annotate.reports.entrance import Entrance
from annotate.ui.entry.changes import draw_changes
from annotate.ui.entry.frame import page
from annotate.ui.texts import Speech

FIRST = "comparison"  # the page that everything else builds on


def draw_reading(context: Context, actor: Actor, entrance: Entrance, speech: Speech) -> None:
    """Draw what is to be read, and the button that confirms it."""
    person = labels_as(context, actor)
    pending = pending_changes(context.store, person, entrance.campaign, speech.language)
    if pending is None:  # confirmed in another window meanwhile
        st.rerun()
    kind = "new" if pending.read is None else "changed"
    with page(entrance, speech(f"entry.{kind}"), speech(f"entry.{kind}_help"), speech):
        _draw_text(pending, speech)
        with st.container(key="entry-confirm", horizontal=True, vertical_alignment="center"):
            st.button(
                speech("entry.confirm"),
                type="primary",
                key="confirm",
                icon=":material/task_alt:",
                on_click=confirm_reading,
                args=(context, actor, pending.current.id),
            )
            st.caption(speech("entry.version", version=pending.current.content_hash[:8]))


def guideline_in_force(context: Context, campaign: str) -> GuidelineVersion:
    """Return the version that a campaign works under: the workspace's own, before any was adopted."""
    try:
        return current_guideline(context.store, campaign)
    except LabellingError:
        return context.guideline


def draw_guideline(version: GuidelineVersion, speech: Speech) -> None:
    """Draw all pages of a version in the reader's language."""
    found = version.in_language(speech.language)
    texts = [found[name] for name in sorted(found, key=lambda name: (name != FIRST, name))]
    names = [text.lstrip("# ").split("\n", 1)[0] for text in texts]
    for tab, text in zip(st.tabs(names), texts, strict=True):
        tab.markdown(text)


def _draw_text(pending: PendingChanges, speech: Speech) -> None:
    if pending.read is None:
        draw_guideline(pending.current, speech)
        return
    if pending.changes:
        st.html(draw_changes(pending.read.texts, pending.current.texts, pending.changes, speech))
    else:
        st.info(speech("entry.unchanged"), icon=":material/translate:")
    with st.expander(speech("entry.whole"), icon=":material/menu_book:"):
        draw_guideline(pending.current, speech)
