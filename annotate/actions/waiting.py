"""Name by a code why somebody gets no pair, or why a step was refused; the screens know codes, not English.

The ledger says why in words, for the command line and the log; each of its sentences has one code here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODES: tuple[tuple[str, str], ...] = (
    (r"no pair is waiting", "nothing"),
    (r"the daily limit", "daily_limit"),
    (r"the guidelines are new or changed", "guideline"),
    (r"the guidelines have changed since", "guideline_changed"),
    (r"do the training first", "training"),
    (r"pass the exam first", "exam"),
    (r"the campaign .+ asks for skills", "skills"),
    (r"the label budget", "budget"),
    (r"the campaign .+ is (paused|closed)|no campaign is open", "campaign"),
    (r"this assessor is unknown or not active|paused|banned", "stopped"),
    (r"this pair is submitted already", "judged"),
    (r"this pair is (skipped|dropped|released)", "gone"),
    (r"the lease ran out|this pair is not leased", "lease"),
    (r"only the last judgement can be undone", "undo_order"),
    (r"a judgement can be undone for", "undo_late"),
    (r"there is no judgement to undo", "undo_none"),
    (r"there is no judgement to amend", "amend_none"),
    (r"this judgement was changed meanwhile", "changed"),
)


@dataclass(frozen=True)
class Reason:
    """Hold why: a code for programs, the ledger's own words for whoever has no text for the code."""

    code: str
    text: str


def reason_of(error: Exception | str) -> Reason:
    """Return the code of what the ledger said; `refused` where there is none."""
    text = str(error)
    found = next((code for pattern, code in CODES if re.match(pattern, text)), "refused")
    return Reason(found, text)
