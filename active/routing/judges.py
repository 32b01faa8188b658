"""Hold who may judge pairs instead of people, and the pairs that wait."""

from dataclasses import dataclass

import numpy as np

from active.arrays import BoolArray, FloatArray
from active.errors import InvalidLabelsError, InvalidOptionError
from active.routing.slices import Places


@dataclass(frozen=True, eq=False)
class Judge:
    """Hold a machine, a panel or the model itself: what it said of audited and of waiting pairs.

    confidence: (n,) on the audited pairs, NaN where it has not judged; right: (n,), whether people agree;
    known: (m,) confidence on the waiting pairs, NaN where it has not been asked yet; price: what asking it
    about one pair costs; own: it is the model itself, which has judged every pair and is asked nothing.
    Raises InvalidOptionError for a negative price, or a model that has not judged every waiting pair,
    InvalidLabelsError for columns of two lengths.
    """

    name: str
    confidence: FloatArray
    right: BoolArray
    known: FloatArray
    price: float = 0.0
    own: bool = False

    def __post_init__(self) -> None:
        if not self.price >= 0:
            raise InvalidOptionError(f"{self.name}: the price must not be negative, not {self.price}")
        if self.own and not np.isfinite(self.known).all():
            raise InvalidOptionError(f"{self.name}: the model itself must have judged every waiting pair")
        if len(self.confidence) != len(self.right):
            raise InvalidLabelsError(f"{self.name}: give confidence and right for each audited pair")


@dataclass(frozen=True, eq=False)
class Waiting:
    """Hold m waiting pairs: where each belongs, and how many people it would take, (m,).

    Raises InvalidOptionError for numbers of people that are negative or of another length.
    """

    places: Places
    people: FloatArray

    def __post_init__(self) -> None:
        people = np.asarray(self.people, dtype=np.float64)
        if people.shape != (len(self.places),) or not (np.isfinite(people) & (people >= 0)).all():
            raise InvalidOptionError("people must be a number for each waiting pair, not negative")
        object.__setattr__(self, "people", people)

    def __len__(self) -> int:
        return len(self.people)


def check_judges(audited: Places, judges: tuple[Judge, ...], waiting: Waiting) -> None:
    """Raise InvalidOptionError for two models of one's own, InvalidLabelsError for judges of other pairs."""
    if sum(judge.own for judge in judges) > 1:
        raise InvalidOptionError("only one judge can be the model itself")
    for judge in judges:
        if len(judge.confidence) != len(audited):
            raise InvalidLabelsError(
                f"{judge.name}: give a verdict (or NaN) for all {len(audited)} audited pairs"
            )
        if len(judge.known) != len(waiting):
            raise InvalidLabelsError(
                f"{judge.name}: give a confidence (or NaN) for all {len(waiting)} waiting pairs"
            )
