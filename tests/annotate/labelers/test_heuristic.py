"""The heuristic labeler with the real embedder."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.labelers import HeuristicLabeler
from annotate.labelers.heuristic import WEIGHTS
from annotate.labelling.verdicts import (
    ERROR_TAGS,
    VERDICTS,
    check_reasons,
    swap_aspects,
    swap_tags,
    swap_verdict,
)
from annotate.labelling.views import PairView
from rag.embedders import LocalEmbedder
from tests.annotate.labelers.conftest import DELIVERY_EN, PAIRS, answer, swapped

pytestmark = pytest.mark.models


@pytest.fixture(scope="session")
def labeler(embedder: LocalEmbedder) -> HeuristicLabeler:
    known: dict[str, np.ndarray] = {}

    def embed(texts: Sequence[str]) -> np.ndarray:
        fresh = sorted({text for text in texts if text not in known})
        known.update(zip(fresh, embedder.embed_passages(fresh), strict=True))
        return np.stack([known[text] for text in texts])

    return HeuristicLabeler(embed, embedder.fingerprint)


def test_the_supported_and_cited_answer_wins(labeler: HeuristicLabeler, pair: PairView) -> None:
    [judged] = labeler.judge([pair])
    assert judged.verdict == "A_much_better"
    assert judged.confidence > 0.9
    assert (
        judged.aspects["faithfulness"] == judged.aspects["citations"] == judged.aspects["directness"] == "A"
    )
    assert set(judged.tags["B"]) >= {"no_citation", "hallucination"}
    assert "A" not in judged.tags
    assert set(judged.details["A"]) == set(WEIGHTS)


PHRASES = [
    "Delivery to Germany takes five working days [1].",
    "Express delivery costs ten euros [1].",
    "Express delivery costs ten euros [7].",
    "Delivery takes a while.",
    "The moon is made of green cheese.",
    "Доставка в Германию занимает пять дней [2].",
]
answers = st.builds(
    lambda text, count, refused: answer(
        text, *[DELIVERY_EN, "Доставка занимает пять дней."][:count], refused=refused
    ),
    st.lists(st.sampled_from(PHRASES), max_size=2).map(" ".join),
    st.integers(0, 2),
    st.booleans(),
)


@given(a=answers, b=answers)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_swapping_the_answers_turns_the_judgement(labeler: HeuristicLabeler, a: object, b: object) -> None:
    pair = replace(PAIRS["en"], a=a, b=b)
    [one], [other] = labeler.judge([pair]), labeler.judge([swapped(pair)])
    assert one.verdict in VERDICTS
    assert other.verdict == swap_verdict(one.verdict)
    assert other.confidence == pytest.approx(one.confidence)
    assert other.aspects == swap_aspects(one.aspects)
    assert other.tags == swap_tags(one.tags)
    assert (other.details["A"], other.details["B"]) == (one.details["B"], one.details["A"])
    check_reasons(one.aspects, one.tags)
    assert {tag for tags in one.tags.values() for tag in tags} <= set(ERROR_TAGS)
    assert all(0 <= part <= 1 for side in one.details.values() for part in side.values())
    assert 0.5 <= one.confidence <= 1


def test_equal_answers_tie_and_two_refusals_are_both_bad(labeler: HeuristicLabeler) -> None:
    pair = PAIRS["en"]
    refusal = answer("The documents do not contain an answer.", refused=True)
    judged = labeler.judge(
        [replace(pair, b=pair.a), replace(pair, a=refusal, b=refusal), replace(pair, b=refusal)]
    )
    assert [one.verdict for one in judged] == ["tie", "both_bad", "A_much_better"]


def test_a_citation_that_does_not_exist_or_support_costs(labeler: HeuristicLabeler) -> None:
    right = answer("Express delivery costs ten euros [1].", DELIVERY_EN, "Roses like water.")
    missing = answer("Express delivery costs ten euros [9].", DELIVERY_EN, "Roses like water.")
    wrong = answer("Express delivery costs ten euros [2].", DELIVERY_EN, "Roses like water.")
    pair = replace(PAIRS["en"], question="What does express delivery cost?", a=right)
    against_missing, against_wrong = labeler.judge([replace(pair, b=missing), replace(pair, b=wrong)])
    assert against_missing.verdict.startswith("A")
    assert against_missing.aspects["citations"] == "A"
    assert against_wrong.verdict.startswith("A")
    assert against_wrong.aspects["faithfulness"] == "A"


def test_progress_and_fingerprint(labeler: HeuristicLabeler, embedder: LocalEmbedder) -> None:
    seen: list[tuple[int, int]] = []
    report: Callable[[int, int], None] = lambda done, total: seen.append((done, total))  # noqa: E731
    labeler.judge([PAIRS["en"], PAIRS["ru"]], report)
    assert seen == [(1, 2), (2, 2)]
    assert labeler.judge([]) == []
    assert embedder.fingerprint in labeler.fingerprint
