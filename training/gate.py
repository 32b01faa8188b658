"""The gate before promotion: a challenger replaces the champion only when it is surely better."""

from dataclasses import dataclass

from training.metrics import Interval


@dataclass(frozen=True)
class Decision:
    """Say whether to promote, and why in one sentence."""

    promote: bool
    reason: str


def decide(interval: Interval, threshold: float = 0.5, least_pairs: int = 10) -> Decision:
    """Promote only when the interval's lower bound lies above `threshold` (0.5 for a win rate).

    A bootstrap over a handful of pairs is overconfident (five wins of five give [1, 1]), so fewer than
    `least_pairs` pairs never promote. An unknown bound (NaN) never promotes.
    """
    if interval.n < least_pairs:
        return Decision(
            False, f"not better, not promoted: {interval.n} pairs, at least {least_pairs} are needed"
        )
    figures = (
        f"{interval.value:.3f}, 95 % interval [{interval.low:.3f}, {interval.high:.3f}], {interval.n} pairs"
    )
    if interval.low > threshold:
        return Decision(True, f"better, promoted: {figures}, lower bound above {threshold:g}")
    return Decision(False, f"not better, not promoted: {figures}, lower bound not above {threshold:g}")
