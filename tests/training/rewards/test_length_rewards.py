"""The asked length is worth 1, less and more are worth less."""

from collections.abc import Callable

import numpy as np
import pytest

from training.rewards import LengthReward
from training.rows import PromptRow


def test_length_within_bounds_is_worth_one(ask: Callable[..., PromptRow]) -> None:
    answers = ["one " * count for count in (0, 2, 4, 10, 20)]
    worth = LengthReward(fewest=4, most=10)([ask()] * 5, answers)
    np.testing.assert_allclose(worth, [0, 0.5, 1, 1, 0.5])


@pytest.mark.parametrize("answer", ["да нет может", "one, two; three!"])
def test_words_of_any_script_count(ask: Callable[..., PromptRow], answer: str) -> None:
    assert LengthReward(fewest=3, most=3)([ask()], [answer])[0] == 1
