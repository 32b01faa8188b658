"""Citations: which passage numbers a sentence cites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import citation_numbers, cited_sentences, renumber

numbers = st.integers(0, 999)
plain = st.text("абв abc,;()-", max_size=20)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It takes 14 days [1].", [("It takes 14 days.", (1,))]),
        ("It takes 14 days. [1]", [("It takes 14 days.", (1,))]),
        (
            "It takes 14 days.[1][2] Then it ends [3].",
            [("It takes 14 days.", (1, 2)), ("Then it ends.", (3,))],
        ),
        (
            "Срок — 14 дней [1, 2]. Деньги придут позже.",
            [("Срок — 14 дней.", (1, 2)), ("Деньги придут позже.", ())],
        ),
        ("Согласно [1], срок — 14 дней.", [("Согласно, срок — 14 дней.", (1,))]),
        ("Really? [2] Yes! [1]", [("Really?", (2,)), ("Yes!", (1,))]),
        ("[1]", []),
        ("", []),
        ("An array a[x] and [note] cite nothing.", [("An array a[x] and [note] cite nothing.", ())]),
    ],
)
def test_sentences_know_what_they_cite(answer: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(sentence.text, sentence.numbers) for sentence in cited_sentences(answer)] == expected


@given(st.lists(st.tuples(plain, st.lists(numbers, min_size=1, max_size=4))))
def test_numbers_come_in_order_each_once(parts: list[tuple[str, list[int]]]) -> None:
    text = "".join(f"{words}[{', '.join(map(str, cited))}]" for words, cited in parts)
    wanted = [number for _, cited in parts for number in cited]
    assert citation_numbers(text) == tuple(dict.fromkeys(wanted))


@given(st.text())
def test_any_text_is_read_and_no_citation_is_lost(text: str) -> None:
    found = cited_sentences(text)
    assert {n for sentence in found for n in sentence.numbers} <= set(citation_numbers(text))
    assert all(citation_numbers(sentence.text) == () for sentence in found)


@given(st.lists(numbers, min_size=1), st.dictionaries(numbers, numbers))
def test_renumbering_replaces_each_number_once(cited: list[int], names: dict[int, int]) -> None:
    text = "a " + " b ".join(f"[{number}]" for number in cited)
    wanted = dict.fromkeys(names.get(number, number) for number in cited)
    assert citation_numbers(renumber(text, names)) == tuple(wanted)


def test_renumbering_can_exchange_numbers_and_leaves_the_words() -> None:
    assert renumber("x [1], y [2, 3], z [x]", {1: 2, 2: 1}) == "x [2], y [1, 3], z [x]"
