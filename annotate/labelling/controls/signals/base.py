"""Say what a sign of careless work is, and count how unlikely it is by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import betainc

# The chance that honest work is signalled, for each kind of signal and each look at it.
CHANCE = 1e-4
_SMALLEST = 1e-300


@dataclass(frozen=True)
class Finding:
    """Hold a sign of careless work: its kind, how strong it is, and what it was seen in.

    `strength` is -log10 of the probability of seeing as much in honest work: 4 is one in ten thousand.
    """

    kind: str
    strength: float
    evidence: dict[str, Any]


def at_least(successes: int, trials: int, chance: float) -> float:
    """Return the probability of so many successes or more when each has this chance.

    Source: the upper tail of the binomial distribution as a regularised incomplete beta function.
    """
    if successes <= 0:
        return 1.0
    if successes > trials:
        return 0.0
    return float(betainc(successes, trials - successes + 1, chance))


def found(kind: str, chance: float, evidence: dict[str, Any]) -> Finding | None:
    """Return the finding if chance alone is too unlikely an explanation, else None."""
    if chance >= CHANCE:
        return None
    return Finding(kind, round(-math.log10(max(chance, _SMALLEST)), 2), evidence | {"chance": chance})
