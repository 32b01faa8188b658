"""What crosses the pipe: a preparation as settings, a document, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Document, ParagraphChunker
from rag.chunkers import CharacterChunker, Chunk, Chunker, SemanticChunker, SentenceChunker, TokenChunker
from rag.errors import DocumentError, ModelError
from rag.preparation import Preparation
from rag.preparing.child import answer, decode_reply, describe, encode_request, prepare, restore
from rag.workers.limits import Limits


class Broken:
    """A chunker of somebody else's, which some texts break."""

    version = "broken-1"

    def chunk(self, text: str) -> list[Chunk]:
        if "model" in text:
            raise ModelError("no weights")
        raise RecursionError("too deep\nby far")


@pytest.mark.parametrize("keep", [True, False])
def test_a_document_survives_the_pipe(
    how: Preparation, documents: list[Document], dated: Document, *, keep: bool
) -> None:
    described = describe(how)
    assert described
    odd = Document("shop:odd", "Odd", "Возврат \U0001f600 \u200b\u202e за €10\n\n\x0b| a | b |\n|---|---|\n")
    for document in (*documents[:5], dated, odd, Document("shop:empty", "", "")):
        [reply] = answer(json.loads(encode_request(document, described, keep=keep)), Limits())
        assert decode_reply(json.loads(json.dumps(reply)), document) == how.prepare(document, keep=keep)


@pytest.mark.parametrize(
    "chunker", [ParagraphChunker(80, 120), CharacterChunker(90, 9), SentenceChunker(2, 300, 0)]
)
@pytest.mark.parametrize("settings", [{}, {"junk": False, "duplicate_threshold": None, "enriched": False}])
def test_settings_survive_the_pipe(chunker: Chunker, settings: dict[str, bool]) -> None:
    how = Preparation.of(chunker, **settings)
    described = describe(how)
    assert described
    assert restore(described).version == how.version
    assert restore(described).chunker == chunker


@pytest.mark.models
def test_a_tokenizer_is_named_by_its_path(e5_folder: Path) -> None:
    how = Preparation(TokenChunker(e5_folder, 100, 10))
    described = describe(how)
    assert described
    assert restore(described) == how


def test_what_cannot_be_written_down_is_not(how: Preparation) -> None:
    assert how.junk
    assert describe(replace(how, chunker=Broken())) is None
    assert describe(replace(how, chunker=SemanticChunker(embedder=None))) is None  # type: ignore[arg-type]
    assert describe(replace(how, junk=replace(how.junk, version="trained at home"))) is None
    assert describe(replace(how, junk=replace(how.junk, threshold=0.99))) is None


def test_a_text_that_breaks_a_part_says_so_and_a_missing_model_is_no_fault_of_the_text() -> None:
    def prepared() -> Iterator[object]:
        yield prepare(Document("a:1", "t", text), Preparation(Broken()), keep=True)

    text = "anything"
    with pytest.raises(DocumentError, match=r"cannot be prepared: RecursionError: too deep$"):
        list(prepared())
    text = "model"
    with pytest.raises(ModelError, match="no weights"):
        list(prepared())
