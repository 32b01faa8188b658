"""The quick posterior: what one would work out by hand, and what every posterior must keep to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.aggregation import OneCoin, Vote, aggregate, quick_posterior
from annotate.labelling.verdicts import OUTCOMES, VERDICTS, outcome, swap_verdict

reliabilities = st.floats(0.05, 0.99)
ballots = st.lists(st.tuples(st.sampled_from(VERDICTS), reliabilities), max_size=8)


def test_without_votes_nothing_is_known() -> None:
    assert quick_posterior([]) == dict.fromkeys(OUTCOMES, 0.25)


def test_by_hand() -> None:
    # 0.8 against 0.2 / 3 for each other outcome: odds of 12; two such votes: 144.
    assert quick_posterior([("A_better", 0.8)])["first"] == pytest.approx(12 / 15)
    assert quick_posterior([("A_better", 0.8), ("A_much_better", 0.8)])["first"] == pytest.approx(144 / 147)
    against = quick_posterior([("A_better", 0.8), ("B_better", 0.8)])
    assert against["first"] == against["second"] == pytest.approx(12 / 26)


@pytest.mark.parametrize("reliability", [0.0, 1.0])
def test_nobody_is_trusted_or_distrusted_without_bounds(reliability: float) -> None:
    posterior = quick_posterior([("tie", reliability), ("A_better", 0.7)])
    assert sum(posterior.values()) == pytest.approx(1)
    assert all(0 < share < 1 for share in posterior.values())


@given(ballots, st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_shares_sum_to_one(
    ballot: list[tuple[str, float]], random: object
) -> None:
    shuffled = list(ballot)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    posterior = quick_posterior(ballot)
    assert sum(posterior.values()) == pytest.approx(1)
    assert quick_posterior(shuffled) == pytest.approx(posterior)


@given(ballots, st.sampled_from(VERDICTS), st.floats(0.25, 0.99))
def test_one_more_vote_never_lowers_what_it_names(
    ballot: list[tuple[str, float]], verdict: str, reliability: float
) -> None:
    named = outcome(verdict)
    before, after = quick_posterior(ballot), quick_posterior([*ballot, (verdict, reliability)])
    assert after[named] >= before[named] - 1e-12


@given(ballots, st.sampled_from(VERDICTS), reliabilities, reliabilities)
def test_a_more_reliable_vote_weighs_more(
    ballot: list[tuple[str, float]], verdict: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    named = outcome(verdict)
    weaker, stronger = quick_posterior([*ballot, (verdict, low)]), quick_posterior([*ballot, (verdict, high)])
    assert stronger[named] >= weaker[named] - 1e-12


@given(ballots)
def test_the_sides_are_treated_alike(ballot: list[tuple[str, float]]) -> None:
    turned = quick_posterior([(swap_verdict(verdict), trust) for verdict, trust in ballot])
    posterior = quick_posterior(ballot)
    assert turned["first"] == pytest.approx(posterior["second"])
    assert turned["tie"] == pytest.approx(posterior["tie"])


def test_it_is_the_one_coin_posterior_at_the_fitted_reliabilities() -> None:
    verdicts = {"a": "A_better", "b": "B_better", "c": "A_better"}
    votes = [Vote(n, name, verdict) for n in range(20) for name, verdict in verdicts.items()]
    votes += [Vote(50, "a", "tie"), Vote(50, "c", "tie")]
    found = aggregate(votes, OneCoin(tolerance=1e-12))
    ballot = [(verdict, found.reliability[name]) for name, verdict in verdicts.items()]
    assert found.items[3].posterior == pytest.approx(quick_posterior(ballot), abs=1e-6)
