from pathlib import Path

import numpy as np
import pytest

from active import FeatureCache, InvalidFeaturesError, feature_fingerprint
from active.arrays import IntArray


class Maker:
    """Make rows from keys that are numbers, and remember what was asked for."""

    def __init__(self, keys: list[str]) -> None:
        self.keys, self.asked = keys, list[str]()

    def __call__(self, index: IntArray) -> np.ndarray:
        asked = [self.keys[place] for place in index]
        self.asked += asked
        return np.array([[float(key), 1.0, -float(key) / 3] for key in asked])


def rows(cache: FeatureCache, keys: list[str]) -> tuple[np.ndarray, list[str]]:
    maker = Maker(keys)
    return cache.rows(keys, maker, 3), maker.asked


def test_rows_are_made_once_and_follow_the_order_asked_for(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, feature_fingerprint("e5", lexical=True))
    first, asked = rows(cache, ["1", "2", "3"])
    assert asked == ["1", "2", "3"]
    assert rows(cache, ["1", "2", "3"])[1] == []
    mixed, asked = rows(cache, ["4", "3", "1"])
    assert asked == ["4"]
    assert np.array_equal(mixed[1:], first[[2, 0]])
    assert mixed.dtype == np.float64


def test_another_model_makes_its_own(tmp_path: Path) -> None:
    rows(FeatureCache(tmp_path, feature_fingerprint("e5")), ["1", "2"])
    assert rows(FeatureCache(tmp_path, feature_fingerprint("bge")), ["1", "2"])[1] == ["1", "2"]
    assert rows(FeatureCache(tmp_path, feature_fingerprint("e5", lexical=True)), ["1"])[1] == ["1"]
    assert rows(FeatureCache(tmp_path, feature_fingerprint("e5")), ["1", "2"])[1] == []


def test_large_tables_are_maps_of_halves(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, "f", large_values=3000)
    keys = [str(number) for number in range(1000)]
    large, _ = rows(cache, keys)
    assert isinstance(large, np.memmap)
    assert large.dtype == np.float16
    assert np.allclose(large, Maker(keys)(np.arange(1000)), rtol=1e-3)
    grown, asked = rows(cache, [*keys, "2000"])
    assert asked == ["2000"]
    assert np.array_equal(grown[:1000], large)
    exact, asked = rows(cache, ["7", "8"])  # halves are not precise enough for a small table
    assert asked == ["7", "8"]
    assert exact[0, 2] == -7 / 3


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, "f")
    whole, _ = rows(cache, ["1", "2"])
    cache.path.write_bytes(cache.path.read_bytes()[:-5])
    again, asked = rows(cache, ["1", "2"])
    assert asked == ["1", "2"]
    assert np.array_equal(again, whole)


def test_bad_rows_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, "f")
    with pytest.raises(InvalidFeaturesError, match="NaN"):
        cache.rows(["1"], lambda index: np.full((1, 3), np.nan), 3)
    with pytest.raises(InvalidFeaturesError, match="one each"):
        cache.rows(["1", "2"], lambda index: np.ones((1, 3)), 3)
    assert not list(tmp_path.iterdir())
    assert cache.rows([], lambda index: np.ones((0, 3)), 3).shape == (0, 3)
