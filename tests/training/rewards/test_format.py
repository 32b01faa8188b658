"""A tidy answer ends, shows no template, and does not loop."""

from collections.abc import Callable

import pytest

from training.rewards import FormatReward
from training.rows import PromptRow


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        ("It is red [1].", 1),
        ("Он красный.", 1),
        ("It is red and then", 2 / 3),
        ("It is red.<|im_end|>", 1 / 3),
        ("user\nIt is red.", 2 / 3),
        ("  ", 0),
        ("...", 0),
    ],
)
def test_faults_cost_a_third_each(ask: Callable[..., PromptRow], answer: str, worth: float) -> None:
    assert FormatReward()([ask()], [answer])[0] == pytest.approx(worth)


def test_loops_cost_by_how_much_is_repeated(ask: Callable[..., PromptRow]) -> None:
    once = "The gate is open from nine to five on every day of the week."
    worth = FormatReward()([ask()] * 3, [once, f"{once} {once}", " ".join([once] * 6)])
    assert worth[0] == 1
    assert worth[0] > worth[1] > worth[2] > 2 / 3
