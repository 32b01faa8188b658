"""The share of a question's words that are there decides how much words count."""

from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.coverage import coverage

PASSAGES = ["The warranty of laptops lasts two years.", "Гарантия на ноутбуки действует два года."]


def test_word_forms_count_and_function_words_do_not() -> None:
    assert coverage("How long does the warranty of a laptop last?", PASSAGES[:1]) == 1.0
    assert coverage("Какая гарантия у ноутбука?", PASSAGES[1:]) == 1.0
    assert coverage("What is the garden of the two?", PASSAGES[:1]) < 0.6


def test_a_question_in_the_other_language_is_not_covered() -> None:
    assert coverage("Сколько длится гарантия на ноутбук?", PASSAGES[:1]) == 0.0
    assert coverage("Сколько длится гарантия на ноутбук?", PASSAGES) > 0.5


def test_nothing_covers_nothing() -> None:
    assert coverage("warranty", []) == coverage("", PASSAGES) == coverage("?!", PASSAGES) == 0.0


def test_a_question_of_function_words_only_is_taken_as_it_is() -> None:
    assert coverage("to be or not to be", ["To be, or not to be, that is the question."]) == 1.0


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=4))
def test_coverage_is_a_share_and_grows_with_the_texts(query: str, texts: list[str]) -> None:
    assert 0.0 <= coverage(query, texts) <= coverage(query, [*texts, query]) <= 1.0
