"""modAL's learners, committees and query strategies in our loop."""

from typing import Any

import numpy as np
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.disagreement import consensus_entropy_sampling, max_disagreement_sampling, vote_entropy_sampling
from modAL.models import ActiveLearner, Committee
from modAL.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from active import (
    BradleyTerryHead,
    EnsembleHead,
    InvalidOptionError,
    Labelled,
    ModalStrategy,
    NotEnoughLabelsError,
    PreferenceLearner,
    State,
    as_committee,
    select_batch,
    strategy,
)

FUNCTIONS = [entropy_sampling, margin_sampling, uncertainty_sampling, uncertainty_batch_sampling]
DISAGREEMENT = [vote_entropy_sampling, consensus_entropy_sampling, max_disagreement_sampling]


def batch_of(asked: Any, simulation: Any, **options: Any) -> Any:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    return select_batch(asked, pool, known, 10, rng=np.random.default_rng(1), **options)


@pytest.mark.parametrize("ask", FUNCTIONS)
def test_a_query_strategy_of_modals_drives_our_batch(simulation: Any, ask: Any) -> None:
    batch = batch_of(ask, simulation, audit_share=0.2)
    assert len(set(batch.indices.tolist())) == 10
    assert len(batch.audit_indices) == 2
    assert batch.strategy == "modal"
    assert batch.l2 is not None  # asked of our head
    groups = simulation.groups[40:][batch.indices]
    assert len(set(groups.tolist())) == 10  # one pair a question, which modAL knows nothing of
    explained = next(pick for pick in batch if not pick.is_audit).explanation
    assert (explained.reason, explained.score) == ("asked_by_modal", pytest.approx(1 / explained.rank, rel=1))
    assert np.isfinite(explained.values["metric"])


def test_modals_entropy_of_our_head_is_our_entropy(simulation: Any) -> None:
    theirs = batch_of(entropy_sampling, simulation, audit_share=0.0)
    ours = batch_of("entropy", simulation, audit_share=0.0)
    assert set(theirs.indices[:1].tolist()) <= set(ours.indices.tolist())
    assert len(set(theirs.indices.tolist()) & set(ours.indices.tolist())) >= 7


@pytest.mark.parametrize(
    "kind",
    [
        LogisticRegression(),
        RandomForestClassifier(10, random_state=0),
        make_pipeline(StandardScaler(), GaussianNB()),
    ],
)
def test_a_users_own_learner_drives_our_batch(simulation: Any, kind: Any) -> None:
    own = ActiveLearner(kind, margin_sampling)
    batch = batch_of(own, simulation)
    assert len(batch) == 10
    assert batch.l2 is None  # no head of ours was fitted
    assert len(own.X_training) == 40


@pytest.mark.parametrize("ask", [*DISAGREEMENT, uncertainty_batch_sampling])
@pytest.mark.parametrize("bag", [False, True])
def test_a_users_own_committee_drives_our_batch(simulation: Any, ask: Any, bag: bool) -> None:
    members = [ActiveLearner(LogisticRegression(C=c), entropy_sampling) for c in (0.01, 1.0, 100.0)]
    members.append(ActiveLearner(GaussianNB(), entropy_sampling))
    asked = ModalStrategy(learner=Committee(members, ask), bag=bag)
    batch = batch_of(asked, simulation, quotas={2: 6})
    assert len(set(batch.indices.tolist())) == 10
    assert np.sum(simulation.clusters[40:][batch.indices] == 2) >= 6


def test_our_ensemble_is_a_committee_for_modals_disagreement(simulation: Any) -> None:
    known = simulation.labelled(slice(0, 40))
    ensemble = EnsembleHead(members=8).fit(known.features, known.targets, groups=known.groups)
    committee = as_committee(ensemble, max_disagreement_sampling)
    picked, _ = committee.query(simulation.features[40:], n_instances=5)
    p = committee.vote_proba(simulation.features[40:])[:, :, 1]
    assert committee.predict_proba(simulation.features[40:]) == pytest.approx(
        ensemble.predict_proba(simulation.features[40:])
    )
    assert p.std(axis=1)[picked].mean() > p.std(axis=1).mean()


def test_a_function_of_the_users_own_may_return_indices_alone(simulation: Any) -> None:
    def first_rows(learner: Any, X: Any, n_instances: int = 1) -> Any:
        return np.arange(n_instances)

    def one_and_its_row(learner: Any, X: Any, n_instances: int = 1) -> Any:
        return np.array([2]), X[[2]]

    plain = batch_of(first_rows, simulation, audit_share=0.0)
    assert plain.indices[0] == 0
    assert len(batch_of(one_and_its_row, simulation)) == 10  # asked again until the batch is full
    assert next(iter(plain)).explanation.values == {}


def test_nonsense_is_refused(simulation: Any) -> None:
    with pytest.raises(InvalidOptionError, match="indices of the pool"):
        batch_of(lambda learner, X, n_instances: np.array([len(X)]), simulation)
    with pytest.raises(InvalidOptionError, match="indices of the pool"):
        batch_of(lambda learner, X, n_instances: np.array([]), simulation)
    with pytest.raises(InvalidOptionError, match="something of modAL's"):
        batch_of(3, simulation)
    with pytest.raises(InvalidOptionError, match="needs a query strategy"):
        ModalStrategy()


def test_few_labels_start_cold_and_one_class_is_told(simulation: Any, rng: np.random.Generator) -> None:
    pool = simulation.pool(slice(40, None))
    own = ActiveLearner(LogisticRegression(), entropy_sampling)
    assert select_batch(own, pool, simulation.labelled(slice(0, 5)), 6, rng=rng).cold_start
    one_sided = Labelled(simulation.features[:30], targets=np.ones(30))
    with pytest.raises(NotEnoughLabelsError, match="both verdicts"):
        ModalStrategy(learner=own).choose(State(one_sided), pool, 3, rng)


def test_any_classifier_serves_our_learner_and_ties_are_left_out(
    simulation: Any, rng: np.random.Generator
) -> None:
    soft = np.where(np.arange(60) % 5 == 0, 0.5, np.where(simulation.targets[:60] > 0.5, 0.9, 0.1))
    for kind in (LogisticRegression(), RandomForestClassifier(10, random_state=0)):
        learner = PreferenceLearner(strategy("dopt"), rng, kind)
        learner.teach(
            simulation.features[:60], soft, groups=simulation.groups[:60], weights=np.linspace(1, 2, 60)
        )
        assert len(learner.labelled) == 60
        assert len(learner.y_training) == 48
        assert set(learner.y_training.tolist()) == {0.0, 1.0}
        assert len(learner.query(simulation.features[60:], n_instances=4)[0]) == 4


def test_verdicts_reach_a_graded_head(simulation: Any, rng: np.random.Generator) -> None:
    from active import GradedHead

    verdicts = np.eye(3)[np.where(np.arange(60) % 4 == 0, 1, np.where(simulation.targets[:60] > 0.5, 0, 2))]
    targets = verdicts @ np.array([1.0, 0.5, 0.0])
    learner = PreferenceLearner(strategy("dopt"), rng, GradedHead(3, l2=1.0))
    learner.teach(simulation.features[:60], targets, verdicts=verdicts)
    direct = GradedHead(3, l2=1.0).fit(simulation.features[:60], verdicts)
    assert learner.estimator.coef_ == pytest.approx(direct.coef_)
    batch = select_batch(
        "dopt", simulation.pool(slice(60, None)), learner.labelled, 5, rng=rng, head=GradedHead(3)
    )
    assert len(batch) == 5
    assert isinstance(learner.estimator, BradleyTerryHead)
