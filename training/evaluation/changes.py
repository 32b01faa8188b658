"""What changed from one model to the next on the same items: means before and after, and their difference."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.metrics import Interval, bootstrap_by_question


@dataclass(frozen=True)
class Change:
    """Hold a figure before and after, and the change of the same items, which has the narrower interval."""

    before: Interval
    after: Interval
    change: Interval

    @property
    def surely_lower(self) -> bool:
        """Tell whether the figure surely fell: a regression where more is better."""
        return self.change.high < 0

    @property
    def surely_higher(self) -> bool:
        """Tell whether the figure surely rose: a regression where less is better, as with a loss."""
        return self.change.low > 0


def measure_change(
    before: Sequence[float | None],
    after: Sequence[float | None],
    groups: Sequence[Hashable],
    rng: np.random.Generator,
) -> Change | None:
    """Compare a figure of the same items (n,); items without it on either side are left out, None if all are.

    Raises ValueError on unequal lengths.
    """
    if not len(before) == len(after) == len(groups):
        raise ValueError(
            f"{len(before)}, {len(after)} figures and {len(groups)} groups: need as many of each"
        )
    kept = [
        (one, other, group)
        for one, other, group in zip(before, after, groups, strict=True)
        if one is not None and other is not None
    ]
    if not kept:
        return None
    old, new = np.array([one for one, _, _ in kept]), np.array([other for _, other, _ in kept])
    of = [group for _, _, group in kept]
    return Change(
        bootstrap_by_question(old, of, rng),
        bootstrap_by_question(new, of, rng),
        bootstrap_by_question(new - old, of, rng),
    )


def measure_changes(
    before: Mapping[str, Sequence[float | None]],
    after: Mapping[str, Sequence[float | None]],
    groups: Sequence[Hashable],
    rng: np.random.Generator,
) -> dict[str, Change]:
    """Compare every figure that both sides have; those of no item are left out."""
    found = {name: measure_change(before[name], after[name], groups, rng) for name in before if name in after}
    return {name: change for name, change in found.items() if change is not None}
