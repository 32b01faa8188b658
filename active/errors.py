"""Every error that the package raises, drawn as a tree.

ActiveError (a ValueError)
├── EmptyPoolError          nothing left to choose from
├── UnknownStrategyError    no strategy of that name
├── InvalidFeaturesError    NaN, infinity or a wrong shape in an array of numbers
│   ├── ChangedEmbeddingsError   rows of another embedding model than the others
│   └── DamagedFeaturesError     a feature file that is missing, cut short or none of ours
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


class ChangedEmbeddingsError(InvalidFeaturesError):
    """Say that rows were made by another embedding model or other settings than are wanted."""

    def __init__(self, where: str, found: str, wanted: str) -> None:
        self.found, self.wanted = found, wanted
        super().__init__(f"{where}: made by {found!r}, not {wanted!r}: compute the features again")


class DamagedFeaturesError(InvalidFeaturesError):
    """Say that a feature file cannot be read."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}: delete it and compute the features again")


class InvalidLabelsError(ActiveError):
    """Say which labels, weights or groups do not fit."""


class InvalidOptionError(ActiveError):
    """Say which argument is out of range or missing."""


class NotEnoughLabelsError(ActiveError):
    """Say that a model is needed before there are labels to fit it on."""
