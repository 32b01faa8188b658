from pathlib import Path

import numpy as np
import pytest

from active.arrays import (
    BLOCK_VALUES,
    as_matrix,
    as_rows,
    as_targets,
    as_verdicts,
    as_weights,
    is_mapped,
    row_blocks,
    rows_at,
    squared_lengths,
    times,
    unit_rows,
)
from active.errors import InvalidFeaturesError, InvalidLabelsError


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([[1.0, np.nan]], "NaN or infinity in row 0"),
        ([[1.0], [np.inf]], "NaN or infinity in row 1"),
        ([1.0, 2.0], "two axes"),
        ([[1.0, 2.0], [3.0]], "rectangular"),
        ([["a", "b"]], "rectangular"),
    ],
)
def test_as_matrix_says_what_is_wrong(values: object, what: str) -> None:
    with pytest.raises(InvalidFeaturesError, match=what):
        as_matrix(values, "features")  # type: ignore[arg-type]


def test_as_matrix_checks_the_width() -> None:
    assert as_matrix([[1, 2]], "features", width=2).dtype == np.float64
    with pytest.raises(InvalidFeaturesError, match="3 columns, not 2"):
        as_matrix([[1, 2]], "features", width=3)


@pytest.mark.parametrize("values", [[0, 2], [-1, 1], [0.5, np.nan], [1], [[0, 1]]])
def test_as_targets_refuses_what_is_no_verdict(values: object) -> None:
    with pytest.raises(InvalidLabelsError):
        as_targets(values, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[-1, 1], [0, 0], [np.inf, 1]])
def test_as_weights_refuses_what_weighs_nothing(values: object) -> None:
    with pytest.raises(InvalidLabelsError):
        as_weights(values, 2)  # type: ignore[arg-type]


def test_unit_rows_leaves_zeros_alone() -> None:
    assert np.allclose(unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_memory_map_is_read_in_blocks_and_never_copied(tmp_path: Path, dtype: type) -> None:
    rows = np.random.default_rng(0).normal(size=(BLOCK_VALUES // 512 + 7, 512)).astype(dtype)
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert as_rows(mapped, "rows", 512) is mapped
    blocks = list(row_blocks(mapped))
    assert [len(block) for _, block in blocks] == [BLOCK_VALUES // 512, 7]
    assert all(block.dtype == np.float32 for _, block in blocks)
    exact = rows.astype(np.float64)
    matrix = np.random.default_rng(1).normal(size=(512, 3))
    assert times(mapped, matrix) == pytest.approx(exact @ matrix, rel=1e-4, abs=1e-4)
    assert times(mapped, matrix[:, 0]).shape == (len(rows),)
    assert squared_lengths(mapped) == pytest.approx(np.sum(exact**2, axis=1), rel=1e-5)
    assert np.array_equal(rows_at(mapped, np.array([3, 1])), exact[[3, 1]])


def test_bad_memory_maps_are_refused(tmp_path: Path) -> None:
    rows = np.ones((5, 2), dtype=np.float16)
    rows[3, 1] = np.nan
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    with pytest.raises(InvalidFeaturesError, match="features has NaN or infinity in row 3"):
        as_rows(mapped, "features")
    with pytest.raises(InvalidFeaturesError, match="7 columns, not 2"):
        as_rows(mapped[:2], "features", 7)


def test_arrays_in_memory_are_one_block() -> None:
    rows = np.ones((4, 2), dtype=np.float16)
    assert not is_mapped(rows)
    assert as_rows(rows, "rows").dtype == np.float64
    whole = rows.astype(np.float64)
    assert [block is whole for _, block in row_blocks(whole)] == [True]


@pytest.mark.parametrize("values", [[[0.5, 0.6]], [[1.0]], [[np.nan, 1.0]], [[-1.0, 2.0]], [1.0]])
def test_as_verdicts_refuses_what_is_no_distribution(values: object) -> None:
    with pytest.raises(InvalidLabelsError, match="verdicts"):
        as_verdicts(values, 1)  # type: ignore[arg-type]
