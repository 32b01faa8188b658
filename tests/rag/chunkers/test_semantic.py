"""The semantic chunker: it cuts where the subject changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.chunkers import ChunkerError, SemanticChunker

if TYPE_CHECKING:
    from rag.embedders import Embedder, LocalEmbedder

ROSES = (
    "Розы поливают рано утром под корень. Обрезать кусты роз лучше в начале весны. "
    "Розам нужен рыхлый корень и весной удобрение. Кусты роз весной поливают."
)
LAPTOPS = (
    "Гарантия на ноутбук действует два года. Ноутбук меняют по гарантии, если сломан экран. "
    "Гарантия на экран ноутбука не действует после удара. Срок гарантии на ноутбук два года."
)


@pytest.mark.models
def test_a_change_of_subject_is_cut_by_real_vectors(embedder: LocalEmbedder) -> None:
    chunker = SemanticChunker(embedder, percentile=10, window=2, least=50)
    assert [chunk.text for chunk in chunker.chunk(f"{ROSES} {LAPTOPS}")] == [ROSES, LAPTOPS]
    assert chunker.version.endswith(f",{embedder.fingerprint})")


def test_a_change_of_subject_is_cut(hashing_embedder: Embedder) -> None:
    text = "Cats purr and cats sleep. " * 6 + "Engines burn fuel. " * 6
    chunks = SemanticChunker(hashing_embedder, percentile=5, least=20).chunk(text)
    assert [chunk.text[:4] for chunk in chunks] == ["Cats", "Engi"]


def test_short_runs_are_not_cut(hashing_embedder: Embedder) -> None:
    chunker = SemanticChunker(hashing_embedder, percentile=100, least=300, limit=600)
    chunks = chunker.chunk(f"{ROSES} {LAPTOPS} {ROSES} {LAPTOPS}")
    assert all(300 <= len(chunk.text) <= 600 for chunk in chunks[:-1])


def test_a_single_sentence_is_one_chunk(hashing_embedder: Embedder) -> None:
    [chunk] = SemanticChunker(hashing_embedder).chunk("# Title\n\nOnly one sentence.")
    assert (chunk.title_path, chunk.text) == (("Title",), "Only one sentence.")


@pytest.mark.parametrize("settings", [{"percentile": 101}, {"window": 0}, {"least": 500, "limit": 500}])
def test_senseless_settings_are_refused(hashing_embedder: Embedder, settings: dict[str, int]) -> None:
    with pytest.raises(ChunkerError, match="semantic: 0 <= percentile"):
        SemanticChunker(hashing_embedder, **settings)
