"""Every error that the package raises, drawn as a tree.

ActiveError (a ValueError)
├── EmptyPoolError          nothing left to choose from
├── UnknownStrategyError    no strategy of that name
├── InvalidFeaturesError    NaN, infinity or a wrong shape in an array of numbers
├── InvalidLabelsError      targets, weights or groups that do not fit the features
├── InvalidOptionError      an argument outside its range, or a column that the strategy needs is missing
└── NotEnoughLabelsError    a fitted head is needed, and there are no labels to fit it on
"""

from collections.abc import Iterable


class ActiveError(ValueError):
    """Stand for any mistake in what the package was given."""


class EmptyPoolError(ActiveError):
    """Say that the pool holds no pairs."""

    def __init__(self) -> None:
        super().__init__("the pool is empty: add unlabelled pairs before asking for a batch")


class UnknownStrategyError(ActiveError):
    """Say that no strategy has this name, and name those that exist."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"unknown strategy {name!r}: use one of {', '.join(self.known)}")


class InvalidFeaturesError(ActiveError):
    """Say which array of numbers is malformed, and where."""


class InvalidLabelsError(ActiveError):
    """Say which labels, weights or groups do not fit."""


class InvalidOptionError(ActiveError):
    """Say which argument is out of range or missing."""


class NotEnoughLabelsError(ActiveError):
    """Say that a model is needed before there are labels to fit it on."""
