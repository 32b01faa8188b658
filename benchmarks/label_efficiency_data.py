"""Read the pairs of people's verdicts that the label-efficiency benchmark draws its splits from.

Every arm sees the same numbers of a pair: the difference of its texts' embeddings (multilingual-e5-small,
reduced to 16 principal components over all texts, which takes no verdict), of six lexical numbers, and, where
the test may hold the same texts, a column for each text (`active.ItemEffects`).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active import Pool
from active.features import ItemEffects, effect_scale, lexical_features
from active.simulation import Known

COMPONENTS = 16
TOPICS = 5
POOL_TOPICS, HELD_TOPICS = 12, 6
TEST_SHARE = 0.3
VOTES = 5
_VALUE = {"a1": 1.0, "a2": 0.0, "equal": 0.5}
_QA_PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Hold n pairs of texts: the columns of each text (t, d), its topic or question (t,), the pairs' places
    in them (n,), the gold verdict (n,), 1 where the first is better, and up to five votes (n, 5), NaN where
    there are fewer."""

    columns: Floats
    topics: Ints
    first: Ints
    second: Ints
    gold: Floats
    votes: Floats

    @property
    def of_topic(self) -> Ints:
        """Return the topic of each pair, (n,)."""
        return self.topics[self.first]


@dataclass(frozen=True, eq=False)
class Split:
    """Hold one seed's pool and test, and the votes on the pool's pairs, (n, 5)."""

    known: Known
    votes: Floats


def convincing_arguments(data: Path, work: Path) -> Pairs:
    """Return UKPConvArg1Strict: 8,721 pairs of 797 arguments in 24 topics, five votes each."""
    folder = data / "convincing_arguments"
    arguments, pairs = _lines(folder / "arguments.jsonl.gz"), _lines(folder / "pairs.jsonl.gz")
    place = {row["id"]: at for at, row in enumerate(arguments)}
    texts = [row["text"] for row in arguments]
    asked = [row["topic"].replace("-", " ").replace("_", " ") for row in arguments]
    clean = [row for row in pairs if row["strict"] and row["gold"] in ("a1", "a2")]
    return Pairs(
        _columns(asked, texts, work / "convincing_arguments.npy"),
        np.unique([row["topic"] for row in arguments], return_inverse=True)[1].astype(np.int64),
        np.array([place[row["a1"]] for row in clean]),
        np.array([place[row["a2"]] for row in clean]),
        np.array([_VALUE[row["gold"]] for row in clean]),
        _padded([[_VALUE[vote["value"]] for vote in row["votes"]] for row in clean]),
    )


def qa_feedback(data: Path, work: Path) -> Pairs:
    """Return the answers of qa_feedback that one person ranked, ties left out: 1,840 pairs, 350 questions."""
    rows = _lines(data / "qa_feedback" / "feedback.jsonl.gz")
    texts = [row[f"prediction {at}"] for row in rows for at in (1, 2, 3, 4)]
    asked = [row["question"] for row in rows for _ in range(4)]
    found = [
        (4 * number + one, 4 * number + other, 1.0 if verdict == 1 else 0.0)
        for number, row in enumerate(rows)
        for (one, other), verdict in zip(_QA_PAIRS, row["preference"], strict=True)
        if verdict
    ]
    first, second, gold = (np.array(column) for column in zip(*found, strict=True))
    columns = _columns(asked, texts, work / "qa_feedback.npy")
    return Pairs(columns, np.arange(len(texts)) // 4, first, second, gold, gold[:, None])


def in_domain(pairs: Pairs, seed: int, oracle: str) -> Split:
    """Split the pairs of five topics drawn by lot: pool and test share the texts, not the pairs."""
    rng = np.random.default_rng(seed)
    topics = rng.permutation(np.unique(pairs.of_topic))[:TOPICS]
    rows = rng.permutation(np.flatnonzero(np.isin(pairs.of_topic, topics)))
    tested = int(TEST_SHARE * len(rows))
    features = _with_items(pairs, np.sort(rows))
    return _split(pairs, features, rows[tested:], rows[:tested], oracle, rng, by_topic=False)


def held_out_topics(pairs: Pairs, seed: int, oracle: str) -> Split:
    """Split by topic: twelve to label from, six others to test on. No text is on both sides."""
    rng = np.random.default_rng(seed)
    topics = rng.permutation(np.unique(pairs.of_topic))
    pool = rng.permutation(np.flatnonzero(np.isin(pairs.of_topic, topics[:POOL_TOPICS])))
    test = rng.permutation(
        np.flatnonzero(np.isin(pairs.of_topic, topics[POOL_TOPICS : POOL_TOPICS + HELD_TOPICS]))
    )
    features = pairs.columns[pairs.first] - pairs.columns[pairs.second]
    return _split(pairs, features, pool, test, oracle, rng, by_topic=True)


def by_question(pairs: Pairs, seed: int, oracle: str) -> Split:
    """Split by question, 30 % of them to test on: no text is on both sides."""
    rng = np.random.default_rng(seed)
    questions = rng.permutation(np.unique(pairs.of_topic))
    held = np.isin(pairs.of_topic, questions[: int(TEST_SHARE * len(questions))])
    pool, test = rng.permutation(np.flatnonzero(~held)), rng.permutation(np.flatnonzero(held))
    features = pairs.columns[pairs.first] - pairs.columns[pairs.second]
    return _split(pairs, features, pool, test, oracle, rng, by_topic=True)


def _split(
    pairs: Pairs,
    features: Floats,
    pool: Ints,
    test: Ints,
    oracle: str,
    rng: np.random.Generator,
    *,
    by_topic: bool,
) -> Split:
    votes = pairs.votes[pool]
    answers = pairs.gold[pool] if oracle == "gold" else single_votes(votes, rng)
    folds = pairs.of_topic[pool] if by_topic else None
    known = Known(Pool(features[pool]), answers, features[test], pairs.gold[test], folds)
    return Split(known, votes)


def single_votes(votes: Floats, rng: np.random.Generator) -> Floats:
    """Return one vote of each pair, drawn by lot, (n,)."""
    drawn = np.where(np.isnan(votes), -1.0, rng.random(votes.shape)).argmax(axis=1)
    single: Floats = votes[np.arange(len(votes)), drawn]
    return single


def _with_items(pairs: Pairs, rows: Ints) -> Floats:
    """Return features (n, d + texts in these rows) with a column for each text, zero for all other rows."""
    plain = pairs.columns[pairs.first] - pairs.columns[pairs.second]
    items = np.unique(np.concatenate([pairs.first[rows], pairs.second[rows]])).tolist()
    effects = ItemEffects(tuple(items), effect_scale(plain[rows]))
    features = np.zeros((len(plain), plain.shape[1] + len(items)))
    features[rows] = effects.appended(plain[rows], pairs.first[rows].tolist(), pairs.second[rows].tolist())
    return features


def _columns(asked: Sequence[str], texts: Sequence[str], cache: Path) -> Floats:
    """Return each text's principal components, scaled to variance one on average, and lexical numbers."""
    if not cache.exists():
        from rag.embedders import LocalEmbedder  # brings its engine along: only who embeds waits for it
        from rag.models.defaults import fetch_e5_small

        cache.parent.mkdir(parents=True, exist_ok=True)
        embedder = LocalEmbedder(fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models"))
        np.save(cache, embedder.embed_passages(list(texts)))
    embedded = np.load(cache).astype(np.float64)
    centred = embedded - embedded.mean(axis=0)
    components = centred @ np.linalg.svd(centred, full_matrices=False)[2][:COMPONENTS].T
    lexical = lexical_features(list(asked), list(texts))
    spread = np.where(lexical.std(axis=0) > 0, lexical.std(axis=0), 1.0)
    return np.hstack([components / components.std(axis=0).mean(), (lexical - lexical.mean(axis=0)) / spread])


def _padded(votes: Sequence[Sequence[float]]) -> Floats:
    padded = np.full((len(votes), VOTES), np.nan)
    for row, given in zip(padded, votes, strict=True):
        row[: len(given[:VOTES])] = given[:VOTES]
    return padded


def _lines(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
