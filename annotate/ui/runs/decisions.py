"""Say in the reader's language what the gate decided; the ledger keeps its sentence in English."""

from __future__ import annotations

import re

from annotate.ui.texts import Speech

_FIGURES = r"(?P<value>[\d.]+), 95 % interval \[(?P<low>[\d.]+), (?P<high>[\d.]+)\], (?P<pairs>\d+) pairs"
_SENTENCES = {
    "better": rf"better, promoted: {_FIGURES}, lower bound above (?P<threshold>[\d.]+)",
    "not_better": rf"not better, not promoted: {_FIGURES}, lower bound not above (?P<threshold>[\d.]+)",
    "few": r"not better, not promoted: (?P<pairs>\d+) pairs, at least (?P<least>\d+) are needed",
    "by_length": r"not promoted: it wins by length; with length held equal (?P<value>[\d.]+)",
    "forgot": r"not promoted: the loss on the general set rose by (?P<value>[\d.]+) nats a token, "
    r"surely more than (?P<threshold>[\d.]+)",
    "unmeasured": r"not promoted: it could not be measured: (?P<why>.+)",
    "by_hand": r"promoted by (?P<who>.+?): (?P<why>.+)",
    "by_hand_plain": r"promoted by (?P<who>.+)",
    "back": r"rolled back by (?P<who>.+?): (?P<why>.+)",
    "back_plain": r"rolled back by (?P<who>.+)",
}
_NUMBERS = ("value", "low", "high", "threshold")


def decision_text(reason: str, speech: Speech) -> str:
    """Return a decision in words of the reader; one that is not known stays as it is."""
    for name, pattern in _SENTENCES.items():
        if found := re.fullmatch(pattern, reason):
            told = found.groupdict()
            told |= {key: speech.number(float(told[key]), 3) for key in _NUMBERS if key in told}
            return speech(f"decision.{name}", **told)
    return reason
