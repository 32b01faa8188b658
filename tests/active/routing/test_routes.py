"""Routing keeps its promise in simulated worlds, and never costs more than people."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from active.conformal import LEVELS, exact_lower
from active.errors import ActiveError, InvalidLabelsError, InvalidOptionError
from active.routing import MISS, PEOPLE, Judge, Places, Routes, Waiting, prove_alone, route_pairs

TARGET = 0.9
AUDIT, POOL = 400, 500
WORLDS = 300


@dataclass(frozen=True, eq=False)
class World:
    """Two judges and the model itself, of various skill in various clusters; who is right is known."""

    audited: Places
    waiting: Waiting
    judges: tuple[Judge, ...]
    right: NDArray[np.bool_]  # (judges, waiting)

    @classmethod
    def drawn(cls, seed: int, skills: tuple[float, float], slope: float, known: float = 1.0) -> "World":
        rng = np.random.default_rng(seed)
        cells = rng.integers(6, size=AUDIT + POOL)
        base = rng.uniform(*skills, size=(3, 6))
        sure = rng.random((3, AUDIT + POOL))
        chance = np.clip(base[:, cells] + slope * (sure - 0.5), 0, 1)
        right = rng.random((3, AUDIT + POOL)) < chance
        said = np.where(rng.random((3, POOL)) < known, sure[:, AUDIT:], np.nan)
        said[2] = sure[2, AUDIT:]
        names = ("machine-0", "machine-1", "model")
        judges = tuple(
            Judge(name, sure[at, :AUDIT], right[at, :AUDIT], said[at], 0.02 * (at < 2), own=name == "model")
            for at, name in enumerate(names)
        )
        places = Places.of([("en", "ru")[cell % 2] for cell in cells], (cells // 2).tolist())
        parts = [
            Places(places.languages[rows], places.clusters[rows])
            for rows in (slice(AUDIT), slice(AUDIT, None))
        ]
        return cls(parts[0], Waiting(parts[1], rng.integers(1, 4, size=POOL)), judges, right[:, AUDIT:])

    def routes(self, target: float = TARGET, *, own: bool = True) -> Routes:
        return route_pairs(
            self.audited, self.judges[: 3 if own else 2], target, self.waiting, person_price=0.5
        )

    def kept_accuracy(self, routes: Routes) -> float:
        rows = np.flatnonzero(routes.stands)
        return float(self.right[routes.judge[rows], rows].mean())


@pytest.mark.parametrize(
    ("name", "skills", "slope"),
    [
        ("mixed", (0.6, 1.0), 0.5),
        ("just below the target", (TARGET - 0.05, TARGET), 0.0),
        ("confidence misleads", (0.7, 1.0), -0.4),
    ],
)
def test_the_promised_accuracy_is_kept_in_nearly_all_worlds(
    name: str, skills: tuple[float, float], slope: float
) -> None:
    broken = kept = labels = 0
    for seed in range(WORLDS):
        world = World.drawn(seed, skills, slope)
        routes = world.routes()
        assert routes.cost <= routes.cost_without
        if routes.stands.any():
            kept, labels = kept + 1, labels + int(routes.stands.sum())
            broken += world.kept_accuracy(routes) < TARGET
    assert broken <= MISS * WORLDS, name  # at least 1 - MISS of the worlds; drawing noise is not needed
    if name == "mixed":  # the promise is not kept by promising nothing
        assert kept > WORLDS / 3
        assert labels > 0.08 * WORLDS * POOL


def test_the_three_ways_meet_in_one_slice_and_nobody_is_asked_where_the_model_is_sure() -> None:
    rng = np.random.default_rng(0)
    size = 1500
    sure = rng.random(size)
    model = Judge("model", sure, rng.random(size) < np.where(sure > 0.65, 0.99, 0.6), sure[:300], own=True)
    strength = rng.random(size)
    machine = Judge(
        "machine",
        strength,
        rng.random(size) < np.where(strength > 0.25, 0.99, 0.5),
        np.full(300, np.nan),
        0.05,
    )
    waiting = Waiting(Places.of(["en"] * 300, [1] * 300), np.full(300, 2.0))
    routes = route_pairs(Places.of(["en"] * size, [1] * size), [model, machine], TARGET, waiting)
    assert [rule.judge for rule in routes.rules] == [0, 1]
    assert routes.rules[1].below == routes.rules[0].proof.value
    assert set(routes.judge[routes.stands]) == {0}
    assert set(routes.judge[routes.asked]) == {1}
    assert (sure[:300][routes.asked] < routes.rules[1].below).all()
    alone = route_pairs(Places.of(["en"] * size, [1] * size), [machine], TARGET, waiting)
    assert routes.cost < alone.cost < routes.cost_without
    later = Judge("machine", strength, machine.right, strength[:300], 0.05)
    after = route_pairs(Places.of(["en"] * size, [1] * size), [model, later], TARGET, waiting)
    assert set(after.judge.tolist()) == {0, 1, PEOPLE}  # nobody, a machine, people


def test_what_is_expected_before_asking_is_what_comes_out() -> None:
    for seed in (1, 2, 3):
        before = World.drawn(seed, (0.9, 0.99), 0.2, known=0.0).routes(own=False)
        world = World.drawn(seed, (0.9, 0.99), 0.2)
        after = world.routes(own=False)
        assert not before.stands.any()
        assert not after.asked.any()
        assert before.judgements_saved == pytest.approx(after.judgements_saved, rel=0.1)
        assert before.low is not None
        assert before.high is not None
        assert before.low <= world.kept_accuracy(after) <= before.high
        asked = int(before.asked.sum())
        assert before.cost == pytest.approx(
            before.cost_without - 0.5 * before.judgements_saved + 0.02 * asked
        )


def one_slice(
    right: int, wrong: int, waiting: int = 1, price: float = 0.0, name: str = "m"
) -> tuple[Judge, Places]:
    size = right + wrong
    judge = Judge(name, np.full(size, 0.9), np.arange(size) < right, np.full(waiting, np.nan), price)
    return judge, Places.of(["en"] * size, [1] * size)


def test_a_rule_stands_on_the_bound_that_it_names() -> None:
    judge, places = one_slice(198, 2)
    [rule] = prove_alone(places, judge, TARGET)
    assert (rule.judge, rule.proof.audited, rule.proof.value, rule.proof.kept) == (0, 200, 0.0, 1.0)
    assert rule.proof.low == pytest.approx(exact_lower(198, 200, MISS / len(LEVELS)))


@pytest.mark.parametrize("seen", [(9, 0), (38, 0), (190, 30), (0, 0)])
def test_too_few_or_too_wrong_go_to_people(seen: tuple[int, int]) -> None:
    judge, places = one_slice(*seen)
    routes = route_pairs(places, [judge], TARGET, Waiting(Places.of(["en"], [1]), np.ones(1)))
    assert routes.rule.tolist() == [PEOPLE]
    assert (routes.accuracy, routes.low, routes.cost) == (None, None, 1.0)


def test_what_was_never_audited_goes_to_people() -> None:
    judge, places = one_slice(300, 0, waiting=2)
    waiting = Waiting(Places.of(["ru", "en"], [1, 9]), np.ones(2))
    assert route_pairs(places, [judge], TARGET, waiting).judge.tolist() == [PEOPLE, PEOPLE]


def test_of_equal_machines_the_cheaper_is_asked_and_one_dearer_than_people_never() -> None:
    dear, places = one_slice(300, 0, price=0.4, name="dear")
    cheap, _ = one_slice(300, 0, price=0.1, name="cheap")
    waiting = Waiting(Places.of(["en"], [1]), np.ones(1))
    assert route_pairs(places, [dear, cheap], TARGET, waiting, person_price=0.5).judge.tolist() == [1]
    assert route_pairs(places, [dear], TARGET, waiting, person_price=0.3).judge.tolist() == [PEOPLE]


@given(st.integers(0, 10_000), st.sampled_from([0.6, 0.9, 0.99, 1.0]), st.floats(0, 1), st.floats(0, 3))
@settings(deadline=None, max_examples=40)
def test_it_never_costs_more_than_people_and_only_sums_what_it_says(
    seed: int, target: float, known: float, price: float
) -> None:
    world = World.drawn(seed, (0.5, 1.0), 0.4, known)
    routes = route_pairs(world.audited, world.judges, target, world.waiting, person_price=price)
    assert routes.cost <= routes.cost_without + 1e-9
    assert not (routes.stands & routes.asked).any()
    assert (routes.judge[routes.asked] != 2).all()  # the model itself is asked nothing
    assert all(rule.proof.low >= target for rule in routes.rules)
    assert (routes.kept[routes.judge == PEOPLE] == 0).all()


def test_bad_input_is_named() -> None:
    judge, places = one_slice(5, 0)
    waiting = Waiting(Places.of(["en"], [1]), np.ones(1))
    with pytest.raises(InvalidOptionError, match="target"):
        route_pairs(places, [judge], 0.0, waiting)
    with pytest.raises(InvalidLabelsError, match="m: give a confidence"):
        route_pairs(places, [judge], 0.9, Waiting(Places.of(["en"] * 2, [1, 1]), np.ones(2)))
    with pytest.raises(InvalidLabelsError, match="all 4 audited"):
        route_pairs(Places.of(["en"] * 4, [1] * 4), [judge], 0.9, waiting)
    with pytest.raises(InvalidOptionError, match="itself must have judged"):
        Judge("model", np.ones(1), np.ones(1, dtype=bool), np.array([np.nan]), own=True)
    with pytest.raises(ActiveError, match="people"):
        Waiting(Places.of(["en"], [1]), np.array([-1.0]))
