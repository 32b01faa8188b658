"""Try every judge in every slice of the audit, and keep the cheapest of what is proven.

A rule stands only if the exact lower bound of its accuracy reaches the target. All bounds that are computed
hold together: each errs with probability MISS / (number of bounds), those of a machine on what the model
itself leaves over included. So whichever of the proven plans is taken keeps its promise, and the cheapest
may be. A language is tried as a whole, too; its slices or the whole are taken, whichever saves more, never a
mixture of both.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from active.arrays import IntArray
from active.conformal import LEVELS, Threshold, audit_needed, try_thresholds
from active.routing.judges import Judge, Waiting
from active.routing.slices import ALL, Places, Slice, Slices

MISS = 0.05
"""Chance that a plan keeps less than it promises, at most."""

SPARE = 2.0
"""A slice has so many times the audited pairs that a faultless judge would need."""

USUAL_BOUNDS = 10
"""How many bounds the size of a slice reckons with."""


@dataclass(frozen=True)
class Rule:
    """Say that a judge's verdicts stand in a slice from a confidence upwards, and what proves it.

    judge: its place among the judges; below: it hears only of pairs of which the model itself is less sure
    than this (None: of all).
    """

    slice: Slice
    judge: int
    proof: Threshold
    below: float | None = None


Plan = tuple[Rule, ...]
"""The rules of a slice, in the order in which they are asked."""


def slices_for(audited: Places, target: float) -> Slices:
    """Return the slices of an audit that hold enough pairs to prove a target."""
    return Slices.by_size(audited, int(SPARE * audit_needed(target, MISS / USUAL_BOUNDS)))


@dataclass(frozen=True, eq=False)
class Trial:
    """Hold what rules are tried on; `price` is that of a person's judgement."""

    audited: Places
    judges: tuple[Judge, ...]
    slices: Slices
    target: float
    waiting: Waiting
    price: float

    def best_rules(self) -> Plan:
        """Return the rules that save most among the proven ones."""
        tried = list(self._tried())
        miss = MISS / max(1, len(tried) * len(LEVELS))
        proven: dict[Slice, list[Rule]] = defaultdict(list)
        for name, place, below, rows in tried:
            one = self.judges[place]
            proven[name] += [
                Rule(name, place, proof, below)
                for proof in try_thresholds(one.confidence[rows], one.right[rows], miss)
                if proof.low >= self.target
            ]
        best = {name: found for name in sorted(proven) if (found := self._cheapest(name, proven[name]))}
        return tuple(
            rule for language in sorted({name[0] for name in best}) for rule in _of_language(language, best)
        )

    def saving(self, plan: Plan, rows: IntArray) -> float:
        """Return the money that the rules of a slice save on some waiting pairs, expected."""
        saved, left = 0.0, rows
        for rule in plan:
            judge, people = self.judges[rule.judge], self.waiting.people[left] * self.price
            new, clear = np.isnan(judge.known[left]), judge.known[left] >= rule.proof.value
            saved += float(
                people[clear].sum() + rule.proof.kept * people[new].sum() - judge.price * new.sum()
            )
            left = left[~clear]
        return saved

    def _tried(self) -> Iterator[tuple[Slice, int, float | None, IntArray]]:
        """Yield each slice with a judge and the audited rows on which it is tried.

        A machine is tried on all pairs of a slice, and on what the model itself leaves over at each of its
        thresholds: which one is taken later is seen only afterwards, so all are counted.
        """
        own = next((one for one in self.judges if one.own), None)
        for name, inside in self.slices.parts(self.audited).items():
            for place, judge in enumerate(self.judges):
                rows = inside[np.isfinite(judge.confidence[inside])]
                if not len(rows):
                    continue
                yield name, place, None, rows
                if own is None or judge.own:
                    continue
                for below in _thresholds(own, inside):
                    left = rows[own.confidence[rows] < below]
                    if len(left):
                        yield name, place, below, left

    def _cheapest(self, name: Slice, proven: list[Rule]) -> tuple[float, Plan] | None:
        """Return the plan of a slice that saves most: the model alone, a machine alone, or one after it."""
        alone: list[Plan] = [(rule,) for rule in proven if rule.below is None]
        both: list[Plan] = [
            (first, second)
            for (first,) in alone
            if self.judges[first.judge].own
            for second in proven
            if second.below == first.proof.value
        ]
        rows = self.slices.members(name, self.waiting.places)
        worth = [
            (self.saving(plan, rows) if len(self.waiting) else _kept(plan), plan) for plan in alone + both
        ]
        fine = [one for one in worth if one[0] >= 0]
        return max(fine, key=lambda one: one[0], default=None)


def _of_language(language: str, best: dict[Slice, tuple[float, Plan]]) -> Plan:
    parts = [found for name, found in best.items() if name[0] == language and name[1] != ALL]
    whole = best.get((language, ALL))
    if whole and whole[0] >= sum(gain for gain, _ in parts):
        return whole[1]
    return tuple(rule for _, plan in parts for rule in plan)


def _thresholds(own: Judge, inside: IntArray) -> list[float]:
    """Return the confidences at which the model itself is tried, but the least, which leaves nothing over."""
    sure = own.confidence[inside]
    sure = sure[np.isfinite(sure)]
    return [float(np.quantile(sure, level, method="higher")) for level in LEVELS if level and len(sure)]


def _kept(plan: Plan) -> float:
    """Return how many audited pairs rules would keep, where no pair waits to tell what they save."""
    return float(sum(rule.proof.audited for rule in plan))
