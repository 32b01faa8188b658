"""The curve inside the labels foretells what further labels bring."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from active import BradleyTerryHead, Labelled, lexical_features
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.stopping import CurvePoints, PowerLaw, curve_points, expected_gain, fit_power_law, labels_for

DATA = Path(__file__).parents[2] / "../shared/data/convincing_arguments"
SIZES = np.array([20, 40, 80, 160, 320])


def points(law: PowerLaw, noise: float = 0.0, runs: int = 10, seed: int = 0) -> CurvePoints:
    mean = np.array([law.at(size) for size in SIZES])
    spread = noise * np.random.default_rng(seed).normal(size=(runs, len(SIZES)))
    return CurvePoints(SIZES, mean + spread, np.full(runs, 80.0), 400)


@given(st.floats(0.5, 1.2), st.floats(0.05, 2.0), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
def test_a_law_is_found_again(asymptote: float, scale: float, exponent: float) -> None:
    values = asymptote - scale * SIZES.astype(float) ** -exponent
    law = fit_power_law(SIZES, values, np.ones(len(SIZES)))
    assert law.asymptote - law.scale * 900**-law.exponent == pytest.approx(
        asymptote - scale * 900**-exponent, abs=1e-6
    )


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.integers(1, 5000))
@settings(max_examples=50)
def test_more_labels_never_cost_accuracy_and_nothing_rises_above_one(values: list[float], more: int) -> None:
    law = fit_power_law(SIZES, np.array(values), np.ones(5))
    assert law.scale >= 0
    assert law.at(400) <= law.at(400 + more) <= 1


def test_the_gain_is_that_of_the_law_and_more_noise_makes_it_less_sure() -> None:
    law = PowerLaw(0.85, 0.9, 0.5)
    truth = law.at(800) - law.at(400)
    rng = np.random.default_rng(0)
    sure, unsure = (expected_gain(points(law, noise), 400, rng) for noise in (0.002, 0.03))
    assert sure.value == pytest.approx(truth, abs=0.005)
    assert sure.low <= truth <= sure.high
    assert unsure.low <= truth <= unsure.high
    assert unsure.high - unsure.low > 3 * (sure.high - sure.low)
    assert str(sure).startswith("400 more labels buy about 1.")


def test_labels_for_a_rise_are_those_that_buy_it() -> None:
    law = PowerLaw(0.85, 0.9, 0.5)
    curve = points(law)
    assert labels_for(curve, law.at(1000) - law.at(400)) == pytest.approx(600, rel=0.01)
    assert labels_for(curve, 0.5) == float("inf")
    assert labels_for(points(PowerLaw(0.7, 0.0, 0.5)), 0.01) == float("inf")


def test_questions_are_never_on_both_sides() -> None:
    """Pairs of one question have one target and one row: whoever has seen the question knows them all."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 4)
    features = np.eye(60)[groups]
    targets = (rng.random(60) < 0.5)[groups].astype(float)
    head = BradleyTerryHead(l2=0.1)
    curve = curve_points(Labelled(features, groups=groups, targets=targets), rng, head=head, repeats=1)
    leaking = curve_points(Labelled(features, targets=targets), rng, head=head, repeats=1)
    assert curve.mean[-1] < 0.65  # nothing but the share of second-better, which the even logit names
    assert leaking.mean[-1] > 0.95


def test_only_what_is_marked_is_measured_on_where_enough_is() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3))
    targets = (features[:, 0] > 0).astype(float)
    wrong = np.arange(400) >= 250
    targets[wrong] = 1 - targets[wrong]
    labels = Labelled(features, targets=targets)
    marked = curve_points(labels, rng, measured=~wrong, repeats=1).mean[-1]
    everything = curve_points(labels, rng, repeats=1).mean[-1]
    too_few = curve_points(labels, rng, measured=np.arange(400) < 5, repeats=1).mean[-1]
    assert marked > max(everything, too_few) + 0.15  # the wrong ones are learnt from, but not measured on


def test_too_little_is_refused_by_name() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(80, 3))
    for targets in (np.full(80, 0.5), np.ones(80)):
        with pytest.raises(NotEnoughLabelsError, match="label more first"):
            curve_points(Labelled(features, targets=targets), rng)
    with pytest.raises(NotEnoughLabelsError, match="of 5 questions"):
        curve_points(Labelled(features, groups=np.arange(80) % 4, targets=(features[:, 0] > 0) * 1.0), rng)
    with pytest.raises(InvalidOptionError, match="more ≥ 1"):
        expected_gain(points(PowerLaw(0.8, 0.5, 0.5)), 0, rng)
    with pytest.raises(InvalidOptionError, match="two points"):
        fit_power_law(SIZES[:1], np.ones(1), np.ones(1))


def rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="shared/data/convincing_arguments is missing")
def test_the_interval_holds_what_came_later_on_real_preferences() -> None:
    arguments = rows("arguments.jsonl.gz")
    place = {row["id"]: i for i, row in enumerate(arguments)}
    texts, topics = [row["text"] for row in arguments], [row["topic"] for row in arguments]
    counts = HashingVectorizer(n_features=2**14, alternate_sign=False).transform(texts)
    embedded = TruncatedSVD(100, random_state=0).fit_transform(TfidfTransformer().fit_transform(counts))
    answers = np.hstack([embedded, lexical_features(topics, texts)])
    clean = [row for row in rows("pairs.jsonl.gz") if row["strict"] and row["gold"] in ("a1", "a2")]
    sides = [np.array([place[row[side]] for row in clean]) for side in ("a1", "a2")]
    features = answers[sides[0]] - answers[sides[1]]
    targets = np.array([row["gold"] == "a1" for row in clean], dtype=float)
    held, off = 0, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(targets))
        now, later, test = order[:300], order[:600], order[-3000:]
        gain = expected_gain(curve_points(Labelled(features[now], targets=targets[now]), rng), 300, rng)
        seen = [BradleyTerryHead().fit(features[some], targets[some]) for some in (now, later)]
        right = [float(np.mean(head.predict(features[test]) == targets[test])) for head in seen]
        held += gain.low <= right[1] - right[0] <= gain.high
        off.append(gain.value - (right[1] - right[0]))
    assert held >= 16  # 18 of 20 are what 90 % promise
    assert abs(np.mean(off)) < 0.015
