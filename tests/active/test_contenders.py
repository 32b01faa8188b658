"""Duels that are chosen teach more than duels by lot, and than those of the first two contenders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import ttest_rel

from active.contenders import AIMS, Aim, Standings, choose_duels, fit_standings
from active.errors import InvalidLabelsError, InvalidOptionError

CONTENDERS, OLD, BATCH, ROUNDS, WORLDS = 8, 4, 8, 3, 80


class World:
    """Contenders of drawn strengths; the first four were compared twenty times each, the others never."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.strengths = self.rng.normal(size=CONTENDERS)
        self.duels: list[tuple[int, int, float]] = []
        self.hold([(one, other) for other in range(OLD) for one in range(other)] * 20)

    def hold(self, pairs: list[tuple[int, int]]) -> None:
        for one, other in pairs:
            won = self.rng.random() < expit(self.strengths[one] - self.strengths[other])
            self.duels.append((one, other, float(won)))

    def standings(self) -> Standings:
        first, second, won = zip(*self.duels, strict=True)
        return fit_standings(first, second, won, CONTENDERS)

    def run(self, aim: Aim | None) -> NDArray[np.float64]:
        """Hold all rounds; return the strengths found, about their mean."""
        for _ in range(ROUNDS):
            if aim is None:
                pairs = [self.rng.choice(CONTENDERS, 2, replace=False).tolist() for _ in range(BATCH)]
                self.hold([(one, other) for one, other in pairs])
            else:
                chosen = choose_duels(self.standings(), BATCH, self.rng, aim=aim)
                self.hold([(int(one), int(other)) for one, other in chosen.contenders])
        found = self.standings().strengths
        return found - found.mean()


def test_the_design_learns_all_strengths_better_than_lot() -> None:
    errors = []
    for seed in range(WORLDS):
        row = []
        for aim in ("design", None):
            world = World(seed)
            truth = world.strengths - world.strengths.mean()
            row.append(float(np.sqrt(np.mean((world.run(aim) - truth) ** 2))))  # type: ignore[arg-type]
        errors.append(row)
    ours, lot = np.array(errors).T
    assert ttest_rel(ours, lot, alternative="less").pvalue < 0.01
    assert ours.mean() < 0.95 * lot.mean()


def test_the_strongest_is_found_sooner_than_by_lot() -> None:
    shortfall = []
    for seed in range(WORLDS):
        found = [World(seed), World(seed)]
        named = [int(np.argmax(found[0].run("best"))), int(np.argmax(found[1].run(None)))]
        shortfall.append([float(found[0].strengths.max() - found[0].strengths[at]) for at in named])
    ours, lot = np.array(shortfall).T
    assert ttest_rel(ours, lot, alternative="less").pvalue < 0.01
    assert ours.mean() < 0.7 * lot.mean()


def test_a_gap_is_sought_between_the_best_and_the_worst() -> None:
    first, second = [0] * 30 + [1] * 30 + [0] * 30, [1] * 30 + [2] * 30 + [2] * 30
    standings = fit_standings(first, second, [0.8] * 90, 3)
    assert standings.strengths[0] > standings.strengths[1] > standings.strengths[2]
    assert standings.chance(0, 2) > 0.7
    duels = choose_duels(standings, 3, np.random.default_rng(0), aim="gap", beta=0.0)
    assert duels.contenders.tolist() == [[0, 2]] * 3


def test_the_newcomer_is_compared_first() -> None:
    standings = fit_standings([0, 1, 0, 1] * 20, [1, 2, 2, 0] * 20, [1, 0.5, 1, 0] * 20, 4)
    for aim in ("design", "best"):
        [duel] = choose_duels(standings, 1, np.random.default_rng(1), aim=aim).contenders.tolist()  # type: ignore[arg-type]
        assert 3 in duel


@given(st.integers(2, 7), st.integers(0, 60), st.integers(1, 12), st.sampled_from(AIMS), st.integers(0, 999))
@settings(deadline=None, max_examples=60)
def test_every_choice_is_a_duel_that_is_allowed(
    contenders: int, history: int, count: int, aim: Aim, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(contenders, size=history)
    second = (first + rng.integers(1, contenders, size=history)) % contenders
    standings = fit_standings(first, second, rng.integers(3, size=history) / 2, contenders)
    allowed = rng.random((contenders, contenders)) < 0.5
    allowed[0, 1] = True
    duels = choose_duels(standings, count, rng, aim=aim, allowed=allowed)
    assert len(duels) == count
    for one, other in duels.contenders.tolist():
        assert one < other
        assert allowed[one, other] or allowed[other, one]
    assert np.isfinite(duels.scores).all()
    if aim == "design":
        assert (np.diff(duels.scores) <= 1e-9).all()  # each pick leaves less to learn


def test_bad_input_is_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidLabelsError, match="numbered from 0 to 1"):
        fit_standings([0], [2], [1.0], 2)
    with pytest.raises(InvalidLabelsError, match="two different"):
        fit_standings([1], [1], [1.0], 2)
    with pytest.raises(InvalidOptionError, match="two contenders"):
        fit_standings([], [], [], 1)
    nobody = fit_standings([], [], [], 3)
    with pytest.raises(InvalidOptionError, match="aim"):
        choose_duels(nobody, 0, rng)
    with pytest.raises(InvalidOptionError, match="allowed"):
        choose_duels(nobody, 1, rng, allowed=np.zeros((3, 3), dtype=bool))
