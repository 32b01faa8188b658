"""Pairs as the learner sees them: by which embedding model, and at what cost of memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from active import ChangedEmbeddingsError, ItemEffects, select_batch, strategy
from active.features.item_table import ItemTable
from annotate.jobs.context import Context
from annotate.jobs.pair_columns import as_labelled, as_pool, read_pairs
from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from tests.annotate.conftest import Ledger
from tests.annotate.labelling.machines.audits import judge_pairs


class WordEmbedder:
    """Sum a random direction for each word; another seed is another model."""

    dimension = 16

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.fingerprint = f"words-{seed}"
        self.embedded = 0

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += len(texts)
        rows = [sum(self._direction(word) for word in text.lower().split()) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)

    embed_passages = embed_queries

    def _direction(self, word: str) -> NDArray[np.float64]:
        return np.random.default_rng([self.seed, *word.encode()]).normal(size=self.dimension)


def use(context: Context, seed: int) -> WordEmbedder:
    """Let the workspace have this embedding model from now on."""
    model = WordEmbedder(seed)
    context.__dict__["embedder"] = model  # where its cached property keeps it
    return model


@pytest.fixture
def judged(context: Context, pairs: list[int]) -> list[int]:
    """Judge the first six pairs, three each way."""
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs[:6]], overlap=1)
    verdicts = dict(zip(pairs[:6], ["A_better", "B_better"] * 3, strict=True))
    judge_pairs(Ledger(context.store, context.guideline), "anna", "person", verdicts)
    refresh_preferences(context.store)
    return pairs


def test_rows_of_two_embedding_models_never_meet(context: Context, judged: list[int]) -> None:
    first = use(context, 1)
    table = read_pairs(context)
    labelled = as_labelled(context, table, table.labelled)
    assert labelled.fingerprint == first.fingerprint
    before = first.embedded
    assert as_pool(context, table, table.waiting).fingerprint == first.fingerprint
    assert as_labelled(context, table, table.labelled).fingerprint == first.fingerprint
    assert first.embedded <= before + 3 * len(table.waiting)  # the labelled ones lie in the cache

    second = use(context, 2)
    pool = as_pool(context, table, table.waiting)
    with pytest.raises(ChangedEmbeddingsError, match="made by 'words-1', not 'words-2'"):
        select_batch(strategy("random"), pool, labelled, 1, rng=np.random.default_rng(0))
    again = as_labelled(context, table, table.labelled)  # computed anew, and not taken from the cache
    assert second.embedded >= 2 * len(table.labelled)
    assert not np.allclose(again.queries, labelled.queries)
    batch = select_batch(strategy("random"), pool, again, 1, rng=np.random.default_rng(0))
    assert len(batch) == 1


def test_contenders_cost_two_numbers_a_pair_and_say_the_same(context: Context, judged: list[int]) -> None:
    use(context, 1)
    table = read_pairs(context)
    pool = as_pool(context, table, table.labelled)
    assert isinstance(pool.features, ItemTable)
    labelled = as_labelled(context, table, table.labelled)
    np.testing.assert_array_equal(np.asarray(pool.features), labelled.features)
    places = ItemEffects(table.contenders)
    columns = labelled.features[:, -len(table.contenders) :]
    first = [pair.first.contender_id for pair in table.labelled]
    second = [pair.second.contender_id for pair in table.labelled]
    np.testing.assert_allclose(columns / columns.max(), places.rows(first, second))
