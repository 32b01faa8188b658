"""Show pairs and take verdicts in the browser, without a rerun between them: one component, no build step.

The parts of the script are plain files that share one scope, joined in the order of `PARTS`. The card
speaks the desk protocol (see `annotate.api.desk`) with `base`; the Python side hears of it only when it
cannot go on, by a code such as `guideline` or `sitting_ended`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.labelling.ledger.spans import SPAN_KINDS
from annotate.ui.texts import Speech, texts_of

Mode = Literal["label", "training", "exam"]
HERE = Path(__file__).parent
NAME = "pairloop_card"
PARTS = (
    "texts", "memory", "wire", "outbox", "tabs", "stopwatch", "leases", "pages", "evidence", "spans",
    "reasons", "panels", "foot", "notices", "keys", "hands", "desk", "start",
)  # fmt: skip
DESK = "/api/v1/desk"
SKIP_REASONS = ("question_unclear", "beyond_me", "other_language", "not_impartial", "upsetting")
FLAG_REASONS = ("private_data", "unsafe", "prompt_injection", "broken_passage", "guideline")
PREFIXES = ("card", "verdict", "aspect", "tag", "skip", "flag", "span", "wait", "why")


def draw_card(
    speech: Speech, who: str, *, base: str = DESK, mode: Mode = "label", language: str = "", key: str = "card"
) -> str:
    """Draw the card; return why it cannot go on, or an empty string while it can.

    `who` keeps apart what several people leave behind in one browser. `language` is that of the
    guidelines, by default the reader's.
    """
    result = _component()(
        key=key,
        data={
            "base": _root() + base,
            "mode": mode,
            "who": who,
            "language": speech.language,
            "guidelines": language or speech.language,
            "texts": texts_of(speech.language, *PREFIXES),
            "verdicts": list(VERDICTS),
            "aspects": list(ASPECTS),
            "tags": list(ERROR_TAGS),
            "spans": list(SPAN_KINDS),
            "skips": list(SKIP_REASONS),
            "flags": list(FLAG_REASONS),
        },
        on_stopped_change=_nothing,
    )
    return str(result.get("stopped") or "")


def script() -> str:
    """Return the parts of the script as one module."""
    return "\n".join((HERE / "parts" / f"{part}.js").read_text("utf-8") for part in PARTS)


def _component() -> Callable[..., Any]:
    return _register(NAME)


@lru_cache(maxsize=1)
def _register(name: str) -> Callable[..., Any]:
    return st.components.v2.component(
        name,
        html=(HERE / "card.html").read_text("utf-8"),
        css=(HERE / "card.css").read_text("utf-8"),
        js=script(),
        isolate_styles=False,  # selections and the highlight of marks do not reach into a shadow root
    )


def _root() -> str:
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def _nothing() -> None:
    """Let the component run the screen again; what it says is read from the result."""
