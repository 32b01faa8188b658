import numpy as np
import pytest

from active.heads.newton import RidgeLogistic
from active.heads.regularisation import MIN_LABELS, RELATIVE_STRENGTHS, choose_l2, default_l2


def logistic(features: np.ndarray, targets: np.ndarray) -> RidgeLogistic:
    return RidgeLogistic(features, targets, np.ones(len(targets)), 1.0)


def labelled(count: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 5))
    logits = features @ np.array([3.0, -2.0, 1.0, 0.0, 0.0]) * (1 - noise)
    return features, (rng.random(count) < 1 / (1 + np.exp(-logits))).astype(float)


def test_the_default_gives_a_typical_logit_variance_one() -> None:
    features, _ = labelled(500, 0.0)
    prior_variance = np.mean(np.sum(features**2, axis=1)) / default_l2(features)
    assert prior_variance == pytest.approx(1.0)
    assert default_l2(np.zeros((3, 2))) == 1.0


def test_noise_asks_for_more_ridge_than_signal() -> None:
    strong = choose_l2(logistic(*labelled(200, noise=0.0)), None)
    weak = choose_l2(logistic(*labelled(200, noise=1.0)), None)
    assert weak.l2 > strong.l2
    assert strong.losses[strong.l2] == min(strong.losses.values()) < np.log(2)


def test_few_labels_or_one_question_fall_back_to_the_default() -> None:
    features, targets = labelled(MIN_LABELS, 0.0)
    few = choose_l2(logistic(features[1:], targets[1:]), None)
    one = choose_l2(logistic(features, targets), np.zeros(MIN_LABELS))
    assert (few.l2, few.losses) == (default_l2(features[1:]), {})
    assert (one.l2, one.losses) == (default_l2(features), {})


def test_groups_keep_copies_of_a_question_out_of_its_own_validation() -> None:
    # Labels are coin tosses, each told six times: without groups memorising them looks like skill.
    rng = np.random.default_rng(3)
    questions = np.repeat(np.arange(30), 6)
    features = np.repeat(rng.normal(size=(30, 20)), 6, axis=0)
    targets = np.repeat(rng.integers(0, 2, 30), 6).astype(float)
    fooled = choose_l2(logistic(features, targets), None)
    honest = choose_l2(logistic(features, targets), questions)
    assert min(fooled.losses.values()) < 0.3
    assert min(honest.losses.values()) > 0.6
    assert honest.l2 > fooled.l2


def test_the_search_is_deterministic_and_within_the_grid() -> None:
    features, targets = labelled(60, 0.3)
    first = choose_l2(logistic(features, targets), None)
    assert first.losses == choose_l2(logistic(features, targets), None).losses
    assert first.l2 / default_l2(features) in [pytest.approx(s) for s in RELATIVE_STRENGTHS]
