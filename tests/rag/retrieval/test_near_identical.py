"""What repeats a better passage is left out."""

from rag.indexes import Hit
from rag.retrieval.near_identical import drop_near_identical

TEXT = "The warranty of laptops lasts two years from the day on which they were bought in our shop."
TEXTS = {
    1: TEXT,
    2: TEXT.upper().replace(" ", "  "),
    3: TEXT.replace("two", "three"),
    4: "Розы поливают рано утром.",
    5: "Розы поливают рано утром!",
    6: "",
    7: "…",
}


def hits(*ids: int) -> list[Hit]:
    return [Hit(chunk_id, 1.0 / at) for at, chunk_id in enumerate(ids, 1)]


def test_case_spaces_and_stops_do_not_make_a_difference_but_a_number_does() -> None:
    kept, repeats = drop_near_identical(hits(1, 2, 3, 4, 5), TEXTS, 0.9)
    assert [hit.chunk_id for hit in kept] == [1, 3, 4]
    assert repeats == {2: 1, 5: 4}


def test_the_better_one_stays() -> None:
    assert [hit.chunk_id for hit in drop_near_identical(hits(2, 1), TEXTS, 0.9)[0]] == [2]


def test_texts_without_words_are_like_each_other_only() -> None:
    kept, repeats = drop_near_identical(hits(6, 1, 7), TEXTS, 0.9)
    assert [hit.chunk_id for hit in kept] == [6, 1]
    assert repeats == {7: 6}


def test_it_stops_when_enough_are_kept() -> None:
    kept, repeats = drop_near_identical(hits(1, 2, 3, 4, 5), TEXTS, 0.9, wanted=2)
    assert [hit.chunk_id for hit in kept] == [1, 3]
    assert repeats == {2: 1}
