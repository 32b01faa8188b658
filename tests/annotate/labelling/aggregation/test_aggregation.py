"""Aggregation: simulated truth is recovered, and names and orders do not matter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.aggregation import MUCH_BETTER, Vote, aggregate
from annotate.labelling.verdicts import GRADES, OUTCOMES, VERDICTS, outcome, swap_verdict

votes = st.lists(
    st.builds(
        Vote, st.integers(0, 5), st.sampled_from(["anna", "boris", "robot"]), st.sampled_from(VERDICTS)
    ),
    max_size=20,
    unique_by=lambda vote: (vote.item, vote.assessor),
)


def test_nothing_gives_nothing() -> None:
    found = aggregate([])
    assert (found.items, found.reliability) == ({}, {})


@pytest.mark.parametrize("verdict", VERDICTS)
def test_one_vote_is_the_verdict(verdict: str) -> None:
    [found] = aggregate([Vote(1, "anna", verdict)]).items.values()
    assert found.verdict == verdict
    assert found.posterior[outcome(verdict)] == max(found.posterior.values())


@pytest.mark.parametrize(
    ("verdicts", "joint"),
    [
        (["A_better", "A_much_better"], "A_much_better"),
        (["A_better", "A_better", "A_much_better"], "A_better"),
        (["A_better", "B_better"], "tie"),
        (["A_much_better", "B_better"], "A_better"),
        (["B_much_better", "A_better"], "B_better"),
        (["both_bad", "both_bad", "A_better"], "both_bad"),
        (["tie", "both_bad"], "tie"),
        (["tie", "tie", "B_better"], "tie"),
    ],
)
def test_small_disputes_end_as_one_would_settle_them(verdicts: list[str], joint: str) -> None:
    [found] = aggregate([Vote(1, f"p{n}", verdict) for n, verdict in enumerate(verdicts)]).items.values()
    assert found.verdict == joint


def test_rounding_decides_nothing() -> None:
    said = ["A_much_better"] * 3
    made = [Vote(0, name, verdict) for name, verdict in zip(("anna", "boris", "robot"), said, strict=True)]
    made += [
        Vote(n, name, "A_much_better") for n, name in [(1, "robot"), (2, "anna"), (3, "boris"), (3, "robot")]
    ]
    made += [Vote(4, "boris", "B_better"), Vote(4, "robot", "A_better"), Vote(5, "boris", "A_much_better")]
    for turn in range(len(made)):
        assert aggregate(made[turn:] + made[:turn]).items[4].verdict == "tie"


@given(votes, st.randoms(use_true_random=False))
def test_the_order_of_votes_and_the_names_do_not_matter(given_votes: list[Vote], random: object) -> None:
    shuffled = list(given_votes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    names = {"anna": "zoe", "boris": "adam", "robot": "robot"}
    renamed = [Vote(vote.item, names[vote.assessor], vote.verdict) for vote in shuffled]
    one, other = aggregate(given_votes), aggregate(renamed)
    assert {k: v.verdict for k, v in one.items.items()} == {k: v.verdict for k, v in other.items.items()}
    for item, found in one.items.items():
        assert other.items[item].posterior == pytest.approx(found.posterior)
        assert other.items[item].margin == pytest.approx(found.margin)
    assert other.reliability == pytest.approx({names[k]: v for k, v in one.reliability.items()})


@given(votes)
def test_swapping_every_pair_turns_every_verdict(given_votes: list[Vote]) -> None:
    one = aggregate(given_votes)
    other = aggregate([Vote(vote.item, vote.assessor, swap_verdict(vote.verdict)) for vote in given_votes])
    for item, found in one.items.items():
        turned = other.items[item]
        assert turned.verdict == swap_verdict(found.verdict)
        assert turned.margin == pytest.approx(-found.margin)
        assert turned.posterior["first"] == pytest.approx(found.posterior["second"])
    assert other.reliability == pytest.approx(one.reliability)


@given(votes)
def test_results_are_well_formed(given_votes: list[Vote]) -> None:
    found = aggregate(given_votes)
    assert found.items.keys() == {vote.item for vote in given_votes}
    for item in found.items.values():
        assert sum(item.posterior.values()) == pytest.approx(1)
        assert set(item.posterior) == set(OUTCOMES)
        assert item.verdict in VERDICTS
        assert -2 <= item.margin <= 2
        if item.verdict.endswith("much_better"):
            assert item.margin * np.sign(GRADES[item.verdict]) >= MUCH_BETTER
    assert all(0 < trust < 1 for trust in found.reliability.values())


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=8))
def test_unanimity_wins(verdicts: list[str]) -> None:
    given_votes = [Vote(n, name, verdict) for n, verdict in enumerate(verdicts) for name in ("a", "b", "c")]
    found = aggregate(given_votes)
    assert {n: item.verdict for n, item in found.items.items()} == dict(enumerate(verdicts))


def simulate(reliabilities: dict[str, float], items: int, seed: int) -> tuple[list[Vote], dict[int, str]]:
    """Draw votes that name the truth with each assessor's reliability, else another outcome."""
    rng = np.random.default_rng(seed)
    verdict_of = {"first": "A_better", "second": "B_better", "tie": "tie", "both_bad": "both_bad"}
    truth = {n: str(rng.choice(OUTCOMES)) for n in range(items)}
    made = []
    for n, right in truth.items():
        for name, reliability in reliabilities.items():
            wrong = [other for other in OUTCOMES if other != right]
            said = right if rng.random() < reliability else str(rng.choice(wrong))
            made.append(Vote(n, name, verdict_of[said]))
    return made, truth


def test_reliabilities_are_recovered_and_bad_assessors_are_outvoted() -> None:
    reliabilities = {"careful": 0.92, "good": 0.8, "hasty": 0.6, "random": 0.25, "contrary": 0.1}
    right = {"majority": 0, "joint": 0}
    estimates = []
    for seed in range(5):
        made, truth = simulate(reliabilities, 150, seed)
        found = aggregate(made)
        estimates.append([found.reliability[name] for name in reliabilities])
        assert list(reliabilities) == sorted(reliabilities, key=found.reliability.__getitem__, reverse=True)
        for n, answer in truth.items():
            said = Counter(outcome(vote.verdict) for vote in made if vote.item == n)
            right["majority"] += said.most_common(1)[0][0] == answer
            right["joint"] += outcome(found.items[n].verdict) == answer
    assert np.mean(estimates, axis=0) == pytest.approx(list(reliabilities.values()), abs=0.06)
    assert right["joint"] > right["majority"] + 0.05 * 750
    assert right["joint"] > 0.88 * 750


def test_an_assessor_with_one_vote_is_trusted_like_an_unknown_one() -> None:
    made, _ = simulate({"careful": 0.95, "good": 0.9}, 100, 0)
    found = aggregate([*made, Vote(0, "new", "A_better")])
    assert 0.5 < found.reliability["new"] < 0.75
