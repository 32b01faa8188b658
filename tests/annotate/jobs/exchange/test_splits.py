from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.errors import JobError
from annotate.jobs.exchange.splits import (
    SIDES,
    TEST,
    TRAIN,
    VALIDATION,
    Shares,
    draw,
    group_leaders,
    sides_of_questions,
)

SHARES = Shares(0.3, 0.2)


def questions(number: int) -> dict[str, str]:
    """Return questions in a chain: near duplicates of their neighbours, and unlike those farther off."""
    return {f"q{n}": " ".join(f"слово{at}" for at in range(n, n + 30)) for n in range(number)}


def test_what_differs_by_case_and_points_is_one_group() -> None:
    texts = {"a": "Когда откроют всё?", "b": "когда откроют все", "c": "Когда закроют всё?", "d": "?"}
    leaders = group_leaders(texts)
    assert leaders["a"] == leaders["b"]
    assert len({leaders[key] for key in texts}) == 3


def test_near_duplicates_share_the_side_of_their_lowest_draw() -> None:
    long = "Сколько стоит стоянка у вокзала в первый день и сколько потом за каждый следующий час"
    texts = {f"k{n}": f"{long} {n}" for n in range(12)} | {"other": "Who opens the gate of the park?"}
    leaders = group_leaders(texts)
    assert {leaders[f"k{n}"] for n in range(12)} == {min((f"k{n}" for n in range(12)), key=draw)}
    sides = sides_of_questions(texts, SHARES)
    assert len({sides[f"k{n}"] for n in range(12)}) == 1


def test_shares_are_about_those_asked_for() -> None:
    texts = {f"q{n}": " ".join(f"word{n}x{m}" for m in range(6)) for n in range(2000)}
    sides = list(sides_of_questions(texts, SHARES).values())
    shares = [sides.count(side) / len(sides) for side in (TEST, VALIDATION, TRAIN)]
    assert shares == pytest.approx([0.3, 0.2, 0.5], abs=0.04)


@given(st.lists(st.integers(0, 40), unique=True, min_size=1), st.integers(0, 40))
@settings(deadline=None, max_examples=40)
def test_more_questions_move_a_group_towards_the_test_only(order: list[int], later: int) -> None:
    """Merging groups included: the question may lie between two groups that were apart before."""
    every = questions(41)
    some = {f"q{n}": every[f"q{n}"] for n in order}
    before = sides_of_questions(some, SHARES)
    after = sides_of_questions(some | {f"q{later}": every[f"q{later}"]}, SHARES)
    full = sides_of_questions(every, SHARES)
    for key, side in before.items():
        assert SIDES.index(side) <= SIDES.index(after[key]) <= SIDES.index(full[key])


def test_a_question_between_two_groups_joins_them() -> None:
    every = questions(9)
    apart = {key: every[key] for key in ("q0", "q8")}
    assert len(set(group_leaders(apart).values())) == 2
    assert len(set(group_leaders(every).values())) == 1


@given(st.permutations(range(12)))
@settings(deadline=None, max_examples=10)
def test_the_order_of_questions_does_not_matter(order: list[int]) -> None:
    every = questions(12)
    assert sides_of_questions({f"q{n}": every[f"q{n}"] for n in order}, SHARES) == sides_of_questions(
        every, SHARES
    )


@pytest.mark.parametrize("share", [0.000001, 0.999999])
def test_few_questions_leave_neither_train_nor_test_empty(share: float) -> None:
    texts = {"a": "What is the first thing?", "b": "And who did the other?", "c": "Unlabelled as yet?"}
    sides = sides_of_questions(texts, Shares(share), {"a", "b"})
    assert {sides["a"], sides["b"]} == {TRAIN, TEST}
    assert set(sides_of_questions(texts, Shares(share)).values()) == {TRAIN if share < 0.5 else TEST}


@pytest.mark.parametrize(("test", "validation"), [(0, 0), (1, 0), (0.5, 0.5), (0.2, -0.1)])
def test_shares_that_leave_nothing_are_refused(test: float, validation: float) -> None:
    with pytest.raises(JobError, match="shares"):
        Shares(test, validation)
