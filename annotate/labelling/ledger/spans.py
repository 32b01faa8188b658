"""Define the marks that an assessor puts on stretches of an answer, and how they turn with the order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotate.errors import VerdictError
from annotate.labelling.verdicts import SIDES

SPAN_KINDS = ("unsupported", "wrong_citation", "unsafe", "off_topic")
_OTHER = {"A": "B", "B": "A"}
_KEYS = {"side", "start", "end", "kind"}


def check_spans(spans: Sequence[dict[str, Any]]) -> None:
    """Raise VerdictError when a mark has no such side or kind, or does not lie in a text."""
    for span in spans:
        if set(span) != _KEYS or span["side"] not in SIDES or span["kind"] not in SPAN_KINDS:
            raise VerdictError(
                f"not a mark: {span!r}; it needs side (A or B), start, end and kind ({', '.join(SPAN_KINDS)})"
            )
        start, end = span["start"], span["end"]
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end):
            raise VerdictError(f"a mark from {start!r} to {end!r} marks nothing")


def swap_spans(spans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the marks as seen with the two answers in the other order."""
    return [span | {"side": _OTHER[span["side"]]} for span in spans]
