"""Verdicts from log-probabilities: both orders, contradictions, bias, malformed replies."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotate.labelers.llm import MalformedReply, Reply
from annotate.labelers.llm.logprobs import CONTRADICTION, join_options, read_options
from annotate.labelling.verdicts import VERDICTS, swap_verdict


def row(a: float, b: float) -> dict[str, float]:
    """Read a reply that gives A and B these probabilities; none where it is 0."""
    return read_options(Reply(logprobs={name: float(np.log(p)) for name, p in (("A", a), ("B", b)) if p}))


@pytest.mark.parametrize(
    ("shown", "turned", "verdict"),
    [
        ((0.9, 0.1), (0.1, 0.9), "A_much_better"),
        ((0.7, 0.3), (0.4, 0.6), "A_better"),
        ((0.9, 0.1), (0.4, 0.6), "A_better"),
        ((0.1, 0.9), (0.9, 0.1), "B_much_better"),
        ((0.52, 0.48), (0.49, 0.51), "tie"),
        ((0.9, 0.1), (0.9, 0.1), "tie"),
        ((0.5, 0.5), (0.5, 0.5), "tie"),
    ],
)
def test_the_mean_of_both_orders_decides(
    shown: tuple[float, float], turned: tuple[float, float], verdict: str
) -> None:
    judged = join_options(row(*shown), row(*turned))
    assert judged.verdict == verdict
    assert judged.details["probability"] == pytest.approx((shown[0] + turned[1]) / 2)
    assert judged.details["position_bias"] == pytest.approx((shown[0] - turned[1]) / 2)


def test_orders_that_disagree_are_a_tie_of_low_confidence() -> None:
    judged = join_options(row(0.95, 0.05), row(0.95, 0.05))
    assert (judged.verdict, judged.confidence) == ("tie", CONTRADICTION)
    assert judged.details["position_bias"] == pytest.approx(0.45)
    assert CONTRADICTION < 0.5


def test_one_reported_option_is_certain() -> None:
    judged = join_options(row(0.1, 0.0), row(0.0, 0.1))
    assert (judged.verdict, judged.confidence) == ("A_much_better", 1.0)


@pytest.mark.parametrize("logprobs", [{}, {"C": -0.1}, {"A": -np.inf}])
def test_neither_letter_is_malformed(logprobs: dict[str, float]) -> None:
    with pytest.raises(MalformedReply, match="neither A nor B"):
        read_options(Reply("I think", logprobs))


chances = st.floats(0, 1)


@given(chances, chances, chances, chances)
def test_swapping_the_answers_turns_the_judgement(a: float, b: float, c: float, d: float) -> None:
    assume(a + b > 0 and c + d > 0)
    one, other = join_options(row(a, b), row(c, d)), join_options(row(c, d), row(a, b))
    assert one.verdict in VERDICTS
    assert 0 <= one.confidence <= 1
    assert other.confidence == pytest.approx(one.confidence)
    assert other.verdict == swap_verdict(one.verdict)
    assert "nan" not in repr(one.details)
    assert "inf" not in repr(one.details)
