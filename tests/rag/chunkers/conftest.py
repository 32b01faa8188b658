"""Shared by the tests of chunkers: a tokenizer, an embedder, and one chunker of each name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from rag.chunkers import Chunker, make_chunker

PROSE = (
    "Возврат товара возможен в течение 14 дней. Деньги приходят за 3 дня! We deliver fast, e.g. to Berlin. "
)


class HashingEmbedder:
    """Embed a text as its normalised counts of words, hashed into 64 places: a real, small embedder."""

    fingerprint = "hashing-64"

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.embed_passages(texts)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, sum(map(ord, word)) % 64] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level BPE tokenizer, trained on the spot: no text is unknown to it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([PROSE] * 3, trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.fixture
def hashing_embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture(params=["characters", "paragraphs", "semantic", "sentences", "tokens"])
def any_chunker(request: pytest.FixtureRequest, tokenizer_file: Path) -> Callable[[], Chunker]:
    """Make the chunker of each name anew, small enough to cut every text."""
    settings = {
        "characters": {"size": 40, "overlap": 12},
        "paragraphs": {"target": 40, "limit": 60},
        "semantic": {"embedder": HashingEmbedder(), "least": 20, "limit": 60},
        "sentences": {"sentences": 3, "limit": 60, "overlap": 1},
        "tokens": {"tokenizer": tokenizer_file, "size": 24, "overlap": 6},
    }[request.param]
    return lambda: make_chunker(request.param, **settings)
