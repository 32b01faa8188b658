"""Questions that are chosen for pairs teach more about the traffic than questions by lot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from active import BradleyTerryHead
from active.errors import EmptyPoolError, InvalidLabelsError, InvalidOptionError
from active.questions import choose_questions, question_importance

TOPICS, WIDTH, ASKED, LABELS, BATCH, ROUNDS, WORLDS = 12, 4, 1200, 200, 15, 2, 12


class World:
    """Questions of topics with Zipf's traffic and tastes of their own; three topics are well labelled."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        traffic = 1 / np.arange(1, TOPICS + 1)
        topics = self.rng.choice(TOPICS, size=ASKED, p=traffic / traffic.sum())
        self.queries = np.eye(TOPICS)[topics] + 0.15 * self.rng.normal(size=(ASKED, TOPICS))
        taste = 1.5 * self.rng.normal(size=(TOPICS, WIDTH))[topics]
        difference = self.rng.normal(size=(ASKED, WIDTH))
        self.features = np.einsum("ni,nj->nij", self.queries, difference).reshape(ASKED, -1)
        gap = (difference * taste).sum(axis=1)
        self.better = gap > 0
        self.said = (gap + self.rng.logistic(size=ASKED) > 0).astype(float)
        self.known = np.zeros(ASKED, dtype=bool)
        self.known[np.flatnonzero(topics < 3)[:LABELS]] = True

    def accuracy(self, *, by_lot: bool) -> float:
        """Label chosen questions; return how often the better answer is known over all the traffic."""
        head = BradleyTerryHead(l2=2.0, standardise=False)
        for _ in range(ROUNDS):
            head.fit(self.features[self.known], self.said[self.known])
            if by_lot:
                chosen = self.rng.choice(np.flatnonzero(~self.known), BATCH, replace=False)
            else:
                p = head.predict_proba(self.features)[:, 1]
                worth = question_importance(self.queries, self.known, 4 * p * (1 - p))
                chosen = choose_questions(self.queries, self.known, BATCH, self.rng, importance=worth).indices
            self.known[chosen] = True
        head.fit(self.features[self.known], self.said[self.known])
        return float(np.mean((head.decision_function(self.features) > 0) == self.better))


def test_what_was_chosen_teaches_more_than_lot() -> None:
    figures = np.array(
        [[World(seed).accuracy(by_lot=lot) for lot in (False, True)] for seed in range(WORLDS)]
    )
    assert ttest_rel(figures[:, 0], figures[:, 1], alternative="greater").pvalue < 0.01
    assert figures[:, 0].mean() > figures[:, 1].mean() + 0.01


def test_a_question_like_many_and_unlike_the_known_comes_first() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(4)[[0] * 30 + [1] * 20 + [2] * 10 + [3]]
    embeddings = centres + 0.01 * rng.normal(size=centres.shape)
    known = np.zeros(61, dtype=bool)
    known[:5] = True
    chosen = choose_questions(embeddings, known, 3, rng)
    assert [int(np.argmax(centres[at])) for at in chosen.indices] == [1, 2, 3]
    assert (np.diff(chosen.scores) <= 0).all()
    assert (chosen.novelty > 0.5).all()
    weights = np.where(centres[:, 3] == 1, 50.0, 1.0)
    assert choose_questions(embeddings, known, 1, rng, importance=weights).indices.tolist() == [60]


@given(st.integers(2, 60), st.integers(1, 80), st.integers(0, 999))
@settings(deadline=None, max_examples=60)
def test_the_lazy_choice_is_the_greedy_one(size: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, known = rng.normal(size=(size, 5)), rng.random(size) < 0.3
    known[0] = False
    worth = rng.random(size) + 0.01
    chosen = choose_questions(embeddings, known, count, rng, importance=worth)
    assert len(chosen) == min(count, int((~known).sum()))
    assert not known[chosen.indices].any()
    assert len(set(chosen.indices.tolist())) == len(chosen)
    rows = embeddings - embeddings.mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    similar = rows @ rows.T
    covered = np.maximum(similar[:, known].max(axis=1, initial=0.0), 0.0)
    for index, score in zip(chosen.indices, chosen.scores, strict=True):
        gains = worth @ np.maximum(similar - covered[:, None], 0.0) / worth.sum()
        open_ = ~known
        assert score == pytest.approx(gains[index])
        assert gains[index] == pytest.approx(gains[open_].max(), abs=1e-9)
        covered = np.maximum(covered, similar[:, index])
        known[index] = True


def test_uncertainty_spreads_to_questions_alike_and_nothing_known_counts_fully() -> None:
    embeddings = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    judged = np.array([True, False, True, False, False, False])
    worth = question_importance(embeddings, judged, [0.0, 0, 1.0, 0, 0, 0], floor=0.0)
    assert worth[1] < worth[3] <= worth[4] == 1.0
    doubled = question_importance(embeddings, judged, [0.0] * 6, gap_weights=[1, 1, 1, 1, 2, 2])
    assert doubled[4] == 2.0


def test_bad_input_is_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(EmptyPoolError):
        choose_questions(np.eye(2), [True, True], 1, rng)
    with pytest.raises(InvalidOptionError, match="count"):
        choose_questions(np.eye(2), [True, False], 0, rng)
    with pytest.raises(InvalidLabelsError, match="weights"):
        choose_questions(np.eye(2), [True, False], 1, rng, importance=[1.0, -1.0])
    with pytest.raises(InvalidLabelsError, match="uncertainty"):
        question_importance(np.eye(2), [True, False], [2.0, 0.0])
