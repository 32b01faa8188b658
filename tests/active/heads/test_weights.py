import numpy as np
import pytest
from scipy.special import expit

from active import BradleyTerryHead, InvalidLabelsError, certainty_weights, reliability_weights, vote_weights


def test_a_turned_over_verdict_carries_that_much_information() -> None:
    # Fisher information of P(label) = r·p + (1 − r)(1 − p) on an even pair, over that of p itself.
    for r in (0.5, 0.7, 0.95, 1.0):
        step = 1e-4
        told = [r * expit(e) + (1 - r) * (1 - expit(e)) for e in (-step, step)]
        slope = (told[1] - told[0]) / (2 * step)
        assert reliability_weights([r])[0] == pytest.approx(slope**2 / 0.25 / 0.25, abs=1e-6)
    assert reliability_weights([0.2])[0] == 0


def test_votes_add_up_and_pairs_without_votes_weigh_nothing() -> None:
    weights = vote_weights(np.array([0, 0, 2]), [1.0, 0.75, 0.5], 4)
    assert weights == pytest.approx([1.25, 0, 0, 0])


def test_certainty_goes_from_nothing_known_to_all() -> None:
    weights = certainty_weights([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.8, 0.1, 0.1]])
    assert weights[:2] == pytest.approx([1, 0])
    assert 0 < weights[2] < 1


def test_weights_by_reliability_beat_equal_ones() -> None:
    gains = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        features, w = rng.normal(size=(1300, 10)), rng.normal(size=10)
        truth = rng.random(1300) < expit(features @ w)
        reliability = rng.choice([0.55, 0.95], 300)
        votes = np.where(rng.random(300) < reliability, truth[:300], ~truth[:300]).astype(float)
        heads = [
            BradleyTerryHead().fit(features[:300], votes, sample_weight=weights)
            for weights in (reliability_weights(reliability), None)
        ]
        scores = [np.mean((features[300:] @ head.coef_ > 0) == (features[300:] @ w > 0)) for head in heads]
        gains.append(scores[0] - scores[1])
    assert np.mean(gains) > 0.01


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(InvalidLabelsError, match="reliability"):
        reliability_weights([1.2])
    with pytest.raises(InvalidLabelsError, match="reliability"):
        reliability_weights([np.nan])
    with pytest.raises(InvalidLabelsError, match="verdicts"):
        certainty_weights([[0.5, 0.6]])
