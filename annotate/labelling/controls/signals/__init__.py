"""Raise signals of careless work: too fast, one-sided, patterned, copied comments; none acts by itself."""

from annotate.labelling.controls.signals.base import CHANCE, Finding
from annotate.labelling.controls.signals.copied_comments import copied_comments
from annotate.labelling.controls.signals.ledger import SignalView, find_signals, list_signals, settle_signal
from annotate.labelling.controls.signals.one_sided import one_sided
from annotate.labelling.controls.signals.patterned import patterned
from annotate.labelling.controls.signals.too_fast import Pace, fit_pace, too_fast

__all__ = [
    "CHANCE",
    "Finding",
    "Pace",
    "SignalView",
    "copied_comments",
    "find_signals",
    "fit_pace",
    "list_signals",
    "one_sided",
    "patterned",
    "settle_signal",
    "too_fast",
]
