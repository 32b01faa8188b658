"""Signal verdicts that follow a pattern: they alternate, repeat with a period, or come in one long run.

Honest verdicts depend on the pairs, which come in no order that a pattern could follow. A verdict
equals the one `period` before it about as often as two verdicts drawn at random are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from annotate.labelling.controls.signals.base import Finding, at_least, found

KIND = "patterned"
LONGEST_PERIOD = 8
TOLERATED = 0.1  # the pairs of a batch are like one another, so that neighbours agree a little more
LEAST = 24  # verdicts


def patterned(shown: Sequence[str]) -> Finding | None:
    """Return a finding when one assessor's verdicts, as displayed and in order, follow a pattern."""
    if len(shown) < LEAST:
        return None
    counts = Counter(shown)
    shares = [count / len(shown) for count in counts.values()]
    equal = min(sum(share**2 for share in shares) + TOLERATED, 1.0)
    tries = LONGEST_PERIOD + 1
    candidates = []
    for period in range(2, LONGEST_PERIOD + 1):
        repeats = sum(one == other for one, other in zip(shown, shown[period:], strict=False))
        cycle = list(shown[-period:])
        evidence = {"period": period, "repeats": repeats, "of": len(shown) - period, "cycle": cycle}
        candidates.append((at_least(repeats, len(shown) - period, equal), evidence))
    verdict, length = max(
        ((name, len(list(run))) for name, run in groupby(shown)),
        key=lambda run: run[1],
    )
    # A run of this length may begin at any place; the run itself does not count for its verdict's share.
    rest = len(shown) - length
    share = min((counts[verdict] - length) / rest + TOLERATED, 1.0) if rest >= LEAST // 2 else 1.0
    candidates.append((min(1.0, len(shown) * share**length), {"run": verdict, "length": length}))
    chance, evidence = min(candidates, key=lambda candidate: candidate[0])
    return found(KIND, min(1.0, chance * tries), evidence)
