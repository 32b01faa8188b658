from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from active import ChangedEmbeddingsError, DamagedFeaturesError, FeatureFile, InvalidFeaturesError, Pool


def written(path: Path, rows: np.ndarray, fingerprint: str = "e5|1") -> FeatureFile:
    halves = np.array_split(rows, 3)
    return FeatureFile.write(path, halves, count=len(rows), width=rows.shape[1], fingerprint=fingerprint)


@given(count=st.integers(0, 40), width=st.integers(1, 9), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path: Path, count: int, width: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, width))
    file = written(tmp_path / "rows.safetensors", rows)
    assert file.rows.dtype == np.float16
    assert np.array_equal(file.rows, rows.astype(np.float16))
    assert not list(tmp_path.glob("*.part"))


def test_a_pool_takes_the_map_as_it_is(tmp_path: Path) -> None:
    file = written(tmp_path / "rows.safetensors", np.random.default_rng(0).normal(size=(30, 4)))
    pool = Pool(file.rows, fingerprint=file.fingerprint)
    assert pool.features is file.rows
    assert isinstance(pool.features, np.memmap)
    assert len(pool.at(np.array([3, 5]))) == 2


def test_the_format_is_that_of_safetensors(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(7, 3))
    written(tmp_path / "rows.safetensors", rows)
    assert np.array_equal(load_file(tmp_path / "rows.safetensors")["features"], rows.astype(np.float16))


def test_rows_of_another_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.safetensors"
    written(path, np.ones((3, 2)), "e5-small|1")
    with pytest.raises(ChangedEmbeddingsError, match=r"e5-small.*bge.*compute the features again") as raised:
        FeatureFile.open(path, "bge|1")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("cut", [1, 9, 100, 250])
def test_a_file_cut_short_is_noticed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "rows.safetensors"
    written(path, np.ones((30, 4)))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DamagedFeaturesError, match=r"rows\.safetensors.*delete it"):
        FeatureFile.open(path, "e5|1")


@pytest.mark.parametrize(
    "content", [b"", b"\x03\0\0\0\0\0\0\0{}x", b"not a feature file at all", b"\xff" * 64]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.safetensors"
    path.write_bytes(content)
    with pytest.raises(DamagedFeaturesError):
        FeatureFile.open(path, "e5|1")
    with pytest.raises(DamagedFeaturesError):
        FeatureFile.open(tmp_path / "missing", "e5|1")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e6])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, bad: float) -> None:
    path = tmp_path / "rows.safetensors"
    written(path, np.ones((3, 2)))
    with pytest.raises(InvalidFeaturesError):
        written(path, np.array([[1.0, 2.0], [3.0, bad], [0.0, 0.0]]))
    with pytest.raises(InvalidFeaturesError, match="wanted 9"):
        FeatureFile.write(path, [np.ones((2, 2))], count=9, width=2, fingerprint="e5|1")
    assert np.array_equal(FeatureFile.open(path, "e5|1").rows, np.ones((3, 2)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.safetensors"]
