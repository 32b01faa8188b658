"""A cluster keeps its number as long as most of its questions stay together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotate.jobs.cluster_numbers import OUTLIER, keep_numbers


def test_numbers_follow_the_questions_and_not_the_size() -> None:
    before = {1: 0, 2: 0, 3: 0, 4: 1, 5: 1}
    # cluster 1 has grown, so that it comes first now
    assert keep_numbers(before, [1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 0, 0, 0, 0], 1) == {-1: -1, 0: 1, 1: 0}


def test_a_cluster_that_fell_apart_keeps_its_number_in_the_larger_part() -> None:
    before = dict.fromkeys(range(10), 3)
    numbers = keep_numbers(before, range(10), [0] * 7 + [1] * 3, 3)
    assert numbers == {-1: -1, 0: 3, 1: 4}


def test_what_is_new_gets_a_number_never_used() -> None:
    assert keep_numbers({1: 0}, [5, 6], [0, 0], taken=12) == {-1: -1, 0: 13}
    assert keep_numbers({}, [1, 2], [0, 1]) == {-1: -1, 0: 0, 1: 1}


labels = st.lists(st.integers(-1, 4), min_size=1, max_size=30)


@given(labels, labels, st.integers(-1, 9))
def test_every_label_gets_one_number_of_its_own(old: list[int], new: list[int], taken: int) -> None:
    before = dict(enumerate(old))
    numbers = keep_numbers(before, range(len(new)), new, taken)
    assert set(numbers) == {OUTLIER, *new}
    assert len(set(numbers.values())) == len(numbers)
    assert all(number in old or number > taken for label, number in numbers.items() if label != OUTLIER)


@given(labels)
def test_the_same_clusters_keep_their_numbers(found: list[int]) -> None:
    numbers = keep_numbers(dict(enumerate(found)), range(len(found)), found, 9)
    assert all(label == number for label, number in numbers.items())
