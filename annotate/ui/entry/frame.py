"""Draw the calm page that all steps before the pairs share: where one is, what is asked, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from annotate.reports.entrance import Entrance
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

PAIRS = "pairs"


@contextmanager
def page(entrance: Entrance | None, name: str, intro: str, speech: Speech) -> Iterator[None]:
    """Draw a page with its head; `entrance` tells which step of which it is."""
    with st.container(key="entry"):
        if entrance is not None and entrance.steps:
            st.html(_steps(entrance, speech))
        st.html(f'<h1 class="pl-title">{escape(name)}</h1><p class="pl-intro">{escape(intro)}</p>')
        yield


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """Draw short facts side by side, each a figure with what it counts."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    st.html(f'<dl class="pl-asked">{cells}</dl>')


def say(name: str, text: str) -> None:
    """Draw what somebody wrote, with who or what it is."""
    st.html(f'<div class="pl-said"><b>{escape(name)}</b><p>{escape(text)}</p></div>')


def _steps(entrance: Entrance, speech: Speech) -> str:
    names = [*entrance.steps, PAIRS]
    here = names.index(entrance.step)
    items = []
    for at, name in enumerate(names):
        state = "done" if at < here else "now" if at == here else "next"
        current = ' aria-current="step"' if at == here else ""
        items.append(f'<li class="pl-{state}"{current}>{escape(speech(f"entry.step_{name}"))}</li>')
    return f'<ol class="pl-steps" aria-label="{escape(speech("entry.steps"))}">{"".join(items)}</ol>'
