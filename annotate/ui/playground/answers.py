"""Draw one contender's answer while it is written, then what its checks say of each sentence."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.jobs.playground import Side
from annotate.ui.markup import escape, rich
from annotate.ui.texts import Speech


def draw_answer(side: Side, place: int, speech: Speech, *, writing: bool) -> None:
    """Draw the answer with its decision; `place` chooses its colour."""
    letter = "ab"[place % 2]
    missing = set() if side.answer is None else {n for n in range(1, 100) if n > len(side.answer.passages)}
    text = rich(side.text, lambda number: _cite(number, number in missing)) if side.text else ""
    caret = '<span class="pl-caret" aria-hidden="true"></span>' if writing else ""
    waiting = (
        f'<p class="pl-quiet">{escape(speech("playground.its_turn"))}</p>' if not text and not writing else ""
    )
    st.html(
        f'<article class="pl-answer pl-{letter}" aria-busy="{str(writing).lower()}">'
        f"<header><span>{escape(side.name)}</span><small>{escape(_note(side, speech))}</small></header>"
        f'{_decision(side, speech)}<div class="pl-text" dir="auto">{text}{caret}</div>{waiting}</article>'
    )


def draw_checks(side: Side, speech: Speech) -> None:
    """Draw the check of each sentence and the flags of the whole answer."""
    answer = side.answer
    if answer is None:
        return
    sentences = "".join(_sentence(check, speech) for check in answer.checks)
    flags = "".join(
        f"<li><b>{escape(speech.name('flag_kind', flag.kind))}</b> {escape(flag.detail)}</li>"
        for flag in answer.flags
    )
    none = f'<p class="pl-quiet">{escape(speech("playground.no_flags"))}</p>'
    st.html(
        f'<div class="pl-checks"><h3>{escape(side.name)}</h3>'
        f"{f'<ol>{sentences}</ol>' if sentences else ''}"
        f"{f'<ul>{flags}</ul>' if flags else none}</div>"
    )


def _cite(number: int, missing: bool) -> str:
    return f'<span class="pl-cite{" pl-missing" if missing else ""}">{number}</span>'


def _note(side: Side, speech: Speech) -> str:
    answer = side.answer
    model = speech("runs.champion") if side.model == "champion" else side.model
    if answer is None:
        return model
    first = "" if side.first_piece_seconds is None else speech.number(side.first_piece_seconds, 1)
    return speech(
        "playground.took",
        model=model,
        tokens=answer.new_tokens,
        seconds=speech.number(answer.latency_seconds, 1),
        first=first or "–",
    )


def _decision(side: Side, speech: Speech) -> str:
    if side.answer is None:
        return ""
    decision = side.answer.decision
    shares = ", ".join(
        f"{speech.name('launch', name)} {speech.percent(share)}"
        for name, share in decision.probabilities.items()
    )
    more = f" <small>({escape(shares)})</small>" if shares else ""
    by_shares = bool(shares) and decision.reason.startswith("classifier:")  # says no more than the shares do
    reason = speech("playground.by_classifier") if by_shares else decision.reason
    return (
        f'<p class="pl-decision pl-launch-{escape(decision.action)}">'
        f"<b>{escape(speech.name('launch', decision.action))}</b> {escape(reason)}{more}</p>"
    )


def _sentence(check: Any, speech: Speech) -> str:
    mark = "supported" if check.supported else "unsupported"
    source = "" if check.source is None else speech("playground.best_source", number=check.source)
    return (
        f'<li class="pl-{mark}"><span dir="auto">{escape(check.text)}</span>'
        f"<small><b>{escape(speech(f'playground.{mark}'))} {speech.number(check.support, 2)}</b>"
        f" {escape(source)} {escape(check.reason)}</small></li>"
    )
