"""Draw the signs of careless work, and let a lead settle them; nothing acts by itself."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.signals import settle_signal
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.labelling.controls.signals import SignalView
from annotate.labelling.controls.signals.settling import CONSEQUENCES
from annotate.reports.quality_board import Live
from annotate.ui.frame import heading, table
from annotate.ui.markup import escape, plain
from annotate.ui.texts import Speech


def draw(live: Live, context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the part."""
    heading(speech("quality.signals_open"))
    st.caption(speech("quality.signals_help"))
    if not live.open_signals:
        st.success(speech("quality.signals_none"), icon=":material/check:")
    for signal in live.open_signals:
        with st.container(border=True):
            st.html(_card(signal, speech))
            if actor.may(Permission.REVIEW):
                _settle(signal, context, actor, speech)
    if live.settled:
        heading(speech("quality.signals_settled"))
        _settled(live, speech)


def _card(signal: SignalView, speech: Speech) -> str:
    facts = "".join(
        f"<li><span>{escape(speech.name('evidence', key))}</span> "
        f"<b>{escape(_value(key, value, speech))}</b></li>"
        for key, value in signal.evidence.items()
        if key != "chance"
    )
    strength = escape(speech("quality.strength", value=speech.decimal(signal.strength, 1)))
    return (
        f'<div class="pl-signal"><header><b>{escape(speech.name("signal", signal.kind))}</b>'
        f"<span>{escape(signal.assessor)}</span><small>{strength}</small>"
        f"<small>{escape(speech.moment(signal.created_at))}</small></header><ul>{facts}</ul></div>"
    )


def _value(key: str, value: Any, speech: Speech) -> str:
    if isinstance(value, list):
        return " → ".join(speech.name("verdict", str(one)) for one in value)
    if isinstance(value, float):
        return speech.number(value, 2)
    if key in ("verdict", "run"):
        return speech.name("verdict", str(value))
    return speech.name("side", str(value)) if key == "side" else str(value)


def _settle(signal: SignalView, context: Context, actor: Actor, speech: Speech) -> None:
    with st.form(f"settle-{signal.id}", border=False):
        consequence = st.radio(
            speech("quality.consequence"),
            CONSEQUENCES,
            format_func=lambda name: speech(f"quality.consequence_{name}"),
            horizontal=True,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = st.text_input(speech("quality.reason"), max_chars=300)
            pressed = st.form_submit_button(speech("quality.settle"))
    if pressed and consequence:
        try:
            settle_signal(context, actor, signal.id, consequence, reason)
        except PairloopError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.toast(speech("quality.settled"), icon=":material/check:")
            st.rerun()


def _settled(live: Live, speech: Speech) -> None:
    table(
        [
            {
                "assessor": one.assessor,
                "kind": speech.name("signal", one.kind),
                "strength": one.strength,
                "raised": one.created_at,
                "settled": one.settled_at,
                "by": one.settled_by,
                "resolution": one.resolution,
            }
            for one in live.settled
        ],
        "signals",
        {
            "assessor": speech("quality.assessor"),
            "kind": speech("quality.signal"),
            "strength": st.column_config.NumberColumn(speech("quality.strength_column"), format="%.1f"),
            "settled": st.column_config.DatetimeColumn(speech("quality.when"), format=speech.moments),
            "by": speech("quality.by"),
            "resolution": st.column_config.TextColumn(speech("quality.resolution"), width="large"),
        },
    )
