"""Each sentence against its passage, with the real embedder."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from rag.embedders import LocalEmbedder
from rag.support import SentenceVectors
from rag.verification import NOTHING_TO_CHECK, verify, verify_all

PASSAGES = [
    "We deliver to Germany, France and Spain within five working days. Express delivery costs 10 euros.",
    "Вы можете вернуть товар в течение 14 дней со дня доставки. Деньги приходят за три рабочих дня.",
    "Roses are watered early in the morning at the root. Bushes are best pruned in early spring.",
]

pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    ("sentence", "supported", "source"),
    [
        ("Express delivery costs 10 euros [1].", True, 1),
        ("Delivery to Spain takes five working days [1].", True, 1),
        ("Express delivery costs ten euros [1].", True, 1),
        ("Express delivery costs 15 euros [1].", False, None),
        ("Express delivery costs 10 euros [3].", False, 1),
        ("Express delivery costs 10 euros [7].", False, 1),
        ("Express delivery costs 10 euros.", True, 1),
        ("Bees make honey from the nectar of flowers [1].", False, None),
        ("Товар можно вернуть в течение 14 дней [2].", True, 2),
        ("Товар можно вернуть в течение 30 дней [2].", False, None),
        ("Деньги приходят за три рабочих дня [1].", False, 2),
        ("Пчёлы делают мёд из нектара цветов [2].", False, None),
        ("Розы поливают рано утром под корень [3].", True, 3),
        ("Goods can be returned within 14 days of delivery [2].", True, 2),
    ],
)
def test_a_sentence_is_supported_by_what_it_cites(
    sentence: str, supported: bool, source: int | None, embedder: LocalEmbedder
) -> None:
    [check] = verify(sentence, PASSAGES, embedder)
    assert (check.supported, check.source) == (supported, source), check


def test_the_reason_names_what_is_missing(embedder: LocalEmbedder) -> None:
    checks = verify(
        "Express delivery costs 15 euros [1]. Roses are watered in the morning [1]. It is so [9].",
        PASSAGES,
        embedder,
    )
    assert [check.reason for check in checks[:2]] == [
        "15 is not in [1]",
        "[1] says something else; [3] supports it",
    ]
    assert checks[2].reason in (NOTHING_TO_CHECK, "there is no passage 9")


def test_without_passages_nothing_is_supported_and_without_words_nothing_is_checked(
    embedder: LocalEmbedder,
) -> None:
    [check] = verify("Express delivery costs 10 euros.", [], embedder)
    assert (check.supported, check.support, check.reason) == (False, 0.0, "there are no passages")
    assert verify("", PASSAGES, embedder) == []
    [check] = verify("It is so.", ["  "], embedder)
    assert check.reason == NOTHING_TO_CHECK


def test_many_answers_are_checked_as_each_alone_and_vectors_are_kept(embedder: LocalEmbedder) -> None:
    answers = ["Express delivery costs 10 euros [1].", "Товар можно вернуть в течение 14 дней [2]."]
    vectors = SentenceVectors(embedder)
    together = verify_all(answers, [PASSAGES, PASSAGES], embedder, vectors)
    held = len(vectors.of([]))
    assert [[check.supported for check in some] for some in together] == [[True], [True]]
    assert [verify(answer, PASSAGES, embedder)[0].source for answer in answers] == [1, 2]
    verify_all(answers, [PASSAGES, PASSAGES], embedder, vectors)
    assert len(vectors.of([])) == held == 7  # one of the 2 + 6 sentences stands in a passage word for word
    assert verify_all([], [], embedder) == []


@pytest.mark.slow
def test_the_check_agrees_with_people_on_real_answers(embedder: LocalEmbedder, shared_data: Path) -> None:
    """Sentences in which people marked a claim as unverifiable or wrongly grounded get less support."""
    with gzip.open(shared_data / "qa_feedback" / "feedback.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file][70:140]
    answers = [row["prediction 1"] for row in rows]
    passages = [[" ".join(parts) for parts in row["passages"]] for row in rows]
    marked, support = [], []
    for row, answer, checks in zip(rows, answers, verify_all(answers, passages, embedder), strict=True):
        errors = [
            (error["start"], error["end"])
            for error in row["feedback"]["errors"]
            if error["error type"] in ("Unverifiable", "Wrong-Grounding")
        ]
        for check in checks:
            start = answer.find(check.text[:30])
            end = start + len(check.text)
            marked.append(any(begin < end and start < stop for begin, stop in errors))
            support.append(check.support)
    ranks = np.argsort(np.argsort(support))
    bad = np.array(marked)
    # The area under the ROC curve, by ranks (Mann & Whitney).
    above = ranks[~bad].sum() - (~bad).sum() * ((~bad).sum() - 1) / 2
    assert above / ((~bad).sum() * bad.sum()) > 0.8
