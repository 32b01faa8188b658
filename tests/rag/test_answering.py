"""Answers: with real retrieval and a real model, and refused where nothing fits."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import (
    Answerer,
    Contender,
    ContenderError,
    Decoding,
    OpenVinoGenerator,
    Retriever,
    make_pairs,
)
from rag.answering import trim
from rag.citations import citation_numbers
from rag.language import sentences
from rag.prompts import OPENINGS, REFUSALS

SHORT = Decoding(max_new_tokens=24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It takes five days. It costs ten euros.", "It takes five days. It costs ten euros."),
        ("It takes five days. It takes five days. It takes", "It takes five days."),
        ("Срок — пять дней. Срок, пять дней! И так далее.", "Срок — пять дней."),
        ("Yes, it does. It costs ten. Yes, it does. It costs ten.", "Yes, it does. It costs ten."),
        ("It takes five days. Then the", "It takes five days."),
        ("It takes five", "It takes five"),
        ("It takes five days [1]", "It takes five days [1]"),
        ("", ""),
    ],
)
def test_loops_and_unfinished_ends_are_cut(text: str, expected: str) -> None:
    assert trim(text) == expected


@given(
    st.lists(st.sampled_from(["One two. ", "Три четыре! ", "five six", "[1]. ", "\n"]), max_size=12).map(
        "".join
    )
)
def test_cutting_keeps_the_beginning_and_adds_nothing(text: str) -> None:
    cut = trim(text)
    assert bool(cut) == bool(text.strip())
    assert "".join(text.split()).startswith("".join(cut.split()))


@given(st.integers(1, 9), st.integers(2, 9))
def test_a_loop_leaves_each_sentence_once(size: int, rounds: int) -> None:
    loop = [f"Sentence number {'x' * n} is here." for n in range(1, size + 1)]
    assert sentences(trim(" ".join(loop * rounds))) == loop


@pytest.mark.parametrize("wrong", [{"style": "poetic"}, {"mode": "magic"}, {"passages": 0}])
def test_impossible_settings_are_refused_with_the_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ContenderError, match="contender odd"):
        Contender("odd", **wrong)  # type: ignore[arg-type]


def test_the_fingerprint_follows_the_settings_and_not_the_name() -> None:
    one = Contender("one", passages=2)
    assert one.fingerprint == replace(one, name="other").fingerprint
    assert one.fingerprint != replace(one, passages=3).fingerprint
    assert one.fingerprint != replace(one, decoding=Decoding(seed=1)).fingerprint


@pytest.fixture
def answerer(retriever: Retriever, generator: OpenVinoGenerator) -> Answerer:
    return Answerer(retriever, generator)


@pytest.mark.models
def test_an_answer_holds_all_that_made_it(answerer: Answerer, generator: OpenVinoGenerator) -> None:
    contender = Contender("opened", opening=True, passages=2, min_similarity=0.0, decoding=SHORT)
    question = "What does express delivery cost?"
    [answer] = answerer.answer([question], contender)
    assert answer.text.startswith(OPENINGS["en"])
    assert 1 in answer.cited
    assert len(answer.passages) == 2
    assert answer.passages[0].document_key == "handbook:delivery"
    assert question in answer.prompt[-2]["content"]
    assert answer.model_fingerprint == generator.fingerprint
    assert 0 < answer.new_tokens <= 24
    assert not answer.refused
    assert answerer.answer([question], contender)[0].text == answer.text


@pytest.mark.models
def test_a_question_about_something_else_is_refused_in_its_language(answerer: Answerer) -> None:
    contender = Contender("strict", min_similarity=0.86, decoding=SHORT)
    questions = [
        "Кто написал оперу «Князь Игорь»?",
        "Who won the chess olympiad?",
        "How do I reset my password?",
    ]
    russian, english, known = answerer.answer(questions, contender)
    assert (russian.refused, russian.text, russian.passages) == (True, REFUSALS["ru"], ())
    assert (english.refused, english.text, english.new_tokens) == (True, REFUSALS["en"], 0)
    assert not known.refused


@pytest.mark.models
def test_a_budget_without_room_for_a_passage_refuses(answerer: Answerer) -> None:
    [answer] = answerer.answer(["How do I reset my password?"], Contender("poor", budget_tokens=10))
    assert answer.refused


@pytest.mark.models
def test_attribution_adds_citations_that_exist(answerer: Answerer) -> None:
    contender = Contender("free", style="brief", attribution=True, decoding=SHORT)
    [answer] = answerer.answer(["How many wrong attempts lock the account?"], contender)
    assert answer.cited == citation_numbers(answer.text) != ()


@pytest.mark.models
def test_pairs_are_different_and_questions_without_are_named(answerer: Answerer) -> None:
    greedy = Contender("greedy", passages=1, decoding=SHORT)
    strict = replace(greedy, min_similarity=0.99)
    questions = ["What does express delivery cost?"]
    seen: list[tuple[int, int]] = []
    pairs, left = make_pairs(
        questions, (answerer, greedy), (answerer, greedy), lambda done, total: seen.append((done, total))
    )
    # The second contender is the first one again: only sampling can tell the answers apart.
    assert len(pairs) + len(left) == 1
    assert all(pair.similarity <= 0.9 and pair.second.contender.decoding.temperature > 0 for pair in pairs)
    assert seen == [(1, 2), (2, 2)]
    assert make_pairs(questions, (answerer, strict), (answerer, strict)) == ([], questions)
