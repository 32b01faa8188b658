"""Show how far the assessors can be trusted, people and machines apart."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.signals import measure_again
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand
from annotate.jobs.figures import QUALITY, keep_fresh, measure_small
from annotate.reports.quality_board import Board, StoredBoard, read_board, report_live
from annotate.ui.frame import current_context, current_speech, empty, gate, title
from annotate.ui.markup import plain
from annotate.ui.quality import agreement, assessors, confusion, gold, habits, machines, signals
from annotate.ui.texts import Speech

PARTS = ("agreement", "assessors", "confusion", "habits", "gold", "machines", "signals")
ICONS = {
    "agreement": ":material/handshake:",
    "assessors": ":material/groups:",
    "confusion": ":material/grid_on:",
    "habits": ":material/timer:",
    "gold": ":material/workspace_premium:",
    "machines": ":material/smart_toy:",
    "signals": ":material/flag:",
}
DRAWN: dict[str, Callable[[Board, Speech], None]] = {
    "agreement": agreement.draw,
    "confusion": confusion.draw,
    "habits": habits.draw,
    "gold": gold.draw,
    "machines": machines.draw,
}
LOOK_SECONDS = 2.0  # how often a running computation is looked at


def main() -> None:
    """Draw the screen."""
    actor, context, speech = gate(Permission.READ_QUALITY), current_context(), current_speech()
    title(speech("screen.quality"), speech("quality.intro"))
    if measure_small(context):
        stored = read_board(context.store)
    else:
        keep_fresh(context)
        stored = read_board(context.store)
        _state(context, actor, stored, speech)
    if stored is None:
        return
    if not stored.board.raters and not stored.board.gold.records:
        empty(speech("quality.empty"), speech("quality.empty_help"))
        return
    live = report_live(context.store)
    part = st.segmented_control(
        speech("quality.part"),
        PARTS,
        default=PARTS[0],
        format_func=lambda name: _label(name, len(live.open_signals), speech),
        key="part",
        required=True,
        label_visibility="collapsed",
    )
    if part == "assessors":
        assessors.draw(stored.board, live, context, actor, speech)
    elif part == "signals":
        signals.draw(live, context, actor, speech)
    else:
        DRAWN[part](stored.board, speech)


def _label(name: str, open_signals: int, speech: Speech) -> str:
    count = f" · {open_signals}" if name == "signals" and open_signals else ""
    return f"{ICONS[name]} {speech(f'quality.part_{name}')}{count}"


def _state(context: Context, actor: Actor, stored: StoredBoard | None, speech: Speech) -> None:
    """Say when the figures were computed, and let them be computed anew."""

    @st.fragment(run_every=LOOK_SECONDS)
    def watch() -> None:
        errand = read_errand(context, QUALITY)
        latest = read_board(context.store) if errand.state == "done" else stored
        if latest and (stored is None or latest.computed_at > stored.computed_at):
            st.rerun()
        running = errand.state == "running"
        with st.container(horizontal=True, vertical_alignment="center", key="figures"):
            st.caption(_told(stored, speech, running=running))
            if st.button(
                speech("quality.measure_again"), icon=":material/refresh:", disabled=running, type="tertiary"
            ):
                try:
                    measure_again(context, actor)
                except PairloopError as error:
                    st.error(plain(str(error)), icon=":material/error:")
                else:
                    st.rerun(scope="fragment")
        if errand.state == "failed":
            st.error(plain(errand.error), icon=":material/error:")

    watch()


def _told(stored: StoredBoard | None, speech: Speech, *, running: bool) -> str:
    words = []
    if stored is not None:
        words.append(speech("quality.computed", at=speech.moment(stored.computed_at)))
        if stored.judgements_since:
            words.append(speech("quality.since", count=stored.judgements_since))
    elif not running:
        words.append(speech("quality.never_computed"))
    if running:
        words.append(speech("quality.computing"))
    return " · ".join(words)


main()
