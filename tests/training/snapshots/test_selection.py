"""Selection: sure rows first, then rows that stand for the rest or lie far apart."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from training.errors import RowsError
from training.rows import PreferenceRow
from training.snapshots import Selection, select_rows
from training.snapshots.selection import facility_location, k_centre, quality

Make = Callable[..., list[PreferenceRow]]


def with_lineage(rows: list[PreferenceRow], **lineage: list[object]) -> list[PreferenceRow]:
    return [
        replace(row, lineage={name: values[number] for name, values in lineage.items()})
        for number, row in enumerate(rows)
    ]


def test_unsure_and_disputed_rows_are_left_out(make_rows: Make) -> None:
    rows = with_lineage(
        make_rows(4),
        posterior=[{"first": 0.9, "tie": 0.1}, {"first": 0.6}, {"second": 0.95}, {"first": 0.9}],
        agreement=[1.0, 1.0, 0.5, 0.8],
    )
    kept = select_rows(rows, Selection(least_posterior=0.8, least_agreement=0.75))
    assert [row.id for row in kept] == ["row-0", "row-3"]
    assert quality(rows[2]) == pytest.approx(0.475)
    assert quality(make_rows(1)[0]) == 1.0


def test_none_good_enough_is_said(make_rows: Make) -> None:
    rows = with_lineage(make_rows(2), posterior=[{"first": 0.5}, {"first": 0.6}])
    with pytest.raises(RowsError, match="none of 2 rows"):
        select_rows(rows, Selection(least_posterior=0.9))


def test_diversity_needs_vectors(make_rows: Make) -> None:
    with pytest.raises(RowsError, match="needs an embedder"):
        select_rows(make_rows(4), Selection(share=0.5))


def circles(rng: np.random.Generator, sizes: list[int]) -> np.ndarray:
    """Unit vectors in tight groups of these sizes, around axes of their own."""
    rows = []
    for axis, size in enumerate(sizes):
        around = np.zeros((size, len(sizes)))
        around[:, axis] = 1
        rows.append(around + rng.normal(0, 0.02, around.shape))
    vectors = np.concatenate(rows)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("pick", [facility_location, k_centre])
def test_each_group_is_represented(pick: Callable[..., list[int]]) -> None:
    sizes = [20, 8, 3, 5]
    vectors = circles(np.random.default_rng(0), sizes)
    chosen = pick(vectors, np.ones(len(vectors)), 4)
    groups = np.repeat(np.arange(4), sizes)
    assert sorted(groups[chosen].tolist()) == [0, 1, 2, 3]


def test_the_lazy_choice_is_the_greedy_one() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(40, 6))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    weights = rng.uniform(0.5, 1, 40)
    likeness = np.clip(vectors @ vectors.T, 0, None) * weights
    covered, greedy = np.zeros(40), []
    for _ in range(8):
        gains = np.maximum(likeness - covered[:, None], 0).sum(axis=0)
        gains[greedy] = -1
        greedy.append(int(gains.argmax()))
        covered = np.maximum(covered, likeness[:, greedy[-1]])
    assert facility_location(vectors, weights, 8) == greedy


def test_of_two_alike_the_surer_is_taken() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert set(facility_location(vectors, np.array([0.5, 0.9, 0.9]), 2)) == {1, 2}
    assert set(k_centre(vectors, np.array([0.5, 0.9, 0.8]), 2)) == {1, 2}


def test_rows_keep_their_order_and_number(make_rows: Make) -> None:
    rows = make_rows(10)
    vectors = circles(np.random.default_rng(2), [5, 5])
    kept = select_rows(rows, Selection(share=0.25, by="k_centre"), lambda _: vectors)
    assert len(kept) == 3
    assert [row.id for row in kept] == sorted((row.id for row in kept), key=lambda name: int(name[4:]))
