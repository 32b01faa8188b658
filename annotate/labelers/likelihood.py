"""Judge by how much the passages make an answer likelier to a language model.

An answer's score is its mean log-probability a token with its passages minus that without
them: what the passages explain counts for it, what the model would have said anyhow does not.
This is the conditional pointwise mutual information of answer and passages per token; see
Van der Poel et al., "Mutual Information Alleviates Hallucinations", 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from annotate.labelers.base import MachineJudgement, Outcome, Progress, judge_each
from annotate.labelling.views import AnswerView, PairView

MUCH_BETTER, BETTER = 0.8, 0.1  # nats a token
STEEPNESS = 2.0  # of the confidence, per nat a token
PASSAGE_CHARACTERS, ANSWER_CHARACTERS = 1000, 900
_WORDS = {"en": ("Passages", "Question", "Answer"), "ru": ("Отрывки", "Вопрос", "Ответ")}


class AnswerScorer(Protocol):
    """Weigh given texts, as a language model reads them."""

    @property
    def fingerprint(self) -> str:
        """Identify the weights."""
        ...

    def mean_logprobs(self, opening: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the mean log-probability a token (n,) of each text as it goes on from the opening."""
        ...


class LikelihoodLabeler:
    """Compare answers by what their passages add to their likelihood."""

    name = "likelihood"

    def __init__(self, scorer: AnswerScorer) -> None:
        self._scorer = scorer

    @property
    def fingerprint(self) -> str:
        """Name the method's version and the model."""
        return f"likelihood-1|{self._scorer.fingerprint}"

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[Outcome]:
        """Return one judgement for each pair, in order."""
        return judge_each(self._judge, pairs, progress)

    def _judge(self, pair: PairView) -> MachineJudgement:
        answers = (pair.a, pair.b)
        without = self._given(pair, [], answers)
        if _passages(pair.a) == _passages(pair.b):
            given = self._given(pair, _passages(pair.a), answers)
        else:
            given = np.array([self._given(pair, _passages(answer), [answer])[0] for answer in answers])
        a, b = (
            float(score) if answer.text.strip() and answer.passages and not answer.refused else 0.0
            for score, answer in zip(given - without, answers, strict=True)
        )
        lead = a - b
        return MachineJudgement(
            verdict=_verdict(lead),
            confidence=float(1 / (1 + np.exp(-STEEPNESS * abs(lead)))),
            details={"A": a, "B": b, "with": given.tolist(), "without": without.tolist()},
        )

    def _given(
        self, pair: PairView, passages: Sequence[str], answers: Sequence[AnswerView]
    ) -> NDArray[np.float64]:
        heading, question, answer = _WORDS[pair.language if pair.language in _WORDS else "en"]
        listed = "\n".join(f"[{at}] {text}" for at, text in enumerate(passages, start=1))
        opening = f"{heading}:\n{listed}\n\n" if passages else ""
        opening += f"{question}: {pair.question}\n\n{answer}:"
        return self._scorer.mean_logprobs(opening, [f" {one.text[:ANSWER_CHARACTERS]}" for one in answers])


def _passages(answer: AnswerView) -> list[str]:
    return [passage.text[:PASSAGE_CHARACTERS] for passage in answer.passages]


def _verdict(lead: float) -> str:
    if abs(lead) < BETTER:
        return "tie"
    return f"{'A' if lead > 0 else 'B'}_{'much_better' if abs(lead) >= MUCH_BETTER else 'better'}"
