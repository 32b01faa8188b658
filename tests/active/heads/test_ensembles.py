from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from active import BradleyTerryHead, EnsembleHead, InvalidOptionError, State, strategy


@pytest.mark.parametrize("method", ["bootstrap", "laplace"])
def test_members_scatter_as_the_posterior_says(simulate: Any, method: str) -> None:
    data = simulate(400)
    head = BradleyTerryHead(l2=1.0)
    ensemble = EnsembleHead(head, members=300, method=method, seed=3).fit(data.features, data.targets)
    exact = head.fit(data.features, data.targets).posterior_variance(data.features)
    assert ensemble.posterior_variance(data.features) == pytest.approx(exact, rel=0.6)
    assert np.corrcoef(ensemble.posterior_variance(data.features), exact)[0, 1] > 0.8
    assert ensemble.coefs_.mean(axis=0) == pytest.approx(head.coef_, abs=0.2)


def test_the_bootstrap_knows_of_questions(simulate: Any) -> None:
    # Ten copies of each label tell nothing new: members must scatter as if each came once.
    data = simulate(80)
    copies = np.repeat(np.arange(80), 10)
    once = EnsembleHead(BradleyTerryHead(l2=1.0), 100).fit(data.features, data.targets)
    grouped = EnsembleHead(BradleyTerryHead(l2=10.0), 100).fit(
        data.features[copies], data.targets[copies], groups=copies
    )
    fooled = EnsembleHead(BradleyTerryHead(l2=10.0), 100).fit(data.features[copies], data.targets[copies])
    spread = [float(np.trace(np.cov(one.coefs_.T))) for one in (once, grouped, fooled)]
    assert spread[1] == pytest.approx(spread[0], rel=0.3)
    assert spread[2] < 0.3 * spread[0]


def test_solve_sample_and_variance_agree(simulation: Any) -> None:
    ensemble = EnsembleHead(members=16).fit(simulation.features, simulation.targets)
    z = simulation.features[:7]
    assert np.einsum("ij,ij->i", z, ensemble.posterior_solve(z)) == pytest.approx(
        ensemble.posterior_variance(z)
    )
    drawn = ensemble.posterior_sample(40, np.random.default_rng(0))
    assert len(np.unique(drawn[:16], axis=0)) == 16
    assert {tuple(row) for row in drawn} == {tuple(row) for row in ensemble.coefs_}
    assert len(ensemble.member_heads()) == 16
    assert np.array_equal(ensemble.member_heads()[3].coef_, ensemble.coefs_[3])


@pytest.mark.parametrize("name", ["bald", "dopt", "balpm", "entropy"])
def test_strategies_take_an_ensemble_for_a_head(simulation: Any, name: str, rng: np.random.Generator) -> None:
    known = simulation.labelled(slice(0, 40))
    ensemble = EnsembleHead(members=8).fit(known.features, known.targets, groups=known.groups)
    choice = strategy(name).choose(State(known, ensemble), simulation.pool(slice(40, None)), 6, rng)
    assert len(set(choice.indices.tolist())) == 6


def test_a_seed_decides_the_members_and_clones_forget_them(simulation: Any) -> None:
    one, two = (EnsembleHead(members=4, seed=5).fit(simulation.features, simulation.targets) for _ in "ab")
    other = EnsembleHead(members=4, seed=6).fit(simulation.features, simulation.targets)
    assert np.array_equal(one.coefs_, two.coefs_)
    assert not np.array_equal(one.coefs_, other.coefs_)
    assert not hasattr(clone(one), "coefs_")


@pytest.mark.parametrize("options", [{"members": 1}, {"method": "jackknife"}])
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidOptionError, match="ensemble"):
        EnsembleHead(**options).fit(np.eye(3), [1, 0, 1])
