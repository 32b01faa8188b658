"""Read a verdict from the log-probabilities of `A` and `B` in both orders.

Position bias cancels in the mean of the two orders; where the orders contradict each other
the verdict is a tie of low confidence. See Zheng et al., "Judging LLM-as-a-Judge", 2023.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from annotate.labelers.base import MachineJudgement
from annotate.labelers.llm.errors import MalformedReply
from annotate.labelers.llm.models import Reply
from annotate.labelling.verdicts import swap_verdict

OPTIONS = ("A", "B")
MUCH_BETTER, BETTER = 0.8, 0.55  # probability that the winner is the better answer
CONTRADICTION = 0.25  # confidence of a tie that only says that the orders disagree


def read_options(reply: Reply) -> dict[str, float]:
    """Return the log-probabilities of the two letters; raise MalformedReply where there is neither."""
    found = {option: value for option, value in reply.logprobs.items() if option in OPTIONS}
    if not any(np.isfinite(value) for value in found.values()):
        raise MalformedReply(f"neither A nor B is among the likely answers: {reply.text[:80]!r}")
    return found


def join_options(shown: dict[str, float], turned: dict[str, float]) -> MachineJudgement:
    """Join the log-probabilities of both orders into one verdict."""
    first, second = probability_of_a(shown), 1.0 - probability_of_a(turned)
    mean = (first + second) / 2
    details: dict[str, Any] = {
        "shown": [shown.get(option) for option in OPTIONS],
        "turned": [turned.get(option) for option in OPTIONS],
        "probability": mean,
        "position_bias": (first - second) / 2,
    }
    if (first - 0.5) * (second - 0.5) <= 0 or abs(mean - 0.5) < BETTER - 0.5:
        return MachineJudgement("tie", CONTRADICTION, details=details)
    sure = max(mean, 1.0 - mean)
    verdict = "A_much_better" if sure >= MUCH_BETTER else "A_better"
    return MachineJudgement(verdict if mean > 0.5 else swap_verdict(verdict), sure, details=details)


def probability_of_a(logprobs: dict[str, float]) -> float:
    """Return the probability of `A` among the two letters; one that was not reported has none."""
    row = np.array([logprobs.get(option, -np.inf) for option in OPTIONS])
    shares = np.exp(row - row.max())
    return float(shares[0] / shares.sum())
