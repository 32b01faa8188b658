"""The likelihood judge: known likelihoods give known verdicts, and a real model prefers what is supported."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotate.labelers import LikelihoodLabeler
from annotate.labelling.verdicts import VERDICTS, swap_verdict
from rag import ModelError
from rag.generators.likelihood import LikelihoodScorer
from tests.annotate.labelers.conftest import PAIRS, answer, swapped

PAIR = PAIRS["en"]


class FormulaScorer:
    """Weigh texts by a formula of opening and text: a model whose every number is known."""

    fingerprint = "formula"

    def __init__(self, formula: Callable[[str, str], float]) -> None:
        self.formula = formula

    def mean_logprobs(self, opening: str, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([self.formula(opening, text) for text in texts], np.float64)


def gains(a: float, b: float) -> LikelihoodLabeler:
    """Let the passages add so much to each answer of the pair."""
    return LikelihoodLabeler(
        FormulaScorer(
            lambda opening, text: -3.0 + ("Passages" in opening) * (a if PAIR.a.text in text else b)
        )
    )


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [(2.0, 0.5, "A_much_better"), (0.7, 0.4, "A_better"), (0.42, 0.4, "tie"), (-0.5, 1.0, "B_much_better")],
)
def test_the_answer_that_its_passages_explain_wins(a: float, b: float, verdict: str) -> None:
    [judged] = gains(a, b).judge([PAIR])
    assert judged.verdict == verdict
    assert judged.details["A"] == pytest.approx(a)
    assert judged.details["B"] == pytest.approx(b)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_swapping_the_answers_turns_the_judgement(a: float, b: float) -> None:
    [one], [other] = gains(a, b).judge([PAIR]), gains(a, b).judge([swapped(PAIR)])
    assert one.verdict in VERDICTS
    assert other.verdict == swap_verdict(one.verdict)
    assert other.confidence == pytest.approx(one.confidence)
    assert 0.5 <= one.confidence <= 1


def test_an_answer_without_passages_or_text_gains_nothing() -> None:
    pair = replace(PAIR, b=answer("No passage at all."))
    [judged] = gains(1.0, 1.0).judge([pair])
    assert (judged.verdict, judged.details["B"]) == ("A_much_better", 0.0)
    refused = replace(PAIR, b=replace(PAIR.b, refused=True))
    assert gains(1.0, 3.0).judge([refused])[0].details["B"] == 0.0


def test_the_opening_is_in_the_language_of_the_question() -> None:
    openings: list[str] = []

    def listen(opening: str, _: str) -> float:
        openings.append(opening)
        return 0.0

    LikelihoodLabeler(FormulaScorer(listen)).judge([PAIRS["ru"]])
    assert any("Отрывки:" in opening for opening in openings)
    assert all("Вопрос:" in opening for opening in openings)
    assert any("Отрывки:" not in opening for opening in openings)


@pytest.fixture(scope="session")
def scorer(smollm2_folder: Path) -> LikelihoodScorer:
    return LikelihoodScorer(smollm2_folder, "smollm2")


@pytest.mark.models
def test_a_real_model_finds_the_supported_answer_and_turns_with_it(scorer: LikelihoodScorer) -> None:
    labeler = LikelihoodLabeler(scorer)
    one, other = labeler.judge([PAIR, swapped(PAIR)])
    assert one.verdict == "A_much_better"
    assert other.verdict == "B_much_better"
    assert labeler.fingerprint == "likelihood-1|smollm2"


@pytest.mark.models
def test_the_kept_opening_changes_no_number(scorer: LikelihoodScorer) -> None:
    import torch

    opening, texts = "Question: Where is Paris?\n\nAnswer:", [" Paris is in France.", " Yes", "", " Paris"]
    found = scorer.mean_logprobs(opening, texts)
    for text, mean in zip(texts, found, strict=True):
        given_ids, ids = scorer._tokens(opening), scorer._tokens(text)
        with torch.inference_mode():
            rows = scorer._model(torch.tensor([given_ids + ids])).logits[0].log_softmax(-1)
        direct = [float(rows[len(given_ids) + at - 1, token]) for at, token in enumerate(ids)]
        assert mean == pytest.approx(np.mean(direct) if direct else 0.0, abs=1e-4)


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        LikelihoodScorer(tmp_path, "x")
