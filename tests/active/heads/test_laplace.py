from pathlib import Path

import numpy as np
import pytest

from active import BradleyTerryHead, InvalidFeaturesError
from active.arrays import BLOCK_VALUES


def mapped(path: Path, rows: np.ndarray) -> np.ndarray:
    np.save(path / "rows.npy", rows.astype(np.float16))
    return np.load(path / "rows.npy", mmap_mode="r")


@pytest.mark.parametrize("labels", [200, 20])
def test_a_memory_map_is_told_what_the_array_is_told(tmp_path: Path, labels: int) -> None:
    # More labels than features, and fewer: both forms of the posterior, in more than one block.
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(BLOCK_VALUES // 64 + 5, 64))
    on_disk = mapped(tmp_path, rows)
    held = np.asarray(on_disk, dtype=np.float64)
    head = BradleyTerryHead(l2=3.0).fit(rows[:labels], rng.integers(0, 2, labels))
    assert head.decision_function(on_disk) == pytest.approx(head.decision_function(held), abs=1e-4)
    assert head.predict_proba(on_disk) == pytest.approx(head.predict_proba(held), abs=1e-4)
    assert head.posterior_variance(on_disk) == pytest.approx(head.posterior_variance(held), rel=1e-3)


def test_bad_maps_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    head = BradleyTerryHead().fit(rng.normal(size=(9, 4)), np.arange(9) % 2)
    rows = rng.normal(size=(6, 4))
    rows[4, 2] = np.inf
    with pytest.raises(InvalidFeaturesError, match="row 4"):
        head.predict(mapped(tmp_path, rows))
    with pytest.raises(InvalidFeaturesError, match="4 columns, not 3"):
        head.posterior_variance(mapped(tmp_path, rows[:, :3]))
