"""Signal verdicts given faster than the answers can be read, or than others and the assessor ever did.

Time is compared for the length of what is to be read: log(seconds) = a + b·log(words) is fitted to
the crowd by medians (Theil 1950, Sen 1968), and the spread around it is their median deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.controls.signals.base import Finding, at_least, found

KIND = "too_fast"
READING_LIMIT = 12.0  # words a second; a quick reader of prose takes in 4 to 7
FENCE = 2.5  # spreads below the crowd
TOLERATED = 0.15  # of an honest assessor's verdicts may be as quick: a skipped reading, a known passage
LEAST = 15  # verdicts with a time
RECENT = 30  # verdicts that are compared with the assessor's own earlier ones
SUDDEN = 3.0  # times as fast as before is no matter of practice
CROWD = 30  # verdicts of others from which a fit can be drawn
_SAMPLE = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pace:
    """Hold how long the crowd takes for a number of words, and how much that varies."""

    intercept: float
    slope: float
    spread: float

    def expected(self, words: Floats) -> Floats:
        """Return the log of the usual seconds."""
        logs: Floats = self.intercept + self.slope * np.log(words)
        return logs


def fit_pace(seconds: Floats, words: Floats) -> Pace | None:
    """Fit the pace of a crowd to its times and word counts, both (n,); None where they are too few."""
    if len(seconds) < CROWD:
        return None
    step = max(1, len(seconds) // _SAMPLE)
    x, y = np.log(words[::step]), np.log(seconds[::step])
    run, rise = np.subtract.outer(x, x), np.subtract.outer(y, y)
    apart = np.abs(run) > 0.1
    slope = float(np.clip(np.median(rise[apart] / run[apart]), 0.0, 1.5)) if apart.any() else 0.0
    intercept = float(np.median(y - slope * x))
    spread = 1.4826 * float(np.median(np.abs(y - intercept - slope * x)))
    return Pace(intercept, slope, max(spread, 0.2))


def too_fast(seconds: Floats, words: Floats, crowd: Pace | None) -> Finding | None:
    """Return a finding when one assessor's verdicts are too fast.

    `seconds` and `words` (n,), oldest first: the active time and the words to read of each verdict;
    without a time a verdict does not belong here. `crowd` is the pace of the others.
    """
    if len(seconds) < LEAST:
        return None
    limit = words / READING_LIMIT
    if crowd is not None:
        limit = np.maximum(limit, np.exp(crowd.expected(words) - FENCE * crowd.spread))
    rushed = int((seconds < limit).sum())
    evidence = {
        "rushed": rushed,
        "of": len(seconds),
        "median_seconds": round(float(np.median(seconds)), 1),
        "median_words": int(np.median(words)),
    }
    if crowd is not None:
        evidence["usual_seconds"] = round(float(np.exp(np.median(crowd.expected(words)))), 1)
    candidates = [(at_least(rushed, len(seconds), TOLERATED), evidence)]
    if (sudden := _sudden(seconds, words)) is not None:
        candidates.append(sudden)
    chance, evidence = min(candidates, key=lambda candidate: candidate[0])
    return found(KIND, min(1.0, chance * 2), evidence)


def _sudden(seconds: Floats, words: Floats) -> tuple[float, dict[str, float]] | None:
    """Return how unlikely it is that the recent verdicts are so much faster than the earlier ones."""
    recent, earlier = (seconds / words)[-RECENT:], (seconds / words)[:-RECENT]
    if len(earlier) < RECENT:
        return None
    usual = float(np.median(earlier)) / SUDDEN
    # Half of the recent verdicts would lie below the third of the old pace if that were the new one.
    faster = int((recent < usual).sum())
    own_share = max(float((earlier < usual).mean()), TOLERATED)
    evidence = {
        "sudden": faster,
        "of": len(recent),
        "earlier_seconds_a_word": round(float(np.median(earlier)), 3),
        "recent_seconds_a_word": round(float(np.median(recent)), 3),
    }
    return at_least(faster, len(recent), min(own_share + 0.2, 0.9)), evidence
