import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.clustering.identity import continued
from active.errors import InvalidFeaturesError, InvalidOptionError

labels = st.lists(st.integers(-1, 4), min_size=12, max_size=12)


def test_clusters_follow_their_members() -> None:
    assert continued([0, 0, 0, 1, 1, -1], [1, 1, 1, 0, 0, 0]) == {1: 0, 0: 1}
    assert continued([3] * 10, [0] * 7 + [1] * 3) == {0: 3}


def test_a_topic_whose_members_were_replaced_is_known_by_its_place() -> None:
    rows = np.array([[1, 0.01], [1, 0], [0, 1], [0.01, 1], [1, 0.02], [0.02, 1]])
    before, after = [7, 7, 8, 8, -1, -1], [-1, -1, -1, -1, 0, 1]
    assert continued(before, after) == {}
    assert continued(before, after, rows) == {0: 7, 1: 8}
    assert continued(before, after, rows, near=1.0001) == {}


def test_a_cluster_goes_on_once() -> None:
    rows = np.array([[1.0, 0]] * 4)
    assert sorted(continued([5, -1, -1, -1], [-1, 0, 1, 1], rows).values()) == [5]


@given(labels)
def test_the_same_clusters_go_on_as_themselves(found: list[int]) -> None:
    assert continued(found, found) == {label: label for label in set(found) - {-1}}


@given(labels, labels)
def test_the_match_is_one_to_one(before: list[int], after: list[int]) -> None:
    rows = np.random.default_rng(0).normal(size=(12, 3))
    found = continued(before, after, rows, near=0.1)
    assert len(set(found.values())) == len(found)
    assert set(found) <= set(after) - {-1}
    assert set(found.values()) <= set(before) - {-1}
    assert found.items() >= continued(before, after).items()


def test_labels_and_embeddings_must_fit() -> None:
    with pytest.raises(InvalidOptionError):
        continued([0], [0, 1])
    with pytest.raises(InvalidFeaturesError):
        continued([0], [0], np.ones((2, 2)))
