"""Chunkers by name, and the blocks they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chunkers import CharacterChunker, ChunkerError, ParagraphChunker, TokenChunker, make_chunker
from rag.chunkers.blocks import blocks


def test_a_chunker_is_made_by_name() -> None:
    assert make_chunker("paragraphs") == ParagraphChunker()
    assert make_chunker("characters", size=300, overlap=30) == CharacterChunker(300, 30)
    assert make_chunker("tokens", tokenizer=Path("x"), size=9, overlap=1) == TokenChunker(Path("x"), 9, 1)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("words", {}, "no chunker 'words'; there are characters, paragraphs, semantic, sentences, tokens"),
        ("characters", {"length": 3}, "characters: no setting 'length'; there are size, overlap"),
        ("tokens", {}, "tokens: give all of tokenizer, size, overlap"),
        ("characters", {"size": "many"}, "characters: give all of size, overlap"),
    ],
)
def test_what_does_not_exist_is_named(name: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ChunkerError, match=message):
        make_chunker(name, **settings)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("# A\ntext\n## B ##\n\nmore", ["heading", "text", "heading", "text"]),
        ("Title\n=====\n\ntext\nlines", ["heading", "text"]),
        ("text\n```\n# no heading\n\n| no table |\n```\ntext", ["text", "code", "text"]),
        ("~~~\n```\n~~~\ntext", ["code", "text"]),
        ("```\nnever closed\n\n# A", ["code"]),
        ("text\n\n    one\n\n    two\n\ntext", ["text", "code", "text"]),
        ("text\n    goes on", ["text"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nafter", ["table", "text"]),
        ("before\na | b\n--|--\n1 | 2\n\nafter", ["text", "table", "text"]),
        ("a line with a | in it\nand another", ["text"]),
    ],
)
def test_blocks_are_read_as_markdown_means_them(text: str, kinds: list[str]) -> None:
    assert [block.kind for block in blocks(text)] == kinds


def test_a_block_knows_its_place_and_title() -> None:
    text = "\n\n  text \n\n##  Второй  ##\n"
    first, second = blocks(text)
    assert text[first.start : first.end] == "text"
    assert (second.level, second.title, text[second.start : second.end]) == (2, "Второй", "##  Второй  ##")
