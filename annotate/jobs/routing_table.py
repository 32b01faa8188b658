"""Turn audited and waiting pairs into the columns that routing computes with, and its routes into a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from active.routing import PEOPLE, Judge, Places, Waiting, prove_alone, route_pairs
from active.routing import Rule as ProvenRule
from annotate.labelling.machines.audit import Audit, Cell, Observation, Votes, WaitingPair
from annotate.labelling.verdicts import outcome


@dataclass(frozen=True)
class Candidate:
    """Hold a machine, a panel or the learner itself: its verdicts with confidence by pair, and its price."""

    name: str
    votes: Votes
    price: float = 0.0
    own: bool = False


@dataclass(frozen=True)
class Rule:
    """Say that a judge's verdicts stand in a slice from a confidence upwards, and what proves it.

    `low` holds together with those of all other rules; `kept` is the share above the threshold of the
    `pairs` audited in the slice. `below`: it hears only of pairs of which the learner is less sure than this.
    """

    slice: tuple[str, str]
    machine: str
    threshold: float
    audited: int
    accuracy: float
    low: float
    high: float
    kept: float
    pairs: int
    below: float | None = None


@dataclass(frozen=True)
class Plan:
    """Hold who gets which pairs, what accuracy to expect of labels not made by people, cost and saving.

    `nobody`: pairs of which the learner itself is sure; `stands`: pairs whose machine verdict is there and
    clears its threshold; `ask`: pairs to show to a machine first; `people`: pairs for people at once.
    Figures of `ask` are expectations.
    """

    target: float
    rules: tuple[Rule, ...]
    nobody: dict[int, Rule]
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
    audited: dict[str, int] = field(default_factory=dict)

    @property
    def saving(self) -> float:
        """Return the money saved against people alone."""
        return self.cost_without - self.cost


def make_plan(
    audit: Audit,
    waiting: Sequence[WaitingPair],
    candidates: Sequence[Candidate],
    target: float,
    person_price: float = 1.0,
) -> Plan:
    """Return who should get which of the waiting pairs, so that no label falls short of the target."""
    truth = sorted(audit.truth)
    audited = _places([audit.cells[pair] for pair in truth])
    judges = [_judge(one, truth, audit, waiting) for one in candidates]
    columns = Waiting(
        _places([pair.cell for pair in waiting]), np.array([float(one.people) for one in waiting])
    )
    routes = route_pairs(audited, judges, target, columns, person_price=person_price)
    rules = tuple(_rule(rule, candidates[rule.judge].name) for rule in routes.rules)
    kept: tuple[dict[int, Rule], dict[int, Rule]] = {}, {}
    ask: dict[str, list[int]] = defaultdict(list)
    people = []
    for pair, at, stands in zip(waiting, routes.rule.tolist(), routes.stands.tolist(), strict=True):
        if at == PEOPLE:
            people.append(pair.pair_id)
        elif stands:
            kept[candidates[routes.rules[at].judge].own][pair.pair_id] = rules[at]
        else:
            ask[rules[at].machine].append(pair.pair_id)
    return Plan(
        target, rules, kept[True], kept[False], dict(ask), people, float(routes.kept.sum()),
        routes.accuracy, routes.low, routes.high, routes.cost, routes.cost_without, routes.judgements_saved,
        {judge.name: int(np.isfinite(judge.confidence).sum()) for judge in judges},
    )  # fmt: skip


def prove_machine(observed: Sequence[Observation], target: float) -> tuple[float, float] | None:
    """Return the share of a machine's audited verdicts that would stand at a target, and what they keep.

    What they keep is the least bound of all slices; None where nothing is proven.
    """
    places = _places([(one.language, one.cluster) for one in observed])
    confidence = np.array([one.confidence for one in observed])
    right = np.array([one.right for one in observed], dtype=bool)
    rules = prove_alone(places, Judge("", confidence, right, np.empty(0)), target)
    if not rules:
        return None
    kept = sum(rule.proof.audited for rule in rules) / len(observed)
    return min(kept, 1.0), min(rule.proof.low for rule in rules)


def proof_of(rule: Rule, target: float) -> dict[str, Any]:
    """Return a rule as the history and the screens show it."""
    return vars(rule) | {"slice": list(rule.slice), "target": target}


def _judge(one: Candidate, truth: list[int], audit: Audit, waiting: Sequence[WaitingPair]) -> Judge:
    said = {pair: one.votes[pair] for pair in truth if pair in one.votes}
    return Judge(
        one.name,
        np.array([said[pair][1] if pair in said else np.nan for pair in truth], dtype=np.float64),
        np.array(
            [pair in said and outcome(said[pair][0]) == audit.truth[pair] for pair in truth], dtype=bool
        ),
        _confidences(one.votes, [pair.pair_id for pair in waiting]),
        one.price,
        one.own,
    )


def _confidences(votes: Mapping[int, tuple[str, float]], pairs: Sequence[int]) -> Any:
    nothing = ("", float("nan"))
    return np.array([votes.get(pair, nothing)[1] for pair in pairs], dtype=np.float64)


def _places(cells: Sequence[Cell]) -> Places:
    return Places.of([language for language, _ in cells], [cluster for _, cluster in cells])


def _rule(rule: ProvenRule, name: str) -> Rule:
    proof = rule.proof
    return Rule(
        rule.slice, name, proof.value, proof.audited, proof.accuracy, proof.low, proof.high,
        proof.kept, proof.pairs, rule.below,
    )  # fmt: skip
