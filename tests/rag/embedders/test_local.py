"""The local embedder with the real weights of e5."""

from pathlib import Path

import numpy as np
import pytest

from rag import ModelError
from rag.embedders import LocalEmbedder, local

TEXTS = ["Товар можно вернуть за две недели.", "short", "Goods can be returned within two weeks. " * 3]

pytestmark = pytest.mark.models


def test_vectors_are_unit_and_do_not_depend_on_the_company(embedder: LocalEmbedder) -> None:
    together = embedder.embed_passages(TEXTS)
    assert together.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_array_equal(embedder.embed_passages(TEXTS[::-1])[::-1], together)
    assert embedder.embed_queries([]).shape == (0, 384)


def test_questions_and_passages_have_prefixes_of_their_own(embedder: LocalEmbedder) -> None:
    [question], [passage] = embedder.embed_queries(TEXTS[:1]), embedder.embed_passages(TEXTS[:1])
    assert 0.8 < question @ passage < 0.999


def test_related_sentences_are_nearer_across_languages_than_unrelated_ones(embedder: LocalEmbedder) -> None:
    russian, english, roses, weather = embedder.embed_passages(
        [
            "Вы можете вернуть товар в течение четырнадцати дней.",
            "You may return the goods within fourteen days.",
            "Розы поливают рано утром под корень.",
            "The capital of France is Paris.",
        ]
    )
    related = russian @ english
    assert related > max(russian @ roses, russian @ weather, english @ roses, english @ weather) + 0.05


def test_progress_counts_texts(embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_SLICE", 4)
    seen: list[tuple[int, int]] = []
    embedder.embed_passages(["a"] * 10, lambda done, total: seen.append((done, total)))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_the_fingerprint_is_stable(embedder: LocalEmbedder, e5_folder: Path) -> None:
    assert embedder.fingerprint == LocalEmbedder(e5_folder).fingerprint
    assert embedder.prefixes == {"question_prefix": "query: ", "answer_prefix": "passage: "}


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a sentence-transformers model"):
        LocalEmbedder(tmp_path)
