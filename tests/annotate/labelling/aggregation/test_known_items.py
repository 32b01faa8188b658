"""Items whose truth is known teach every method whom to trust, and get no verdict of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.errors import VerdictError
from annotate.labelling.aggregation import METHODS, Method, Vote, Votes, aggregate
from annotate.labelling.aggregation.base import anchor
from annotate.labelling.verdicts import OUTCOMES, VERDICTS, outcome, swap_verdict

every = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
SIDES = ("A_better", "B_better")
ballots = st.lists(
    st.builds(Vote, st.integers(0, 4), st.sampled_from("abcd"), st.sampled_from(VERDICTS), st.booleans()),
    max_size=14,
    unique_by=lambda vote: (vote.item, vote.assessor),
)


def gold(right: str, wrong: str, sides: list[str]) -> tuple[list[Vote], dict[int, tuple[str, ...]]]:
    """One assessor answers every gold task rightly, the other every one wrongly."""
    numbered = list(enumerate(sides, start=1))
    votes = [Vote(-at, right, side) for at, side in numbered]
    votes += [Vote(-at, wrong, swap_verdict(side)) for at, side in numbered]
    return votes, {-at: (side,) for at, side in numbered}


@every
@given(sides=st.lists(st.sampled_from(SIDES), min_size=4, max_size=12), said=st.sampled_from(SIDES))
@settings(max_examples=15, deadline=None)
def test_who_fails_gold_weighs_less(method: Method, sides: list[str], said: str) -> None:
    # On the real work the two contradict each other, so that nothing else tells them apart.
    work = [Vote(7, "careful", said), Vote(7, "careless", swap_verdict(said))]
    votes = Votes.of(work).with_known(*gold("careful", "careless", sides))
    found = aggregate(votes, method)
    assert found.reliability["careful"] > found.reliability["careless"]
    assert found.items.keys() == {7}
    if method.name != "majority":  # counting knows no weights
        assert outcome(found.items[7].verdict) == outcome(said)


@every
def test_more_failures_mean_less_trust(method: Method) -> None:
    work = [Vote(item, name, "A_better") for item in range(6) for name in ("one", "two")]
    trust = []
    for failures in (0, 3, 6):
        votes = [Vote(-at, "one", "B_better" if at <= failures else "A_better") for at in range(1, 7)]
        known = {vote.item: ("A_better", "A_much_better") for vote in votes}
        trust.append(aggregate(Votes.of(work).with_known(votes, known), method).reliability["one"])
    assert trust[0] > trust[1] > trust[2]


@every
@given(ballots=ballots)
@settings(max_examples=10, deadline=None)
def test_what_nobody_answered_changes_nothing(method: Method, ballots: list[Vote]) -> None:
    plain = aggregate(ballots, method)
    told = aggregate(Votes.of(ballots).with_known([], {-1: ("tie",)}), method)
    assert told.item_ids.tolist() == plain.item_ids.tolist()
    assert np.array_equal(told.posteriors, plain.posteriors)
    assert told.reliability == plain.reliability


@given(ballots=ballots, accepted=st.sets(st.sampled_from(VERDICTS), min_size=1))
@settings(max_examples=50, deadline=None)
def test_a_known_item_is_held_to_what_is_accepted(ballots: list[Vote], accepted: set[str]) -> None:
    votes = Votes.of(ballots).with_known([Vote(-1, "a", "tie")], {-1: tuple(accepted)})
    counts = votes.count()
    held = anchor(votes, counts / counts.sum(axis=1, keepdims=True))
    assert held.sum(axis=1) == pytest.approx(1)
    [row] = held[votes.item_ids == -1]
    outcomes = {outcome(verdict) for verdict in accepted}
    assert {name for name, share in zip(OUTCOMES, row, strict=True) if share} <= outcomes


def test_several_accepted_outcomes_are_told_apart_by_the_votes() -> None:
    known = {-1: ("A_better", "tie")}
    votes = Votes.of([]).with_known([Vote(-1, name, "tie") for name in "ab"], known)
    assert aggregate(votes).reliability["a"] > aggregate(votes).reliability.get("c", 0.66)


def test_an_unknown_accepted_verdict_is_refused() -> None:
    with pytest.raises(VerdictError, match="unknown verdict"):
        aggregate(Votes.of([]).with_known([Vote(-1, "a", "tie")], {-1: ("perhaps",)}))
