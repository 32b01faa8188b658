import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelers.llm import join_verdicts
from annotate.labelling.verdicts import VERDICTS, outcome, swap_verdict

votes = st.lists(st.tuples(st.sampled_from(VERDICTS), st.floats(0, 1)), min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("given_votes", "verdict"),
    [
        ([("A_better", 0.6), ("A_better", 0.6), ("B_much_better", 0.9)], "A_better"),
        ([("A_much_better", 0.6), ("A_much_better", 0.6), ("tie", 0.9)], "A_much_better"),
        ([("A_better", 0.9), ("B_better", 0.6)], "A_better"),
        ([("A_better", 0.6), ("B_better", 0.6)], "tie"),
        ([("both_bad", 0.6), ("both_bad", 0.7), ("A_better", 0.9)], "both_bad"),
    ],
)
def test_most_votes_win_then_most_confidence(given_votes: list[tuple[str, float]], verdict: str) -> None:
    assert join_verdicts(given_votes)[0] == verdict


@given(votes)
def test_order_does_not_matter_and_swapping_turns(given_votes: list[tuple[str, float]]) -> None:
    verdict, sure = join_verdicts(given_votes)
    assert 0 <= sure <= 1
    assert join_verdicts(given_votes[::-1])[0] == verdict
    turned = [(swap_verdict(one), confidence) for one, confidence in given_votes]
    assert join_verdicts(turned) == (swap_verdict(verdict), pytest.approx(sure))


@given(st.sampled_from(VERDICTS), st.floats(0.1, 1), st.integers(1, 5))
def test_a_panel_of_one_mind_is_as_sure_as_can_be(verdict: str, sure: float, size: int) -> None:
    joint, confidence = join_verdicts([(verdict, sure)] * size)
    assert outcome(joint) == outcome(verdict)
    assert confidence == pytest.approx(1.0)


def test_no_vote_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs a vote"):
        join_verdicts([])
