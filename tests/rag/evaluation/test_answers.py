"""Answer measures: citations by their definition, and support with the real embedder."""

import numpy as np
import pytest

from rag.embedders import LocalEmbedder
from rag.evaluation import MeasuredAnswer, Support, measure_answers, summarise_answers

PASSAGES = (
    "The warranty of laptops lasts two years. It does not cover spilled water.",
    "Express delivery costs ten euros and takes one day.",
    "Вернуть товар можно в течение 14 дней. Деньги приходят на карту за три рабочих дня.",
)

pytestmark = pytest.mark.models


def answer(text: str, question: str = "How long is the warranty?", **more: object) -> MeasuredAnswer:
    return MeasuredAnswer(question, text, PASSAGES, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def support(embedder: LocalEmbedder) -> Support:
    return Support(embedder)


SUPPORTED = [
    ("The warranty of laptops lasts two years.", 0),
    ("Laptops have a warranty that lasts two years.", 0),
    ("Spilled water is not covered.", 0),
    ("Express delivery takes one day and costs ten euros.", 1),
    ("Товар можно вернуть в течение 14 дней.", 2),
    ("Деньги придут на карту за три рабочих дня.", 2),
    ("Express delivery costs 10 euros.", 1),
]
UNSUPPORTED = [
    ("The warranty of laptops lasts 5 years.", 0),
    ("Phones can be charged in the office.", 0),
    ("Express delivery costs ten euros and takes one day.", 0),
    ("Товар можно вернуть в течение 30 дней.", 2),
    ("Розы поливают рано утром.", 2),
    ("Деньги придут на карту за три рабочих дня.", 0),
]


@pytest.mark.parametrize(("sentence", "place"), SUPPORTED)
def test_copies_and_paraphrases_are_supported(support: Support, sentence: str, place: int) -> None:
    support.read([sentence], PASSAGES)
    assert support.holds(sentence, [PASSAGES[place]])
    assert not support.holds(sentence, [])


@pytest.mark.parametrize(("sentence", "place"), UNSUPPORTED)
def test_wrong_figures_and_other_subjects_are_not(support: Support, sentence: str, place: int) -> None:
    support.read([sentence], PASSAGES)
    assert not support.holds(sentence, [PASSAGES[place]])


def test_citation_recall_and_precision(embedder: LocalEmbedder) -> None:
    right, wrong, half, uncited, nowhere, extra = measure_answers(
        [
            answer("The warranty of laptops lasts two years [1]."),
            answer("The warranty of laptops lasts two years [2]."),
            answer("The warranty of laptops lasts two years [1]. Express delivery takes one day [3]."),
            answer("The warranty of laptops lasts two years."),
            answer("The warranty of laptops lasts two years [1][9]."),
            answer("The warranty of laptops lasts two years [1][2]."),
        ],
        embedder,
    )
    assert (right.citation_recall, right.citation_precision, right.support) == (1.0, 1.0, 1.0)
    assert (wrong.citation_recall, wrong.citation_precision, wrong.support) == (0.0, 0.0, 1.0)
    assert (half.citation_recall, half.citation_precision, half.support) == (0.5, 0.5, 1.0)
    assert (uncited.citation_recall, uncited.citation_precision, uncited.support) == (0.0, None, 1.0)
    assert (nowhere.citation_recall, nowhere.citation_precision) == (1.0, 0.5)
    # The second citation is not needed: the first alone supports the sentence.
    assert (extra.citation_recall, extra.citation_precision) == (1.0, 0.5)


def test_a_sentence_that_needs_both_passages_makes_both_right(embedder: LocalEmbedder) -> None:
    text = "The laptop warranty lasts two years, and express delivery costs ten euros and takes a day [1][2]."
    [found] = measure_answers([answer(text)], embedder)
    assert (found.citation_recall, found.citation_precision) == (1.0, 1.0)


def test_relevance_length_and_repetition(embedder: LocalEmbedder) -> None:
    near, far, loop = measure_answers(
        [
            answer("The warranty lasts two years [1]."),
            answer("Roses are watered in the morning."),
            answer("It is so and it is so. " * 6),
        ],
        embedder,
    )
    assert (near.relevance or 0) > (far.relevance or 1)
    assert near.words == 5.0
    assert near.repetition == 0.0
    assert (loop.repetition or 0) > 0.7


def test_refusals_are_judged_only_where_the_truth_is_known(embedder: LocalEmbedder) -> None:
    text = "The documents do not contain an answer to this question."
    figures = measure_answers(
        [
            answer(text, refused=True, should_refuse=True),
            answer(text, refused=True, should_refuse=False),
            answer(text, refused=True),
            answer("Two years [1].", should_refuse=False),
            answer("", should_refuse=True),
        ],
        embedder,
    )
    assert [one.refusal for one in figures] == [1.0, 0.0, None, 1.0, 0.0]
    assert figures[0].support is figures[0].words is figures[4].relevance is None
    summary = summarise_answers(figures, np.random.default_rng(0))
    assert (summary["refusal"].value, summary["refusal"].coverage) == (0.5, 0.8)
    assert summary["citation_recall"].coverage == 0.2
    assert summarise_answers([])["support"].value is None
    assert measure_answers([], embedder) == []
