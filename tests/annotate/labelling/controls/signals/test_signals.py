"""Each signal tells what it was seen in, and needs enough to see anything."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.controls.signals import (
    CHANCE,
    copied_comments,
    fit_pace,
    one_sided,
    patterned,
    too_fast,
)
from annotate.labelling.controls.signals.base import at_least
from annotate.labelling.verdicts import VERDICTS

EVEN = {"first": 0.45, "second": 0.45, "tie": 0.1}


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_the_tail_of_the_binomial_adds_up(successes: int, trials: int, chance: float) -> None:
    from math import comb

    exact = sum(
        comb(trials, n) * chance**n * (1 - chance) ** (trials - n) for n in range(successes, trials + 1)
    )
    assert abs(at_least(successes, trials, chance) - exact) < 1e-9


def test_one_side_is_named() -> None:
    found = one_sided(["B_better"] * 58 + ["A_better"] * 2, EVEN)
    assert found is not None
    assert (found.kind, found.evidence["side"], found.evidence["count"]) == ("one_sided", "right", 58)
    assert found.strength > 4
    assert found.evidence["chance"] < CHANCE


def test_ties_are_no_sign_where_the_crowd_has_as_many() -> None:
    shown = ["tie"] * 70 + ["A_better", "B_better"] * 15
    assert one_sided(shown, {"tie": 0.6, "first": 0.2, "second": 0.2}) is None
    assert one_sided(shown, EVEN).evidence["verdict"] == "tie"


def test_the_period_is_named_and_mixed_verdicts_have_none() -> None:
    found = patterned(["A_better", "tie", "B_better"] * 20)
    assert (found.kind, found.evidence["period"], found.evidence["repeats"]) == ("patterned", 3, 57)
    rng = np.random.default_rng(0)
    assert patterned([str(one) for one in rng.choice(VERDICTS, 200)]) is None


def test_a_long_run_after_honest_work_is_named() -> None:
    rng = np.random.default_rng(1)
    found = patterned([str(one) for one in rng.choice(VERDICTS, 100)] + ["tie"] * 25)
    assert found.evidence == found.evidence | {"run": "tie", "length": found.evidence["length"]}
    assert found.evidence["length"] >= 25


def test_reading_faster_than_anybody_reads_is_told_without_a_crowd() -> None:
    found = too_fast(np.full(20, 3.0), np.full(20, 300.0), None)
    assert (found.evidence["rushed"], found.evidence["median_seconds"]) == (20, 3.0)
    assert too_fast(np.full(20, 60.0), np.full(20, 300.0), None) is None


def test_short_pairs_may_be_quick() -> None:
    rng = np.random.default_rng(2)
    words = rng.uniform(20, 400, 200)
    pace = fit_pace(words / 4 * rng.lognormal(0, 0.3, 200), words)
    assert too_fast(np.full(30, 5.0), np.full(30, 20.0), pace) is None
    assert too_fast(np.full(30, 5.0), np.full(30, 400.0), pace) is not None


def test_a_sudden_haste_is_told_from_practice() -> None:
    words = np.full(120, 200.0)
    slower = np.concatenate([np.full(90, 90.0), np.full(30, 60.0)])
    hasty = np.concatenate([np.full(90, 90.0), np.full(30, 20.0)])
    assert too_fast(slower, words, None) is None
    assert too_fast(hasty, words, None).evidence["sudden"] == 30


def test_copies_are_counted_however_they_are_written() -> None:
    said = "Ответ А подтверждён отрывком, а в ответе Б цена выдумана."
    written = [said, said.upper(), said.replace("ё", "е"), said.replace(",", " -"), said + " !"] * 3
    found = copied_comments(written)
    assert (found.evidence["copies"], found.evidence["of"]) == (14, 15)


def test_short_remarks_are_everybodys() -> None:
    assert copied_comments(["A is shorter."] * 100) is None


def test_comments_taken_from_others_are_told() -> None:
    own = [f"The first answer gives the price of item {n} and cites it" for n in range(12)]
    assert (
        copied_comments([f"Nothing in common, pair {n}: {'word ' * n}{n} ends" for n in range(12)], own)
        is None
    )
    found = copied_comments(own, own)
    assert found.evidence["from_others"] == 12


@given(st.lists(st.sampled_from(VERDICTS), max_size=19))
def test_little_work_is_never_signalled(shown: list[str]) -> None:
    assert one_sided(shown, EVEN) is None
    assert patterned(shown) is None


@given(st.lists(st.text(max_size=60), max_size=40))
def test_any_comment_can_be_looked_at(comments: list[str]) -> None:
    found = copied_comments(comments)
    assert found is None or found.evidence["copies"] <= found.evidence["of"]
