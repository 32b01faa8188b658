"""The messages that ask for an answer, and the budget they keep."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.prompts import OPENINGS, STYLES, Style, answer_messages, fit_passages
from rag.retrieval import Passage


def passages(*texts: str) -> list[Passage]:
    return [Passage(n, f"k:{n}", "", text, "", 1.0) for n, text in enumerate(texts)]


def count_words(text: str) -> int:
    return len(text.split())


def size(question: str, kept: Sequence[Passage], style: Style, language: str) -> int:
    return sum(count_words(m["content"]) for m in answer_messages(question, kept, style, language))


@pytest.mark.parametrize(("language", "asks"), [("ru", "Вопрос: Сколько?"), ("en", "Question: Сколько?")])
@pytest.mark.parametrize("style", STYLES)
def test_passages_are_numbered_and_the_question_comes_last(style: Style, language: str, asks: str) -> None:
    system, user = answer_messages("Сколько?", passages("first", "second"), style, language)
    assert (system["role"], user["role"]) == ("system", "user")
    assert "[1]" in system["content"]
    assert "[1] first\n\n[2] second" in user["content"]
    assert user["content"].endswith(asks)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_opening_is_the_last_message(language: str) -> None:
    messages = answer_messages("?", passages("first"), "cited", language, opening=True)
    assert messages[-1] == {"role": "assistant", "content": OPENINGS[language]}


@given(
    st.text("ab \n", max_size=60),
    st.lists(st.integers(1, 40), max_size=6),
    st.integers(0, 300),
    st.sampled_from(STYLES),
    st.sampled_from(["ru", "en"]),
)
def test_the_last_passages_go_until_the_budget_is_kept(
    question: str, lengths: list[int], budget: int, style: Style, language: str
) -> None:
    found = passages(*(f"word{n} " * length for n, length in enumerate(lengths)))
    kept = fit_passages(question, found, style, language, budget_tokens=budget, count_tokens=count_words)
    assert kept == found[: len(kept)]
    if kept:
        assert size(question, kept, style, language) <= budget
    if len(kept) < len(found):
        assert size(question, found[: len(kept) + 1], style, language) > budget


def test_the_question_is_never_cut() -> None:
    question = "word " * 500
    found = passages("first", "second")
    assert fit_passages(question, found, "cited", "en", budget_tokens=100, count_tokens=count_words) == []
    assert question in answer_messages(question, [], "cited", "en")[-1]["content"]
