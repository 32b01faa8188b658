import numpy as np
import pytest

from active.clustering import duplicates
from active.clustering.duplicates import near_duplicates
from active.errors import InvalidFeaturesError, InvalidOptionError


def test_groups_are_linked_by_near_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "AT_ONCE", 3)
    angles = np.deg2rad([0, 90, 5, 180, 91, 10, 270])
    found = near_duplicates(np.stack([np.cos(angles), np.sin(angles)], axis=1), np.cos(np.deg2rad(6)))
    assert [group.tolist() for group in found] == [[0, 2, 5], [1, 4]]


def test_every_pair_that_is_near_is_found(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(60, 3))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    near = np.argwhere(np.triu(unit @ unit.T, 1) >= 0.98)
    group = {
        int(row): number for number, members in enumerate(near_duplicates(rows, 0.98)) for row in members
    }
    assert all(group[a] == group[b] for a, b in near.tolist())
    assert set(group) == set(near.ravel().tolist())


def test_a_long_list_is_compared_within_its_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "COMPARED", 3)
    rows = np.ones((4, 2))
    assert [group.tolist() for group in near_duplicates(rows, labels=[0, 1, 0, 1])] == [[0, 2], [1, 3]]
    with pytest.raises(InvalidFeaturesError):
        near_duplicates(rows, labels=[0, 1])


def test_nothing_is_like_nothing() -> None:
    assert near_duplicates(np.empty((0, 3))) == ()
    assert near_duplicates(np.eye(3)) == ()
    assert near_duplicates(np.zeros((3, 2))) == ()
    with pytest.raises(InvalidOptionError):
        near_duplicates(np.eye(3), 1.5)
    with pytest.raises(InvalidFeaturesError):
        near_duplicates(np.full((2, 2), np.nan))
