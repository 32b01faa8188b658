"""Citations count when they name a passage that is there, sentence by sentence."""

from collections.abc import Callable

import pytest

from training.rewards import CitationReward
from training.rewards.citations import cited_numbers
from training.rows import PromptRow


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        ("It is red [1].", 1),
        ("It is red. [1] It is old [2].", 1),
        ("It is red [1]. It is old.", 0.5),
        ("It is red [3].", 0),
        ("It is red [1]. It is old [0].", 0),
        ("It is red [1, 2].", 1),
        ("It is red.", 0),
        ("[1]", 0),
        ("", 0),
        ("Он закрыт [1]. Он стар.", 0.5),
    ],
)
def test_sentences_that_cite_what_is_shown(ask: Callable[..., PromptRow], answer: str, worth: float) -> None:
    assert CitationReward()([ask(passages=2)], [answer])[0] == worth


def test_nothing_shown_is_nothing_to_cite(ask: Callable[..., PromptRow]) -> None:
    rows = [ask(passages=0), ask(passages=0)]
    assert CitationReward()(rows, ["I do not know.", "It is red [1]."]).tolist() == [1, 0]


def test_numbers_are_read_from_lists() -> None:
    assert cited_numbers("a [1] b [2, 3] c [x] d [1234]") == [1, 2, 3]
