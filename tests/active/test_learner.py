from typing import Any

import numpy as np
import pytest
from modAL.models import ActiveLearner, Committee
from modAL.uncertainty import entropy_sampling, margin_sampling
from sklearn.linear_model import LogisticRegression

from active import BradleyTerryHead, InvalidLabelsError, Labelled, Pool, PreferenceLearner, State, strategy
from active.learner import as_query_strategy


@pytest.mark.parametrize("ask", [strategy("entropy"), strategy("dopt"), strategy("bald"), entropy_sampling])
def test_the_loop_teaches(simulation: Any, ask: Any, rng: np.random.Generator) -> None:
    learner = PreferenceLearner(ask, rng, labelled=simulation.labelled(slice(0, 10)))
    left = np.arange(10, 90)
    for _ in range(5):
        picked, rows = learner.query(simulation.features[left], n_instances=8)
        assert np.array_equal(rows, simulation.features[left][picked])
        chosen = left[picked]
        learner.teach_pairs(simulation.labelled(chosen))
        left = np.setdiff1d(left, chosen)
    assert len(learner.labelled) == 50 == len(learner.X_training) == len(learner.y_training)
    assert learner.score(simulation.features[90:], simulation.targets[90:]) > 0.75


def test_a_query_hands_on_the_whole_choice(simulation: Any, rng: np.random.Generator) -> None:
    learner = PreferenceLearner(strategy("dopt"), rng, labelled=simulation.labelled(slice(0, 40)))
    pool = simulation.pool(slice(40, None))
    picked, _, choice = learner.query(pool.features, n_instances=4, pool=pool, return_metrics=True)
    direct = strategy("dopt").choose(State(learner.labelled, learner.estimator), pool, 4, rng)
    assert picked.tolist() == choice.indices.tolist() == direct.indices.tolist()
    assert choice.scores == pytest.approx(direct.scores)


def test_our_strategies_serve_a_plain_modal_learner(simulation: Any, rng: np.random.Generator) -> None:
    learner = ActiveLearner(
        LogisticRegression(fit_intercept=False),
        as_query_strategy(strategy("entropy"), rng),
        simulation.features[:40],
        simulation.targets[:40],
    )
    picked, _ = learner.query(simulation.features[40:], n_instances=3)
    ours, _ = entropy_sampling(learner.estimator, simulation.features[40:], n_instances=3)
    assert set(picked) == set(ours)


def test_modals_committee_takes_our_head(simulation: Any) -> None:
    members = [
        ActiveLearner(
            BradleyTerryHead(l2=l2), margin_sampling, simulation.features[:30], simulation.targets[:30]
        )
        for l2 in (0.1, 10.0)
    ]
    committee = Committee(members)
    picked, _ = committee.query(simulation.features[30:], n_instances=2)
    assert len(picked) == 2


def test_before_the_first_label_headless_strategies_work(simulation: Any, rng: np.random.Generator) -> None:
    learner = PreferenceLearner(strategy("typiclust"), rng)
    assert learner.labelled is None
    picked, _ = learner.query(simulation.features, n_instances=6)
    learner.teach(simulation.features[picked], simulation.targets[picked])
    assert learner.estimator.n_labels_ == 6


def test_groups_and_weights_reach_the_head(simulation: Any, rng: np.random.Generator) -> None:
    weights = np.linspace(0.5, 2, 60)
    groups = np.repeat(np.arange(6), 10)
    learner = PreferenceLearner(strategy("entropy"), rng)
    for half in (slice(0, 30), slice(30, 60)):
        learner.teach(
            simulation.features[half], simulation.targets[half], groups=groups[half], weights=weights[half]
        )
    direct = BradleyTerryHead().fit(
        simulation.features[:60], simulation.targets[:60], sample_weight=weights, groups=groups
    )
    assert learner.estimator.coef_ == pytest.approx(direct.coef_)
    assert learner.estimator.l2_ == direct.l2_


def test_a_column_given_once_must_be_given_always(simulation: Any, rng: np.random.Generator) -> None:
    learner = PreferenceLearner(strategy("entropy"), rng, labelled=simulation.labelled(slice(0, 10)))
    with pytest.raises(InvalidLabelsError, match="queries"):
        learner.teach(simulation.features[10:12], simulation.targets[10:12])


def test_soft_labels_and_ties_are_taught(simulation: Any, rng: np.random.Generator) -> None:
    ties = Labelled(simulation.features[:20], targets=np.full(20, 0.5))
    learner = PreferenceLearner(strategy("entropy"), rng, labelled=ties)
    picked, _ = learner.query(simulation.features[20:], n_instances=2, pool=Pool(simulation.features[20:]))
    assert len(picked) == 2
    assert learner.predict_proba(simulation.features[:1])[0] == pytest.approx([0.5, 0.5])
