"""What every chunker keeps: true offsets, nothing lost, order, limits, equal cuts for equal versions."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.chunkers import Chunker
from rag.chunkers.blocks import blocks as read_blocks

words = st.text("абвгдёжз abcdef.,!?:;-…", min_size=1, max_size=40)
scripts = st.text(
    "שלום مرحبا \u200f\u200d\u0301e\u0308👩🏽\U0001f1f7\U0001f1fa\r\n\t\u00a0\u2028", max_size=30
)
anything = st.text(max_size=40)
headings = st.builds(lambda depth, name: "#" * depth + f" H{name}", st.integers(1, 6), st.integers(0, 9))
cells = st.lists(st.text("ab вг12", max_size=8), min_size=2, max_size=4)
tables = st.lists(cells, min_size=1, max_size=8).map(
    lambda rows: "\n".join(
        ["| " + " | ".join(rows[0]) + " |", "|---|---|", *("| " + " | ".join(row) + " |" for row in rows)]
    )
)
listings = st.lists(words, max_size=5).map(lambda lines: "\n".join(["```py", *lines, "```"]))
indented = st.lists(words, min_size=1, max_size=5).map(lambda lines: "\n\n".join("    " + x for x in lines))
sentences = st.lists(words.map(lambda some: some.strip() + ". "), min_size=1, max_size=6).map("".join)
blocks = st.one_of(words, scripts, anything, headings, tables, listings, indented, sentences)
texts = st.lists(st.tuples(blocks, st.sampled_from(["\n\n", "\n", "\n \t\n", " "])), max_size=10).map(
    lambda parts: "".join(block + end for block, end in parts)
)

each_text = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MakeChunker = Callable[[], Chunker]
HANDBOOK = (
    "# Возврат\n\nТовар можно вернуть. Деньги придут.\n\n## Prices\n\n| a | b |\n|---|---|\n"
    + "| длинная строка | таблицы |\n" * 9
    + "\n```py\nprint(1)\n\nprint(2)\n```\n\nשלום עולם. "
    + "e\u0301" * 90
)


@each_text
@given(text=texts)
@example(text=HANDBOOK)
def test_offsets_are_true_and_chunks_come_in_order(any_chunker: MakeChunker, text: str) -> None:
    chunks = any_chunker().chunk(text)
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.text.strip() == chunk.text != ""
    for one, following in pairwise(chunks):
        assert one.start < following.start
        assert one.end < following.end


@each_text
@given(text=texts)
@example(text=HANDBOOK)
@example(text="# One\n\n## Two\n")
def test_only_white_space_and_headings_lie_outside(any_chunker: MakeChunker, text: str) -> None:
    left = [not sign.isspace() for sign in text]
    chunks = any_chunker().chunk(text)
    for chunk in chunks:
        left[chunk.start : chunk.end] = [False] * (chunk.end - chunk.start)
    if chunks:  # headings may stand in the title paths alone
        for block in read_blocks(text):
            if block.kind == "heading":
                left[block.start : block.end] = [False] * (block.end - block.start)
    assert not any(left)


@each_text
@given(text=texts)
@example(text=HANDBOOK)
def test_equal_versions_cut_equally(any_chunker: MakeChunker, text: str) -> None:
    one, other = any_chunker(), any_chunker()
    assert one.version == other.version
    assert one.chunk(text) == other.chunk(text)


@each_text
@given(text=texts)
@example(text=HANDBOOK)
def test_no_chunk_is_longer_than_its_limit(any_chunker: MakeChunker, text: str) -> None:
    chunker = any_chunker()
    for chunk in chunker.chunk(text):
        if chunker.version.startswith("tokens"):
            # A token of this tokenizer is a byte at least, so 24 of them are 24 letters at most ...
            longest = chunker._model.encode(chunk.text, add_special_tokens=False)  # type: ignore[attr-defined]
            # ... and a window may hold a few bytes more, of the letter that it would have cut.
            assert len(longest.ids) <= 24 + 32
        elif "|" not in chunk.text:  # rows of tables may be longer
            assert len(chunk.text) <= 60


@each_text
@given(text=texts)
@example(text="e\u0301" * 200)
@example(text="\U0001f1f7\U0001f1fa" * 100)
@example(text="👩🏽\u200d🚀" * 60)
def test_no_letter_loses_its_marks(any_chunker: MakeChunker, text: str) -> None:
    if any(mark * 9 in text for mark in "\u0301\u0308\u200d\u200f"):
        return  # nobody's letter
    for chunk in any_chunker().chunk(text):
        before = text[: chunk.start]
        assert chunk.text[0] not in "\u0301\u0308🏽" or not before or before[-1].isspace()


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u00a0\u2028"])
def test_nothing_gives_no_chunks(any_chunker: MakeChunker, text: str) -> None:
    assert any_chunker().chunk(text) == []


def test_chunks_know_the_headings_above_them(any_chunker: MakeChunker) -> None:
    text = "# A\n\n" + "first part of it. " * 4 + "\n\n## B\n\n" + "another. " * 20 + "\n\n# C\n\nThe end."
    for chunk in any_chunker().chunk(text):
        path = (("A",), ("A", "B"), ("C",))[
            (chunk.start >= text.index("## B")) + (chunk.start >= text.index("# C"))
        ]
        assert chunk.title_path == path


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "# " + "#" * 30_000 + "x",
        "# a" + " " * 30_000 + "b",
        "```\n" * 20_001,
        "| " * 20_000 + "\n" + "|-" * 20_000,
        "строка\n" * 20_000,
        "\u0301" * 30_000,
        "- a\n" * 10_000,
        ". " * 20_000,
        "Dr. " * 10_000,
    ],
    ids=["word", "signs", "spaces", "fences", "pipes", "lines", "marks", "items", "stops", "abbreviations"],
)
def test_a_hostile_text_takes_no_more_than_moments(any_chunker: MakeChunker, text: str) -> None:
    started = time.process_time()
    assert any_chunker().chunk(text)
    assert time.process_time() - started < 5
