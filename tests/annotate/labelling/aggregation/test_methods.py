"""What all methods keep to, and what each is for."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.labelling.aggregation import (
    METHODS,
    DawidSkene,
    Mace,
    Majority,
    Method,
    OneCoin,
    Vote,
    Votes,
    aggregate,
)
from annotate.labelling.verdicts import OUTCOMES, VERDICTS, outcome, swap_verdict

ballots = st.lists(
    st.builds(Vote, st.integers(0, 4), st.sampled_from("abcd"), st.sampled_from(VERDICTS), st.booleans()),
    max_size=16,
    unique_by=lambda vote: (vote.item, vote.assessor),
)
every = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@every
def test_nothing_gives_nothing(method: Method) -> None:
    found = aggregate([], method)
    assert (found.items, found.reliability, found.method) == ({}, {}, method.name)
    assert found.verdicts.tolist() == []


@every
@given(ballots=ballots)
@settings(max_examples=12, deadline=None)
def test_results_are_well_formed(method: Method, ballots: list[Vote]) -> None:
    found = aggregate(ballots, method)
    assert found.items.keys() == {vote.item for vote in ballots}
    assert found.reliability.keys() == {vote.assessor for vote in ballots}
    for item in found.items.values():
        assert set(item.posterior) == set(OUTCOMES)
        assert sum(item.posterior.values()) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in item.posterior.values())
        assert item.verdict in VERDICTS
        assert -2 <= item.margin <= 2
        assert 0 <= item.uncertainty <= 1
    numbers = [*found.reliability.values(), *found.discrimination.values(), *found.left_bias.values()]
    assert all(map(math.isfinite, numbers))


@every
@given(ballots=ballots, random=st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_neither_order_nor_names_matter(method: Method, ballots: list[Vote], random: object) -> None:
    shuffled = [Vote(v.item, "zyxw"["abcd".index(v.assessor)], v.verdict, v.swapped) for v in ballots]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = aggregate(ballots, method), aggregate(shuffled, method)
    assert one.posteriors == pytest.approx(other.posteriors, abs=1e-3)
    assert one.margins == pytest.approx(other.margins, abs=1e-3)


@every
@given(ballots=ballots)
@settings(max_examples=12, deadline=None)
def test_turning_every_pair_turns_every_posterior(method: Method, ballots: list[Vote]) -> None:
    turned = [Vote(v.item, v.assessor, swap_verdict(v.verdict), not v.swapped) for v in ballots]
    one, other = aggregate(ballots, method), aggregate(turned, method)
    assert one.posteriors == pytest.approx(other.posteriors[:, [1, 0, 2, 3]], abs=1e-3)
    assert one.margins == pytest.approx(-other.margins, abs=1e-3)


@every
@pytest.mark.parametrize("verdict", ["A_better", "B_much_better", "tie", "both_bad"])
def test_the_more_agree_the_surer_it_is(method: Method, verdict: str) -> None:
    rng = np.random.default_rng(0)
    others = [
        Vote(100 + n, f"p{a}", str(VERDICTS[n % 6]))
        for n in range(60)
        for a in range(6)
        if rng.random() < 0.9
    ]
    shares = []
    for agreeing in range(1, 7):
        votes = [*others, *(Vote(0, f"p{n}", verdict) for n in range(agreeing))]
        shares.append(aggregate(votes, method).items[0].posterior[outcome(verdict)])
    assert all(later >= sooner - 0.01 for sooner, later in pairwise(shares))
    assert shares[-1] > 0.85


def draw(truth: list[int], matrices: dict[str, np.ndarray], rng: np.random.Generator) -> list[Vote]:
    """Draw one vote an assessor and item by the matrix of each, over OUTCOMES."""
    said = ("A_better", "B_better", "tie", "both_bad")
    return [
        Vote(item, name, said[rng.choice(4, p=matrix[right])])
        for item, right in enumerate(truth)
        for name, matrix in matrices.items()
    ]


def test_dawid_skene_learns_who_confuses_what() -> None:
    rng = np.random.default_rng(3)
    good = np.full((4, 4), 0.05) + np.eye(4) * 0.8
    turned = good[[1, 0, 2, 3]]  # says the other side, always
    truth = rng.integers(0, 4, 400).tolist()
    votes = draw(truth, {"good": good, "fair": good * 0.7 + 0.075, "turned": turned}, rng)
    joint, counted = aggregate(votes, DawidSkene()), aggregate(votes, Majority())
    right = [(found.posteriors.argmax(axis=1) == truth).mean() for found in (joint, counted)]
    assert right[0] > right[1] + 0.1
    assert right[0] > 0.85


def test_mace_finds_who_guesses_and_how() -> None:
    rng = np.random.default_rng(4)
    knows = np.full((4, 4), 0.02) + np.eye(4) * 0.92
    lazy = np.tile([0.9, 0.1 / 3, 0.1 / 3, 0.1 / 3], (4, 1))  # nearly always the first
    truth = rng.integers(0, 4, 300).tolist()
    votes = draw(truth, {"a": knows, "b": knows, "lazy": lazy, "idle": lazy, "slack": lazy}, rng)
    found, counted = aggregate(votes, Mace()), aggregate(votes, Majority())
    right = [(one.posteriors.argmax(axis=1) == truth).mean() for one in (found, counted)]
    assert right[0] > 0.92 > right[1] + 0.2
    assert (
        min(found.reliability["a"], found.reliability["b"])
        > 0.85
        > max(found.reliability[name] for name in ("lazy", "idle", "slack"))
    )


def test_weights_let_one_outvote_two() -> None:
    votes = [Vote(1, "lead", "A_better"), Vote(1, "b", "B_better"), Vote(1, "c", "B_better")]
    assert aggregate(votes, Majority()).items[1].verdict == "B_better"
    weighted = aggregate(votes, Majority({"lead": 3.0})).items[1]
    assert weighted.verdict == "A_better"
    assert weighted.posterior["first"] == pytest.approx(0.6)
    assert weighted.margin == pytest.approx(1 / 5)
    with pytest.raises(ValueError, match="above 0"):
        aggregate(votes, Majority({"b": 0.0}))


def test_dawid_skene_is_that_of_the_paper_when_written_out() -> None:
    rng = np.random.default_rng(5)
    votes = Votes.of(
        Vote(n, f"p{a}", str(rng.choice(VERDICTS))) for n in range(30) for a in range(4) if rng.random() < 0.8
    )
    rounds = 7
    found = aggregate(votes, DawidSkene(right=0.0, wrong=0.0, rounds=rounds, tolerance=0.0))
    posterior = np.zeros((len(votes.item_ids), 4))
    for row, said in zip(votes.rows, votes.outcomes, strict=True):
        posterior[row, said] += 1
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        matrices = np.zeros((4, 4, 4))
        for row, name, said in zip(votes.rows, votes.assessors, votes.outcomes, strict=True):
            matrices[name, :, said] += posterior[row]
        matrices /= np.maximum(matrices.sum(axis=2, keepdims=True), 1e-300)
        shares = posterior.mean(axis=0)
        posterior = np.tile(shares, (len(posterior), 1))
        for row, name, said in zip(votes.rows, votes.assessors, votes.outcomes, strict=True):
            posterior[row] *= matrices[name, :, said]
        posterior /= posterior.sum(axis=1, keepdims=True)
    assert found.posteriors == pytest.approx(posterior, abs=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Majority(), "MajorityVote"), (DawidSkene(0.0, 0.0, 12, 0.0), "DawidSkene")]
)
def test_crowd_kit_finds_the_same(ours: Method, theirs: str) -> None:
    aggregation = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(6)
    votes = Votes.of(Vote(n, f"p{a}", str(rng.choice(VERDICTS))) for n in range(50) for a in range(5))
    table = pandas.DataFrame({"task": votes.items, "worker": votes.assessors, "label": votes.outcomes})
    settings = {"n_iter": 12, "tol": -1.0} if theirs == "DawidSkene" else {}
    found = getattr(aggregation, theirs)(**settings).fit_predict_proba(table)
    assert aggregate(votes, ours).posteriors == pytest.approx(found[[0, 1, 2, 3]].to_numpy(), abs=1e-6)


def test_one_coin_stays_as_it_was_for_a_lone_vote() -> None:
    [found] = aggregate([Vote(1, "anna", "A_better")], OneCoin()).items.values()
    assert found.posterior["first"] > 0.5
    assert 0 < found.uncertainty < 1
