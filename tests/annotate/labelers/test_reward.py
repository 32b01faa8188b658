"""The reward-model judge: the difference of rewards decides, as a Bradley-Terry model reads it."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotate.labelers import RewardLabeler
from annotate.labelling.verdicts import VERDICTS, swap_verdict
from annotate.labelling.views import PairView
from tests.annotate.labelers.conftest import PAIRS, swapped

PAIR = PAIRS["en"]


def rewarding(a: float, b: float) -> RewardLabeler:
    """Give the first answer of the pair the reward a and the other b, wherever they stand."""

    def score(pairs: Sequence[PairView]) -> NDArray[np.float64]:
        rows = [(a, b) if pair.a == PAIR.a else (b, a) for pair in pairs]
        return np.array(rows, np.float64).reshape(len(pairs), 2)

    return RewardLabeler(score, "weights")


@pytest.mark.parametrize(
    ("lead", "verdict"), [(2.0, "A_much_better"), (0.5, "A_better"), (0.05, "tie"), (-2.0, "B_much_better")]
)
def test_the_higher_reward_wins(lead: float, verdict: str) -> None:
    [judged] = rewarding(lead + 3, 3.0).judge([PAIR])
    assert judged.verdict == verdict
    assert judged.details["probability"] == pytest.approx(1 / (1 + np.exp(-lead)))


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_swapping_the_answers_turns_the_judgement(a: float, b: float) -> None:
    [one], [other] = rewarding(a, b).judge([PAIR]), rewarding(a, b).judge([swapped(PAIR)])
    assert one.verdict in VERDICTS
    assert other.verdict == swap_verdict(one.verdict)
    assert other.confidence == pytest.approx(one.confidence)
    assert 0 <= one.confidence <= 1


def test_batches_keep_the_order_and_nothing_is_judged_of_nothing() -> None:
    pairs = [PAIR if n % 3 else swapped(PAIR) for n in range(21)]
    seen: list[tuple[int, int]] = []
    judged = rewarding(2.0, 0.0).judge(pairs, lambda *done: seen.append(done))
    assert [one.verdict[0] for one in judged] == ["B", "A", "A"] * 7
    assert seen == [(8, 21), (16, 21), (21, 21)]
    assert rewarding(1, 0).judge([]) == []
    assert rewarding(1, 0).fingerprint == "reward-1|weights"
