"""Join the verdicts of several judges on one pair.

Each judge of a panel is an assessor of its own in the ledger, with its own reliability and
calibration. The panel is a plan, not an assessor: a joint verdict that was stored beside those
it is made of would count them twice when votes are aggregated. Routing calibrates the joint
verdict as it does a single machine's, and sends a pair to every member.
Source: Verga et al., "Replacing Judges with Juries", 2024.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from annotate.labelling.verdicts import GRADES, outcome


def join_verdicts(votes: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """Return the joint verdict and confidence of (verdict, confidence) votes on one pair.

    The outcome with the most votes wins, the higher sum of confidences among equals, a tie where
    even these are equal; its confidence is its share of all confidence. Raises ValueError for no votes.
    """
    if not votes:
        raise ValueError("a panel needs a vote")
    count = Counter(outcome(verdict) for verdict, _ in votes)
    weight: Counter[str] = Counter()
    for verdict, confidence in votes:
        weight[outcome(verdict)] += round(confidence * 1e9)
    best = max((count[name], weight[name]) for name in count)
    winners = [name for name in count if (count[name], weight[name]) == best]
    winner = winners[0] if len(winners) == 1 else "tie"
    total = sum(weight.values())
    sure = weight[winner] / total * best[0] / len(votes) if total else 0.0
    if winner in ("tie", "both_bad"):
        return winner, sure
    grades = [abs(GRADES[verdict]) for verdict, _ in votes if outcome(verdict) == winner]
    strength = "much_better" if sum(grades) / len(grades) > 1.5 else "better"
    return f"{'A' if winner == 'first' else 'B'}_{strength}", sure
