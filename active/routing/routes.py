"""Say who gets which waiting pair, what accuracy to expect, and what it costs and saves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray
from active.errors import InvalidOptionError
from active.routing.judges import Judge, Waiting, check_judges
from active.routing.rules import Plan, Rule, Trial, slices_for
from active.routing.slices import Places

PEOPLE = -1
"""Stands for people where a route names the judge of a pair."""


@dataclass(frozen=True, eq=False)
class Routes:
    """Hold who gets which of m waiting pairs, and what it costs.

    rules: those of all slices; rule: (m,) place of the pair's rule, or PEOPLE; stands: (m,), whether its
    judge's verdict is there and stands; kept: (m,) chance that no person is needed, 1 where it stands, the
    audited share where it must be asked; accuracy with low and high: of what is kept, None where nothing is;
    cost, cost_without: expected, with and without judges; judgements_saved: of people, expected.
    """

    target: float
    rules: Plan
    rule: IntArray
    stands: BoolArray
    kept: FloatArray
    accuracy: float | None
    low: float | None
    high: float | None
    cost: float
    cost_without: float
    judgements_saved: float

    @property
    def asked(self) -> BoolArray:
        """Return which pairs a judge must be asked about, (m,)."""
        routed: BoolArray = (self.rule != PEOPLE) & ~self.stands
        return routed

    @property
    def judge(self) -> IntArray:
        """Return the place of each pair's judge among the judges, or PEOPLE, (m,)."""
        judges = np.array([*(rule.judge for rule in self.rules), PEOPLE], dtype=np.int64)
        found: IntArray = judges[self.rule]
        return found


def route_pairs(
    audited: Places,
    judges: Sequence[Judge],
    target: float,
    waiting: Waiting,
    *,
    person_price: float = 1.0,
) -> Routes:
    """Return the cheapest proven routes; in expectation they never cost more than people alone.

    audited: where the n pairs of the audit belong, which the judges' verdicts are about; target: the
    accuracy, in (0, 1], that what stands reaches in every slice, but with probability MISS. Raises
    InvalidOptionError for a target or price out of range, or two judges that are the model itself,
    InvalidLabelsError for judges of other pairs.
    """
    if not 0 < target <= 1:
        raise InvalidOptionError(f"the target must lie in (0, 1], not {target}")
    if not person_price >= 0:
        raise InvalidOptionError(f"the price of a person must not be negative, not {person_price}")
    check_judges(audited, tuple(judges), waiting)
    trial = Trial(audited, tuple(judges), slices_for(audited, target), target, waiting, person_price)
    return _follow(trial, trial.best_rules())


def prove_alone(audited: Places, judge: Judge, target: float) -> tuple[Rule, ...]:
    """Return the rules of one judge that would stand at a target if it were alone and cost nothing."""
    nobody = Waiting(Places.of([], []), np.empty(0))
    alone = replace(judge, known=np.empty(0), price=0.0, own=False)
    return route_pairs(audited, [alone], target, nobody).rules


def _follow(trial: Trial, rules: Plan) -> Routes:
    """Give to each judge the pairs of its rule's slice that no rule before it has kept."""
    size = len(trial.waiting)
    rule_of, stands, kept = np.full(size, PEOPLE), np.zeros(size, dtype=bool), np.zeros(size)
    for place, rule in enumerate(rules):
        rows = trial.slices.members(rule.slice, trial.waiting.places)
        rows = rows[~stands[rows]]
        sure = trial.judges[rule.judge].known[rows]
        new, clear = rows[np.isnan(sure)], rows[sure >= rule.proof.value]
        rule_of[new], rule_of[clear], stands[clear] = place, place, True
        kept[new], kept[clear] = rule.proof.kept, 1.0
    people = trial.waiting.people
    prices = np.array([*(trial.judges[rule.judge].price for rule in rules), 0.0])
    without = float(people.sum()) * trial.price
    saved = float((kept * people).sum())
    accuracy, low, high = _expected(rules, rule_of, kept)
    return Routes(
        trial.target,
        rules,
        rule_of,
        stands,
        kept,
        accuracy,
        low,
        high,
        cost=without - saved * trial.price + float(prices[rule_of[~stands]].sum()),
        cost_without=without,
        judgements_saved=saved,
    )


def _expected(
    rules: Plan, rule_of: IntArray, kept: FloatArray
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return the accuracy of what is kept and its bounds, which hold together: the rules' own, weighted."""
    routed = rule_of != PEOPLE
    weights = np.bincount(rule_of[routed], kept[routed], len(rules))
    if not weights.sum():
        return None, None, None
    figures = np.array([[rule.proof.accuracy, rule.proof.low, rule.proof.high] for rule in rules])
    accuracy, low, high = (weights @ figures / weights.sum()).tolist()
    return accuracy, low, high
