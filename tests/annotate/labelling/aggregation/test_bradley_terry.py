"""The ordinal model: gradients by finite differences, and known parameters found again."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from annotate.labelling.aggregation import BradleyTerry, OneCoin, Vote, Votes, aggregate
from annotate.labelling.aggregation.bradley_terry import Problem
from annotate.labelling.aggregation.davidson import (
    Parameters,
    Priors,
    Setting,
    centre,
    mirror,
    prior_log,
    verdict_shares,
)
from annotate.labelling.verdicts import VERDICTS

RNG = np.random.default_rng


@dataclass
class World:
    """Votes drawn by the model itself, with what they were drawn from."""

    votes: Votes
    differences: NDArray[np.float64]
    discrimination: NDArray[np.float64]
    left_bias: NDArray[np.float64]
    bad: NDArray[np.bool_]


def draw(
    differences: NDArray[np.float64],
    each: int,
    assessors: int,
    rng: np.random.Generator,
    bad_share: float = 0.0,
    always_left: bool = False,
) -> World:
    size = len(differences)
    ways = np.stack(
        [
            rng.normal(1.5, 0.6, assessors),
            rng.normal(0.1, 0.5, assessors),
            rng.normal(0.2, 0.4, assessors),
            rng.normal(-1.0, 0.3, assessors),
            rng.normal(-3.5, 0.3, assessors),
            rng.normal(-3.0, 0.3, assessors),
        ],
        axis=1,
    )
    bad = rng.random(size) < bad_share
    parameters = Parameters(np.array([3.0, -1.0, -9.0]), ways, np.zeros(0))
    rows = np.repeat(np.arange(size), each)
    by = rng.integers(assessors, size=size * each)
    swapped = np.zeros(size * each, bool) if always_left else rng.random(size * each) < 0.5
    verdicts = np.zeros(size * each, dtype=np.int64)
    for at, (row, name, turned) in enumerate(zip(rows, by, swapped, strict=True)):
        level = 0.0 if bad[row] else differences[row]
        setting = Setting(
            np.array([name]),
            np.array([-1.0 if turned else 1.0]),
            np.array([level]),
            np.array([float(bad[row])]),
            np.array([0.17, 0.23, 0.18, 0.23, 0.17, 0.02]),
        )
        verdicts[at] = rng.choice(6, p=verdict_shares(parameters, setting)[1][0, :, 0])
    names = tuple(f"p{n:03}" for n in range(assessors))
    return World(Votes(rows, by, names, verdicts, swapped), differences, ways[:, 0], ways[:, 1], bad)


def some_votes(rng: np.random.Generator, count: int = 150) -> Votes:
    return Votes.of(
        Vote(int(rng.integers(30)), f"p{rng.integers(6)}", str(rng.choice(VERDICTS)), bool(rng.integers(2)))
        for _ in range(count)
    )


@pytest.mark.parametrize("with_contenders", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_are_those_of_finite_differences(with_contenders: bool, seed: int) -> None:
    rng = RNG(seed)
    contenders = {n: (n % 7, (3 * n + 1) % 7) for n in range(30)} if with_contenders else None
    problem = Problem(some_votes(rng), contenders, Priors())
    at = problem.start().flat + rng.normal(0, 0.5, problem.start().flat.size)
    slope = problem.loss(at)[1]
    steps = np.eye(len(at)) * 1e-5
    numeric = np.array([(problem.loss(at + step)[0] - problem.loss(at - step)[0]) / 2e-5 for step in steps])
    assert slope == pytest.approx(numeric, abs=1e-6 * np.abs(numeric).max())


def test_the_prior_is_taken_at_its_best_centres() -> None:
    rng, priors = RNG(0), Priors()
    parameters = Parameters(np.zeros(3), rng.normal(size=(5, 6)), np.zeros(0))
    best = centre(parameters.ways, priors)

    def density(centres: NDArray[np.float64]) -> float:
        own = (parameters.ways - centres) / priors.deviations
        common = (centres - priors.centres) / priors.centre_deviations
        states = -np.array(priors.states) / priors.states_deviation
        return -0.5 * float((own**2).sum() + (common**2).sum() + (states**2).sum())

    assert prior_log(parameters, priors)[0] == pytest.approx(density(best))
    for step in np.eye(6) * 0.1:
        assert density(best) > max(density(best + step), density(best - step))


def test_the_mirror_image_is_as_likely() -> None:
    rng = RNG(2)
    problem = Problem(some_votes(rng), {n: (n % 5, 5 + n % 3) for n in range(30)}, Priors())
    start = problem.start()
    here = start.like(start.flat + rng.normal(0, 0.3, start.flat.size))
    priors = [prior_log(one, problem.priors)[0] for one in (here, mirror(here))]
    likelihoods = [
        -problem.loss(one.flat)[0] - prior for one, prior in zip((here, mirror(here)), priors, strict=True)
    ]
    assert likelihoods[0] == pytest.approx(likelihoods[1])


def test_discrimination_and_left_bias_are_recovered() -> None:
    rng = RNG(0)
    world = draw(rng.normal(size=1500), 5, 25, rng)  # 300 votes an assessor
    found = aggregate(world.votes, BradleyTerry())
    discrimination = np.array([found.discrimination[name] for name in world.votes.names])
    bias = np.array([found.left_bias[name] for name in world.votes.names])
    assert np.sqrt(np.mean((discrimination - world.discrimination) ** 2)) < 0.35
    assert np.corrcoef(discrimination, world.discrimination)[0, 1] > 0.8
    assert np.sqrt(np.mean((bias - world.left_bias) ** 2)) < 0.15
    assert np.corrcoef(bias, world.left_bias)[0, 1] > 0.95
    right = (found.posteriors[:, 0] > found.posteriors[:, 1]) == (world.differences > 0)
    counted = aggregate(world.votes, OneCoin()).posteriors
    assert right.mean() > 0.88
    assert right.mean() > ((counted[:, 0] > counted[:, 1]) == (world.differences > 0)).mean()


def test_posteriors_are_as_sure_as_they_are_right() -> None:
    rng = RNG(1)
    world = draw(rng.normal(size=4000), 4, 20, rng)
    found = aggregate(world.votes, BradleyTerry())
    tie = found.details["half_width_of_a_tie"]
    shares = found.posteriors[:, :2].T.ravel()
    wins = np.concatenate([world.differences > tie, world.differences < -tie])
    # In the middle some of what is near a tie passes for one: the world has no pair that is exactly even.
    for low, high, within in (
        (0.0, 0.1, 0.02),
        (0.1, 0.35, 0.07),
        (0.35, 0.65, 0.15),
        (0.65, 0.9, 0.07),
        (0.9, 1.01, 0.02),
    ):
        inside = (shares >= low) & (shares < high)
        assert inside.sum() > 200
        assert wins[inside].mean() == pytest.approx(shares[inside].mean(), abs=within)
    ties = np.abs(world.differences) <= tie
    assert ties.mean() == pytest.approx(found.posteriors[:, 2].mean(), abs=0.03)


def test_bad_pairs_are_told_from_even_ones() -> None:
    rng = RNG(2)
    world = draw(rng.normal(size=800), 5, 20, rng, bad_share=0.25)
    found = aggregate(world.votes, BradleyTerry()).posteriors[:, 3]
    assert found[world.bad].mean() > 0.75
    assert found[~world.bad].mean() < 0.1


def test_the_strengths_of_contenders_are_recovered_and_help_where_votes_are_few() -> None:
    rng = RNG(3)
    strengths = rng.normal(size=15)
    sides = np.array([rng.choice(15, 2, replace=False) for _ in range(900)])
    differences = strengths[sides[:, 0]] - strengths[sides[:, 1]] + rng.normal(0, 1, 900)
    world = draw(differences, 1, 15, rng)
    contenders = {n: (100 + int(a), 100 + int(b)) for n, (a, b) in enumerate(sides)}
    found = aggregate(world.votes, BradleyTerry(contenders))
    alone = aggregate(world.votes, BradleyTerry())
    recovered = np.array([found.strengths[100 + n] for n in range(15)])
    assert np.corrcoef(recovered, strengths)[0, 1] > 0.95
    assert np.sqrt(np.mean((recovered - recovered.mean() - strengths + strengths.mean()) ** 2)) < 0.35
    right = [
        ((one.posteriors[:, 0] > one.posteriors[:, 1]) == (differences > 0)).mean() for one in (found, alone)
    ]
    assert right[0] > right[1] + 0.01
    assert alone.strengths == {}


def test_a_judge_that_always_likes_the_left_decides_nothing() -> None:
    rng = RNG(4)
    world = draw(rng.normal(size=300), 3, 6, rng)
    votes = world.votes
    rows = [
        Vote(int(item), votes.names[by], VERDICTS[said], bool(turned))
        for item, by, said, turned in zip(
            votes.items, votes.assessors, votes.verdicts, votes.swapped, strict=True
        )
    ]
    turned = rng.random(300) < 0.5
    rows += [Vote(n, "robot", "B_better" if turned[n] else "A_better", bool(turned[n])) for n in range(300)]
    found = aggregate(rows, BradleyTerry())
    assert found.left_bias["robot"] > 1.0 > 2 * max(abs(found.left_bias[name]) for name in votes.names) - 1
    assert found.discrimination["robot"] < 0.5 < np.mean([found.discrimination[n] for n in votes.names])
    assert min(found.reliability[name] for name in votes.names) > found.reliability["robot"]


def test_without_a_second_vote_nobody_is_told_from_another() -> None:
    votes = [Vote(n, f"p{n % 3}", VERDICTS[n % 5]) for n in range(30)]
    found = aggregate(votes, BradleyTerry())
    assert set(found.discrimination.values()) == {Priors().centres[0]}
    for vote in votes:
        posterior = found.items[vote.item].posterior
        if vote.verdict.startswith("A"):
            assert posterior["first"] > posterior["second"]
        if vote.verdict == "tie":
            assert posterior["first"] == pytest.approx(posterior["second"])


def test_an_item_without_contenders_is_named() -> None:
    with pytest.raises(KeyError):
        aggregate([Vote(1, "anna", "tie")], BradleyTerry({2: (1, 2)}))
