"""The sentence chunker: whole sentences in both languages."""

from __future__ import annotations

import pytest

from rag.chunkers import ChunkerError, SentenceChunker


def cut(text: str, **settings: int) -> list[str]:
    return [chunk.text for chunk in SentenceChunker(**settings).chunk(text)]


def test_so_many_sentences_make_a_chunk() -> None:
    text = "Раз. Two. Три. Four. Пять."
    assert cut(text, sentences=2, overlap=0) == ["Раз. Two.", "Три. Four.", "Пять."]
    assert cut(text, sentences=3, overlap=1) == ["Раз. Two. Три.", "Три. Four. Пять."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Это было в 1999 г. на ул. Ленина, т. е. в центре.",
        "Тов. Иванов И. И. живёт в г. Москве.",
        "Цена выросла на 10 тыс. руб. за год.",
        "Mr. Smith met Dr. Jones and Prof. Brown.",
        "It happened on Jan. 5, see Fig. 3 or Eq. 4 there.",
        "It is small, e.g. a phone, i.e. light.",
        "The U.S. Army and J. K. Rowling agreed.",
        "Version 3.11 costs $4.50 now.",
    ],
)
def test_abbreviations_end_no_sentence(sentence: str) -> None:
    assert cut(f"{sentence} Next one.", sentences=1, overlap=0) == [sentence, "Next one."]


def test_a_chunk_stays_within_the_limit() -> None:
    text = "Короткое предложение. " * 10
    assert cut(text, sentences=5, limit=50, overlap=1) == ["Короткое предложение. Короткое предложение."] * 9


def test_where_the_limit_leaves_no_room_nothing_is_shared() -> None:
    text = "A sentence of thirty letters a. " * 3
    assert cut(text, sentences=3, limit=40, overlap=2) == ["A sentence of thirty letters a."] * 3


def test_headings_part_chunks_and_items_count_as_sentences() -> None:
    text = "# A\n\nOne. Two.\n\n# B\n\n- first item\n- second item\n- third item"
    chunks = SentenceChunker(2, 100, 0).chunk(text)
    assert [(chunk.title_path, chunk.text) for chunk in chunks] == [
        (("A",), "One. Two."),
        (("B",), "- first item\n- second item"),
        (("B",), "- third item"),
    ]


def test_rows_and_listings_stay_whole() -> None:
    table = "| a. B. c | d |\n|---|---|\n| One. Two. | Three. |"
    listing = "```py\nx = 1. \nY = 2\n```"
    assert cut(f"{table}\n\n{listing}", sentences=1, overlap=0) == [*table.split("\n"), listing]


def test_a_text_without_a_full_stop_is_cut() -> None:
    chunks = cut("слово " * 100, sentences=3, limit=60, overlap=0)
    assert all(0 < len(chunk) <= 60 for chunk in chunks)
    assert " ".join(chunks) == ("слово " * 100).strip()


@pytest.mark.parametrize("settings", [{"sentences": 1, "overlap": 1}, {"limit": 0}, {"overlap": -1}])
def test_senseless_settings_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ChunkerError, match="sentences: limit > 0"):
        SentenceChunker(**settings)
