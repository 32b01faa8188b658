"""The chunker: exact offsets, nothing lost, limits kept."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.chunkers import ChunkerError, ParagraphChunker

words = st.text("абвгдёжз abcdef.,!?:;-…", min_size=1, max_size=60)
headings = st.one_of(
    st.builds(lambda depth, name: "#" * depth + f" H{name}", st.integers(1, 6), st.integers(0, 9)),
    st.builds(lambda name, sign: f"H{name}\n{sign * 4}", st.integers(0, 9), st.sampled_from('*=-~^"')),
)
paragraphs = st.lists(words, min_size=1, max_size=12).map("\n".join)
separators = st.sampled_from(["\n\n", "\n \t\n", "\n\n\n", "\n"])
documents = st.lists(st.tuples(st.one_of(headings, paragraphs), separators), max_size=12).map(
    lambda parts: "".join(block + end for block, end in parts)
)
chunkers = st.builds(
    lambda target, more: ParagraphChunker(target, target + more), st.integers(10, 80), st.integers(0, 60)
)

HANDBOOK = """# Возврат товара

Вы можете вернуть товар в течение четырнадцати дней.

## Сроки

Деньги приходят за три дня.

Выходные не считаются.

## Исключения

Вскрытые наушники не принимаются.

# Contacts

Write to us at any time.
"""


@given(documents, chunkers)
def test_offsets_are_exact_and_chunks_do_not_overlap(text: str, chunker: ParagraphChunker) -> None:
    end = 0
    for chunk in chunker.chunk(text):
        assert chunk.text == text[chunk.start : chunk.end] != ""
        assert chunk.start >= end
        end = chunk.end


@given(documents, chunkers)
@example("# A\n\n# B\n", ParagraphChunker(10, 10))
@example("text\n\n# A heading with nothing below\n", ParagraphChunker(10, 10))
def test_only_white_space_and_headings_lie_between_chunks(text: str, chunker: ParagraphChunker) -> None:
    covered = set()
    for chunk in chunker.chunk(text):
        covered |= set(range(chunk.start, chunk.end))
    left = "".join(sign if at not in covered else "\n" for at, sign in enumerate(text))
    for block in (line.strip() for line in left.split("\n")):
        # What is left of a heading: `# H1`, `H1`, or its underline.
        assert not block or block.startswith(("#", "H", "A heading")) or set(block) <= set('*=-~^"')


@given(documents, chunkers)
def test_the_limit_is_respected(text: str, chunker: ParagraphChunker) -> None:
    for chunk in chunker.chunk(text):
        assert len(chunk.text) <= max(chunker.limit, len("###### H0"))


@given(documents, chunkers)
def test_equal_texts_are_cut_equally(text: str, chunker: ParagraphChunker) -> None:
    again = ParagraphChunker(chunker.target, chunker.limit)
    assert again.version == chunker.version
    assert again.chunk(text) == chunker.chunk(text)


def test_chunks_carry_the_path_of_their_headings() -> None:
    chunks = ParagraphChunker(target=60, limit=100).chunk(HANDBOOK)
    assert [(chunk.title_path, chunk.text) for chunk in chunks] == [
        (("Возврат товара",), "Вы можете вернуть товар в течение четырнадцати дней."),
        (("Возврат товара", "Сроки"), "Деньги приходят за три дня.\n\nВыходные не считаются."),
        (("Возврат товара", "Исключения"), "Вскрытые наушники не принимаются."),
        (("Contacts",), "Write to us at any time."),
    ]


def test_underlined_headings_of_the_python_reference_count() -> None:
    text = "Lambdas\n*******\n\nThey make functions.\n\nDetails\n=======\n\nMore."
    assert [chunk.title_path for chunk in ParagraphChunker().chunk(text)] == [
        ("Lambdas",),
        ("Lambdas", "Details"),
    ]


def test_a_heading_right_above_its_text_counts() -> None:
    [chunk] = ParagraphChunker().chunk("# Возврат\nТовар можно вернуть.\nВ течение недели.")
    assert chunk.title_path == ("Возврат",)
    assert chunk.text == "Товар можно вернуть.\nВ течение недели."


def test_comments_in_listings_are_no_headings() -> None:
    text = "Install it:\n```sh\n# from the index\n\npip install x\n```\nThen:\n\n    # indented\n\n    run()"
    [chunk] = ParagraphChunker().chunk(text)
    assert chunk.text == text


def test_a_document_of_headings_only_keeps_them() -> None:
    chunks = ParagraphChunker().chunk("# One\n\n## Two\n\nThree\n=====\n")
    assert [chunk.text for chunk in chunks] == ["# One", "## Two", "Three\n====="]


@pytest.mark.parametrize("text", ["", " \n\t\n ", "\n\n\n"])
def test_nothing_gives_no_chunks(text: str) -> None:
    assert ParagraphChunker().chunk(text) == []


def test_a_long_paragraph_is_cut_at_sentences_before_words() -> None:
    text = "Первое предложение здесь. " * 10
    chunks = ParagraphChunker(target=60, limit=80).chunk(text)
    assert len(chunks) > 3
    assert all(chunk.text.endswith("здесь.") for chunk in chunks)


def test_a_word_without_end_is_cut_at_the_limit() -> None:
    assert [len(chunk.text) for chunk in ParagraphChunker(10, 20).chunk("ё" * 50)] == [20, 20, 10]


@pytest.mark.parametrize(
    "text",
    ["# " + "#" * 60_000 + "x", "# a" + " " * 60_000 + "b", "строка текста\n" * 200_000, "```\n" * 50_001],
    ids=["signs", "spaces", "one paragraph", "fences"],
)
def test_a_hostile_text_takes_no_more_than_moments(text: str) -> None:
    started = time.process_time()
    ParagraphChunker().chunk(text)
    assert time.process_time() - started < 3


def test_the_version_names_the_settings() -> None:
    assert ParagraphChunker(100, 200).version == "paragraphs-2(100,200)"


TABLE = "| Товар | Цена |\n|---|---|\n" + "".join(
    f"| Товар номер {n} | {n} рублей. Да. |\n" for n in range(40)
)


def test_a_table_is_cut_between_rows_only() -> None:
    chunks = ParagraphChunker(target=150, limit=200).chunk(f"# Цены\n\nВот они.\n\n{TABLE}\nКонец.")
    rows = [row for chunk in chunks for row in chunk.text.split("\n") if "|" in row]
    assert rows == TABLE.strip().split("\n")
    assert all(len(chunk.text) <= 200 for chunk in chunks)


def test_later_pieces_of_a_table_carry_its_header() -> None:
    chunks = ParagraphChunker(target=150, limit=200).chunk(f"# Цены\n\n{TABLE}")
    assert chunks[0].title_path == ("Цены",)
    assert {chunk.title_path for chunk in chunks[1:]} == {("Цены", "Товар | Цена")}


def test_a_row_longer_than_the_limit_stays_whole() -> None:
    row = "| " + "Длинная ячейка. " * 10 + "|"
    chunks = ParagraphChunker(60, 80).chunk(f"| a | b |\n|---|---|\n{row}\n| c | d |")
    assert [chunk.text for chunk in chunks] == ["| a | b |\n|---|---|", row, "| c | d |"]


def test_a_row_without_end_is_cut() -> None:
    text = "| " + "Ячейка. | " * 500
    chunks = ParagraphChunker(60, 80).chunk(text)
    assert max(len(chunk.text) for chunk in chunks) <= 80
    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "listing",
    ["```py\n" + "x = f(1). Then\n\n" * 12 + "```", "def f():\n\n" + "    x = 1. \n\n    Y = 2\n\n" * 10],
    ids=["fenced", "indented"],
)
def test_a_listing_that_fits_the_limit_stays_whole(listing: str) -> None:
    text = f"Before it.\n\n{listing}\n\nAfter it, more text to read."
    code = listing.removeprefix("def f():").strip()
    assert sum(code in chunk.text for chunk in ParagraphChunker(120, 400).chunk(text)) == 1


def test_a_long_listing_is_cut_between_lines() -> None:
    lines = [f"value_{n} = compute(first, second). Call(it)" for n in range(30)]
    chunks = ParagraphChunker(150, 200).chunk("```py\n" + "\n".join(lines) + "\n```")
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == ["```py", *lines, "```"]


def test_senseless_settings_are_refused() -> None:
    with pytest.raises(ChunkerError, match="paragraphs: 0 < target <= limit"):
        ParagraphChunker(100, 50)
