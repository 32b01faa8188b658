"""Our strategies in modAL's own learners and committees."""

from typing import Any

import numpy as np
import pytest
from modAL.models import ActiveLearner, Committee
from modAL.uncertainty import entropy_sampling
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from active import (
    STRATEGIES,
    BradleyTerryHead,
    InvalidLabelsError,
    Labelled,
    State,
    as_query_strategy,
    strategy,
)
from active.modal.labels import quiet_modal

WITHOUT_COLUMNS = sorted(set(STRATEGIES) - {"gap_weighted", "relabel", "portfolio"})


def learner(kind: Any, ask: Any, simulation: Any, rows: slice = slice(0, 40)) -> ActiveLearner:
    return ActiveLearner(kind, ask, simulation.features[rows], simulation.targets[rows])


@pytest.mark.parametrize("name", WITHOUT_COLUMNS)
@pytest.mark.parametrize("kind", [LogisticRegression(), RandomForestClassifier(10, random_state=0)])
def test_every_strategy_serves_a_learner_of_modals(simulation: Any, name: str, kind: Any) -> None:
    asked = learner(kind, as_query_strategy(strategy(name), np.random.default_rng(0)), simulation)
    picked, rows = asked.query(simulation.features[40:], n_instances=5)
    assert len(set(np.asarray(picked).tolist())) == 5
    assert np.array_equal(rows, simulation.features[40:][picked])
    with quiet_modal():
        asked.teach(rows, simulation.targets[40:][picked])
    assert len(asked.query(simulation.features[60:], n_instances=3)[0]) == 3


@pytest.mark.parametrize("name", WITHOUT_COLUMNS)
def test_every_strategy_serves_a_committee_of_modals(simulation: Any, name: str) -> None:
    members = [
        learner(kind, entropy_sampling, simulation)
        for kind in (LogisticRegression(), GaussianNB(), KNeighborsClassifier())
    ]
    committee = Committee(members, as_query_strategy(strategy(name), np.random.default_rng(0)))
    picked, rows = committee.query(simulation.features[40:], n_instances=5)
    assert len(set(np.asarray(picked).tolist())) == 5
    with quiet_modal():
        committee.teach(rows, simulation.targets[40:][picked])
    assert len(committee.query(simulation.features[60:], n_instances=3)[0]) == 3


def test_entropy_is_modals_entropy(simulation: Any, rng: np.random.Generator) -> None:
    asked = learner(GaussianNB(), as_query_strategy(strategy("entropy"), rng), simulation)
    ours, _ = asked.query(simulation.features[40:], n_instances=6)
    theirs, _ = entropy_sampling(asked.estimator, simulation.features[40:], n_instances=6)
    assert set(ours) == set(theirs)


def test_our_head_in_modals_learner_answers_for_itself(simulation: Any, rng: np.random.Generator) -> None:
    asked = learner(BradleyTerryHead(l2=1.0), as_query_strategy(strategy("dopt"), rng), simulation)
    picked, _ = asked.query(simulation.features[40:], n_instances=6)
    known = Labelled(simulation.features[:40], targets=simulation.targets[:40])
    direct = strategy("dopt").choose(
        State(known, simulation.head(slice(0, 40))), simulation.pool(slice(40, None)), 6, rng
    )
    assert picked.tolist() == direct.indices.tolist()


def test_a_committee_of_our_heads_is_a_posterior(simulation: Any) -> None:
    rng = np.random.default_rng(0)
    members = [
        learner(BradleyTerryHead(l2=1.0), entropy_sampling, simulation, slice(start, start + 30))
        for start in (0, 10, 20, 30)
    ]
    committee = Committee(members, as_query_strategy(strategy("bald", power=50.0), rng))
    picked, _, choice = committee.query(simulation.features[60:], n_instances=1, return_metrics=True)
    p = committee.vote_proba(simulation.features[60:])[:, :, 1]
    assert choice.evidence[0]["probability"] == pytest.approx(p[picked[0]].mean(), abs=0.1)
    assert p.std(axis=1)[picked[0]] > np.median(p.std(axis=1))


def test_classes_may_have_any_two_names(simulation: Any, rng: np.random.Generator) -> None:
    names = np.where(simulation.targets[:40] > 0.5, "second letter", "a letter before")
    asked = ActiveLearner(
        LogisticRegression(), as_query_strategy(strategy("dopt"), rng), simulation.features[:40], names
    )
    numbered = learner(LogisticRegression(), as_query_strategy(strategy("dopt"), rng), simulation)
    picks = [one.query(simulation.features[40:], n_instances=5)[0].tolist() for one in (asked, numbered)]
    assert picks[0] == picks[1]


def test_three_classes_are_no_preference(simulation: Any, rng: np.random.Generator) -> None:
    three = ActiveLearner(
        LogisticRegression(),
        as_query_strategy(strategy("entropy"), rng),
        simulation.features[:40],
        np.arange(40) % 3,
    )
    with pytest.raises(InvalidLabelsError, match="two classes, the learner knows 3"):
        three.query(simulation.features[40:], n_instances=2)


def test_before_the_first_label_strategies_without_a_head_serve(simulation: Any) -> None:
    rng = np.random.default_rng(0)
    asked = ActiveLearner(LogisticRegression(), as_query_strategy(strategy("typiclust"), rng))
    assert len(asked.query(simulation.features, n_instances=4)[0]) == 4
