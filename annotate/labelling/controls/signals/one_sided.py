"""Signal that an assessor prefers one side of the screen, or one verdict, whatever the pair.

The order of the two answers is counterbalanced, so that each side is the better one about half of
the time. Some leaning is human: what is tested is a share beyond `TOLERATED_SIDE`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from annotate.labelling.controls.signals.base import Finding, at_least, found
from annotate.labelling.verdicts import outcome

KIND = "one_sided"
TOLERATED_SIDE = 0.65  # of the verdicts that name a winner
TOLERATED_ODDS = 2.0  # times the crowd's odds of a verdict
LEAST = 20  # verdicts


def one_sided(shown: Sequence[str], crowd: Mapping[str, float]) -> Finding | None:
    """Return a finding when one side, or one verdict, is chosen far too often.

    `shown` holds one assessor's verdicts in the order of display; `crowd` the share of each outcome
    (`first`, `second`, `tie`, `both_bad`) among the others' verdicts, from which nobody else is far off.
    """
    outcomes = Counter(outcome(verdict) for verdict in shown)
    left, right = outcomes["first"], outcomes["second"]
    candidates = []
    if left + right >= LEAST:
        side, count = ("left", left) if left >= right else ("right", right)
        chance = 2 * at_least(count, left + right, TOLERATED_SIDE)
        candidates.append((chance, {"side": side, "count": count, "of": left + right}))
    if len(shown) >= LEAST:
        candidates += [
            (
                2 * at_least(outcomes[name], len(shown), _tolerated(crowd.get(name, 0.0))),
                {"verdict": name, "count": outcomes[name], "of": len(shown)},
            )
            for name in ("tie", "both_bad")
        ]
    if not candidates:
        return None
    chance, evidence = min(candidates, key=lambda candidate: candidate[0])
    return found(KIND, chance * len(candidates), evidence)


def _tolerated(share: float) -> float:
    """Return the share of a verdict that is still human where the crowd has this one."""
    known = min(max(share, 0.15), 0.9)  # a crowd of few verdicts does not say much
    odds = TOLERATED_ODDS * known / (1 - known)
    return odds / (1 + odds)
