"""Acquisition functions: each file holds one, and `strategy` finds it by its name."""

from typing import Any

from active.errors import UnknownStrategyError
from active.strategies.badge import Badge
from active.strategies.bald import Bald
from active.strategies.balpm import BalPm
from active.strategies.base import Acquisition, Choice, State, Strategy
from active.strategies.cluster_random import ClusterRandom
from active.strategies.coreset import CoreSet
from active.strategies.delta_ucb import DeltaUcb
from active.strategies.dopt import DOptimal
from active.strategies.eligibility import Eligibility
from active.strategies.entropy import Entropy
from active.strategies.gap_weighted import GapWeighted
from active.strategies.margin import Margin
from active.strategies.random import Random
from active.strategies.relabel import Relabel
from active.strategies.typiclust import TypiClust
from active.strategies.vopt import VOptimal

STRATEGIES: dict[str, type[Strategy]] = {
    kind.name: kind
    for kind in (
        Random,
        ClusterRandom,
        TypiClust,
        CoreSet,
        Entropy,
        Margin,
        DOptimal,
        Bald,
        Badge,
        BalPm,
        DeltaUcb,
        GapWeighted,
        VOptimal,
        Relabel,
    )
}
"""Every strategy by its name."""


def strategy(name: str, **options: Any) -> Strategy:
    """Return the strategy of that name, built with its own options.

    For instance `strategy("bald", heads=64)` or `strategy("gap_weighted", base=strategy("dopt"), gamma=2.0)`.
    Raises UnknownStrategyError, which names the known ones.
    """
    if name not in STRATEGIES:
        raise UnknownStrategyError(name, STRATEGIES)
    return STRATEGIES[name](**options)


__all__ = [
    "STRATEGIES",
    "Acquisition",
    "Badge",
    "BalPm",
    "Bald",
    "Choice",
    "ClusterRandom",
    "CoreSet",
    "DOptimal",
    "DeltaUcb",
    "Eligibility",
    "Entropy",
    "GapWeighted",
    "Margin",
    "Random",
    "Relabel",
    "State",
    "Strategy",
    "TypiClust",
    "VOptimal",
    "strategy",
]
