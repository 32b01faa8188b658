"""The script tells Russian from English."""

from collections.abc import Callable

import pytest

from training.rewards import LanguageReward
from training.rows import PromptRow


@pytest.mark.parametrize(
    ("language", "answer", "worth"),
    [
        ("ru", "Он красный [1].", 1),
        ("ru", "It is red [1].", 0),
        ("en", "It is red [1].", 1),
        ("en", "ab вг", 0.5),
        ("en", "12 [1]", 0),
        ("xx", "It is red.", 1),
    ],
)
def test_letters_of_the_questions_script(
    ask: Callable[..., PromptRow], language: str, answer: str, worth: float
) -> None:
    assert LanguageReward()([ask(language=language)], [answer])[0] == worth
