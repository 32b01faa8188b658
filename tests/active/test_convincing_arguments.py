"""The whole loop on human preferences: UKPConvArg1 (CC BY 4.0), with features that cost seconds."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from active import BradleyTerryHead, Labelled, Pool, lexical_features, pair_features, select_batch

DATA = Path(__file__).parents[2] / "../shared/data/convincing_arguments"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="shared/data/convincing_arguments is missing")


def rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def pairs() -> Labelled:
    arguments = rows("arguments.jsonl.gz")
    place = {row["id"]: i for i, row in enumerate(arguments)}
    texts = [row["text"] for row in arguments]
    topics = [row["topic"].replace("-", " ").replace("_", " ") for row in arguments]
    counts = HashingVectorizer(n_features=2**14, alternate_sign=False).transform(texts + topics)
    embedded = TruncatedSVD(40, random_state=0).fit_transform(TfidfTransformer().fit_transform(counts))
    answers, queries = embedded[: len(texts)], embedded[len(texts) :]
    extras = lexical_features(topics, texts)
    clean = [row for row in rows("pairs.jsonl.gz") if row["strict"] and row["gold"] in ("a1", "a2")]
    chosen = np.random.default_rng(0).permutation(len(clean))[:3000]
    first = np.array([place[clean[i]["a1"]] for i in chosen])
    second = np.array([place[clean[i]["a2"]] for i in chosen])
    return Labelled(
        pair_features(queries[first], answers[first], answers[second], (extras[first], extras[second])),
        groups=np.array([clean[i]["topic"] for i in chosen]),
        targets=np.array([clean[i]["gold"] == "a1" for i in chosen], dtype=float),
    )


def test_the_head_beats_chance_on_topics_it_never_saw(pairs: Labelled) -> None:
    assert pairs.groups is not None
    held_out = np.isin(pairs.groups, np.unique(pairs.groups)[::4])
    known = np.flatnonzero(~held_out)[:800]
    head = BradleyTerryHead().fit(pairs.features[known], pairs.targets[known], groups=pairs.groups[known])
    right = head.predict(pairs.features[held_out]) == pairs.targets[held_out]
    assert head.l2_losses_
    assert binomtest(int(right.sum()), len(right), 0.5, alternative="greater").pvalue < 1e-9
    assert right.mean() > 0.65


@pytest.mark.parametrize("name", ["random", "entropy", "dopt"])
def test_the_loop_runs_end_to_end_and_learns(pairs: Labelled, name: str) -> None:
    rng = np.random.default_rng(1)
    left, test = np.arange(1500), np.arange(1500, 3000)
    known = Labelled.nothing(pairs.width)
    for _ in range(6):
        batch = select_batch(name, Pool(pairs.features[left]), known, 40, rng=rng)
        chosen = left[batch.indices]
        assert len(batch.audit_indices) == 6
        known = known.joined(Labelled(pairs.features[chosen], targets=pairs.targets[chosen]))
        left = np.setdiff1d(left, chosen)
    assert batch.cold_start is False
    head = BradleyTerryHead().fit(known.features, known.targets)
    assert head.score(pairs.features[test], pairs.targets[test]) > 0.65
