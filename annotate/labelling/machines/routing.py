"""Decide which pairs a machine may label: only where the audit proves it right often enough.

The audit is cut into slices by language and cluster; a cluster with too few audited pairs joins
the rest of its language. In each slice every machine is tried at a few confidence thresholds, and
the exact lower bound of its accuracy above the threshold must reach the target. All bounds hold
together: each may miss with probability MISS / (number of bounds), so that of twenty plans at
most one promises more than it keeps. A language is tried as a whole, too, and its clusters or the
whole is taken, whichever saves more, never a mixture of both. This is selection with guaranteed
risk (Geifman & El-Yaniv, "Selective Classification for Deep Neural Networks", 2017) with
Bonferroni's correction in the manner of "Learn then Test" (Angelopoulos et al., 2021).
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from annotate.labelling.machines.audit import Cell, Observation, WaitingPair
from annotate.labelling.machines.calibration import exact_interval, exact_lower

MISS = 0.05  # chance that a plan keeps less than it promises, at most
LEVELS = (0.0, 0.3, 0.6)  # share of the least confident verdicts that is left to people
SPARE = 2.0  # a slice has so many times the pairs that a faultless machine would need

Slice = tuple[str, str]  # language and cluster, or the rest, or all of the language
ALL, REST = "all", "rest"
SMALL_LANGUAGES: Slice = ("*", REST)


@dataclass(frozen=True)
class Candidate:
    """Hold a machine or a panel: its audited verdicts, its verdicts on waiting pairs, its price a pair."""

    name: str
    observed: Sequence[Observation]
    known: Mapping[int, float] = field(default_factory=dict)  # pair -> confidence of a verdict it gave
    price: float = 0.0


@dataclass(frozen=True)
class Rule:
    """Say that a machine's verdicts stand in a slice from a confidence upwards, and what proves it.

    `low` holds together with those of all other rules; `kept` is the share above the threshold
    of the `pairs` audited in the slice.
    """

    slice: Slice
    machine: str
    threshold: float
    audited: int
    accuracy: float
    low: float
    high: float
    kept: float
    pairs: int


@dataclass(frozen=True)
class Plan:
    """Hold who gets which pairs, what accuracy to expect of the machines' labels, cost and saving.

    `stands`: pairs whose machine verdict is there and clears its threshold; `ask`: pairs to show
    to a machine first; `people`: pairs for people at once. Figures of `ask` are expectations.
    """

    target: float
    rules: tuple[Rule, ...]
    stands: dict[int, Rule]
    ask: dict[str, list[int]]
    people: list[int]
    machine_labels: float
    accuracy: float | None
    low: float | None
    high: float | None
    cost: float
    cost_without: float
    judgements_saved: float
    audited: dict[str, int]

    @property
    def saving(self) -> float:
        """Return the money saved against people alone."""
        return self.cost_without - self.cost


@dataclass(frozen=True)
class Slices:
    """Cut the cells of language and cluster into slices that hold enough audited pairs.

    A cluster with few of them joins the rest of its language, a language with few of them the
    other small ones. Only numbers of pairs decide, never who was right, so that bounds stay honest.
    """

    clusters: frozenset[Cell]
    languages: frozenset[str]
    small: frozenset[str]

    @classmethod
    def by_size(cls, audited: Iterable[Observation], minimum: int) -> Slices:
        """Return the slices of an audit: clusters and languages with at least so many pairs."""
        cells = {one.pair_id: (one.language, one.cluster) for one in audited}.values()
        clusters, languages = Counter(cells), Counter(language for language, _ in cells)
        whole = frozenset(name for name, count in languages.items() if count >= minimum)
        return cls(
            frozenset(cell for cell, count in clusters.items() if count >= minimum),
            whole,
            frozenset(languages) - whole,
        )

    def of(self, cell: Cell) -> Slice | None:
        """Return the slice of a cell; None for a language in which nothing was audited."""
        language, cluster = cell
        if language in self.languages:
            return language, str(cluster) if cell in self.clusters else REST
        return SMALL_LANGUAGES if language in self.small else None


def needed(target: float, bounds: int = 1) -> int:
    """Return how many audited pairs a faultless machine needs to prove a target under so many bounds."""
    return math.ceil(math.log(MISS / bounds) / math.log(target)) if target < 1 else sys.maxsize


def cut(candidates: Sequence[Candidate], target: float) -> Slices:
    """Return the slices in which the candidates are tried."""
    audited = (one for candidate in candidates for one in candidate.observed)
    return Slices.by_size(audited, int(SPARE * needed(target, 10)))


def make_rules(
    candidates: Sequence[Candidate],
    target: float,
    person_price: float = 1.0,
    people: float = 1.0,
    slices: Slices | None = None,
) -> tuple[Rule, ...]:
    """Return the rules that save most among those proved right, at most one for any pair.

    `people` is the number of judgements by people that a label of the machine replaces.
    """
    slices, worth = slices or cut(candidates, target), people * person_price
    tried = [
        (name, candidate, audited)
        for candidate in candidates
        for name, audited in _parts(candidate, slices).items()
    ]
    miss = MISS / max(1, len(tried) * len(LEVELS))
    best: dict[Slice, tuple[float, Rule]] = {}
    for name, candidate, audited in tried:
        for rule in _rules(name, candidate.name, audited, miss):
            gain = rule.pairs * (rule.kept * worth - candidate.price)
            if rule.low >= target and gain >= 0 and gain > best.get(name, (-1.0, None))[0]:
                best[name] = gain, rule
    chosen = []
    for language in sorted({name[0] for name in best}):
        fine = [found for name, found in sorted(best.items()) if name[0] == language and name[1] != ALL]
        whole = best.get((language, ALL))
        if whole and whole[0] >= sum(gain for gain, _ in fine):
            fine = [whole]
        chosen += [rule for _, rule in fine]
    return tuple(chosen)


def _parts(candidate: Candidate, slices: Slices) -> dict[Slice, list[Observation]]:
    """Return a machine's audited verdicts by slice, and by whole language where it has several slices."""
    parts: dict[Slice, list[Observation]] = defaultdict(list)
    for one in candidate.observed:
        if (name := slices.of((one.language, one.cluster))) is not None:
            parts[name].append(one)
    for language in sorted(slices.languages):
        inside = [name for name in parts if name[0] == language]
        if len(inside) > 1:
            parts[language, ALL] = [one for name in inside for one in parts[name]]
    return parts


def make_plan(
    waiting: Sequence[WaitingPair], candidates: Sequence[Candidate], target: float, person_price: float = 1.0
) -> Plan:
    """Return who should get which of the waiting pairs, so that machine labels reach the target."""
    people = float(np.mean([pair.people for pair in waiting])) if waiting else 1.0
    slices = cut(candidates, target)
    rules = make_rules(candidates, target, person_price, people, slices)
    routed = [_route(pair, slices, rules, candidates) for pair in waiting]
    asked: dict[str, list[int]] = {}
    for one in routed:
        if one.rule and one.confidence is None:
            asked.setdefault(one.rule.machine, []).append(one.pair.pair_id)
    prices = {candidate.name: candidate.price for candidate in candidates}
    weights: dict[Slice, float] = defaultdict(float)
    for one in routed:
        if one.rule:
            weights[one.rule.slice] += one.kept
    accuracy, low, high = _expected(rules, weights)
    by_people = sum((1 - one.kept) * one.pair.people for one in routed)
    everything = sum(pair.people for pair in waiting)
    return Plan(
        target=target,
        rules=rules,
        stands={one.pair.pair_id: one.rule for one in routed if one.rule and one.stands},
        ask=asked,
        people=[one.pair.pair_id for one in routed if not one.stands and not one.asks],
        machine_labels=float(sum(weights.values())),
        accuracy=accuracy,
        low=low,
        high=high,
        cost=by_people * person_price + sum(prices[name] * len(pairs) for name, pairs in asked.items()),
        cost_without=everything * person_price,
        judgements_saved=everything - by_people,
        audited={candidate.name: len(candidate.observed) for candidate in candidates},
    )


@dataclass(frozen=True)
class _Routed:
    """Hold a pair with the rule of its slice and the verdict that its machine may have given."""

    pair: WaitingPair
    rule: Rule | None
    confidence: float | None

    @property
    def stands(self) -> bool:
        return (
            self.rule is not None and self.confidence is not None and self.confidence >= self.rule.threshold
        )

    @property
    def asks(self) -> bool:
        return self.rule is not None and self.confidence is None

    @property
    def kept(self) -> float:
        """Return how likely a machine's verdict is to stand."""
        return self.rule.kept if self.rule and self.asks else float(self.stands)


def _route(
    pair: WaitingPair, slices: Slices, rules: Sequence[Rule], candidates: Sequence[Candidate]
) -> _Routed:
    names = (slices.of(pair.cell), (pair.language, ALL))
    rule = next((rule for rule in rules if rule.slice in names), None)
    known = next((one.known for one in candidates if rule and one.name == rule.machine), {})
    return _Routed(pair, rule, known.get(pair.pair_id))


def _rules(name: Slice, machine: str, audited: Sequence[Observation], miss: float) -> list[Rule]:
    confidence = np.array([one.confidence for one in audited])
    right = np.array([one.right for one in audited], bool)
    made = []
    for level in LEVELS:
        threshold = float(np.quantile(confidence, level, method="higher")) if level else 0.0
        above = confidence >= threshold
        hits, total = int(right[above].sum()), int(above.sum())
        low, high = exact_lower(hits, total, miss), exact_interval(hits, total, 1 - 2 * miss)[1]
        made.append(
            Rule(name, machine, threshold, total, hits / total, low, high, float(above.mean()), len(audited))
        )
    return made


def _expected(
    rules: Sequence[Rule], weights: Mapping[Slice, float]
) -> tuple[float | None, float | None, float | None]:
    """Return the accuracy of what is kept and its bounds, which hold together: the rules' own, weighted."""
    total = sum(weights.values())
    if not total:
        return None, None, None
    share = {rule.slice: weights.get(rule.slice, 0.0) / total for rule in rules}
    return (
        sum(share[rule.slice] * rule.accuracy for rule in rules),
        sum(share[rule.slice] * rule.low for rule in rules),
        sum(share[rule.slice] * rule.high for rule in rules),
    )
