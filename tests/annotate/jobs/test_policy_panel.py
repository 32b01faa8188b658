from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from annotate.jobs.policy_panel import ask_judge, value_of_a
from annotate.labelers import MachineJudgement, RewardLabeler
from annotate.labelers.base import Abstention, Outcome, Progress
from annotate.labelling.views import AnswerView, PairView


class FirstPlaceLover:
    """A judge that always finds the answer in the first place better: order is all it sees."""

    name, fingerprint = "first", "first"

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[Outcome]:
        return [MachineJudgement("A_better", 1.0) for _ in pairs]


def by_length(pairs: Sequence[PairView]) -> NDArray[np.float64]:
    return np.array([[len(pair.a.text), len(pair.b.text)] for pair in pairs], np.float64)


def pair(a: str, b: str) -> PairView:
    return PairView(0, "Why?", "en", AnswerView(a, (), (), False), AnswerView(b, (), (), False))


def test_a_liking_for_a_place_helps_neither_side() -> None:
    votes = ask_judge(FirstPlaceLover(), [pair("a", "bb"), pair("aaa", "b")])
    assert votes.values == [0.5, 0.5]
    assert votes.turned == 1.0


def test_a_judge_of_the_texts_says_the_same_in_both_orders() -> None:
    votes = ask_judge(
        RewardLabeler(by_length, "length"), [pair("aaaa", "b"), pair("a", "bbbb"), pair("a", "b")]
    )
    assert votes.values == [1.0, 0.0, 0.5]
    assert votes.turned == 0.0


@pytest.mark.parametrize(
    ("judged", "value"),
    [
        (MachineJudgement("A_much_better", 1.0), 1.0),
        (MachineJudgement("B_better", 1.0), 0.0),
        (MachineJudgement("tie", 1.0), 0.5),
        (MachineJudgement("both_bad", 1.0), 0.5),
        (Abstention("no"), None),
    ],
)
def test_verdicts_have_values(judged: Outcome, value: float | None) -> None:
    assert value_of_a(judged) == value


def test_nothing_to_judge_is_no_vote() -> None:
    assert ask_judge(FirstPlaceLover(), []).values == []
